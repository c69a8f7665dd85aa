-- title: Victim does not support action (recorded)
-- note: outcomes 14 and 16, with or without a suspect; crimes not yet assigned stay in the denominator; why a victim
--   does not support action is not recorded; by advocate it shows an association and no effect
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- settles: 180 days
-- numerator: stalking-involved crimes whose latest outcome is 14 or 16, the victim does not support action
-- denominator: stalking-involved crimes recorded in the period
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: outcomes_recorded
-- recommendations: 11.2
-- needs: stalking_class, outcomes
-- chart: xmr
-- by: typology
select
    category,
    period,
    count(*) filter (where outcome_number in ('14', '16')) as numerator,
    count(*) as denominator
from selected
group by all
