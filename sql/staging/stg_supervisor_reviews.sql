-- grain: one supervisor's review of one crime, due or done
-- key: source, crime_ref, due_date
select
    source,
    crime_ref,
    due_date,
    reviewed_date,
    coalesce(reviewed_date <= due_date, false) as is_on_time
from raw.supervisor_reviews
