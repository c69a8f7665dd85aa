-- title: Outcomes (recorded)
-- note: counting of crimes recorded: each crime is in the period it was recorded in, with the latest outcome it has
--   so far, whenever that came; a crime without an outcome is not yet assigned; outcomes (closed) are placed by the
--   day of the outcome
-- unit: count
-- reads: stalking_crimes
-- date: recorded_date
-- settles: 180 days
-- numerator: stalking-involved crimes recorded in the period, by the latest outcome so far
-- bases: any, principal, included_only
-- interval: poisson
-- adds_over: time, category
-- part_of: stalking_crimes
-- released: outcome_group, district, typology
-- crossed: outcome_group × mode
-- recommendations: 11.2
-- needs: stalking_class, outcomes
-- chart: bar
-- by: outcome_group
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
group by all
