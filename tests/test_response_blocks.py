"""Blocks of the pages on the response: steps, cohorts, published figures beside, alerts, headlines."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from profiles import frames, measures, warehouse
from profiles.blocks import alerts, courses, headlines, orders
from profiles.blocks.block import Source
from profiles.catalogue import measure
from profiles.selection import Selection
from tests.tables import AS_AT, empty, loaded

WHOLE = Selection("any", grain="month", since=date(2022, 1, 1), until=date(2024, 12, 31))


pytestmark = pytest.mark.slow


def source(con: warehouse.Connection) -> Source:
    def frame(name: str, selection: Selection) -> pd.DataFrame:
        return measures.run(con, name, selection)

    return Source(
        frame=frame,
        breaks=lambda name, basis: frames.breaks(measures.breaks_for(con, name, basis)),
        lacking=lambda name, selection: measures.lacking(measure(name), selection, measures.facts_of(con)),
        as_at=AS_AT,
        version="1",
        marking="OFFICIAL-SENSITIVE",
        is_synthetic=True,
    )


def referrals(fall: float, months: int = 8) -> Source:
    """Sixteen victims a month and district over three years; in Thanet fewer are referred at the end."""
    crimes, victims, support = [], [], []
    draw = np.random.default_rng(4)
    for month in range(36):
        day = date(2022 + month // 12, month % 12 + 1, 5)
        for district in ("Dover", "Medway", "Thanet"):
            is_low = district == "Thanet" and month >= 36 - months
            share = 0.9 - fall if is_low else 0.9
            for number, drawn in enumerate(draw.random(16)):
                ref = f"{district[0]}{month}-{number}"
                crimes.append(f"{ref} | {day} | 8Q | {district}")
                victims.append(f"{ref} | V{ref}")
                status = "referred" if drawn < share else "not transferred"
                referred = day + timedelta(days=2) if status == "referred" else ""
                support.append(f"{ref} | V{ref} | {status} | {referred}")
    con = loaded(
        empty(),
        {
            "crimes": "\n".join(["crime_ref | recorded_date | ho_class | district", *crimes]),
            "crime_victims": "\n".join(["crime_ref | victim_id", *victims]),
            "support": "\n".join(["crime_ref | victim_id | referral_status | referral_date", *support]),
        },
        as_at="2025-01-31",
    )
    return source(con)


@pytest.fixture(scope="module")
def fallen() -> Source:
    return referrals(0.45)


@pytest.fixture(scope="module")
def level() -> Source:
    return referrals(0.0)


def test_an_alert_names_what_fell_where_since_when_and_how_sure(fallen: Source) -> None:
    block = alerts.falls(fallen, "referral_rate", WHOLE, by="district")
    assert block.title.startswith("Referral to victim support has fallen in Thanet: ")
    # Of 16 victims a month fewer than 5 are not referred: the alert looks at three months together.
    assert "since May 2024" in block.title
    rows = {row[1]: row for row in block.table.itertuples(index=False) if row[0] == "Thanet"}
    now, before = rows[alerts.SINCE], rows[alerts.BEFORE]
    assert (now[2], before[2]) == ("May 2024 to December 2024", "May 2023 to April 2024")
    assert (now[5], before[5]) == ("128", "192")
    for text in (now[6], before[6], now[3], "95% interval", "(judged by three months, "):
        assert text in block.sentence
    assert "3 charts were looked at, one for each district and one for the whole force;" in block.sentence
    assert "would show fewer than 0.1" in block.sentence
    # One of fourteen is no more than chance gives at times: that is said of the number, not of the fall.
    search = alerts.Search(
        [alerts.Fall("Thanet", date(2026, 2, 1), date(2026, 8, 1), 1, 29.8, 0.01)], 14, 0.1, 0, "district"
    )
    assert search.among.endswith("fallen now; 1 does show it: chance alone can give as many.")
    assert block.sentence.endswith("1 more could not be judged: too few months, or too few cases in them.")
    assert block.figure


def test_the_whole_force_hardly_shows_what_one_district_does(fallen: Source) -> None:
    block = alerts.falls(fallen, "referral_rate", WHOLE, by="district")
    assert {row[0] for row in block.table.itertuples(index=False) if row[1] == alerts.SINCE} <= {
        "Thanet",
        "The whole force",
    }


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ((("district", "Thanet"),), {"Thanet"}),
        (
            (("district", "Thanet"), ("district", "Dover")),
            {"Thanet", "The selection (district: Thanet or Dover)"},
        ),
        ((("relationship", "not recorded"),), {"Thanet", "The selection (relationship: not recorded)"}),
    ],
)
def test_a_selection_is_named_as_what_it_is(
    fallen: Source, where: tuple[tuple[str, str], ...], names: set[str]
) -> None:
    block = alerts.falls(fallen, "referral_rate", replace(WHOLE, where=where), by="district")
    told = {row[0] for row in block.table.itertuples(index=False) if row[1] == alerts.SINCE}
    assert "Thanet" in told <= names
    assert "whole force" not in f"{block.title} {block.sentence}".lower()
    if len(names) == 1:
        assert block.title.startswith("Referral to victim support has fallen in Thanet: ")
        assert " more" not in block.title


def test_all_that_is_looked_at_is_named_where_nothing_fell(level: Source) -> None:
    chosen = replace(WHOLE, where=(("relationship", "not recorded"),))
    block = alerts.falls(level, "referral_rate", chosen, by="district")
    assert "one for the selection (relationship: not recorded);" in block.sentence
    chosen = replace(WHOLE, where=(("district", "Dover"),))
    block = alerts.falls(level, "referral_rate", chosen, by="district")
    assert block.sentence.startswith(
        "One chart was looked at; chance alone would show fewer than 0.1 of them as fallen now."
    )
    assert block.title == "Referral to victim support shows no fall now"


def test_without_a_fall_the_block_says_what_was_looked_at(level: Source) -> None:
    block = alerts.falls(level, "referral_rate", WHOLE, by="district")
    assert block.title.startswith("No district stands out")
    assert "3 charts were looked at" in block.sentence
    assert block.figure is None


def test_few_months_raise_no_alert(fallen: Source) -> None:
    short = Selection("any", grain="month", since=date(2022, 1, 1), until=date(2022, 6, 30))
    assert "too few to look" in alerts.falls(fallen, "referral_rate", short, by="district").title


YEAR = Selection("any", grain="month", since=date(2023, 1, 1), until=date(2023, 12, 31))
ORDERS = {
    "crimes": """
    crime_ref | recorded_date | ho_class | spo_considered
    A         | 2023-01-10    | 8Q       | yes
    B         | 2023-01-11    | 8Q       | yes
    C         | 2023-01-12    | 8Q       | no
    D         | 2023-01-13    | 8Q       |
    """,
    "crime_suspects": "crime_ref | suspect_id\nA | S1\nB | S2\nC | S3\nD | S4",
    "spo_orders": "order_id | crime_ref\none | A",
    "spo_events": """
    order_id | event_date | event
    one      | 2023-01-10 | considered
    one      | 2023-02-01 | applied
    one      | 2023-03-01 | granted
    """,
    "comparators": """
    series | area | period | period_end | value | unit | published_by
    full SPOs granted (cumulative) | Kent | 2023-06 | 2023-06-30 | 30 | orders | press
    """,
}


@pytest.fixture(scope="module")
def tracker() -> Source:
    return source(loaded(empty(), ORDERS))


def test_steps_tell_each_share_of_the_step_before(tracker: Source) -> None:
    block = orders.steps(tracker, YEAR)
    assert [row[1] for row in block.table.itertuples(index=False)] == ["4", "2", "1", "1", "0"]
    shares = [row[3] for row in block.table.itertuples(index=False)]
    assert shares == ["100.0%", "50.0%", "50.0%", "100.0%", "0.0%"]
    assert block.title == "The first step loses most: an order is considered for 2 of 4 suspects"
    assert block.figure


def test_steps_without_a_suspect_are_no_figure() -> None:
    con = loaded(empty(), {name: ORDERS[name] for name in ("crimes", "spo_orders", "spo_events")})
    block = orders.steps(source(con), WHOLE)
    assert block.figure is None
    assert "no figure" in block.title


def test_published_figures_stand_beside_and_are_not_joined(tracker: Source) -> None:
    told = {"grain": "month", "title": "{value} by the end of {period}"}
    block = courses.beside(tracker, "spo_granted_to_date", "published_orders", WHOLE, **told)
    assert block.title == "1 by the end of December 2024"
    assert "Published: Kent 30 in June 2023" in block.sentence
    assert block.figure
    [marks] = [trace for trace in block.figure["data"] if trace.get("name") == "Published"]
    assert marks["mode"] == "markers+text"
    assert [key[2] for key in marks["customdata"]] == ["2023-06-01"]


def test_published_figures_are_left_out_under_a_filter(tracker: Source) -> None:
    chosen = Selection("any", since=WHOLE.since, until=WHOLE.until, where=(("contested", "not recorded"),))
    block = courses.beside(
        tracker, "spo_granted_to_date", "published_orders", chosen, grain="month", title="{value}"
    )
    assert "Published" not in set(block.frame["within"])
    assert any("whole force, so not shown" in note for note in block.notes)


def test_cohorts_are_lines_of_their_own_under_one_title() -> None:
    outcomes = "crime_ref | outcome_date | outcome_code\nA | 2023-01-20 | 1\nB | 2023-06-01 | 1"
    con = loaded(empty(), {"crimes": ORDERS["crimes"], "outcomes": outcomes})
    block = courses.together(
        source(con),
        ("charge_rate_90", "charge_rate_180"),
        Selection("any", grain="quarter", since=date(2023, 1, 1), until=date(2023, 12, 31)),
        names=("within 90 days", "within 180 days"),
        title="{0} then {1}",
        block_id="cohorts",
    )
    assert block.title == "1 of 4 then 2 of 4"
    assert block.figure
    assert [trace["name"] for trace in block.figure["data"]] == ["Within 90 days", "Within 180 days"]


def test_a_headline_tells_period_direction_and_evidence(tracker: Source) -> None:
    [considered, active], _ = headlines.headlines(tracker, ["spo_considered", "spo_active"], YEAR)
    assert considered.value == "50.0%"
    assert considered.lines[0] == "2 of 4"
    assert considered.lines[2:] == (
        "January 2023 to December 2023",
        "more is better",
        "action plan, lines 11.2, 13.1 and 13.2",
    )
    assert active.lines[0] == "on 31 December 2023"


def test_a_headline_of_a_rolling_year_is_the_last_settled_one(fallen: Source) -> None:
    year = Selection("any", grain="month", since=date(2023, 1, 1), until=date(2025, 1, 31))
    [told], block = headlines.headlines(fallen, ["referral_rate"], year, "rolling_year")
    assert "Year to December 2024" in told.lines
    assert block.frame["period"].tolist() == ["2024-12-01"]
