-- title: Victim impact statement recorded
-- note: crimes in which it is not recorded whether there is a statement stay in the denominator
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes with a victim personal statement recorded as yes
-- denominator: stalking-involved crimes
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_crimes
-- direction: more_is_better
-- recommendations: 11.2, 18.4
-- needs: stalking_class, impact_statement
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where impact_statement = 'yes') as numerator,
    count(*) as denominator
from selected
group by all
