-- title: Orders breached within a year
-- note: of the full orders granted in the period, at least 12 months old; a breach in the thirteenth month is not
--   counted; the share says what was reported and recorded, which closer watching raises
-- unit: percent
-- reads: orders
-- date: granted_date
-- matures: 12 months
-- numerator: full orders with at least one breach within 12 months of the grant
-- denominator: full orders granted 12 months ago or earlier
-- bases: none
-- interval: wilson
-- adds_over: time, category
-- part_of: spo_granted
-- released: none
-- released_for: financial_year
-- recommendations: 11.2, 12.3, 13.2
-- needs: orders
-- breaks: orders
-- grains: financial_year, year, rolling_year, quarter, month, all
-- chart: proportion
-- by: order_length
select
    category,
    period,
    count(*) filter (where is_breached_in_a_year) as numerator,
    count(*) as denominator
from selected
group by all
