-- title: Stalking by a stranger
-- note: by the closest relationship of any suspect; unknown is not stranger; crimes without a relationship stay in the
--   denominator; relationship_recorded_share says how many have one
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes in which every suspect whose relationship is known is a stranger
-- denominator: stalking-involved crimes
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_crimes
-- recommendations: 11.1
-- needs: stalking_class, relationship
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where is_stranger) as numerator,
    count(*) as denominator
from selected
group by all
