-- grain: one further classification of one crime, flagged when it is a target and when it only repeats the principal
-- key: source, crime_ref, position
with targets as (
    select distinct source, upper(trim(classification)) as classification
    from meta.targets
),

included as (
    select
        source,
        crime_ref,
        position,
        trim(classification) as classification,
        upper(trim(classification)) as code
    from raw.included_classifications
),

principals as (
    select
        source,
        crime_ref,
        upper(trim(ho_class)) as class_code,
        upper(trim(ho_code)) as sub_code
    from raw.crimes
)

select
    included.source,
    included.crime_ref,
    included.position,
    included.classification,
    targets.classification is not null as is_target,
    coalesce(included.code = principals.class_code, false)
    or coalesce(included.code = principals.sub_code, false) as is_repeat
from included
left join targets on included.source = targets.source and included.code = targets.classification
left join principals on included.source = principals.source and included.crime_ref = principals.crime_ref
