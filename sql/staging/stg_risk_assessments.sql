-- grain: one risk assessment of one crime
-- key: source, crime_ref, assessed_at, risk_tool
select
    source,
    crime_ref,
    assessed_at,
    coalesce(risk_tool, 'not recorded') as risk_tool,
    coalesce(risk_grade, 'not recorded') as risk_grade
from raw.risk_assessments
