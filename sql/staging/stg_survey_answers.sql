-- grain: one person's answer about one stage; 5, 6 and 7 of 7 are satisfied
-- key: source, response_id, survey, stage
select
    source,
    response_id,
    survey,
    surveyed_date,
    stage,
    score,
    score is not null as is_scored,
    coalesce(score >= 5, false) as is_satisfied,
    case when score is null then coalesce(no_answer, 'not recorded') end as no_answer,
    coalesce(district, 'not recorded') as district
from raw.survey_answers
