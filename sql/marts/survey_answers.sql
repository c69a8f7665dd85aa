-- grain: one person's answer about one stage in one survey
-- key: source, response_id, survey, stage
-- feed: survey_answers
-- dimensions: source, survey, stage, district, no_answer
select
    source,
    response_id,
    survey,
    stage,
    surveyed_date,
    district,
    coalesce(no_answer, 'scored') as no_answer,
    is_scored,
    is_satisfied
from staging.stg_survey_answers
