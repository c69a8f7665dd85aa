-- grain: one step towards an order for one identified suspect of one stalking-involved crime, and whether it was reached
-- key: source, crime_ref, suspect_id, step
-- feed: crimes
-- dimensions: basis, source, district, team, principal_class, relationship, mode, domestic, typology, atom,
--   risk_grade, step
-- note: an order belongs to the suspect it names; one that names none belongs to the only suspect of its crime; whoever
--   took a step is counted among those who took the ones before it
with crimes as (
    select * from marts.stalking_crimes
),

suspects as (
    select distinct source, crime_ref, suspect_id from staging.stg_crime_suspects
),

orders as (
    select * from marts.orders
),

pairs as (
    select
        crimes.source,
        crimes.crime_ref,
        suspects.suspect_id,
        crimes.count_suspects,
        crimes.spo_considered
    from crimes
    inner join suspects on crimes.source = suspects.source and crimes.crime_ref = suspects.crime_ref
),

ordered as (
    select
        pairs.source,
        pairs.crime_ref,
        pairs.suspect_id,
        bool_or(pairs.spo_considered = 'yes' or orders.order_id is not null) as has_considered,
        bool_or(
            orders.applied_date is not null
            or orders.interim_granted_date is not null
            or orders.granted_date is not null
            or orders.refused_date is not null
        ) as has_applied,
        bool_or(orders.granted_date is not null) as has_granted,
        bool_or(orders.first_breach_date is not null) as has_breached
    from pairs
    left join orders
        on pairs.source = orders.crime_source
        and pairs.crime_ref = orders.crime_ref
        and (orders.suspect_id = pairs.suspect_id or (orders.suspect_id is null and pairs.count_suspects = 1))
    group by pairs.source, pairs.crime_ref, pairs.suspect_id
),

steps as (
    select source, crime_ref, suspect_id, 'suspect identified' as step, true as is_reached, true as is_due
    from ordered
    union all
    select source, crime_ref, suspect_id, 'order considered' as step, has_considered as is_reached, true as is_due
    from ordered
    union all
    select
        source,
        crime_ref,
        suspect_id,
        'order applied for' as step,
        has_applied as is_reached,
        has_considered as is_due
    from ordered
    union all
    select
        source,
        crime_ref,
        suspect_id,
        'full order granted' as step,
        has_granted as is_reached,
        has_applied as is_due
    from ordered
    union all
    select
        source,
        crime_ref,
        suspect_id,
        'full order breached' as step,
        has_breached as is_reached,
        has_granted as is_due
    from ordered
)

select
    crimes.source,
    crimes.crime_ref,
    steps.suspect_id,
    steps.step,
    steps.is_reached,
    steps.is_due,
    crimes.basis,
    crimes.recorded_date,
    crimes.district,
    crimes.team,
    crimes.principal_class,
    crimes.relationship,
    crimes.mode,
    crimes.domestic,
    crimes.typology,
    crimes.atom,
    crimes.risk_grade
from steps
inner join crimes on steps.source = crimes.source and steps.crime_ref = crimes.crime_ref
