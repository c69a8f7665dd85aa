-- grain: staff of one role trained in one course by a date
-- key: source, role, course, counted_date
select
    source,
    role,
    course,
    counted_date,
    eligible as count_eligible,
    completed as count_completed
from raw.training
