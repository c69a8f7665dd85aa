-- title: Multi-agency referrals
-- note: referrals to any of the forums by their own day, with or without a known crime; a case referred to two forums
--   counts twice
-- unit: count
-- reads: partner_referrals
-- date: referral_date
-- numerator: referrals of cases to a multi-agency forum
-- bases: none
-- interval: poisson
-- adds_over: time, category
-- released: forum
-- recommendations: 25.1, 25.3
-- needs: partner_referrals
-- chart: xmr
-- by: forum
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
group by all
