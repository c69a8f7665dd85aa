-- grain: one field that one source keeps of its crimes, with the first day of the crimes that should have it
-- key: source, field
-- feed: crimes
-- dimensions: source, field
-- note: a field that the contract counts as a capability is kept when the source has it, since its feed began; of the
--   others, one that no crime of the source holds is taken for one it does not keep, and before the month of the first
--   crime that holds it the source did not keep it yet
with capabilities as (
    select * from staging.stg_capabilities
),

feeds as (
    select * from staging.stg_feeds
),

crimes as (
    select * from staging.stg_crimes
),

allocations as (
    select * from staging.stg_allocations
),

crime_feeds as (
    select source, date_trunc('month', first_date)::date as begins_date
    from feeds
    where table_name = 'crimes' and first_date is not null
),

risk_feeds as (
    select source, date_trunc('month', first_date)::date as begins_date
    from feeds
    where table_name = 'risk_assessments'
),

declared as (
    select
        source,
        case capability
            when 'mode' then 'online or offline'
            when 'domestic_abuse_flag' then 'domestic abuse flag'
            when 'relationship' then 'relationship'
            when 'risk' then 'risk grade'
            when 'districts' then 'district'
            when 'report_times' then 'time of report'
            when 'spo_considered' then 'order considered'
            when 'impact_statement' then 'impact statement'
        end as field
    from capabilities
    where is_available
),

suspect_sources as (
    select source
    from capabilities
    where capability = 'suspects' and is_available
),

by_capability as (
    select
        declared.source,
        declared.field,
        case declared.field
            when 'risk grade' then greatest(crime_feeds.begins_date, risk_feeds.begins_date)
            -- No order could be considered before there were any.
            when 'order considered' then greatest(crime_feeds.begins_date, date '2020-01-20')
            else crime_feeds.begins_date
        end as begins_date
    from declared
    inner join crime_feeds on declared.source = crime_feeds.source
    left join risk_feeds on declared.source = risk_feeds.source
    left join suspect_sources on declared.source = suspect_sources.source
    where
        declared.field is not null
        -- Whether an order was considered is asked of crimes with a suspect, which must then be known.
        and (declared.field <> 'order considered' or suspect_sources.source is not null)
),

first_allocations as (
    select source, min(allocated_date) as first_date
    from allocations
    where team <> 'not recorded'
    group by source
),

first_crimes as (
    select
        source,
        min(recorded_date) filter (where team <> 'not recorded') as team_date,
        min(recorded_date) filter (where location_type <> 'not recorded') as place_date,
        min(recorded_date) filter (where platform <> 'not recorded') as platform_date,
        min(recorded_date) filter (where motive <> 'not recorded') as motive_date,
        min(recorded_date) filter (where four_markers <> 'not recorded') as markers_date
    from crimes
    group by source
),

by_first_use as (
    select first_crimes.source, 'team' as field, least(team_date, first_allocations.first_date) as first_date
    from first_crimes
    left join first_allocations on first_crimes.source = first_allocations.source
    union all
    select source, 'type of place' as field, place_date as first_date from first_crimes
    union all
    select source, 'platform' as field, platform_date as first_date from first_crimes
    union all
    select source, 'motive' as field, motive_date as first_date from first_crimes
    union all
    select source, 'four markers' as field, markers_date as first_date from first_crimes
)

select source, field, begins_date
from by_capability
union all
select
    by_first_use.source,
    by_first_use.field,
    greatest(crime_feeds.begins_date, date_trunc('month', by_first_use.first_date)::date) as begins_date
from by_first_use
inner join crime_feeds on by_first_use.source = crime_feeds.source
where by_first_use.first_date is not null
