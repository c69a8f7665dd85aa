-- title: Full orders granted so far
-- note: every full order granted since the first one, whether it still holds or not; this is the figure that forces
--   publish
-- unit: count
-- reads: orders
-- time: stock
-- numerator: full stalking protection orders granted up to the last day of the period
-- bases: none
-- interval: none
-- adds_over: category
-- cumulates: spo_granted
-- released: none
-- sensitivity: process
-- recommendations: 11.2, 13.2
-- needs: orders
-- breaks: orders
-- chart: line
-- by: district
select
    selected.category,
    periods.period,
    count(*) as numerator,
    null as denominator
from selected
inner join periods
    on selected.granted_date <= periods.as_at
group by all
