-- title: Days from application to full order
-- note: days from the application to the grant of the full order; grants dated before their application are left out
-- unit: days
-- reads: orders
-- date: granted_date
-- shape: distribution
-- numerator: full orders granted with a known application
-- bases: none
-- interval: quartiles
-- adds_over: none
-- released: none
-- released_for: financial_year
-- direction: less_is_better
-- recommendations: 11.2, 13.2
-- needs: orders
-- breaks: orders
-- grains: financial_year, year, rolling_year, quarter, month, all
-- chart: quartiles
-- by: district
select
    category,
    period,
    count(days_to_order) as count_cases,
    percentile(days_to_order, 0.5) as median,
    percentile(days_to_order, 0.25) as lower_quartile,
    percentile(days_to_order, 0.75) as upper_quartile
from selected
where days_to_order is not null
group by all
