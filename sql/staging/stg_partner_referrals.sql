-- grain: one referral of a case to a multi-agency forum
-- key: source, referral_id
select
    source,
    referral_id,
    crime_ref,
    forum,
    referral_date,
    coalesce(district, 'not recorded') as district
from raw.partner_referrals
