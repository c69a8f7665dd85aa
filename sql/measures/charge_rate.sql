-- title: Charge rate (recorded)
-- note: charged or summonsed so far, of all crimes recorded in the period; crimes not yet assigned stay in the
--   denominator, so the rate of young crimes still rises; the fair trend is that of crimes of one age: charged within
--   90, 180 or 365 days
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- settles: 180 days
-- numerator: stalking-involved crimes whose latest outcome is a charge or summons
-- denominator: stalking-involved crimes recorded in the period
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: outcomes_recorded
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
