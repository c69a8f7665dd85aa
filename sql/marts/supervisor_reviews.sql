-- grain: one supervisor's review of one stalking-involved crime, due or done
-- key: source, crime_ref, due_date
-- feed: supervisor_reviews
-- dimensions: basis, source, district, beat, team, location_type, principal_class, offence_title,
--   relationship, mode, domestic, typology, atom, motive, platform, risk_grade, outcome_group,
--   spo_considered, suspect_identified, repeat_victim, advocate
with crimes as (
    select * from marts.stalking_crimes
),

reviews as (
    select * from staging.stg_supervisor_reviews
)

select
    crimes.source,
    crimes.crime_ref,
    reviews.due_date,
    reviews.reviewed_date,
    reviews.is_on_time,
    crimes.basis,
    crimes.recorded_date,
    crimes.district,
    crimes.beat,
    crimes.team,
    crimes.location_type,
    crimes.principal_class,
    crimes.offence_title,
    crimes.relationship,
    crimes.mode,
    crimes.domestic,
    crimes.typology,
    crimes.atom,
    crimes.motive,
    crimes.platform,
    crimes.risk_grade,
    crimes.outcome_group,
    crimes.spo_considered,
    crimes.suspect_identified,
    crimes.repeat_victim,
    crimes.advocate
from reviews
inner join crimes on reviews.source = crimes.source and reviews.crime_ref = crimes.crime_ref
