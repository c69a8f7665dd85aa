-- title: Outcomes (closed)
-- note: counting of outcomes assigned: each crime is in the period its latest outcome was given in, whenever it was
--   recorded, even years before; a crime not yet assigned is in none; an outcome that another follows counts on the
--   day of the other
-- unit: count
-- reads: stalking_crimes
-- date: outcome_date
-- numerator: stalking-involved crimes whose latest outcome was assigned in the period
-- bases: any, principal, included_only
-- interval: poisson
-- adds_over: time, category
-- follows: outcomes_recorded by outcome_group
-- released: outcome_group, district, typology
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
