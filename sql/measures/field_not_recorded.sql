-- title: Field not recorded
-- note: one field at a time; a field counts only for crimes that should have it: a platform where the crime is online, an
--   order considered where a suspect is identified and orders existed, a risk grade since assessments are imported; a
--   relationship recorded as unknown counts as recorded; a field that a source does not keep is not available; fields do
--   not add up to crimes
-- unit: percent
-- reads: stalking_fields
-- date: recorded_date
-- numerator: stalking-involved crimes in which the field is blank
-- denominator: stalking-involved crimes that should have the field
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_crimes
-- direction: less_is_better
-- recommendations: 11.1, 12, 13.1, 20.1
-- needs: stalking_class
-- apart: field
-- chart: line
-- by: field
select
    category,
    period,
    count(*) filter (where not is_recorded) as numerator,
    count(*) as denominator
from selected
group by all
