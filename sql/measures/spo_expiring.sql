-- title: Orders that end within 90 days
-- note: full orders in force on the last day of the period that end within the 90 days after it, so that each can be
--   renewed in time; a renewed order has its present end
-- unit: count
-- reads: orders
-- time: stock
-- numerator: full stalking protection orders in force that end within 90 days
-- bases: none
-- interval: none
-- adds_over: category
-- part_of: spo_active
-- ends_within: 90 days
-- sensitivity: person
-- released: none
-- released_for: financial_year
-- recommendations: 11.2, 13.2, 12.3
-- needs: orders
-- breaks: orders
-- chart: line
-- by: district
select
    selected.category,
    periods.period,
    count(*) as numerator,
    null as denominator
from selected
inner join periods
    on selected.granted_date <= periods.as_at
    and periods.as_at < selected.end_date
    and selected.end_date <= (periods.as_at + interval 90 day)::date
group by all
