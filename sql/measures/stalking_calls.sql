-- title: Calls about stalking
-- note: calls and contacts to which the control room gave a stalking type, whether or not a crime was recorded
-- unit: count
-- reads: calls
-- date: call_date
-- numerator: calls and contacts with a stalking type
-- bases: none
-- interval: poisson
-- adds_over: time, category
-- recommendations: 7.2
-- needs: calls
-- chart: xmr
-- by: call_type
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
group by all
