-- grain: one bank holiday of England that falls on a Monday to Friday
-- key: day
select day, name
from meta.bank_holidays
