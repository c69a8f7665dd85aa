"""Odd forces, made of a usual one: one district, three crimes a month, none, 400 districts, wrong dates."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from profiles import warehouse
from profiles.facts import facts_of
from profiles.snapshot import contents, files, protecting, reference_tables
from profiles.snapshot.protecting import Released
from profiles.warehouse import marts, raw_tables
from tests.attack_alone import Attack, truth_of, words, words_of
from tests.snapshot_rows import STAMP

WITH_CRIMES = ("included_classifications", "crime_victims", "crime_suspects", "outcomes", "risk_assessments")
WITH_DISTRICTS = ("crimes", "spo_orders", "survey_answers", "calls", "partner_referrals", "population")

CHANGES: dict[str, tuple[str, ...]] = {
    "one district": tuple(
        f"update raw.{table} set district = 'Dover' where district is not null" for table in WITH_DISTRICTS
    ),
    "three crimes a month": (
        "delete from raw.crimes where ho_class <> '8Q'",
        "delete from raw.crimes where crime_ref not in (select crime_ref from raw.crimes qualify "
        "row_number() over (partition by date_trunc('month', recorded_date) order by crime_ref) <= 3)",
        *(
            f"delete from raw.{table} where crime_ref not in (from raw.crimes select crime_ref)"
            for table in (*WITH_CRIMES, "allocations", "supervisor_reviews", "support")
        ),
        "delete from raw.spo_orders where hash(order_id) % 8 <> 0",
        "delete from raw.spo_events where order_id not in (from raw.spo_orders select order_id)",
    ),
    "no stalking": (
        "update raw.crimes set ho_class = '105A', ho_code = null",
        "delete from raw.included_classifications",
        *(f"delete from raw.{table}" for table in ("spo_orders", "spo_events", "calls", "partner_referrals")),
    ),
    "four hundred districts": tuple(
        f"update raw.{table} set district = 'District ' || (rowid * 7919 % 400) where district is not null"
        for table in WITH_DISTRICTS
    ),
    "dates in no order": (
        # Orders that end before they are granted, and outcomes before the crime is recorded.
        "update raw.spo_orders set expiry_date = (select min(event_date) from raw.spo_events as e "
        "where e.order_id = spo_orders.order_id) - 20 where hash(order_id) % 3 = 0",
        "update raw.outcomes set outcome_date = outcome_date - 500 where hash(crime_ref) % 4 = 0",
        "update raw.spo_events set event_date = event_date - 200 where event = 'granted' "
        "and hash(order_id) % 5 = 0",
    ),
}
"""What is changed in the records of a usual force."""


MEASURES = (
    *("stalking_crimes", "outcomes_recorded", "outcomes_closed", "charge_rate", "charge_rate_closed"),
    *("domestic_share", "online_share", "stranger_share", "stalking_victims", "referral_rate"),
    *("referral_rate_of_eligible", "support_declined", "multi_agency_referrals", "masip_referrals"),
    *("spo_applications", "spo_granted", "spo_refused", "spo_withdrawn", "spo_active", "spo_expiring"),
    *("spo_granted_to_date", "stalking_rate", "residents"),
)
"""Measures that say much of each other: of all, a build of an odd force takes as long as that of any."""
EVERY = contents.asks


def asked() -> Iterator[contents.Ask]:
    """The questions of the plan about MEASURES, of parts of the force by years alone."""
    return (
        ask
        for ask in EVERY()
        if ask.item.measure_id in MEASURES
        and (ask.dimension == "all" or ask.grain in ("financial_year", "all"))
    )


@dataclass(frozen=True)
class Odd:
    """The counts of an odd force, which of them are shown, and its as-at date."""

    rows: pd.DataFrame
    shown: pd.Series
    as_at: str


def odd(served: Path, name: str, keep: int = 1) -> Odd:
    """The odd force of that name, made of every `keep`th crime of the force that is served in a folder."""
    con = warehouse.connect()
    raw_tables.create_raw(con)
    raw_tables.copy_records(con, warehouse.current(served).path)
    con.execute(f"delete from raw.crimes where hash(crime_ref) % {keep} <> 0")
    # What is remembered of a version is not of this one.
    warehouse.set_meta(con, version=name)
    for change in CHANGES[name]:
        con.execute(change)
    marts.build(con)
    facts = facts_of(con)
    return Odd(*contents.rows(con, facts), facts.as_at.isoformat() if facts.as_at else "")


def attacked(force: Odd, folder: Path, profile: str, seconds: float) -> tuple[Released, Attack, list[str]]:
    """The force as released, the attack on that, and the counts that it gives away, in words."""
    found = protecting.released(force.rows, force.shown, profile)
    folder.mkdir()
    stamp = replace(STAMP, as_at=force.as_at, profile=profile)
    (folder / "measures.csv").write_bytes(files.csv_bytes(files.measures_table(found.rows), stamp))
    definitions = reference_tables.definitions().frame
    definitions.to_csv(folder / "definitions.csv", index=False)
    (folder / "datapackage.json").write_text(json.dumps({"disclosure_profile": profile}), encoding="utf-8")
    attack = Attack()
    attack.read(folder)
    attack.relate()
    attack.propagate()
    attack.solve(seconds, say=False)
    true = folder / "true.csv"
    force.rows.to_csv(true, index=False)
    truth = truth_of(attack, true, words_of(definitions.set_index("measure_id")["time"]))
    # Who believes in an order of dates that the records do not have is misled: such a range tells nothing.
    narrow = [
        f"{words(attack.keys[n])}: {attack.low[n]:g} to {attack.high[n]:g}, truly {truth.get(n)}"
        for n in attack.targets
        if (attack.high[n] - attack.low[n] < 5 or attack.high[n] < 6)
        and attack.low[n] <= truth.get(n, attack.low[n]) <= attack.high[n]
    ]
    return found, attack, narrow
