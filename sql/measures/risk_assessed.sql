-- title: Risk assessed
-- note: any assessment at any time, whether or not it gave a grade
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes with at least one risk assessment
-- denominator: stalking-involved crimes
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_crimes
-- direction: more_is_better
-- recommendations: 12.2
-- needs: stalking_class, risk
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where first_assessed_at is not null) as numerator,
    count(*) as denominator
from selected
group by all
