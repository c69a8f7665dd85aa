-- title: Responses to the stalking survey
-- note: a person counts once, however many stages were answered; the survey on domestic abuse is not in it
-- unit: count
-- reads: survey_responses
-- date: surveyed_date
-- dimensions: source, district
-- numerator: responses to the stalking survey
-- bases: none
-- interval: none
-- adds_over: time, category
-- part_of: survey_responses
-- sensitivity: answers
-- released: none
-- recommendations: 11.3
-- needs: survey
-- chart: line
-- by: district
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
where survey = 'stalking'
group by all
