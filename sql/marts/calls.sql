-- grain: one call or contact with a stalking type, and whether a crime was recorded from it
-- key: source, call_id
-- feed: calls
-- dimensions: source, district, call_type
select
    source,
    call_id,
    call_date,
    call_type,
    district,
    is_crimed
from staging.stg_calls
