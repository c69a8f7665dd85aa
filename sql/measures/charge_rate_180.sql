-- title: Charged within 180 days (recorded)
-- note: by the outcome in force 180 days after the crime was recorded, whatever followed; only crimes at least that
--   old count, so all are judged at one age
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- matures: 180 days
-- numerator: stalking-involved crimes with a charge or summons in force 180 days after they were recorded
-- denominator: stalking-involved crimes recorded at least 180 days ago
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_crimes
-- recommendations: 11.2
-- needs: stalking_class, outcomes
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where is_charged_in_180) as numerator,
    count(*) as denominator
from selected
group by all
