-- title: SPO considered
-- note: an order that is not recorded as considered stays in the denominator: the recommendation says every case;
--   crimes recorded before 20 January 2020, when orders began, are left out
-- unit: percent
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes with an identified suspect where considering an order is recorded as yes
-- denominator: stalking-involved crimes with an identified suspect, recorded since orders began
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: crimes_with_suspect
-- sensitivity: process
-- direction: more_is_better
-- recommendations: 11.2, 13.1, 13.2
-- needs: stalking_class, suspects, spo_considered
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where spo_considered = 'yes') as numerator,
    count(*) as denominator
from selected
where is_suspect_identified and recorded_date >= date '2020-01-20'
group by all
