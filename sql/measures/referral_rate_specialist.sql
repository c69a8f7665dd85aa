-- title: Referral to a specialist advocate
-- note: a referral of its own beside the one to the generic service; not every victim needs one, and victims with no
--   record of it stay in the denominator
-- unit: percent
-- reads: stalking_victims
-- date: recorded_date
-- settles: 28 days
-- numerator: victims referred to a specialist stalking advocate
-- denominator: person victims of stalking-involved crimes, each counted once a crime
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_victims
-- direction: more_is_better
-- recommendations: 14.4, 14.5
-- needs: stalking_class, victims, support
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where specialist_referral = 'yes') as numerator,
    count(*) as denominator
from selected
group by all
