-- title: Applications withdrawn
-- note: by the day of the withdrawal; the reasons are those of the tracker
-- unit: count
-- reads: orders
-- date: withdrawn_date
-- numerator: applications for an order withdrawn
-- bases: none
-- interval: poisson
-- adds_over: time, category
-- follows: spo_applications
-- released: none
-- released_for: financial_year
-- sensitivity: person
-- recommendations: 11.2, 13.2
-- needs: orders
-- breaks: orders
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
group by all
