-- grain: one identified suspect of one stalking-involved crime, whatever the number of victims
-- key: source, crime_ref, suspect_id
-- feed: crimes
-- dimensions: basis, source, district, beat, team, location_type, principal_class, offence_title,
--   relationship, mode, domestic, typology, atom, motive, platform, risk_grade, outcome_group,
--   spo_considered, suspect_identified, repeat_victim, advocate
-- note: dimensions are those of the crime; of several rows of a suspect, one for each victim, the first day counts
with crimes as (
    select * from marts.stalking_crimes
),

suspects as (
    select * from staging.stg_crime_suspects
),

persons as (
    select
        source,
        crime_ref,
        suspect_id,
        min(identified_date) as identified_date,
        min(arrest_date) as arrest_date,
        min(dealt_with_date) as dealt_with_date
    from suspects
    group by source, crime_ref, suspect_id
)

select
    crimes.source,
    crimes.crime_ref,
    persons.suspect_id,
    persons.identified_date,
    persons.arrest_date,
    persons.dealt_with_date,
    persons.arrest_date is not null as is_arrested,
    -- Neither of them: still outstanding.
    least(persons.arrest_date, persons.dealt_with_date) as settled_date,
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
from persons
inner join crimes on persons.source = crimes.source and persons.crime_ref = crimes.crime_ref
