-- title: Full orders published as granted so far
-- note: figures that the force or others published, at the end of the month they were stated for; they stand beside the
--   orders counted here and are not joined by a line
-- unit: count
-- reads: comparators
-- time: stock
-- absent: not available
-- apart: area
-- dimensions: area, published_by
-- numerator: full stalking protection orders granted so far, as published
-- bases: none
-- interval: none
-- sensitivity: open
-- recommendations: 11.2, 13.2
-- needs: comparators
-- breaks: orders
-- grains: month
-- chart: line
-- by: area
select
    selected.category,
    periods.period,
    max(selected.figure) as numerator,
    null as denominator
from selected
inner join periods on selected.end_date between periods.starts and periods.ends
where selected.series = 'full SPOs granted (cumulative)'
group by all
