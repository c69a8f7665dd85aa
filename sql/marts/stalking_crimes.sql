-- grain: one crime with stalking as its principal crime or among its included classifications, counted once
-- key: source, crime_ref
-- feed: crimes
-- dimensions: basis, source, district, beat, team, location_type, principal_class, offence_title,
--   relationship, mode, domestic, typology, atom, motive, platform, risk_grade, outcome_group,
--   spo_considered, suspect_identified, repeat_victim, advocate
-- note: the latest outcome counts; one not yet assigned has no outcome_date; what was in force at 90, 180 and 365 days
--   is the latest outcome given by then, whatever followed it
with crimes as (
    select * from staging.stg_crimes
),

included as (
    select
        source,
        crime_ref,
        count(*) filter (where not is_repeat) as count_included,
        bool_or(is_target) as is_included_target
    from staging.stg_included_classifications
    group by source, crime_ref
),

-- Two codes tell nearly all lists; of more, the first and the last.
included_targets as (
    select
        source,
        crime_ref,
        min(classification)
        || case when count(distinct classification) > 2 then ', …' else '' end
        || case when count(distinct classification) > 1 then ', ' || max(classification) else '' end as codes
    from staging.stg_included_classifications
    where is_target
    group by source, crime_ref
),

suspects as (
    select * from staging.stg_crime_suspects
),

victims as (
    select * from staging.stg_crime_victims
),

assessments as (
    select * from staging.stg_risk_assessments
),

allocations as (
    select * from staging.stg_allocations
),

outcomes as (
    select * from staging.stg_outcomes
),

support as (
    select * from staging.stg_support
),

stalking as (
    select
        crimes.*,
        case when crimes.is_principal_target then 'principal' else 'included_only' end as basis,
        coalesce(included.count_included, 0) as count_included,
        coalesce(included_targets.codes, 'none') as included_targets
    from crimes
    left join included on crimes.source = included.source and crimes.crime_ref = included.crime_ref
    left join included_targets
        on crimes.source = included_targets.source and crimes.crime_ref = included_targets.crime_ref
    where
        crimes.is_in_scope
        and (crimes.is_principal_target or coalesce(included.is_included_target, false))
),

stated_relationships as (
    select source, crime_ref, relationship from stalking
    union all
    select source, crime_ref, relationship from suspects
),

closest_relationship as (
    select
        source,
        crime_ref,
        arg_min(
            relationship,
            case relationship
                when 'partner' then 1
                when 'ex-partner' then 2
                when 'family' then 3
                when 'acquaintance' then 4
                when 'stranger' then 5
                when 'unknown' then 6
                else 7
            end
        ) as relationship
    from stated_relationships
    group by source, crime_ref
),

counted_suspects as (
    select
        source,
        crime_ref,
        count(distinct suspect_id) as count_suspects,
        min(arrest_date) as first_arrest_date
    from suspects
    group by source, crime_ref
),

person_victims as (
    select
        stalking.source,
        stalking.crime_ref,
        stalking.recorded_date,
        victims.victim_id,
        lag(stalking.recorded_date) over (
            partition by victims.source, victims.victim_id
            order by stalking.recorded_date, stalking.crime_ref
        ) as previous_date
    from stalking
    inner join victims on stalking.source = victims.source and stalking.crime_ref = victims.crime_ref
    where victims.is_person
),

counted_victims as (
    select
        source,
        crime_ref,
        count(*) as count_person_victims,
        bool_or(coalesce(previous_date >= (recorded_date - interval 12 month)::date, false)) as has_repeat_victim
    from person_victims
    group by source, crime_ref
),

beginnings as (
    select source, min(recorded_date) as begins_date
    from crimes
    group by source
),

-- An assessment made during the call is often timed before the report; what is more than a day before it is not of it.
first_assessments as (
    select
        assessments.source,
        assessments.crime_ref,
        min(assessments.assessed_at) as first_assessed_at,
        min(assessments.assessed_at)
            filter (where assessments.assessed_at >= stalking.reported_at - interval 1 day) as first_of_report_at
    from assessments
    inner join stalking on assessments.source = stalking.source and assessments.crime_ref = stalking.crime_ref
    group by assessments.source, assessments.crime_ref
),

latest_grades as (
    select source, crime_ref, risk_grade
    from assessments
    where risk_grade <> 'not recorded'
    qualify row_number() over (
        partition by source, crime_ref
        order by
            assessed_at desc,
            case risk_grade when 'high' then 1 when 'medium' then 2 else 3 end,
            risk_tool
    ) = 1
),

-- Of one day a real outcome counts before one not yet assigned, then the lower code: 1 is the latest.
ordered_outcomes as (
    select
        outcomes.source,
        outcomes.crime_ref,
        outcomes.outcome_code,
        outcomes.outcome_number,
        outcomes.outcome_date,
        outcomes.outcome_group,
        date_diff('day', stalking.recorded_date, outcomes.outcome_date) as days_after,
        row_number() over (
            partition by outcomes.source, outcomes.crime_ref
            order by
                outcomes.outcome_date desc,
                case when outcomes.outcome_group = 'not yet assigned' then 1 else 0 end,
                outcomes.outcome_code
        ) as place
    from outcomes
    inner join stalking on outcomes.source = stalking.source and outcomes.crime_ref = stalking.crime_ref
),

-- An outcome is in force from its own day to the day before the one that follows it.
forces as (
    select
        *,
        lag(days_after) over (partition by source, crime_ref order by place) as days_until
    from ordered_outcomes
),

outcomes_by_age as (
    select
        source,
        crime_ref,
        bool_or(days_after <= 90 and coalesce(days_until > 90, true)) as is_charged_in_90,
        bool_or(days_after <= 180 and coalesce(days_until > 180, true)) as is_charged_in_180,
        bool_or(days_after <= 365 and coalesce(days_until > 365, true)) as is_charged_in_365
    from forces
    where outcome_group = 'charged'
    group by source, crime_ref
),

latest_outcomes as (
    select * from ordered_outcomes where place = 1
),

-- Who is said to be an organisation has no advocate; a victim that no list of victims names is a person.
advocates as (
    select support.source, support.crime_ref
    from support
    left join victims
        on support.source = victims.source
        and support.crime_ref = victims.crime_ref
        and support.victim_id = victims.victim_id
    where support.specialist_referral = 'yes' and coalesce(victims.is_person, true)
    group by support.source, support.crime_ref
),

counted_allocations as (
    select
        source,
        crime_ref,
        min(allocated_date) as first_allocated_date,
        bool_or(specialist = 'yes') as is_allocated_to_specialist
    from allocations
    group by source, crime_ref
),

latest_allocations as (
    select source, crime_ref, team
    from allocations
    qualify row_number() over (partition by source, crime_ref order by allocated_date desc, team) = 1
),

joined as (
    select
        stalking.source,
        stalking.crime_ref,
        stalking.basis,
        stalking.recorded_date,
        stalking.reported_at,
        stalking.committed_from,
        stalking.committed_to,
        stalking.principal_class,
        stalking.principal_code,
        stalking.offence_title,
        stalking.district,
        stalking.beat,
        stalking.location_type,
        case
            when stalking.team = 'not recorded' then coalesce(latest_allocations.team, 'not recorded')
            else stalking.team
        end as team,
        closest_relationship.relationship,
        stalking.mode,
        stalking.domestic,
        stalking.motive,
        stalking.platform,
        stalking.mode in ('online', 'both') as is_online,
        stalking.domestic = 'yes' as is_domestic,
        closest_relationship.relationship = 'stranger' as is_stranger,
        stalking.mode <> 'not recorded' as is_mode_recorded,
        stalking.domestic <> 'not recorded' as is_domestic_recorded,
        closest_relationship.relationship <> 'not recorded' as is_relationship_recorded,
        stalking.count_included,
        stalking.included_targets,
        coalesce(counted_suspects.count_suspects, 0) as count_suspects,
        coalesce(counted_suspects.count_suspects, 0) > 0 as is_suspect_identified,
        case when coalesce(counted_suspects.count_suspects, 0) > 0 then 'yes' else 'no' end as suspect_identified,
        counted_suspects.first_arrest_date,
        coalesce(counted_victims.count_person_victims, 0) as count_person_victims,
        -- The year before must lie inside the data; otherwise an earlier crime may simply be missing.
        case
            when counted_victims.has_repeat_victim then 'yes'
            when counted_victims.crime_ref is null then 'not known'
            when (stalking.recorded_date - interval 12 month)::date < beginnings.begins_date then 'not known'
            else 'no'
        end as repeat_victim,
        first_assessments.first_assessed_at,
        coalesce(latest_grades.risk_grade, 'not recorded') as risk_grade,
        counted_allocations.first_allocated_date,
        coalesce(counted_allocations.is_allocated_to_specialist, false) as is_allocated_to_specialist,
        case
            when counted_allocations.first_allocated_date >= stalking.recorded_date
                then date_diff('day', stalking.recorded_date, counted_allocations.first_allocated_date)
        end as days_to_allocate,
        case
            when first_assessments.first_of_report_at < stalking.reported_at then 0.0
            else date_diff('second', stalking.reported_at, first_assessments.first_of_report_at) / 3600.0
        end as hours_to_assessment,
        coalesce(latest_outcomes.outcome_group, 'not yet assigned') as outcome_group,
        latest_outcomes.outcome_code,
        latest_outcomes.outcome_number,
        case
            when latest_outcomes.outcome_group <> 'not yet assigned' then latest_outcomes.outcome_date
        end as outcome_date,
        case
            when latest_outcomes.outcome_group <> 'not yet assigned' and latest_outcomes.days_after >= 0
                then latest_outcomes.days_after
        end as days_to_outcome,
        coalesce(latest_outcomes.outcome_group = 'charged', false) as is_charged,
        coalesce(outcomes_by_age.is_charged_in_90, false) as is_charged_in_90,
        coalesce(outcomes_by_age.is_charged_in_180, false) as is_charged_in_180,
        coalesce(outcomes_by_age.is_charged_in_365, false) as is_charged_in_365,
        case when advocates.crime_ref is null then 'no' else 'yes' end as advocate,
        stalking.spo_considered,
        stalking.four_markers,
        stalking.impact_statement,
        stalking.screened
    from stalking
    inner join closest_relationship
        on stalking.source = closest_relationship.source and stalking.crime_ref = closest_relationship.crime_ref
    left join beginnings on stalking.source = beginnings.source
    left join counted_suspects
        on stalking.source = counted_suspects.source and stalking.crime_ref = counted_suspects.crime_ref
    left join counted_victims
        on stalking.source = counted_victims.source and stalking.crime_ref = counted_victims.crime_ref
    left join first_assessments
        on stalking.source = first_assessments.source and stalking.crime_ref = first_assessments.crime_ref
    left join latest_grades
        on stalking.source = latest_grades.source and stalking.crime_ref = latest_grades.crime_ref
    left join counted_allocations
        on stalking.source = counted_allocations.source and stalking.crime_ref = counted_allocations.crime_ref
    left join latest_allocations
        on stalking.source = latest_allocations.source and stalking.crime_ref = latest_allocations.crime_ref
    left join latest_outcomes
        on stalking.source = latest_outcomes.source and stalking.crime_ref = latest_outcomes.crime_ref
    left join outcomes_by_age
        on stalking.source = outcomes_by_age.source and stalking.crime_ref = outcomes_by_age.crime_ref
    left join advocates on stalking.source = advocates.source and stalking.crime_ref = advocates.crime_ref
),

-- The eight atoms do not overlap, so they add to the total; the headline types are read off them.
atoms as (
    select
        *,
        case
            when is_online and is_domestic and is_stranger then 'online + domestic + stranger'
            when is_online and is_domestic then 'online + domestic'
            when is_online and is_stranger then 'online + stranger'
            when is_domestic and is_stranger then 'domestic + stranger'
            when is_online then 'online only'
            when is_domestic then 'domestic only'
            when is_stranger then 'stranger only'
            when is_mode_recorded and is_domestic_recorded and is_relationship_recorded then 'none of these'
            else 'not recorded'
        end as atom
    from joined
)

select
    *,
    list_filter(
        [
            case when is_online then 'online' end,
            case when is_domestic then 'domestic' end,
            case when is_stranger then 'stranger' end,
            case when atom in ('none of these', 'not recorded') then atom end
        ],
        lambda each: each is not null
    ) as typology
from atoms
