-- title: Applications refused
-- note: full orders that a court refused, by the day of the refusal; a refused interim order is not counted
-- unit: count
-- reads: orders
-- date: refused_date
-- numerator: full stalking protection orders refused
-- bases: none
-- interval: poisson
-- adds_over: time, category
-- follows: spo_applications
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
