-- grain: one change of rules or event that a time series must show
-- key: source, break_date, title
select
    source,
    date as break_date,
    effect,
    applies_to,
    title,
    coalesce(explanation, '') as explanation,
    coalesce(published_by, 'not recorded') as published_by,
    coalesce(verified, 'no') as verified
from raw.breaks
