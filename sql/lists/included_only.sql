-- title: Crimes with stalking only as an included classification
-- note: read them to see what hides stalking, and whether stalking should be the principal crime
-- reads: stalking_crimes
-- date: recorded_date
-- bases: included_only
-- needs: stalking_class
-- columns: crime_ref = Crime reference, recorded_date = Recorded, district = District, team = Team,
--   principal_class = Principal class, offence_title = Principal offence, included_targets = Stalking classifications,
--   relationship = Relationship, mode = Online or offline, domestic = Domestic abuse flag, risk_grade = Risk grade,
--   source = Source
-- order: recorded_date desc, crime_ref, source
-- search: crime_ref, district, team, principal_class, offence_title, included_targets
-- reference: crime_ref
select
    crime_ref,
    recorded_date,
    district,
    team,
    principal_class,
    offence_title,
    included_targets,
    relationship,
    mode,
    domestic,
    risk_grade,
    source
from selected
