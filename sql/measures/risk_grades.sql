-- title: Crimes by risk grade
-- note: the latest grade given; crimes without one are shown as not recorded; a grade is not a probability
-- unit: count
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes, by the latest risk grade
-- bases: any, principal, included_only
-- interval: poisson
-- adds_over: time, category
-- part_of: stalking_crimes
-- recommendations: 12.2, 12.4
-- needs: stalking_class, risk
-- chart: bar
-- by: risk_grade
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
group by all
