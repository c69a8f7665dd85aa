-- title: Victim care card issued
-- note: by the day the crime was recorded; victims with no record of it stay in the denominator, and organisations
--   are in neither
-- unit: percent
-- reads: stalking_victims
-- date: recorded_date
-- settles: 28 days
-- numerator: victims to whom a care card is recorded as issued
-- denominator: person victims of stalking-involved crimes, each counted once a crime
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_victims
-- direction: more_is_better
-- recommendations: 14.2
-- needs: stalking_class, victims, support
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where care_card = 'yes') as numerator,
    count(*) as denominator
from selected
group by all
