-- grain: one step in an order's life
-- key: source, order_id, event_date, event
select
    source,
    order_id,
    event_date,
    event,
    event in ('interim granted', 'granted') as is_grant
from raw.spo_events
