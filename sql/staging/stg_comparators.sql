-- grain: one published figure for one area and period, with the whole months its period holds
-- key: source, series, area, class, published_period, published_by
select
    source,
    series,
    area,
    coalesce(class, 'no single class') as class,
    period as published_period,
    period_start as start_date,
    period_end as end_date,
    case
        when date_trunc('month', period_start)::date = period_start
            and date_trunc('month', period_end + interval 1 day)::date = (period_end + interval 1 day)::date
            then date_diff('month', period_start, (period_end + interval 1 day)::date)
    end as count_months,
    coalesce(basis, 'not recorded') as basis,
    value as figure,
    unit,
    coalesce(comparable_with_previous, 'not recorded') as comparable_with_previous,
    published_by
from raw.comparators
