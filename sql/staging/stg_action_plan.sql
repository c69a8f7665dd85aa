-- grain: one line of the force's published plan, under the recommendation it belongs to
-- key: source, plan_ref
select
    plan.source,
    ref as plan_ref,
    regexp_extract(ref, '^[0-9]+', 0) as recommendation,
    deadline as deadline_date,
    requirement,
    coalesce(owner, 'not recorded') as owner,
    position as reported_position,
    coalesce(status, 'not recorded') as reported_status,
    percent_complete,
    coalesce(measurability, 'not recorded') as measurability,
    updated as updated_in,
    coalesce(measures, '') as measures,
    coalesce(file, 'the action plan') as file,
    line
from raw.action_plan as plan
left join meta.files using (file_id)
