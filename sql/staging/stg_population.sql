-- grain: residents of one district in one year
-- key: source, district, year
select
    source,
    district,
    lad_code,
    year,
    residents
from raw.population
