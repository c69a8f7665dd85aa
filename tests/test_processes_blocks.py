"""Blocks of control charts, two years and funnels: what they ask, hold apart, leave out and say."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from profiles import measures, stats
from profiles.blocks import control_charts, funnels
from profiles.blocks.block import Block, Source
from profiles.frames import Break
from profiles.selection import Selection
from tests import small

REBASE = Break(date(2025, 3, 1), True, "New rules", "Not comparable before")
EVENT = replace(REBASE, is_rebase=False, title="Campaign")
CHOSEN = Selection(basis="any", since=date(2024, 1, 1), until=date(2026, 9, 17))
COLUMNS = list(measures.COLUMNS)
ALIKE = ("Ashford", "Canterbury", "Dover", "Gravesham", "Maidstone", "Medway", "Sevenoaks", "Swale")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return small.source(small.write(tmp_path_factory.mktemp("warehouse")))


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Places of one share, but one far below it, one of nine crimes, and some without a place."""
    sizes: dict[str | None, int] = dict.fromkeys(ALIKE, 100)
    sizes |= {"Thanet": 200, "Dartford": 9, None: 80}
    online: dict[str | None, int] = {"Thanet": 20}
    return small.source(small.write(tmp_path_factory.mktemp("uneven"), crimes(sizes, online)))


def crimes(sizes: Mapping[str | None, int], online: Mapping[str | None, int]) -> pd.DataFrame:
    """That many stalking crimes of each place in 2025, two in five of them online unless told otherwise."""
    places = [place for place, size in sizes.items() for _ in range(size)]
    modes = [
        "online" if number < online.get(place, 2 * size // 5) else "offline"
        for place, size in sizes.items()
        for number in range(size)
    ]
    return pd.DataFrame(
        {
            "crime_ref": [f"{number}/25" for number in range(len(places))],
            "recorded_date": date(2025, 3, 4),
            "ho_class": "8Q",
            "district": places,
            "mode": modes,
            "is_included": False,
        }
    )


def with_breaks(source: Source, *breaks: Break) -> Source:
    return replace(source, breaks=lambda measure_id, basis: breaks)


def told(block: Block, start: str) -> list[str]:
    return [note for note in block.notes if note.startswith(start)]


def lines(block: Block, name: str) -> list[list[float]]:
    assert block.figure
    return [trace["y"] for trace in block.figure["data"] if trace["name"] == name]


def settled(source: Source, measure_id: str, selection: Selection) -> pd.DataFrame:
    frame = source.frame(measure_id, replace(selection, grain="month"))
    return frame[frame["marker"] == ""]


# --- control charts ---


@pytest.mark.slow
@pytest.mark.parametrize("grain", [None, "quarter", "rolling_year", "financial_year"])
def test_a_control_chart_is_of_months_whatever_the_periods_chosen(source: Source, grain: str | None) -> None:
    block = control_charts.process(source, "online_share", replace(CHOSEN, grain=grain))
    monthly = source.frame("online_share", replace(CHOSEN, grain="month"))
    whole = source.frame("online_share", replace(CHOSEN, grain="all"))
    pd.testing.assert_frame_equal(block.frame[COLUMNS], pd.concat([whole, monthly], ignore_index=True))
    assert block.grain == "month"
    assert "each month" in block.subtitle


def test_its_limits_are_those_of_the_settled_months_over_the_days_selected(source: Source) -> None:
    block = control_charts.process(source, "stalking_crimes", CHOSEN)
    found = stats.xmr(settled(source, "stalking_crimes", CHOSEN)["value"])
    assert lines(block, "Average")[0][0] == pytest.approx(found.centre[0])
    upper, lower = lines(block, "Limits")
    assert (lower[0], upper[0]) == pytest.approx((max(found.lower[0], 0), found.upper[0]))
    shorter = control_charts.process(source, "stalking_crimes", replace(CHOSEN, since=date(2025, 1, 1)))
    assert lines(shorter, "Average")[0][0] != lines(block, "Average")[0][0]


def test_a_rebase_restarts_limits_and_an_annotation_does_not(source: Source) -> None:
    before, after = lines(
        control_charts.process(with_breaks(source, REBASE), "online_share", CHOSEN), "Average"
    )
    monthly = settled(source, "online_share", CHOSEN)
    is_after = monthly["period"] >= "2025-03-01"
    assert before[0] == pytest.approx(monthly.loc[~is_after, "value"].mean())
    assert after[0] == pytest.approx(monthly.loc[is_after, "value"].mean())
    (whole,) = lines(control_charts.process(with_breaks(source, EVENT), "online_share", CHOSEN), "Average")
    assert whole[0] == pytest.approx(monthly["value"].mean())


def test_a_break_stands_on_the_chart_with_its_letter_and_its_words(source: Source) -> None:
    block = control_charts.process(with_breaks(source, REBASE), "online_share", CHOSEN)
    assert block.letters == (("A", "1 March 2025: New rules. Not comparable before."),)
    assert block.figure
    assert [each["text"] for each in block.figure["layout"]["annotations"]] == ["<b>A</b>"]
    assert "since March 2025" in block.title + block.sentence


def test_the_breaks_of_another_basis_do_not_restart_the_limits(source: Source) -> None:
    by_basis = replace(source, breaks=lambda name, basis: (REBASE,) if basis == "principal" else ())
    for basis, stretches in (("any", 1), ("principal", 2)):
        block = control_charts.process(by_basis, "stalking_crimes", replace(CHOSEN, basis=basis))
        assert len(lines(block, "Average")) == stretches


def test_notes_tell_how_the_limits_are_made_and_what_a_ring_means(source: Source) -> None:
    block = control_charts.process(source, "stalking_crimes", CHOSEN)
    assert told(block, "Limits: average ± 2.66 × average moving range")[0].endswith("no value was left out.")
    assert told(block, "A ring is a signal")
    assert told(block, "A signal says that something changed; neither direction is better by itself.")
    assert told(block, "Provisional months are hollow")
    assert not told(block, "Trial limits")
    brief = control_charts.process(source, "stalking_crimes", replace(CHOSEN, since=date(2025, 12, 1)))
    assert told(brief, "Trial limits rest on fewer than 13 months")
    few = replace(brief.selection, where=(("district", "Dover"), ("mode", "online")))
    assert not told(control_charts.process(source, "stalking_crimes", few), "Trial limits")


def test_an_axis_that_leaves_out_zero_is_said_to(source: Source) -> None:
    for measure_id, begins in (("mode_recorded_share", 70.0), ("online_share", 0.0)):
        block = control_charts.process(source, measure_id, CHOSEN)
        assert block.figure
        assert block.figure["layout"]["yaxis"]["range"][0] == begins
        note = [f"The value axis begins at {begins}%, not at zero."] if begins else []
        assert told(block, "The value axis") == note


def test_the_table_has_average_limits_and_signal_of_each_month(source: Source) -> None:
    block = control_charts.process(with_breaks(source, REBASE), "online_share", CHOSEN)
    monthly = source.frame("online_share", replace(CHOSEN, grain="month"))
    is_whole = (monthly["marker"] == "").to_numpy()
    assert len(block.table) == 1 + len(monthly)
    assert block.table["Average and limits"][0] == ""
    before = monthly["value"][is_whole & (monthly["period"] < "2025-03-01").to_numpy()]
    centre, reach = before.mean(), 2.66 * np.abs(np.diff(before)).mean()
    assert block.table["Average and limits"][1] == (
        f"{centre:.1f}% ({max(centre - reach, 0):.1f}% to {min(centre + reach, 100):.1f}%)"
    )
    assert block.texts == list(block.table.columns).index("Counted")
    found = stats.xmr(np.where(is_whole, monthly["value"], np.nan), [14])
    assert [bool(text) for text in block.table["Signal"][1:]] == found.is_signal.tolist()


def test_rare_months_are_drawn_and_judged_by_three_together(source: Source) -> None:
    chosen = replace(CHOSEN, where=(("district", "Dover"), ("mode", "online")))
    block = control_charts.process(source, "stalking_crimes", chosen)
    assert block.figure
    assert block.title == "Stalking-involved crimes: no signal now, 9.4 in three months on average"
    # What is judged is drawn: 4 + 2 + 4 in the three months to August, under the name of the first of them.
    dots = {day: y for trace in block.figure["data"] for day, y in zip(trace["x"], trace["y"], strict=True)}
    assert dots["2026-06-01"] == 10
    assert "2026-07-01" not in dots
    assert "number, three months together" in block.subtitle
    assert set(lines(block, "Average")[0]) == {9.4}
    assert "(judged by three months, for a month is too few)" in block.sentence
    assert told(block, "Months are too few to judge: on average fewer than 5 cases a month are counted.")
    assert told(block, "Limits: average ± 2.66 × average moving range of the periods of three months;")
    cells = dict(zip(block.table["Period"], block.table["Average and limits"], strict=True))
    assert cells["August 2026"] == "three months to here 10, average 9.4 (2.0 to 16.8)"  # 4 + 2 + 4
    assert cells["July 2026"] == ""
    assert block.frame["lower_limit"].isna().all()


@pytest.mark.slow
def test_a_wild_month_is_a_signal_in_chart_title_sentence_and_table(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    many = small.crimes()
    extra = many.head(150).assign(
        crime_ref=[f"x{number}" for number in range(150)], recorded_date=date(2026, 8, 20), ho_class="8Q"
    )
    rows = pd.concat([many, extra.assign(is_included=False)], ignore_index=True)
    source = small.source(small.write(tmp_path_factory.mktemp("wild"), rows))
    block = control_charts.process(source, "stalking_crimes", CHOSEN)
    assert "in August 2026, above the upper limit of" in block.title
    assert "Chance alone shows a signal in about one chart in" in block.sentence
    assert block.figure
    (ring,) = [trace for trace in block.figure["data"] if trace["name"] == "Signal"]
    assert "2026-08-01" in ring["x"]
    signal = block.table.loc[block.table["Period"] == "August 2026", "Signal"]
    assert signal.tolist() == ["Outside the limits"]


@pytest.mark.parametrize(
    ("more", "has_figure", "title"),
    [
        ({"since": date(2026, 8, 1), "until": date(2026, 8, 31)}, False, ": too few months to say"),
        ({"since": date(2026, 9, 1)}, False, ": no settled month"),
        ({"since": date(2026, 7, 1)}, True, ": too few months to say"),
        ({"where": (("district", "Dover"), ("motive", "predatory"))}, False, ": no figure"),
    ],
)
def test_a_brief_or_empty_selection_says_what_it_lacks(
    source: Source, more: dict[str, object], has_figure: bool, title: str
) -> None:
    block = control_charts.process(source, "online_share", replace(CHOSEN, **more))  # type: ignore[arg-type]
    assert (block.figure is not None) == has_figure
    assert title in block.title
    assert block.sentence
    assert block.csv()


def test_the_name_in_a_title_can_be_another(source: Source) -> None:
    block = control_charts.process(source, "online_share", CHOSEN, says="Stalking online", block_id="own")
    assert block.title.startswith("Stalking online: ")
    assert block.block_id == "own"
    assert control_charts.process(source, "online_share", CHOSEN).block_id == "online_share-process"


# --- two years ---


def test_two_years_are_twelve_whole_months_each_and_have_none_in_common(source: Source) -> None:
    block = control_charts.difference(source, "online_share", CHOSEN)
    assert [(each.since, each.until) for _, each in block.asks] == [
        (date(2025, 9, 1), date(2026, 8, 31)),
        (date(2024, 9, 1), date(2025, 8, 31)),
    ]
    after, before = block.frame.iloc[0], block.frame.iloc[1]
    counts = [after["numerator"], after["denominator"], before["numerator"], before["denominator"]]
    change, lower, upper = (100 * each for each in stats.newcombe(*counts))
    assert f"a difference of {change:.1f} points (95% interval {lower:.1f} to {upper:.1f})" in block.sentence
    assert ("one comparison of twenty" in block.sentence) == (lower > 0 or upper < 0)
    assert block.table["Period"].tolist() == [
        "September 2025 to August 2026",
        "September 2024 to August 2025",
    ]
    assert block.figure


def test_two_years_end_with_the_days_selected(source: Source) -> None:
    block = control_charts.difference(source, "online_share", replace(CHOSEN, until=date(2026, 3, 20)))
    assert block.asks[0][1].until == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("breaks", "until", "why"),
    [
        ((REBASE,), date(2026, 8, 31), "two years cannot be compared, for the rules changed on 1 March 2025"),
        ((EVENT,), date(2026, 8, 31), ""),
        ((replace(REBASE, day=date(2024, 9, 1)),), date(2026, 8, 31), ""),
        ((), date(2025, 6, 30), "the data do not hold two whole settled years"),
    ],
)
def test_what_must_not_be_compared_is_not(
    source: Source, breaks: Iterable[Break], until: date, why: str
) -> None:
    block = control_charts.difference(
        with_breaks(source, *breaks), "online_share", replace(CHOSEN, until=until)
    )
    assert (why in block.title) if why else ("year before" in block.title)
    assert (block.figure is None) == bool(why)
    assert ("chance alone" in block.sentence) == (not why)


def test_an_event_between_two_years_is_named(source: Source) -> None:
    block = control_charts.difference(with_breaks(source, EVENT), "online_share", CHOSEN)
    assert told(block, "Between them, on 1 March 2025: Campaign.")


# --- funnels ---


@pytest.mark.slow
def test_a_funnel_is_of_the_whole_period_and_leaves_out_small_and_not_recorded(uneven: Source) -> None:
    block = funnels.funnel(uneven, "online_share", CHOSEN, by="district")
    assert block.figure
    names = [
        key[1] for trace in block.figure["data"] if trace["meta"] == "funnel" for key in trace["customdata"]
    ]
    assert sorted(names) == [*ALIKE, "Thanet"]
    assert block.table["District"].tolist()[-2:] == ["Dartford", "Not recorded"]
    assert told(block, "Out of fewer than 10, so in the table only: Dartford.")
    # The average is that of the whole, with what is not drawn: the figure that the table begins with.
    assert lines(block, "Average")[0][0] == block.frame["value"].iloc[0]
    assert 100 * (8 * 40 + 20) / (8 * 100 + 200) < block.frame["value"].iloc[0] < 40


def test_a_funnel_names_the_place_that_stands_out(uneven: Source) -> None:
    block = funnels.funnel(uneven, "online_share", CHOSEN, by="district")
    assert block.title == "Online stalking: Thanet lies below the average of 34.4%"
    assert (
        "Outside the 99.8% limits, where chance alone puts one in five hundred: Thanet below at 10.0%"
        in block.sentence
    )
    where = dict(zip(block.table["District"], block.table["Against the limits"], strict=True))
    assert where["Thanet"] == "Below the 99.8% limits"
    assert (where["Dartford"], where["Not recorded"], where["All"]) == ("", "", "")


def test_the_rows_of_a_funnels_file_are_those_its_dots_name(uneven: Source) -> None:
    block = funnels.funnel(uneven, "online_share", CHOSEN, by="district")
    assert block.figure
    for trace in block.figure["data"]:
        for (row, category, period), x, y in zip(
            trace.get("customdata", []), trace["x"], trace["y"], strict=False
        ):
            line = block.frame.loc[row]
            assert (line["category"], line["period"]) == (category, period)
            assert (line["denominator"], line["value"]) == (x, y)


@pytest.mark.slow
def test_places_that_all_differ_widen_the_limits_and_the_block_says_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    sizes: dict[str | None, int] = {f"Place {letter}": 300 for letter in "ABCDEFGH"}
    online: dict[str | None, int] = dict(zip(sizes, (150, 270, 165, 255, 180, 240, 156, 264), strict=True))
    source = small.source(small.write(tmp_path_factory.mktemp("spread"), crimes(sizes, online)))
    block = funnels.funnel(source, "online_share", CHOSEN, by="district")
    assert "overdispersion" in block.sentence
    assert told(block, "Overdispersion: ")
    assert "no district stands out" in block.title


def test_fewer_than_three_places_are_listed_and_not_drawn(uneven: Source) -> None:
    where = (("district", "Dover"), ("district", "Thanet"))
    block = funnels.funnel(uneven, "online_share", replace(CHOSEN, where=where), by="district")
    assert block.figure is None
    assert block.title.endswith("by district: too few to compare")
    assert "Dover 40.0% (40 of 100)" in block.sentence
    assert "Thanet 10.0% (20 of 200)" in block.sentence


def test_a_place_without_anything_to_divide_is_in_the_table_only(source: Source) -> None:
    nothing = replace(CHOSEN, where=(("motive", "predatory"),))
    block = funnels.funnel(source, "online_share", nothing, by="district")
    assert block.figure is None
    assert "There is no figure to show" in block.sentence
    assert block.csv()


@pytest.mark.parametrize("by", ["district", "relationship"])
def test_every_block_holds_the_engines_frames_and_a_table_of_the_same_rows(source: Source, by: str) -> None:
    made = [
        control_charts.process(source, "online_share", CHOSEN),
        control_charts.difference(source, "online_share", CHOSEN),
        funnels.funnel(source, "online_share", CHOSEN, by=by),
    ]
    for block in made:
        answered = pd.concat([source.frame(*each) for each in block.asks])[COLUMNS].fillna(-1)
        held = block.frame[COLUMNS].fillna(-1)
        assert sorted(map(tuple, answered.to_numpy())) == sorted(map(tuple, held.to_numpy()))
        assert len(block.table) == len(block.frame)
        assert block.frame.index.tolist() == list(range(len(block.frame)))
