-- title: Referral to victim support of those eligible
-- note: victims who opted out or are unsafe to contact are left out; those not transferred or without a record of it
--   stay in the denominator
-- unit: percent
-- reads: stalking_victims
-- date: recorded_date
-- settles: 28 days
-- numerator: victims referred to the generic service
-- denominator: person victims of stalking-involved crimes who neither opted out nor are unsafe to contact
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
where is_eligible
group by all
