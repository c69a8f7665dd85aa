-- grain: residents of one district, with the days on which that year's estimate is the one to use
-- key: source, district, year
-- feed: population
-- dimensions: source, district
with population as (
    select * from staging.stg_population
),

neighbours as (
    select
        *,
        lag(year) over (partition by source, district order by year) as previous_year,
        lead(year) over (partition by source, district order by year) as next_year
    from population
)

select
    source,
    district,
    year,
    residents,
    case when previous_year is null then date '1900-01-01' else make_date(year, 1, 1) end as valid_from,
    case when next_year is null then date '2999-12-31' else make_date(next_year - 1, 12, 31) end as valid_until
from neighbours
