"""What stands beside a figure: no marker that is not in sight, no interval of a count or around nothing."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from profiles import measures
from profiles.blocks import breakdowns, control_charts, headlines, overview
from profiles.blocks.block import Source
from profiles.catalogue import measure
from profiles.selection import Selection
from profiles.ui import markup
from tests import small

CHOSEN = Selection(basis="any", since=date(2024, 9, 1), until=date(2026, 8, 31))
NOT_APPLICABLE = "[z] not applicable"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return small.source(small.write(tmp_path_factory.mktemp("warehouse")))


@pytest.mark.parametrize("is_drawn", [False, True])
def test_a_marker_is_explained_beside_the_chart_where_it_is_seen_else_below_the_table(
    source: Source, is_drawn: bool
) -> None:
    block = breakdowns.ranking(source, "online_share", CHOSEN, by="district")
    frame = block.frame.assign(marker=["[z]", *block.frame["marker"].tolist()[1:]])
    block = replace(block, frame=frame, notes=("[z] not applicable: there is nothing to divide by.",))
    if is_drawn:
        block = replace(block, sentence=f"{block.sentence} Dover [z].")
    assert (NOT_APPLICABLE in markup.notes(block)) == is_drawn
    assert (NOT_APPLICABLE in markup.table(block)) != is_drawn


def test_of_a_frame_without_markers_every_note_is_told(source: Source) -> None:
    block = breakdowns.ranking(source, "online_share", CHOSEN, by="district")
    frame = block.frame.drop(columns="grain")
    block = replace(block, frame=frame, notes=("[z] not applicable: there is nothing to divide by.",))
    assert NOT_APPLICABLE in markup.notes(block)


def test_what_makes_a_gap_in_a_course_is_explained_beside_it(source: Source) -> None:
    block = control_charts.process(source, "online_share", CHOSEN)
    frame = block.frame.copy()
    frame.loc[5, "marker"] = "[z]"
    frame.loc[5, "value"] = np.nan
    note = "[z] not applicable: there is nothing to divide by."
    assert NOT_APPLICABLE in markup.notes(replace(block, frame=frame, notes=(note,)))
    # In the whole period, which stands in the table alone.
    frame = block.frame.copy()
    frame.loc[0, "marker"] = "[z]"
    assert frame["grain"].iloc[0] == "all"
    assert NOT_APPLICABLE not in markup.notes(replace(block, frame=frame, notes=(note,)))


def test_a_tile_of_a_count_has_no_interval_and_its_file_has(source: Source) -> None:
    (count, share), block = headlines.headlines(source, ["stalking_crimes", "online_share"], CHOSEN)
    assert not [line for line in count.lines if "95%" in line]
    assert [line for line in share.lines if "95%" in line]
    assert block.csv().count(b"stalking_crimes") == 1
    row = block.frame[block.frame["measure"] == "stalking_crimes"].iloc[0]
    assert row["lower"] < row["value"] < row["upper"]
    cards, _ = overview.cards(source, CHOSEN)
    assert cards[0].interval == ""
    assert cards[1].interval


def test_nothing_against_nothing_has_no_interval() -> None:
    months = pd.DataFrame(
        {
            "category": "all",
            "period": [date(2024 + month // 12, month % 12 + 1, 1).isoformat() for month in range(24)],
            "marker": "",
            **dict.fromkeys(("numerator", "denominator", "value", "lower", "upper"), 0.0),
        }
    )
    card = overview._change(months, {"rolling": [], "change": []}, "any", [])
    assert card.interval == ""


@pytest.mark.parametrize(
    ("count", "limits"),
    # 4: 1.1 to 10.2 and 47: 34.5 to 62.5 by Poisson; 400 whole ones.
    [(4, (1.1, 10.2)), (47, (34.5, 62.5)), (400, (362, 441)), (0, (0, 3.7))],
)
def test_limits_of_a_count_have_no_more_places_than_are_read(count: int, limits: tuple[float, float]) -> None:
    item = measure("stalking_crimes")
    _, lower, upper = measures.figures(item, np.array([float(count)]), np.array([np.nan]))
    assert (float(lower[0]), float(upper[0])) == limits


def test_a_year_that_is_not_over_is_said_to_be_as_long_as_it_is(source: Source) -> None:
    year = Selection(basis="any", since=date(2026, 4, 1), until=date(2027, 3, 31))
    block = breakdowns.ranking(source, "stalking_crimes", year, by="district")
    assert " · April 2026 to March 2027" in block.subtitle
    assert " · 1 April 2026 to 17 September 2026, not over yet · as at 17 September 2026" in block.stamp
    assert (
        " · September 2024 to August 2026 · as at"
        in breakdowns.ranking(source, "stalking_crimes", CHOSEN, by="district").stamp
    )
