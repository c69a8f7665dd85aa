-- title: Arrests of identified suspects
-- note: a suspect of two crimes counts twice, two suspects of one crime count as two, and several victims make no
--   difference; an arrest may still come for the newest crimes; other ways of dealing with a suspect are no arrest
-- unit: percent
-- reads: stalking_suspects
-- date: recorded_date
-- settles: 28 days
-- numerator: pairs of a crime and an identified suspect with an arrest
-- denominator: pairs of a stalking-involved crime and an identified suspect
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- recommendations: 11.2, 18.3
-- needs: stalking_class, suspects, arrests
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where is_arrested) as numerator,
    count(*) as denominator
from selected
group by all
