-- title: Survey answers without a score
-- note: don't know, refused and blank answers out of all that were asked; a stage that was not asked has no answer
--   and is in neither part
-- unit: percent
-- reads: survey_answers
-- date: surveyed_date
-- apart: survey
-- least: 10
-- dimensions: source, survey, stage, district
-- numerator: answers without a score
-- denominator: answers asked for
-- bases: none
-- interval: wilson
-- adds_over: time, category
-- sensitivity: answers
-- recommendations: 11.3
-- needs: survey
-- grains: rolling_year, financial_year, year, quarter, month, all
-- chart: line
-- by: stage
select
    category,
    period,
    count(*) filter (where not is_scored) as numerator,
    count(*) as denominator
from selected
group by all
