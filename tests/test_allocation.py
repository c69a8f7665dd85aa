"""Funnels by team: a team that is for one kind of case is not held against those that are not."""

from datetime import date

import pytest

from profiles.blocks import funnels
from profiles.blocks.block import Block, Source
from profiles.selection import Selection
from tests.tables import empty, loaded
from tests.test_response_blocks import source

pytestmark = pytest.mark.slow

WHOLE = Selection("any", since=date(2024, 1, 1), until=date(2024, 12, 31))

TEAMS = {
    # Of forty crimes: high risk, medium risk, hidden under another crime, with an arrest.
    "Local East": (4, 36, 4, 20),
    "Local North": (4, 36, 4, 21),
    "Local West": (4, 36, 4, 19),
    "Stalking Team": (40, 0, 4, 40),
    "Vulnerability": (24, 16, 4, 39),
    "Serious Crime": (4, 36, 40, 20),
}


@pytest.fixture(scope="module")
def teams() -> Source:
    crimes, risks, hidden, suspects = [], [], [], []
    for team, (high, _, included, arrested) in TEAMS.items():
        for number in range(40):
            ref = f"{team}-{number}"
            recorded_as = "105A" if number < included else "8Q"
            crimes.append(f"{ref} | 2024-03-0{number % 9 + 1} | {recorded_as} | {team}")
            hidden += [f"{ref} | 8Q"] if number < included else []
            grade = "high" if number < high else "medium"
            risks.append(f"{ref} | 2024-03-10 10:00:00 | DARA | {grade}")
            suspects.append(f"{ref} | S{ref} | 2024-03-10 | {'2024-03-12' if number < arrested else ''}")
    con = loaded(
        empty(),
        {
            "crimes": "\n".join(["crime_ref | recorded_date | ho_class | team", *crimes]),
            "included_classifications": "\n".join(["crime_ref | classification", *hidden]),
            "risk_assessments": "\n".join(["crime_ref | assessed_at | risk_tool | risk_grade", *risks]),
            "crime_suspects": "\n".join(
                ["crime_ref | suspect_id | identified_date | arrest_date", *suspects]
            ),
        },
        as_at="2025-03-31",
    )
    return source(con)


def compared(block: Block) -> dict[str, str]:
    """Where each team of the table lies against the limits; empty where it is not compared."""
    return dict(zip(block.table["Team"], block.table["Against the limits"], strict=True))


def test_a_team_for_one_kind_of_case_is_left_out_with_its_reason(teams: Source) -> None:
    block = funnels.funnel(teams, "arrest_rate", WHOLE, by="team")
    told = compared(block)
    assert {name for name in TEAMS if not told[name]} == {"Stalking Team", "Serious Crime"}
    assert "Stalking Team" not in f"{block.title} {block.sentence}"
    notes = " ".join(block.notes)
    assert (
        "Stalking Team takes nothing but high-risk cases: in the table only and not in the average" in notes
    )
    assert "Serious Crime takes nothing but crimes in which stalking is an included classification:" in notes
    # (20 + 21 + 19 + 39) of (40 + 40 + 40 + 40)
    assert "the average of 61.9%" in block.title


def test_a_team_that_stands_apart_and_is_given_other_cases_is_said_to_be(teams: Source) -> None:
    block = funnels.funnel(teams, "arrest_rate", WHOLE, by="team")
    assert compared(block)["Vulnerability"].startswith("Above the ")
    notes = [note for note in block.notes if "is given more high-risk cases than most" in note]
    # (4 * 4 + 40 + 24) of (6 * 40)
    assert notes == [
        "Vulnerability is given more high-risk cases than most: of those with a risk grade, 60.0% of its "
        "cases, against 33.3% of all. That it stands apart may come of this, and not of what it does."
    ]


def test_what_all_take_sets_no_team_apart(teams: Source) -> None:
    chosen = Selection("any", since=WHOLE.since, until=WHOLE.until, where=(("risk_grade", "high"),))
    notes = " ".join(funnels.funnel(teams, "arrest_rate", chosen, by="team").notes)
    assert "Stalking Team" not in notes


def test_where_bases_are_compared_a_team_of_either_alone_is_left_out(teams: Source) -> None:
    block = funnels.funnel(teams, "included_only_share", WHOLE, by="team")
    told = compared(block)
    assert {name for name in TEAMS if not told[name]} == {"Stalking Team", "Serious Crime"}
    assert "100.0%" not in block.title
    assert "no team stands out from the average of 10.0%" in block.title
