-- title: Risk assessed within 24 hours
-- note: from the time of the report to the first assessment; a crime without a time of report stays in the
--   denominator as not in time; an assessment up to a day before the report was made at the call and is in time, an
--   earlier one is not of it; only crimes recorded at least 24 hours ago count
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- matures: 1 day
-- numerator: stalking-involved crimes first assessed within 24 hours of the report
-- denominator: stalking-involved crimes recorded at least 1 day ago
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: risk_assessed_72h
-- direction: more_is_better
-- recommendations: 12.2
-- needs: stalking_class, risk, report_times
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where hours_to_assessment <= 24) as numerator,
    count(*) as denominator
from selected
group by all
