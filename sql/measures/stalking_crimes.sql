-- title: Stalking-involved crimes
-- note: a crime counts once, however many victims, suspects or stalking classifications it has; aggravated stalking
--   recorded under class 8M is not found; national figures count principal crimes only
-- unit: count
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: crimes with stalking as the principal crime or an included classification
-- bases: any, principal, included_only
-- interval: poisson
-- adds_over: time, category
-- part_of: recorded_crimes
-- released: district, typology, atom, relationship, mode, domestic, risk_grade, principal_class, repeat_victim
-- crossed: relationship × mode
-- recommendations: 7.1, 7.2, 11.1
-- needs: stalking_class
-- chart: xmr
-- by: basis
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
group by all
