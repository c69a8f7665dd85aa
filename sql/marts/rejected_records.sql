-- grain: one record of an imported file that was not taken in, with the first fault found in it
-- key: file_id, line
-- feed: any
-- dimensions: source, file, table_name, import_number, column_name, reason
with rejects as (
    select * from staging.stg_rejects
),

files as (
    select * from staging.stg_files
)

select
    rejects.file_id,
    rejects.line,
    files.source,
    rejects.file,
    files.table_name,
    files.import_number,
    rejects.column_name,
    rejects.value,
    rejects.reason
from rejects
inner join files on rejects.file_id = files.file_id
