-- title: Crimes with an included classification
-- note: how often the included-classification field is used; neither high nor low is right, so it says nothing
--   about completeness; a classification that only repeats the principal one does not count
-- unit: percent
-- reads: crime_counts
-- date: recorded_date
-- numerator: recorded crimes with at least one included classification other than the principal one
-- denominator: recorded crimes
-- bases: none
-- interval: wilson
-- adds_over: time, category
-- part_of: recorded_crimes
-- recommendations: 7.1
-- needs: included_classifications
-- breaks: included_only
-- chart: xmr
-- by: district
select
    category,
    period,
    sum(count_with_included) as numerator,
    sum(count_crimes) as denominator
from selected
group by all
