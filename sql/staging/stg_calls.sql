-- grain: one call or contact with a stalking type
-- key: source, call_id
select
    source,
    call_id,
    call_date,
    coalesce(call_type, 'not recorded') as call_type,
    crime_ref,
    crime_ref is not null as is_crimed,
    coalesce(district, 'not recorded') as district
from raw.calls
