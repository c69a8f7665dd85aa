-- title: Full orders within 56 days of the application
-- note: the same cases as the days from application to full order; 56 days is a mark of this product and no published
--   standard
-- unit: percent
-- reads: orders
-- date: granted_date
-- numerator: full orders granted within 56 days of the application
-- denominator: full orders granted with a known application
-- bases: none
-- interval: wilson
-- adds_over: time, category
-- released: none
-- released_for: financial_year
-- direction: more_is_better
-- recommendations: 11.2, 13.2
-- needs: orders
-- breaks: orders
-- chart: proportion
-- by: district
select
    category,
    period,
    count(*) filter (where days_to_order <= 56) as numerator,
    count(*) as denominator
from selected
where days_to_order is not null
group by all
