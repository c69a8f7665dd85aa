-- title: Full orders granted
-- note: full orders by the day of the grant; interim orders are counted apart
-- unit: count
-- reads: orders
-- date: granted_date
-- numerator: full stalking protection orders granted
-- bases: none
-- interval: poisson
-- adds_over: time, category
-- follows: spo_applications
-- sensitivity: process
-- released: district, order_length
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
