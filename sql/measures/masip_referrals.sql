-- title: Referrals to the stalking panel
-- note: referrals to MASIP, the multi-agency panel for stalking, by their own day, with or without a known crime
-- unit: count
-- reads: partner_referrals
-- date: referral_date
-- numerator: referrals of cases to MASIP
-- bases: none
-- interval: poisson
-- adds_over: time, category
-- part_of: multi_agency_referrals
-- released: none
-- recommendations: 13.2, 25.1
-- needs: partner_referrals
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
where forum = 'MASIP'
group by all
