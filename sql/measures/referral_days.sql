-- title: Working days from report to referral
-- note: Monday to Friday without the bank holidays of England, from the day after the report up to the referral, so
--   the same day is 0; by the day the crime was recorded; without a time of report the day of recording stands for
--   it; referrals without a day, or dated before the report, are left out
-- unit: days
-- reads: stalking_victims
-- date: recorded_date
-- settles: 28 days
-- shape: distribution
-- numerator: victims referred to the generic service on a known day, not before the report
-- bases: any, principal, included_only
-- interval: quartiles
-- adds_over: none
-- direction: less_is_better
-- recommendations: 14.4
-- needs: stalking_class, victims, support
-- chart: quartiles
-- by: district
select
    category,
    period,
    count(days_to_referral) as count_cases,
    percentile(days_to_referral, 0.5) as median,
    percentile(days_to_referral, 0.25) as lower_quartile,
    percentile(days_to_referral, 0.75) as upper_quartile
from selected
where days_to_referral is not null
group by all
