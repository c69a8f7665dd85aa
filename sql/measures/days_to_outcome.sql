-- title: Days to outcome (closed)
-- note: days from the recorded date to the latest outcome, of outcomes assigned in the period; crimes not yet
--   assigned have none, and an outcome dated before its crime is left out
-- unit: days
-- reads: stalking_crimes
-- date: outcome_date
-- shape: distribution
-- numerator: stalking-involved crimes whose latest outcome was assigned in the period
-- bases: any, principal, included_only
-- interval: quartiles
-- adds_over: none
-- recommendations: 11.2
-- needs: stalking_class, outcomes
-- chart: quartiles
-- by: district
select
    category,
    period,
    count(days_to_outcome) as count_cases,
    percentile(days_to_outcome, 0.5) as median,
    percentile(days_to_outcome, 0.25) as lower_quartile,
    percentile(days_to_outcome, 0.75) as upper_quartile
from selected
where days_to_outcome is not null
group by all
