-- grain: one stalking protection order, from the moment it is considered
-- key: source, order_id
select
    source,
    order_id,
    crime_ref,
    suspect_id,
    coalesce(district, 'not recorded') as district,
    expiry_date,
    coalesce(contested, 'not recorded') as contested,
    coalesce(victim_supports, 'not recorded') as victim_supports,
    coalesce(reason, 'not recorded') as reason
from raw.spo_orders
