-- title: Recorded crimes
-- note: every recorded crime of any class, by the day it was recorded; cancelled and transferred records are left out
-- unit: count
-- reads: crime_counts
-- date: recorded_date
-- numerator: recorded crimes
-- bases: none
-- interval: poisson
-- adds_over: time, category
-- needs: crimes
-- chart: xmr
-- by: district
select
    category,
    period,
    sum(count_crimes) as numerator,
    null as denominator
from selected
group by all
