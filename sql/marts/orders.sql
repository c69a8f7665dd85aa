-- grain: one stalking protection order, from the moment it is considered, with the day of each step and its crime's types
-- key: source, order_id
-- feed: spo_events
-- dimensions: source, district, team, principal_class, relationship, mode, domestic, typology, atom, risk_grade,
--   order_length, order_reason, contested, victim_supports
-- note: a tracker kept apart from the crime system is another source: its crime is one of its own source, else the only
--   one of that reference; an order ends on the day it expires or is discharged, whichever is first, and is not active
--   on that day
with orders as (
    select * from staging.stg_spo_orders
),

events as (
    select * from staging.stg_spo_events
),

crimes as (
    select * from staging.stg_crimes
),

stalking as (
    select * from marts.stalking_crimes
),

steps as (
    select
        source,
        order_id,
        min(event_date) filter (where event = 'considered') as considered_date,
        min(event_date) filter (where event = 'referred') as referred_date,
        min(event_date) filter (where event = 'applied') as applied_date,
        min(event_date) filter (where event = 'interim granted') as interim_granted_date,
        min(event_date) filter (where event = 'interim refused') as interim_refused_date,
        min(event_date) filter (where event = 'granted') as granted_date,
        min(event_date) filter (where event = 'refused') as refused_date,
        min(event_date) filter (where event = 'withdrawn') as withdrawn_date,
        min(event_date) filter (where event = 'served') as served_date,
        min(event_date) filter (where event = 'discharged') as discharged_date,
        max(event_date) filter (where event = 'expired') as expired_date
    from events
    group by source, order_id
),

breaches as (
    select events.source, events.order_id, min(events.event_date) as first_breach_date
    from events
    inner join steps on events.source = steps.source and events.order_id = steps.order_id
    where events.event = 'breached' and events.event_date >= steps.granted_date
    group by events.source, events.order_id
),

only_crimes as (
    select crime_ref, min(source) as source
    from crimes
    group by crime_ref
    having count(*) = 1
),

traced as (
    select
        orders.source,
        orders.order_id,
        orders.crime_ref,
        orders.suspect_id,
        orders.district,
        orders.expiry_date,
        orders.contested,
        orders.victim_supports,
        orders.reason as order_reason,
        coalesce(own.source, only_crimes.source) as crime_source
    from orders
    left join crimes as own on orders.source = own.source and orders.crime_ref = own.crime_ref
    left join only_crimes on orders.crime_ref = only_crimes.crime_ref
),

dated as (
    select
        traced.*,
        steps.considered_date,
        steps.referred_date,
        steps.applied_date,
        steps.interim_granted_date,
        steps.interim_refused_date,
        steps.granted_date,
        steps.refused_date,
        steps.withdrawn_date,
        steps.served_date,
        breaches.first_breach_date,
        -- Neither of them: until further order.
        least(coalesce(traced.expiry_date, steps.expired_date), steps.discharged_date) as end_date
    from traced
    left join steps on traced.source = steps.source and traced.order_id = steps.order_id
    left join breaches on traced.source = breaches.source and traced.order_id = breaches.order_id
)

select
    dated.source,
    dated.order_id,
    dated.crime_ref,
    dated.crime_source,
    dated.suspect_id,
    case
        when dated.district <> 'not recorded' then dated.district
        else coalesce(crimes.district, 'not recorded')
    end as district,
    coalesce(stalking.team, crimes.team, 'not recorded') as team,
    coalesce(crimes.principal_class, 'not recorded') as principal_class,
    coalesce(stalking.relationship, 'not recorded') as relationship,
    coalesce(stalking.mode, 'not recorded') as mode,
    coalesce(stalking.domestic, 'not recorded') as domestic,
    coalesce(stalking.typology, ['not recorded']) as typology,
    coalesce(stalking.atom, 'not recorded') as atom,
    coalesce(stalking.risk_grade, 'not recorded') as risk_grade,
    -- Courts give whole years; a month either way is read as the same length.
    case
        when dated.granted_date is null then 'no full order'
        when dated.expiry_date is null then 'until further order'
        when dated.expiry_date <= dated.granted_date then 'not recorded'
        when dated.expiry_date
            between (dated.granted_date + interval 23 month)::date and (dated.granted_date + interval 25 month)::date
            then '2 years'
        when dated.expiry_date
            between (dated.granted_date + interval 35 month)::date and (dated.granted_date + interval 37 month)::date
            then '3 years'
        when dated.expiry_date
            between (dated.granted_date + interval 59 month)::date and (dated.granted_date + interval 61 month)::date
            then '5 years'
        when dated.expiry_date
            between (dated.granted_date + interval 119 month)::date and (dated.granted_date + interval 121 month)::date
            then '10 years'
        else 'another length'
    end as order_length,
    dated.order_reason,
    dated.contested,
    dated.victim_supports,
    crimes.recorded_date,
    dated.considered_date,
    dated.referred_date,
    dated.applied_date,
    dated.interim_granted_date,
    dated.interim_refused_date,
    dated.granted_date,
    dated.refused_date,
    dated.withdrawn_date,
    dated.served_date,
    dated.end_date,
    dated.first_breach_date,
    coalesce(dated.first_breach_date < (dated.granted_date + interval 12 month)::date, false) as is_breached_in_a_year,
    case
        when dated.applied_date >= crimes.recorded_date then date_diff('day', crimes.recorded_date, dated.applied_date)
    end as days_to_application,
    case
        when dated.granted_date >= dated.applied_date then date_diff('day', dated.applied_date, dated.granted_date)
    end as days_to_order
from dated
left join crimes on dated.crime_source = crimes.source and dated.crime_ref = crimes.crime_ref
left join stalking on dated.crime_source = stalking.source and dated.crime_ref = stalking.crime_ref
