-- grain: one person who is a victim of one stalking-involved crime, with what that victim was offered
-- key: source, crime_ref, victim_id
-- feed: crimes
-- dimensions: basis, source, district, team, principal_class, relationship, mode, domestic, typology, atom, motive,
--   risk_grade, outcome_group, suspect_identified, repeat_victim, referral_status
-- note: organisations are left out; a victim without a record of support is not recorded throughout; working days run
--   from the day of the report, or the day of recording where it is blank, to the referral, and a referral before it
--   has none
with crimes as (
    select * from marts.stalking_crimes
),

victims as (
    select * from staging.stg_crime_victims
),

support as (
    select * from staging.stg_support
),

working_days as (
    select * from marts.working_days
),

offered as (
    select
        crimes.source,
        crimes.crime_ref,
        victims.victim_id,
        coalesce(crimes.reported_at::date, crimes.recorded_date) as reported_date,
        coalesce(support.needs_assessment, 'not recorded') as needs_assessment,
        coalesce(support.care_card, 'not recorded') as care_card,
        coalesce(support.referral_status, 'not recorded') as referral_status,
        coalesce(support.specialist_referral, 'not recorded') as specialist_referral,
        case when support.referral_status = 'referred' then support.referral_date end as referral_date
    from crimes
    inner join victims on crimes.source = victims.source and crimes.crime_ref = victims.crime_ref
    left join support
        on victims.source = support.source
        and victims.crime_ref = support.crime_ref
        and victims.victim_id = support.victim_id
    where victims.is_person
)

select
    offered.source,
    offered.crime_ref,
    offered.victim_id,
    crimes.basis,
    crimes.recorded_date,
    crimes.district,
    crimes.team,
    crimes.principal_class,
    crimes.relationship,
    crimes.mode,
    crimes.domestic,
    crimes.typology,
    crimes.atom,
    crimes.motive,
    crimes.risk_grade,
    crimes.outcome_group,
    crimes.suspect_identified,
    crimes.repeat_victim,
    offered.needs_assessment,
    offered.care_card,
    offered.referral_status,
    offered.specialist_referral,
    offered.referral_status not in ('opted out', 'unsafe to contact') as is_eligible,
    offered.reported_date,
    offered.referral_date,
    case
        when offered.referral_date >= offered.reported_date
            then until_referral.count_working_days - until_report.count_working_days
    end as days_to_referral
from offered
inner join crimes on offered.source = crimes.source and offered.crime_ref = crimes.crime_ref
left join working_days as until_report on offered.reported_date = until_report.day
left join working_days as until_referral on offered.referral_date = until_referral.day
