-- grain: one imported file with its account: rows in are accepted, unchanged, superseded or rejected
-- key: file_id
select
    file_id,
    file,
    coalesce(source, 'not recorded') as source,
    coalesce(table_name, 'not recorded') as table_name,
    -- Sorts as text, and reads like the version it led to.
    coalesce(lpad(import_number::varchar, 4, '0'), 'not recorded') as import_number,
    extract_date,
    coalesce(rows_in, 0) as count_rows,
    coalesce(accepted, 0) as count_accepted,
    coalesce(unchanged, 0) as count_unchanged,
    coalesce(superseded, 0) as count_superseded,
    coalesce(rejected, 0) as count_rejected
from meta.files
