-- grain: one record of a file that was not taken in
-- key: file_id, line
select
    file_id,
    file,
    line,
    coalesce(column_name, 'whole record') as column_name,
    coalesce(value, '') as value,
    reason
from meta.rejects
