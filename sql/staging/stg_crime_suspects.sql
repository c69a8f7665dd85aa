-- grain: one identified suspect of one crime, towards one victim where the source says which
-- key: source, crime_ref, suspect_id, victim_id
select
    source,
    crime_ref,
    suspect_id,
    coalesce(victim_id, 'not recorded') as victim_id,
    coalesce(sex, 'not recorded') as sex,
    age,
    coalesce(relationship, 'not recorded') as relationship,
    identified_date,
    arrest_date,
    dealt_with_date
from raw.crime_suspects
