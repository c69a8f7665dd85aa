-- title: Rejected records
-- note: each record by file and line, with the first fault found in it; mend it at its source and send it again
-- reads: rejected_records
-- bases: none
-- columns: import_number = Import, file = File, line = Line, table_name = Table, column_name = Column, value = Value,
--   reason = Reason
-- order: import_number desc, file, line
-- search: file, table_name, column_name, value, reason
-- reference: file, line
select
    import_number,
    file,
    line,
    table_name,
    column_name,
    value,
    reason
from selected
