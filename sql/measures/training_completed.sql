-- title: Training completed
-- note: the newest count of each role and course by the end of the period; over several courses a member of staff
--   counts once for each, so it is then a share of courses to be completed and not of people
-- unit: percent
-- reads: training
-- time: stock
-- numerator: staff who have completed the course
-- denominator: staff who should complete it
-- bases: none
-- interval: none
-- adds_over: category
-- direction: more_is_better
-- recommendations: 10.2, 10.4, 10.5
-- needs: training
-- chart: proportion
-- by: role
select
    selected.category,
    periods.period,
    sum(selected.count_completed) as numerator,
    sum(selected.count_eligible) as denominator
from selected
inner join periods on periods.as_at between selected.counted_date and selected.valid_until
group by all
