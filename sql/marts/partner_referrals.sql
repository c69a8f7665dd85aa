-- grain: one referral of a case to a multi-agency forum, with its crime's types where the crime is known
-- key: source, referral_id
-- feed: partner_referrals
-- dimensions: source, district, team, principal_class, relationship, mode, domestic, typology, atom, risk_grade,
--   forum
-- note: a list kept apart from the crime system is another source: its crime is one of its own source, else the only
--   one of that reference
with referrals as (
    select * from staging.stg_partner_referrals
),

crimes as (
    select * from staging.stg_crimes
),

stalking as (
    select * from marts.stalking_crimes
),

only_crimes as (
    select crime_ref, min(source) as source
    from crimes
    group by crime_ref
    having count(*) = 1
),

traced as (
    select referrals.*, coalesce(own.source, only_crimes.source) as crime_source
    from referrals
    left join crimes as own on referrals.source = own.source and referrals.crime_ref = own.crime_ref
    left join only_crimes on referrals.crime_ref = only_crimes.crime_ref
)

select
    traced.source,
    traced.referral_id,
    traced.crime_ref,
    traced.crime_source,
    traced.forum,
    traced.referral_date,
    case
        when traced.district <> 'not recorded' then traced.district
        else coalesce(crimes.district, 'not recorded')
    end as district,
    coalesce(stalking.team, crimes.team, 'not recorded') as team,
    coalesce(crimes.principal_class, 'not recorded') as principal_class,
    coalesce(stalking.relationship, 'not recorded') as relationship,
    coalesce(stalking.mode, 'not recorded') as mode,
    coalesce(stalking.domestic, 'not recorded') as domestic,
    coalesce(stalking.typology, ['not recorded']) as typology,
    coalesce(stalking.atom, 'not recorded') as atom,
    coalesce(stalking.risk_grade, 'not recorded') as risk_grade
from traced
left join crimes on traced.crime_source = crimes.source and traced.crime_ref = crimes.crime_ref
left join stalking on traced.crime_source = stalking.source and traced.crime_ref = stalking.crime_ref
