-- title: Referral rate as published
-- note: the rolling 12 months that the force's action plan states; what it is a share of is not known, so it stands
--   beside our rate, is no target and must not be compared with it
-- unit: percent
-- reads: comparators
-- time: stock
-- absent: not available
-- apart: area
-- dimensions: area, published_by
-- numerator: the percentage as published
-- bases: none
-- interval: none
-- sensitivity: open
-- recommendations: 14.5
-- needs: comparators
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
where selected.series = 'victims referred to services (rolling 12 months)'
group by all
