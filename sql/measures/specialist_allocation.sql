-- title: High risk allocated to a specialist team
-- note: by the latest risk grade and any allocation so far; a crime that becomes high risk later counts from the
--   period it was recorded in
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: high-risk crimes allocated to a specialist team
-- denominator: stalking-involved crimes whose latest risk grade is high
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_crimes
-- direction: more_is_better
-- recommendations: 12.4, 17.1
-- needs: stalking_class, risk, allocations
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where is_allocated_to_specialist) as numerator,
    count(*) as denominator
from selected
where risk_grade = 'high'
group by all
