-- title: Published crimes
-- note: figures as published for exactly the period, or the sum of its four quarters from the same publisher; a figure
--   for nine months is never shown as a year; principal crimes only, so never beside figures on the basis any
-- unit: count
-- reads: comparators
-- time: stock
-- absent: not available
-- apart: comparator, series, area, class, published_by
-- dimensions: comparator, series, area, class, published_by
-- numerator: crimes as published
-- bases: principal
-- interval: none
-- sensitivity: open
-- recommendations: 11.1
-- needs: comparators
-- grains: financial_year, year, rolling_year, quarter, month
-- chart: line
-- by: comparator
with figures as (
    select
        selected.category,
        selected.comparator,
        periods.period,
        selected.figure,
        date_diff('month', periods.starts, periods.ends) + 1 as wanted_months,
        selected.start_date = periods.starts and selected.end_date = periods.ends as is_exact,
        coalesce(selected.count_months, 0) = 3
        and date_diff('month', periods.starts, selected.start_date) % 3 = 0 as is_quarter
    from selected
    inner join periods on selected.start_date >= periods.starts and selected.end_date <= periods.ends
    where selected.unit = 'crimes'
),

matched as (
    select
        category,
        comparator,
        period,
        coalesce(
            max(figure) filter (where is_exact),
            case
                when count(*) filter (where is_quarter) * 3 = max(wanted_months)
                    then sum(figure) filter (where is_quarter)
            end
        ) as figure
    from figures
    group by all
),

-- Two series in one category would be pooled: there, each keeps its own name.
several as (
    select category, count(distinct comparator) > 1 as is_several
    from matched
    group by all
)

select
    case when several.is_several then matched.comparator else matched.category end as category,
    matched.period,
    matched.figure as numerator,
    null as denominator
from matched
inner join several on matched.category = several.category
where matched.figure is not null
