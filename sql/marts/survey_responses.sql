-- grain: one person's response to one survey, however many stages it answers
-- key: source, response_id, survey
-- feed: survey_answers
-- dimensions: source, survey, district
with answers as (
    select * from marts.survey_answers
)

select
    source,
    response_id,
    survey,
    min(surveyed_date) as surveyed_date,
    coalesce(min(district) filter (where district <> 'not recorded'), 'not recorded') as district
from answers
group by source, response_id, survey
