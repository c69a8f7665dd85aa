-- grain: what one victim of one crime was offered
-- key: source, crime_ref, victim_id
select
    source,
    crime_ref,
    victim_id,
    coalesce(needs_assessment, 'not recorded') as needs_assessment,
    needs_assessment_date,
    coalesce(care_card, 'not recorded') as care_card,
    care_card_date,
    coalesce(referral_status, 'not recorded') as referral_status,
    referral_date,
    coalesce(specialist_referral, 'not recorded') as specialist_referral,
    specialist_referral_date
from raw.support
