-- title: Applications within 28 days of the crime
-- note: the same cases as the days from crime to application; 28 days is a mark of this product and no published
--   standard
-- unit: percent
-- reads: orders
-- date: applied_date
-- numerator: applications made within 28 days of the recorded date of the crime
-- denominator: applications with a known crime
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
    count(*) filter (where days_to_application <= 28) as numerator,
    count(*) as denominator
from selected
where days_to_application is not null
group by all
