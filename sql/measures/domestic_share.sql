-- title: Domestic stalking
-- note: by the domestic abuse flag; crimes without one stay in the denominator; domestic_recorded_share says how many have it
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes flagged as domestic abuse
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
    count(*) filter (where is_domestic) as numerator,
    count(*) as denominator
from selected
group by all
