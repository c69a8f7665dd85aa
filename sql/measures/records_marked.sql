-- title: Records marked for a second look
-- note: accepted records in which something looks wrong, by what looks wrong; a record may be marked by several checks
--   and then counts once for each; a mark is a question, not a fault
-- unit: count
-- reads: findings
-- time: standing
-- numerator: marks on accepted records
-- bases: none
-- adds_over: category
-- direction: less_is_better
-- chart: bar
-- by: check_name
select
    category,
    'all' as period,
    count(*) as numerator,
    null as denominator
from selected
group by all
