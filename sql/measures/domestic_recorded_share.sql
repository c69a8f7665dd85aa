-- title: Domestic abuse flag recorded
-- note: how far the share of domestic stalking can be trusted
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes with a domestic abuse flag of yes or no
-- denominator: stalking-involved crimes
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_crimes
-- recommendations: 11.1
-- needs: stalking_class, domestic_abuse_flag
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where is_domestic_recorded) as numerator,
    count(*) as denominator
from selected
group by all
