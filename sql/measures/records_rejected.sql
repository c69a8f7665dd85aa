-- title: Records rejected
-- note: records that were read and not taken in, each by the first fault found in it; a record mended and sent again
--   is read once more, and its first reading stays here
-- unit: count
-- reads: rejected_records
-- time: standing
-- numerator: rejected records of imported files
-- bases: none
-- adds_over: category
-- part_of: records_read
-- sensitivity: process
-- direction: less_is_better
-- chart: bar
-- by: reason
select
    category,
    'all' as period,
    count(*) as numerator,
    null as denominator
from selected
group by all
