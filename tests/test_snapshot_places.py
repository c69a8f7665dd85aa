"""Districts that stand apart on either side, told from protected rows, and where that is said."""

from math import nan
from typing import Any

import pandas as pd

from profiles.snapshot.judging import verdicts
from profiles.snapshot.places import among_places, named, standing_out, year_spoken_of
from profiles.snapshot.plans import action_plan
from tests.snapshot_rows import row, rows
from tests.test_snapshot_evidence import NO_BREAKS, line

LEVEL = [(f"Place {number}", 80.0) for number in range(8)]
"""Districts between which there is room for one below and one above."""
MORE = [(f"Further {number}", 80.0) for number in range(12)]
ALIKE = (("Ashford", 90), ("Canterbury", 91), ("Dover", 89), ("Swale", 90), ("Medway", 90))


def share(numerator: float, denominator: float = 100.0, **cells: Any) -> dict[str, Any]:
    """A row of the referral rate of the financial year 2023/24."""
    of = {"grain": "financial_year", "period": "2023-04-01", "measure_id": "referral_rate"} | cells
    hidden = {"numerator": nan, "value": nan} if cells.get("marker") == "[c]" else {}
    figures = {"numerator": numerator, "denominator": denominator, "value": 100 * numerator / denominator}
    return row(str(of.pop("measure_id")), **(of | figures | hidden))


def year(*parts: tuple[str, float], **cells: Any) -> list[dict[str, Any]]:
    """The force, and its districts of a hundred victims each."""
    whole = share(sum(number for _, number in parts), 100.0 * len(parts), **cells)
    return [whole, *(share(number, dimension="district", category=name, **cells) for name, number in parts)]


def out(*given: dict[str, Any]) -> list[tuple[str, str]]:
    return [(place.item.measure_id, place.district) for place in standing_out(rows(*given))]


def test_a_district_beyond_the_outer_limits_on_the_worse_side_stands_out() -> None:
    (place,) = standing_out(rows(*year(*ALIKE, ("Thanet", 61))))
    assert (place.item.measure_id, place.district) == ("referral_rate", "Thanet")
    average = (90 + 91 + 89 + 90 + 90 + 61) / 6
    assert place.sentence == (f"61.0% (61 of 100) in 2023/24, below the {average:.1f}% of the whole force.")


def test_how_many_shares_were_looked_at_is_said_with_those_that_chance_would_set_apart() -> None:
    given = year(*ALIKE, ("Thanet", 61))
    assert among_places(rows(*given)) == (
        "1 of 6 shares of districts stands apart, outside the 99.8% limits; chance alone would set fewer "
        "than 0.1 so far apart."
    )
    # Both sides count: of a thousand shares chance sets one beyond the limits on either.
    many = [(f"Place {number}", 90.0) for number in range(99)]
    assert "1 of 100 shares" in among_places(rows(*year(*many, ("Thanet", 61))))
    assert "chance alone would set about 0.2 so" in among_places(rows(*year(*many, ("Thanet", 61))))
    assert among_places(rows(share(90, 100))) == ""


def sides(measure_id: str, *parts: tuple[str, float]) -> tuple[str, list[str]]:
    """The districts that stand apart as they are named, and whether the side of each is better."""
    found = standing_out(rows(*year(*parts, measure_id=measure_id)))
    return named(found), [place.direction for place in found]


def test_two_districts_apart_in_opposite_directions_are_both_named_with_their_side() -> None:
    both = (("Dover", 97.0), *LEVEL, ("Thanet", 55.0))
    assert sides("referral_rate", *both) == (
        "55.0% in Thanet, below the rest; 97.0% in Dover, above",
        ["worse", "better"],
    )
    # The worse side is that of the measure, and is told first though the other lies further out.
    assert sides("time_limit_expired", *both) == (
        "97.0% in Dover, above the rest; 55.0% in Thanet, below",
        ["worse", "better"],
    )
    # No direction is agreed of a headline: the furthest comes first.
    assert sides("online_share", *both) == (
        "55.0% in Thanet, below the rest; 97.0% in Dover, above",
        ["neutral", "neutral"],
    )


def test_districts_apart_in_one_direction_are_named_with_it_and_none_where_chance_explains_all() -> None:
    low = [(name, number - 30) for name, number in LEVEL]
    assert sides("referral_rate", *low, ("Dover", 90)) == ("90.0% in Dover, above the rest", ["better"])
    assert sides("referral_rate", *LEVEL, *MORE, ("Thanet", 55), ("Dover", 50)) == (
        "50.0% in Dover and 55.0% in Thanet, below the rest",
        ["worse", "worse"],
    )
    assert sides("referral_rate", *LEVEL, ("Thanet", 74)) == ("", [])


def test_a_share_without_a_better_side_that_is_no_headline_and_another_basis_are_not_looked_at() -> None:
    assert out(*year(*ALIKE, ("Thanet", 61), measure_id="charge_rate")) == []
    assert out(*year(*ALIKE, ("Thanet", 61), basis="principal")) == []


def test_what_is_withheld_is_not_looked_at_and_two_districts_are_too_few() -> None:
    hidden = share(61, dimension="district", category="Thanet", marker="[c]")
    assert out(*year(*ALIKE), hidden) == []
    assert out(*year(("Dover", 95), ("Thanet", 61))) == []
    unknown = share(61, dimension="district", category="not recorded")
    assert out(*year(*ALIKE), unknown) == []


def test_the_newest_year_with_districts_is_looked_at_and_said_to_be_unfinished() -> None:
    before = year(*ALIKE, ("Thanet", 61), period="2022-04-01")
    assert out(*before, *year(*ALIKE, ("Thanet", 88))) == []
    assert out(*before, share(90, 100)) == [("referral_rate", "Thanet")]
    (place,) = standing_out(rows(*year(*ALIKE, ("Thanet", 61), marker="[p]")))
    assert "in 2023/24 so far, below" in place.sentence


def test_the_year_spoken_of_is_that_of_the_districts_that_stand_out() -> None:
    apart, alike = ("Thanet", 61), ("Thanet", 88)
    before = year(*ALIKE, apart, period="2022-04-01")
    assert year_spoken_of(rows(*before, *year(*ALIKE, alike, marker="[p]"))) == "2023-04-01"
    assert year_spoken_of(rows(*before, *year(*ALIKE, apart, marker="[p]"))) == "2023-04-01"
    # Of the year that has begun no district is published yet.
    assert year_spoken_of(rows(*before, share(90, 100, marker="[p]"))) == "2022-04-01"
    # Another share, in which nobody stands out, has districts for a newer year.
    other = year(*ALIKE, alike, measure_id="spo_considered", period="2024-04-01")
    assert year_spoken_of(rows(*before, *other)) == "2022-04-01"
    assert year_spoken_of(rows(share(90, 100))) == ""


def test_a_line_reported_complete_names_the_district_that_its_own_figures_set_apart() -> None:
    def told(ref: str, *parts: tuple[str, float], **cells: Any) -> list[str]:
        frame = rows(*year(*(parts or (*ALIKE, ("Thanet", 61)))))
        plan = pd.DataFrame([line(ref, **cells)])
        found = action_plan(plan, frame, verdicts(frame, NO_BREAKS)).frame
        return list(found.loc[found["measure_id"] == "referral_rate", "to_discuss"])

    (said,) = told("14.5")
    assert said.startswith(
        "Reported complete; Referral to victim support in Thanet stands apart: 61.0% (61 of 100)"
    )
    (said,) = told("14.5", *LEVEL, ("Dover", 97.0), ("Thanet", 55.0))
    assert said == (
        "Reported complete; Referral to victim support in Thanet stands apart: 55.0% (55 of 100) in 2023/24, "
        "below the 79.2% of the whole force. Reported complete; Referral to victim support in Dover stands "
        "apart: 97.0% (97 of 100) in 2023/24, above the 79.2% of the whole force."
    )
    # What is better somewhere does not differ from what was reported.
    assert told("14.5", *LEVEL, ("Dover", 97.0)) == [""]
    assert told("14.5", status="in progress") == [""]
    # Another line of the recommendation, of which the rate is no evidence by itself.
    assert told("14.1") in ([], [""])
