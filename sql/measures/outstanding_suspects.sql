-- title: Outstanding suspects
-- note: on the last day of the period: identified more than 28 days before, and neither arrested nor dealt with by
--   then; a suspect of two crimes counts twice; one without a day of identification is not counted
-- unit: count
-- reads: stalking_suspects
-- time: stock
-- numerator: pairs of a crime and a suspect identified more than 28 days before, neither arrested nor dealt with
-- bases: any, principal, included_only
-- interval: none
-- adds_over: category
-- direction: less_is_better
-- recommendations: 11.2, 18.3
-- needs: stalking_class, suspects, arrests, identification_days
-- chart: line
-- by: district
select
    selected.category,
    periods.period,
    count(*) as numerator,
    null as denominator
from selected
inner join periods
    on selected.identified_date < (periods.as_at - interval 28 day)::date
    and (selected.settled_date is null or periods.as_at < selected.settled_date)
group by all
