-- grain: staff of one role trained in one course by one count, with the days on which that count is the newest
-- key: source, role, course, counted_date
-- feed: training
-- dimensions: source, role, course
with counts as (
    select * from staging.stg_training
),

neighbours as (
    select
        *,
        lead(counted_date) over (partition by source, role, course order by counted_date) as next_date
    from counts
)

select
    source,
    role,
    course,
    counted_date,
    count_eligible,
    count_completed,
    case
        when next_date is null then date '2999-12-31'
        else (next_date - interval 1 day)::date
    end as valid_until
from neighbours
