-- title: Records read
-- note: every record of every file imported so far, each with one fate; a record sent again as it was is unchanged, one
--   that a newer extract replaces or had replaced is superseded; a file imported a second time is not read again
-- unit: count
-- reads: read_records
-- time: standing
-- numerator: records of imported files
-- bases: none
-- adds_over: category
-- sensitivity: process
-- chart: bar
-- by: fate
select
    category,
    'all' as period,
    sum(count_records) as numerator,
    null as denominator
from selected
group by all
