-- title: Interim orders granted
-- note: orders that hold until the court decides on a full one; a full order may follow, so they do not add to the
--   full ones
-- unit: count
-- reads: orders
-- date: interim_granted_date
-- numerator: interim stalking protection orders granted
-- bases: none
-- interval: poisson
-- adds_over: time, category
-- released: none
-- sensitivity: process
-- recommendations: 11.2, 13.2
-- needs: orders
-- breaks: orders
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
group by all
