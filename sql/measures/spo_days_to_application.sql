-- title: Days from crime to application
-- note: days from the recorded date of the crime to the application; orders without a known crime, and applications
--   dated before their crime, are left out
-- unit: days
-- reads: orders
-- date: applied_date
-- shape: distribution
-- numerator: applications with a known crime
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
    count(days_to_application) as count_cases,
    percentile(days_to_application, 0.5) as median,
    percentile(days_to_application, 0.25) as lower_quartile,
    percentile(days_to_application, 0.75) as upper_quartile
from selected
where days_to_application is not null
group by all
