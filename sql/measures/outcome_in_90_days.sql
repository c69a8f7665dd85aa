-- title: Outcome within 90 days (closed)
-- note: the same cases as the days to outcome; soon is not good in itself; 90 days is a mark of this product and no
--   published standard
-- unit: percent
-- reads: stalking_crimes
-- date: outcome_date
-- numerator: stalking-involved crimes whose latest outcome was assigned within 90 days of the recorded date
-- denominator: stalking-involved crimes whose latest outcome was assigned in the period, not before the recorded date
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: outcomes_closed
-- recommendations: 11.2
-- needs: stalking_class, outcomes
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where days_to_outcome <= 90) as numerator,
    count(*) as denominator
from selected
where days_to_outcome is not null
group by all
