-- title: Orders in force
-- note: full orders on the last day of the period; an order is no longer in force on the day it expires or is
--   discharged, and one without an end holds until further order; a renewed order has its present end
-- unit: count
-- reads: orders
-- time: stock
-- numerator: full stalking protection orders in force
-- bases: none
-- interval: none
-- adds_over: category
-- stock: spo_granted − ended
-- sensitivity: person
-- released: none
-- released_for: financial_year
-- recommendations: 11.2, 13.2, 12.3
-- needs: orders
-- breaks: orders
-- chart: line
-- by: order_length
select
    selected.category,
    periods.period,
    count(*) as numerator,
    null as denominator
from selected
inner join periods
    on selected.granted_date <= periods.as_at
    and (selected.end_date is null or periods.as_at < selected.end_date)
group by all
