-- title: Relationship recorded
-- note: how far the share of stalking by strangers can be trusted; a relationship recorded as unknown counts as recorded
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes with a relationship
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
    count(*) filter (where is_relationship_recorded) as numerator,
    count(*) as denominator
from selected
group by all
