-- title: What included classifications add
-- note: crimes with stalking only as an included classification for every 100 with stalking as the principal crime; the
--   interval is that of the share of the two, turned into odds
-- unit: per_100
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: crimes with stalking only as an included classification
-- denominator: crimes with stalking as the principal crime
-- bases: fixed
-- interval: odds
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
    count(*) filter (where basis = 'principal') as denominator
from selected
group by all
