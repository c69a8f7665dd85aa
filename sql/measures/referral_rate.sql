-- title: Referral to victim support
-- note: by the day the crime was recorded; victims who opted out, are unsafe to contact, were not transferred or have
--   no record of it stay in the denominator; what the published rate of Kent is a share of is not known
-- unit: percent
-- reads: stalking_victims
-- date: recorded_date
-- settles: 28 days
-- numerator: victims referred to the generic service
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
    count(*) filter (where referral_status = 'referred') as numerator,
    count(*) as denominator
from selected
group by all
