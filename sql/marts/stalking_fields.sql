-- grain: one field that one stalking-involved crime should have, and whether it is recorded
-- key: source, crime_ref, field
-- feed: crimes
-- dimensions: basis, source, district, team, principal_class, relationship, mode, domestic, typology, atom,
--   risk_grade, field
with crimes as (
    select * from marts.stalking_crimes
),

fields as (
    select * from marts.fields
)

select
    crimes.source,
    crimes.crime_ref,
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
    crimes.risk_grade,
    fields.field,
    case fields.field
        when 'online or offline' then crimes.is_mode_recorded
        when 'domestic abuse flag' then crimes.is_domestic_recorded
        when 'relationship' then crimes.is_relationship_recorded
        when 'risk grade' then crimes.risk_grade <> 'not recorded'
        when 'district' then crimes.district <> 'not recorded'
        when 'team' then crimes.team <> 'not recorded'
        when 'type of place' then crimes.location_type <> 'not recorded'
        when 'time of report' then crimes.reported_at is not null
        when 'platform' then crimes.platform <> 'not recorded'
        when 'motive' then crimes.motive <> 'not recorded'
        when 'four markers' then crimes.four_markers <> 'not recorded'
        when 'order considered' then crimes.spo_considered <> 'not recorded'
        when 'impact statement' then crimes.impact_statement <> 'not recorded'
    end as is_recorded
from crimes
inner join fields on crimes.source = fields.source and fields.begins_date <= crimes.recorded_date
where
    (fields.field <> 'platform' or crimes.is_online)
    and (fields.field <> 'order considered' or crimes.is_suspect_identified)
