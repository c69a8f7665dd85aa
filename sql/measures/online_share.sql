-- title: Online stalking
-- note: crimes whose mode is not recorded stay in the denominator; mode_recorded_share says how many have one
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes committed online, wholly or partly
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
    count(*) filter (where is_online) as numerator,
    count(*) as denominator
from selected
group by all
