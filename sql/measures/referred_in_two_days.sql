-- title: Referred within two working days
-- note: the same cases as the working days from report to referral; victims not referred are in neither part, so this
--   says how soon and not how many; two days are a mark of this product and no published standard
-- unit: percent
-- reads: stalking_victims
-- date: recorded_date
-- settles: 28 days
-- numerator: victims referred within two working days of the report
-- denominator: victims referred to the generic service on a known day, not before the report
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: referral_rate
-- direction: more_is_better
-- recommendations: 14.4
-- needs: stalking_class, victims, support
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where days_to_referral <= 2) as numerator,
    count(*) as denominator
from selected
where days_to_referral is not null
group by all
