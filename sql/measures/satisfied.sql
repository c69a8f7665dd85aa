-- title: Satisfied victims by stage
-- note: scores of 5, 6 and 7 of 7 are satisfied; don't know and refused leave the denominator, and survey_no_answer
--   says how many; stages and surveys ask different things and are never pooled
-- unit: percent
-- reads: survey_answers
-- date: surveyed_date
-- apart: survey; stage
-- least: 10
-- dimensions: source, survey, stage, district
-- numerator: answers with a score of 5, 6 or 7
-- denominator: answers with a score
-- bases: none
-- interval: wilson
-- adds_over: time, category
-- sensitivity: answers
-- direction: more_is_better
-- recommendations: 11.3
-- needs: survey
-- grains: rolling_year, financial_year, year, quarter, month, all
-- chart: line
-- by: stage
select
    category,
    period,
    count(*) filter (where is_satisfied) as numerator,
    count(*) as denominator
from selected
where is_scored
group by all
