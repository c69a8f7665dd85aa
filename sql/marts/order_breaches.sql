-- grain: one breach of an order on or after the day an interim or a full order was granted
-- key: source, order_id, breach_date
-- feed: spo_events
-- dimensions: source, district, team, principal_class, relationship, mode, domestic, typology, atom, risk_grade,
--   order_length, contested, victim_supports
with orders as (
    select * from marts.orders
),

events as (
    select * from staging.stg_spo_events
)

select
    events.source,
    events.order_id,
    events.event_date as breach_date,
    orders.district,
    orders.team,
    orders.principal_class,
    orders.relationship,
    orders.mode,
    orders.domestic,
    orders.typology,
    orders.atom,
    orders.risk_grade,
    orders.order_length,
    orders.contested,
    orders.victim_supports
from events
inner join orders on events.source = orders.source and events.order_id = orders.order_id
where
    events.event = 'breached'
    and events.event_date >= least(orders.interim_granted_date, orders.granted_date)
