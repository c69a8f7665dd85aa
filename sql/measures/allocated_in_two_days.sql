-- title: Allocated within two days
-- note: the same cases as the days to allocate; two days is a mark of this product and no published standard
-- unit: percent
-- reads: stalking_crimes
-- date: first_allocated_date
-- numerator: stalking-involved crimes first allocated within two days of the recorded date
-- denominator: stalking-involved crimes first allocated in the period, not before the recorded date
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- direction: more_is_better
-- recommendations: 17.1
-- needs: stalking_class, allocations
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where days_to_allocate <= 2) as numerator,
    count(*) as denominator
from selected
where days_to_allocate is not null
group by all
