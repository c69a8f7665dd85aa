-- title: Suspects by step towards an order
-- note: identified suspects of stalking-involved crimes by the day the crime was recorded; a suspect of two crimes
--   counts twice; orders of no known crime or suspect are left out, so these are fewer than the orders granted; the
--   last six months are open: orders may still come
-- unit: count
-- reads: order_steps
-- date: recorded_date
-- settles: 6 months
-- apart: step
-- numerator: pairs of a crime and an identified suspect that reached the step
-- bases: any, principal, included_only
-- interval: poisson
-- adds_over: time, category
-- released_for: financial_year
-- recommendations: 11.2, 13.1, 13.2
-- needs: stalking_class, suspects, orders
-- grains: quarter, month, financial_year, year, rolling_year, all
-- chart: bar
-- by: step
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
where is_reached
group by all
