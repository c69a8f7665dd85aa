-- title: Days to allocate
-- note: days from the recorded date to the first allocation, of crimes first allocated in the period; crimes not
--   allocated have none, and an allocation dated before its crime is left out
-- unit: days
-- reads: stalking_crimes
-- date: first_allocated_date
-- shape: distribution
-- numerator: stalking-involved crimes first allocated in the period
-- bases: any, principal, included_only
-- interval: quartiles
-- adds_over: none
-- direction: less_is_better
-- recommendations: 17.1
-- needs: stalking_class, allocations
-- chart: quartiles
-- by: district
select
    category,
    period,
    count(days_to_allocate) as count_cases,
    percentile(days_to_allocate, 0.5) as median,
    percentile(days_to_allocate, 0.25) as lower_quartile,
    percentile(days_to_allocate, 0.75) as upper_quartile
from selected
where days_to_allocate is not null
group by all
