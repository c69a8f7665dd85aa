-- grain: one change of rules or event that a time series must show
-- key: source, break_date, title
-- feed: breaks
-- dimensions: source
select
    source,
    break_date,
    effect,
    applies_to,
    title,
    explanation,
    published_by,
    verified
from staging.stg_breaks
