-- title: Victims who opted out of support
-- note: victims who told the police not to pass on their details; neither more nor fewer of them is better in itself
-- unit: percent
-- reads: stalking_victims
-- date: recorded_date
-- settles: 28 days
-- numerator: victims who opted out of the transfer to victim support
-- denominator: person victims of stalking-involved crimes, each counted once a crime
-- bases: any, principal, included_only
-- interval: wilson
-- adds_over: time, category
-- part_of: stalking_victims
-- recommendations: 14.4, 14.5
-- needs: stalking_class, victims, support
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) filter (where referral_status = 'opted out') as numerator,
    count(*) as denominator
from selected
group by all
