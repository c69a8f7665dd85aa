-- title: Residents
-- note: usual residents by the mid-year estimate nearest the middle of the period; one estimate serves every year
--   until another is imported
-- unit: count
-- reads: residents
-- time: stock
-- absent: not available
-- numerator: usual residents
-- bases: none
-- interval: none
-- adds_over: category
-- sensitivity: open
-- needs: population
-- chart: bar
-- by: district
select
    selected.category,
    periods.period,
    sum(selected.residents) as numerator,
    null as denominator
from selected
inner join periods
    on (periods.starts + (date_diff('month', periods.starts, periods.ends) + 1) // 2 * interval 1 month)::date
        between selected.valid_from and selected.valid_until
group by all
