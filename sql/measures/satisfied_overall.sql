-- title: Satisfied with the whole experience
-- note: answers about the whole experience alone; scores of 5, 6 and 7 of 7 are satisfied; don't know and refused
--   leave the denominator; the two surveys ask different people and are never pooled
-- unit: percent
-- reads: survey_answers
-- date: surveyed_date
-- apart: survey
-- least: 10
-- dimensions: source, survey, district
-- numerator: answers about the whole experience with a score of 5, 6 or 7
-- denominator: answers about the whole experience with a score
-- bases: none
-- interval: wilson
-- adds_over: time, category
-- sensitivity: answers
-- direction: more_is_better
-- recommendations: 11.3
-- needs: survey
-- grains: rolling_year, financial_year, year, quarter, month, all
-- chart: line
-- by: survey
select
    category,
    period,
    count(*) filter (where is_satisfied) as numerator,
    count(*) as denominator
from selected
where stage = 'whole experience' and is_scored
group by all
