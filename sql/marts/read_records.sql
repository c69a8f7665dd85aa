-- grain: records of one imported file that met one fate, as a count
-- key: file_id, fate
-- feed: any
-- dimensions: source, file, table_name, import_number, fate
with files as (
    select * from staging.stg_files
),

counted as (
    select file_id, 'accepted' as fate, count_accepted as count_records from files
    union all
    select file_id, 'unchanged' as fate, count_unchanged as count_records from files
    union all
    select file_id, 'superseded' as fate, count_superseded as count_records from files
    union all
    select file_id, 'rejected' as fate, count_rejected as count_records from files
)

select
    files.file_id,
    files.source,
    files.file,
    files.table_name,
    files.import_number,
    files.extract_date,
    counted.fate,
    counted.count_records
from files
inner join counted on files.file_id = counted.file_id
