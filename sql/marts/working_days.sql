-- grain: one day of the calendar, with the number of working days from its beginning up to and including that day
-- key: day
-- feed: any
-- dimensions: area
-- note: working days are Monday to Friday but for bank holidays; those after one day up to and including another are
--   the difference of their two numbers
with holidays as (
    select * from staging.stg_bank_holidays
),

years as (
    select
        date_trunc('year', min(day))::date as first_day,
        (date_trunc('year', max(day)) + interval 12 month - interval 1 day)::date as last_day
    from holidays
),

days as (
    select unnest(generate_series(first_day, last_day, interval 1 day))::date as day
    from years
),

marked as (
    select
        days.day,
        -- The 27th of December 1999 was a Monday.
        date_diff('day', date '1999-12-27', days.day) % 7 < 5 and holidays.day is null as is_working_day
    from days
    left join holidays on days.day = holidays.day
)

select
    day,
    'England' as area,
    is_working_day,
    count(case when is_working_day then 1 end) over (order by day) as count_working_days
from marked
