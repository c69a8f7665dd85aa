-- title: Applications for an order
-- note: an application counts once, on the day it was made, even where an interim and a full order follow it
-- unit: count
-- reads: orders
-- date: applied_date
-- numerator: stalking protection orders applied for
-- bases: none
-- interval: poisson
-- adds_over: time, category
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
