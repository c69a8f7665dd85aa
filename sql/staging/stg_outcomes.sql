-- grain: one outcome assigned to one crime, with its number freed of padding and its group
-- key: source, crime_ref, outcome_date, outcome_code
-- note: 1a, 2a and 3a lie inside 1, 2 and 3, and their outcome_number is that; 19 (fraud bureau) stands with 20 as
--   passed to another body; a code that is no number has no outcome_number
with numbered as (
    select
        source,
        crime_ref,
        outcome_date,
        outcome_code,
        regexp_extract(lower(trim(outcome_code)), '^0*([0-9]+|[123]a)$', 1) as number
    from raw.outcomes
)

select
    source,
    crime_ref,
    outcome_date,
    outcome_code,
    nullif(replace(number, 'a', ''), '') as outcome_number,
    case
        when number = '0' then 'not yet assigned'
        when number in ('1', '1a') then 'charged'
        when number in ('2', '2a', '3', '3a', '6') then 'out of court, formal'
        when number in ('7', '8') then 'out of court, informal'
        when number = '4' then 'taken into consideration'
        when number = '22' then 'diversionary'
        when number = '15' then 'evidential difficulties, victim supports'
        when number in ('14', '16') then 'evidential difficulties, victim does not support'
        when number in ('5', '9', '10', '11', '12', '13', '17') then 'prevented or not in the public interest'
        when number = '21' then 'not in the public interest (police)'
        when number = '18' then 'no suspect'
        when number in ('19', '20') then 'passed to another body'
        else 'unknown code'
    end as outcome_group
from numbered
