-- grain: recorded crimes of one source, day, district, team and principal class, as counts
-- key: source, recorded_date, district, team, principal_class
-- feed: crimes
-- dimensions: source, district, team, principal_class
with crimes as (
    select * from staging.stg_crimes
),

included as (
    select distinct source, crime_ref
    from staging.stg_included_classifications
    where not is_repeat
)

select
    crimes.source,
    crimes.recorded_date,
    crimes.district,
    crimes.team,
    crimes.principal_class,
    count(*) as count_crimes,
    count(included.crime_ref) as count_with_included
from crimes
left join included on crimes.source = included.source and crimes.crime_ref = included.crime_ref
where crimes.is_in_scope
group by crimes.source, crimes.recorded_date, crimes.district, crimes.team, crimes.principal_class
