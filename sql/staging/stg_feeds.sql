-- grain: one table that one source feeds, with the first day and the newest extract it holds
-- key: source, table_name
select source, table_name, first_date, as_at, count_rows
from meta.feeds
