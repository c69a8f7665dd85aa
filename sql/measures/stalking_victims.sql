-- title: Victims of stalking-involved crimes
-- note: people, not organisations; a person counts once for each crime, so a victim of two crimes counts twice
-- unit: count
-- reads: stalking_victims
-- date: recorded_date
-- numerator: person victims of stalking-involved crimes, each counted once a crime
-- bases: any, principal, included_only
-- interval: poisson
-- adds_over: time, category
-- released: referral_status, district, typology
-- recommendations: 11.1, 14.5
-- needs: stalking_class, victims
-- chart: xmr
-- by: district
select
    category,
    period,
    count(*) as numerator,
    null as denominator
from selected
group by all
