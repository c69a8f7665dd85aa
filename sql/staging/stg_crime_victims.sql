-- grain: one victim of one crime; a blank type is a person
-- key: source, crime_ref, victim_id
select
    source,
    crime_ref,
    victim_id,
    coalesce(victim_type, 'person') as victim_type,
    coalesce(victim_type, 'person') = 'person' as is_person,
    coalesce(sex, 'not recorded') as sex,
    age
from raw.crime_victims
