-- grain: one allocation of one crime to a team
-- key: source, crime_ref, allocated_date, team
select
    source,
    crime_ref,
    allocated_date,
    coalesce(team, 'not recorded') as team,
    coalesce(is_specialist, 'not recorded') as specialist
from raw.allocations
