-- title: Calls recorded as a crime
-- note: by the day of the call; a call without the reference of a crime counts as not recorded, and those of the
--   newest days may still get one; several calls may belong to one crime
-- unit: percent
-- reads: calls
-- date: call_date
-- settles: 7 days
-- numerator: calls with a stalking type that name the crime recorded from them
-- denominator: calls and contacts with a stalking type
-- bases: none
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_calls
-- recommendations: 7.2
-- needs: calls
-- chart: xmr
-- by: call_type
select
    category,
    period,
    count(*) filter (where is_crimed) as numerator,
    count(*) as denominator
from selected
group by all
