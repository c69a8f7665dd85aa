-- grain: one published figure for one area and period, with a label no other series shares
-- key: source, series, area, class, published_period, published_by
-- feed: comparators
-- dimensions: source, comparator, series, area, class, published_by, unit
select
    *,
    area || ': ' || series
    || case when class = 'no single class' then '' else ', ' || class end
    || ' (' || published_by || ')' as comparator
from staging.stg_comparators
