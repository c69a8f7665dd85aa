-- title: Suspects who take the step
-- note: the drop at each step: of those who took the step before; the first step is 100 % by definition; a suspect of
--   two crimes counts twice; the last six months are open: orders may still come
-- unit: percent
-- reads: order_steps
-- date: recorded_date
-- settles: 6 months
-- apart: step
-- numerator: pairs of a crime and an identified suspect that reached the step
-- denominator: pairs that reached the step before
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: spo_steps
-- released_for: financial_year
-- recommendations: 11.2, 13.1, 13.2
-- needs: stalking_class, suspects, orders
-- grains: quarter, month, financial_year, year, rolling_year, all
-- chart: bar
-- by: step
select
    category,
    period,
    count(*) filter (where is_reached) as numerator,
    count(*) as denominator
from selected
where is_due
group by all
