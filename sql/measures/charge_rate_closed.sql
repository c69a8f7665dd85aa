-- title: Charge rate (closed)
-- note: of the outcomes assigned in the period, whenever the crimes were recorded; closing many old crimes without a
--   charge lowers it, so it is no trend of how crimes end
-- unit: percent
-- reads: stalking_crimes
-- date: outcome_date
-- numerator: stalking-involved crimes whose latest outcome, assigned in the period, is a charge or summons
-- denominator: stalking-involved crimes whose latest outcome was assigned in the period
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- follows: charge_rate by all
-- part_of: outcomes_closed
-- recommendations: 11.2
-- needs: stalking_class, outcomes
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where is_charged) as numerator,
    count(*) as denominator
from selected
group by all
