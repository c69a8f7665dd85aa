-- title: Breaches of orders
-- note: breaches recorded in the tracker on or after the day an interim or a full order was granted; one before it is
--   marked as a fault and not counted; an order may be breached several times, once a day at most
-- unit: count
-- reads: order_breaches
-- date: breach_date
-- numerator: breaches of stalking protection orders
-- bases: none
-- interval: poisson
-- adds_over: time, category
-- released: none
-- released_for: financial_year
-- recommendations: 11.2, 12.3, 13.2
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
