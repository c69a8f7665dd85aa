-- grain: one report on a line of the plan, numbered within its line from the earliest
-- key: source, plan_ref, report_number
select
    source,
    ref as plan_ref,
    row_number() over (
        partition by source, ref
        order by updated_on, extract_date, file_id, line
    ) as report_number,
    updated_on as reported_date,
    status as reported_status,
    percent_complete,
    coalesce(note, '') as note
from raw.action_plan_updates
