-- title: Survey responses
-- note: a person counts once in a survey, however many stages were answered; the two surveys have samples of their
--   own and are never pooled
-- unit: count
-- reads: survey_responses
-- date: surveyed_date
-- apart: survey
-- numerator: responses to the survey
-- bases: none
-- interval: none
-- adds_over: time, category
-- sensitivity: answers
-- recommendations: 11.3
-- needs: survey
-- chart: line
-- by: survey
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
group by all
