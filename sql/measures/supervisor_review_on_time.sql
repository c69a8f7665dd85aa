-- title: Supervisor reviews on time
-- note: placed by the day a review was due; one done late or not at all counts as not on time; one that is not due
--   yet is not counted
-- unit: percent
-- reads: supervisor_reviews
-- date: due_date
-- numerator: reviews done on or before the day they were due
-- denominator: supervisor reviews of stalking-involved crimes due in the period
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- direction: more_is_better
-- recommendations: 11.2, 18.2
-- needs: stalking_class, supervisor_reviews
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where is_on_time) as numerator,
    count(*) as denominator
from selected
group by all
