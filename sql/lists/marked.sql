-- title: Records to look at again
-- note: accepted records in which something looks wrong, with the district and team of their crime where there is one;
--   chosen by days, the list leaves out records without a crime
-- reads: findings
-- date: recorded_date
-- bases: none
-- columns: check_name = Check, table_name = Table, crime_ref = Crime reference, row_key = Record, column_name = Column,
--   value = Value, recorded_date = Recorded, district = District, team = Team, source = Source
-- order: recorded_date desc, crime_ref, check_name, table_name, row_key, source
-- search: check_name, table_name, crime_ref, row_key, column_name, value, district, team
-- reference: table_name, row_key
select
    check_name,
    table_name,
    crime_ref,
    row_key,
    column_name,
    value,
    recorded_date,
    district,
    team,
    source
from selected
