-- grain: one recorded crime of one source, flagged when it counts and when its principal class is a target
-- key: source, crime_ref
with targets as (
    select distinct source, upper(trim(classification)) as classification
    from meta.targets
),

crimes as (
    select * from raw.crimes
)

select
    crimes.source,
    crimes.crime_ref,
    crimes.recorded_date,
    crimes.reported_at,
    crimes.committed_from,
    crimes.committed_to,
    trim(crimes.ho_class) as principal_class,
    trim(crimes.ho_code) as principal_code,
    coalesce(crimes.offence_title, 'not recorded') as offence_title,
    coalesce(crimes.record_status, 'recorded') as record_status,
    coalesce(crimes.record_status, 'recorded') = 'recorded' as is_in_scope,
    by_class.classification is not null or by_code.classification is not null as is_principal_target,
    coalesce(crimes.domestic_abuse_flag, 'not recorded') as domestic,
    coalesce(crimes.mode, 'not recorded') as mode,
    coalesce(crimes.relationship, 'not recorded') as relationship,
    coalesce(crimes.motive, 'not recorded') as motive,
    coalesce(crimes.platform, 'not recorded') as platform,
    coalesce(crimes.district, 'not recorded') as district,
    coalesce(crimes.beat, 'not recorded') as beat,
    coalesce(crimes.location_type, 'not recorded') as location_type,
    coalesce(crimes.team, 'not recorded') as team,
    coalesce(crimes.spo_considered, 'not recorded') as spo_considered,
    coalesce(crimes.four_markers, 'not recorded') as four_markers,
    coalesce(crimes.impact_statement, 'not recorded') as impact_statement,
    coalesce(crimes.screened, 'not recorded') as screened
from crimes
left join targets as by_class
    on crimes.source = by_class.source and upper(trim(crimes.ho_class)) = by_class.classification
left join targets as by_code
    on crimes.source = by_code.source and upper(trim(crimes.ho_code)) = by_code.classification
