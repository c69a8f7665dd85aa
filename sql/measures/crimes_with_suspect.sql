-- title: Crimes with an identified suspect
-- note: a crime counts once, however many suspects it has
-- unit: count
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes with an identified suspect
-- bases: any, principal, included_only
-- interval: poisson
-- adds_over: time, category
-- part_of: stalking_crimes
-- released: district, typology, spo_considered
-- recommendations: 11.2, 13.2
-- needs: stalking_class, suspects
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where is_suspect_identified) as numerator,
    null as denominator
from selected
group by all
