-- title: Online flag recorded
-- note: how far the share of online stalking can be trusted
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes recorded as online, offline or both
-- denominator: stalking-involved crimes
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_crimes
-- recommendations: 11.1, 20.1
-- needs: stalking_class, mode
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where is_mode_recorded) as numerator,
    count(*) as denominator
from selected
group by all
