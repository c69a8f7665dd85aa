-- title: Stalking hidden under another crime
-- note: of all stalking-involved crimes, those in which stalking is only an included classification; the principal-crime
--   rule of June 2023 moved crimes from one side to the other
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: crimes with stalking only as an included classification
-- denominator: stalking-involved crimes
-- bases: fixed
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_crimes
-- recommendations: 7.1, 7.2, 11.1
-- needs: stalking_class, included_classifications
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where basis = 'included_only') as numerator,
    count(*) as denominator
from selected
group by all
