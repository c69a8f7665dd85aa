-- grain: one thing that looks wrong in one accepted row: marked, not rejected
-- key: source, check_name, table_name, row_key
-- feed: any
-- dimensions: source, check_name, table_name, district, team
with crimes as (
    select * from staging.stg_crimes
),

included as (
    select * from staging.stg_included_classifications
),

victims as (
    select * from staging.stg_crime_victims
),

suspects as (
    select * from staging.stg_crime_suspects
),

assessments as (
    select * from staging.stg_risk_assessments
),

outcomes as (
    select * from staging.stg_outcomes
),

allocations as (
    select * from staging.stg_allocations
),

reviews as (
    select * from staging.stg_supervisor_reviews
),

support as (
    select * from staging.stg_support
),

orders as (
    select * from staging.stg_spo_orders
),

events as (
    select * from staging.stg_spo_events
),

answers as (
    select * from staging.stg_survey_answers
),

calls as (
    select * from staging.stg_calls
),

referrals as (
    select * from staging.stg_partner_referrals
),

districts as (
    select distinct district from staging.stg_population
),

repeated_principals as (
    select source, crime_ref, min(classification) as classification
    from included
    where is_repeat
    group by source, crime_ref
),

stated_relationships as (
    select source, crime_ref, relationship from crimes where domestic <> 'not recorded'
    union all
    select suspects.source, suspects.crime_ref, suspects.relationship
    from suspects
),

-- Former and present partners are personally connected, strangers are not; the others may be either.
relationships as (
    select
        source,
        crime_ref,
        bool_or(relationship in ('partner', 'ex-partner')) as is_partner,
        bool_or(relationship = 'stranger')
        and not bool_or(relationship in ('partner', 'ex-partner', 'family', 'acquaintance')) as is_stranger
    from stated_relationships
    group by source, crime_ref
),

mismatched_flags as (
    select
        crimes.source,
        crimes.crime_ref,
        case
            when relationships.is_partner then 'flag no, relationship partner or ex-partner'
            else 'flag yes, relationship stranger'
        end as mismatch
    from crimes
    inner join relationships
        on crimes.source = relationships.source and crimes.crime_ref = relationships.crime_ref
    where
        (crimes.domestic = 'no' and relationships.is_partner)
        or (crimes.domestic = 'yes' and relationships.is_stranger)
),

disordered_dates as (
    select
        source,
        crime_ref,
        case
            when committed_from > committed_to then 'committed_from'
            when committed_to > recorded_date then 'committed_to'
            when committed_from > recorded_date then 'committed_from'
            when reported_at::date > recorded_date then 'reported_at'
        end as column_name,
        case
            when committed_from > committed_to then committed_from
            when committed_to > recorded_date then committed_to
            when committed_from > recorded_date then committed_from
            when reported_at::date > recorded_date then reported_at::date
        end as found_date
    from crimes
),

-- Conduct may run for years: an offence is historic when it had also ended a year before.
historic_offences as (
    select
        source,
        crime_ref,
        case when committed_to is null then 'committed_from' else 'committed_to' end as column_name,
        coalesce(committed_to, committed_from) as ended_date
    from crimes
    where coalesce(committed_to, committed_from) < (recorded_date - interval 12 month)::date
),

placed as (
    select source, 'crimes' as table_name, crime_ref, crime_ref as row_key, district from crimes
    union all
    select source, 'spo_orders' as table_name, crime_ref, order_id as row_key, district from orders
    union all
    select source, 'calls' as table_name, crime_ref, call_id as row_key, district from calls
    union all
    select source, 'partner_referrals' as table_name, crime_ref, referral_id as row_key, district from referrals
    union all
    select
        source,
        'survey_answers' as table_name,
        null as crime_ref,
        response_id || ' / ' || survey || ' / ' || stage as row_key,
        district
    from answers
),

unknown_districts as (
    select placed.source, placed.table_name, placed.crime_ref, placed.row_key, placed.district
    from placed
    left join districts on placed.district = districts.district
    where
        placed.district <> 'not recorded'
        and districts.district is null
        and (select count(*) from districts) > 0
),

linked as (
    select
        source,
        'included_classifications' as table_name,
        crime_ref,
        crime_ref || ' / ' || position::varchar as row_key
    from included
    union all
    select source, 'crime_victims' as table_name, crime_ref, crime_ref || ' / ' || victim_id as row_key from victims
    union all
    select
        source,
        'crime_suspects' as table_name,
        crime_ref,
        crime_ref || ' / ' || suspect_id || ' / ' || victim_id as row_key
    from suspects
    union all
    select
        source,
        'risk_assessments' as table_name,
        crime_ref,
        crime_ref || ' / ' || assessed_at::varchar || ' / ' || risk_tool as row_key
    from assessments
    union all
    select
        source,
        'outcomes' as table_name,
        crime_ref,
        crime_ref || ' / ' || outcome_date::varchar || ' / ' || outcome_code as row_key
    from outcomes
    union all
    select
        source,
        'allocations' as table_name,
        crime_ref,
        crime_ref || ' / ' || allocated_date::varchar || ' / ' || team as row_key
    from allocations
    union all
    select
        source,
        'supervisor_reviews' as table_name,
        crime_ref,
        crime_ref || ' / ' || due_date::varchar as row_key
    from reviews
    union all
    select source, 'support' as table_name, crime_ref, crime_ref || ' / ' || victim_id as row_key from support
    union all
    select source, 'spo_orders' as table_name, crime_ref, order_id as row_key from orders
    union all
    select source, 'calls' as table_name, crime_ref, call_id as row_key from calls
    union all
    select source, 'partner_referrals' as table_name, crime_ref, referral_id as row_key from referrals
),

-- A tracker kept apart from the crime system is another source, so any source's crime will do.
known_references as (
    select distinct crime_ref from crimes
),

orphans as (
    select linked.source, linked.table_name, linked.crime_ref, linked.row_key
    from linked
    left join known_references on linked.crime_ref = known_references.crime_ref
    where linked.crime_ref is not null and known_references.crime_ref is null
),

grants as (
    select
        source,
        order_id,
        min(event_date) filter (where is_grant) as first_grant_date,
        min(event_date) filter (where event = 'discharged') as discharged_date
    from events
    group by source, order_id
),

reversed_orders as (
    select
        orders.source,
        orders.crime_ref,
        orders.order_id,
        case when orders.expiry_date < grants.first_grant_date then 'expiry_date' else 'event_date' end as column_name,
        least(orders.expiry_date, grants.discharged_date) as end_date
    from orders
    inner join grants on orders.source = grants.source and orders.order_id = grants.order_id
    where
        orders.expiry_date < grants.first_grant_date
        or grants.discharged_date < grants.first_grant_date
),

early_breaches as (
    select events.source, orders.crime_ref, events.order_id, events.event_date
    from events
    inner join grants on events.source = grants.source and events.order_id = grants.order_id
    left join orders on events.source = orders.source and events.order_id = orders.order_id
    where
        events.event = 'breached'
        and (grants.first_grant_date is null or events.event_date < grants.first_grant_date)
),

early_referrals as (
    select
        support.source,
        support.crime_ref,
        support.victim_id,
        case
            when support.referral_date < coalesce(crimes.reported_at::date, crimes.recorded_date)
                then 'referral_date'
            else 'specialist_referral_date'
        end as column_name,
        least(support.referral_date, support.specialist_referral_date) as early_date
    from support
    inner join crimes on support.source = crimes.source and support.crime_ref = crimes.crime_ref
    where
        support.referral_date < coalesce(crimes.reported_at::date, crimes.recorded_date)
        or support.specialist_referral_date < coalesce(crimes.reported_at::date, crimes.recorded_date)
),

found as (
    select
        'included list repeats the principal' as check_name,
        source,
        'included_classifications' as table_name,
        crime_ref,
        crime_ref as row_key,
        'classification' as column_name,
        classification as value
    from repeated_principals
    union all
    select
        'domestic-abuse flag against relationship',
        source,
        'crimes',
        crime_ref,
        crime_ref,
        'domestic_abuse_flag',
        mismatch
    from mismatched_flags
    union all
    select 'dates out of order', source, 'crimes', crime_ref, crime_ref, column_name, found_date::varchar
    from disordered_dates
    where column_name is not null
    union all
    select 'historic offence', source, 'crimes', crime_ref, crime_ref, column_name, ended_date::varchar
    from historic_offences
    union all
    select
        case when record_status = 'cancelled' then 'cancelled record' else 'transferred record' end,
        source,
        'crimes',
        crime_ref,
        crime_ref,
        'record_status',
        record_status
    from crimes
    where not is_in_scope
    union all
    select
        'organisation as victim',
        source,
        'crime_victims',
        crime_ref,
        crime_ref || ' / ' || victim_id,
        'victim_type',
        victim_type
    from victims
    where not is_person
    union all
    select
        'unknown outcome code',
        source,
        'outcomes',
        crime_ref,
        crime_ref || ' / ' || outcome_date::varchar || ' / ' || outcome_code,
        'outcome_code',
        outcome_code
    from outcomes
    where outcome_group = 'unknown code'
    union all
    select 'unknown district', source, table_name, crime_ref, row_key, 'district', district
    from unknown_districts
    union all
    select 'no such crime', source, table_name, crime_ref, row_key, 'crime_ref', crime_ref
    from orphans
    union all
    select 'order without a crime', source, 'spo_orders', crime_ref, order_id, 'crime_ref', ''
    from orders
    where crime_ref is null
    union all
    select 'order ends before it starts', source, 'spo_orders', crime_ref, order_id, column_name, end_date::varchar
    from reversed_orders
    union all
    select
        'breach before grant',
        source,
        'spo_events',
        crime_ref,
        order_id || ' / ' || event_date::varchar,
        'event_date',
        event_date::varchar
    from early_breaches
    union all
    select
        'referral before report',
        source,
        'support',
        crime_ref,
        crime_ref || ' / ' || victim_id,
        column_name,
        early_date::varchar
    from early_referrals
),

marked_references as (
    select distinct crime_ref from found where crime_ref is not null
),

placed_crimes as (
    select crimes.source, crimes.crime_ref, crimes.recorded_date, crimes.district, crimes.team
    from crimes
    inner join marked_references on crimes.crime_ref = marked_references.crime_ref
),

-- A reference that only one source uses tells the crime of a tracker kept apart.
only_crimes as (
    select
        crime_ref,
        min(source) as source
    from placed_crimes
    group by crime_ref
    having count(*) = 1
),

latest_allocations as (
    select allocations.source, allocations.crime_ref, allocations.team
    from allocations
    inner join marked_references on allocations.crime_ref = marked_references.crime_ref
    qualify row_number() over (
        partition by allocations.source, allocations.crime_ref
        order by allocations.allocated_date desc, allocations.team
    ) = 1
),

traced as (
    select found.*, coalesce(own.source, only_crimes.source) as crime_source
    from found
    left join placed_crimes as own on found.source = own.source and found.crime_ref = own.crime_ref
    left join only_crimes on found.crime_ref = only_crimes.crime_ref
)

select
    traced.check_name,
    traced.source,
    traced.table_name,
    traced.crime_ref,
    traced.row_key,
    traced.column_name,
    traced.value,
    placed_crimes.recorded_date,
    coalesce(placed_crimes.district, 'not recorded') as district,
    case
        when coalesce(placed_crimes.team, 'not recorded') <> 'not recorded' then placed_crimes.team
        else coalesce(latest_allocations.team, 'not recorded')
    end as team
from traced
left join placed_crimes
    on traced.crime_source = placed_crimes.source and traced.crime_ref = placed_crimes.crime_ref
left join latest_allocations
    on traced.crime_source = latest_allocations.source and traced.crime_ref = latest_allocations.crime_ref
