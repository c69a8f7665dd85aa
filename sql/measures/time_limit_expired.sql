-- title: Time limit expired (recorded)
-- note: outcome 17; stalking under section 2A is a summary offence and must be charged within six months, so this
--   outcome comes half a year after the crime at the earliest, and a period may still change for a year
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- settles: 365 days
-- numerator: stalking-involved crimes whose latest outcome is 17, time limit expired
-- denominator: stalking-involved crimes recorded in the period
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: outcomes_recorded
-- direction: less_is_better
-- recommendations: 11.2, 18.2
-- needs: stalking_class, outcomes
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where outcome_number = '17') as numerator,
    count(*) as denominator
from selected
group by all
