"""Blocks and their words: titles that the figures bear out, and files equal to the engine's frames."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from profiles import frames, measures, words
from profiles.blocks import breakdowns, headlines, over_time, typology
from profiles.blocks.block import Block, Source
from profiles.charts import claims
from profiles.frames import Break
from profiles.selection import Selection
from profiles.ui import choices, markup
from profiles.writing import cell
from tests import small

JUNE = Break(date(2025, 6, 1), True, "New rules", "")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return small.source(small.write(tmp_path_factory.mktemp("warehouse")))


def chosen(**more: object) -> Selection:
    selection = Selection(basis="any", since=date(2024, 9, 1), until=date(2026, 8, 31))
    return replace(selection, **more)  # type: ignore[arg-type]


def months(values: list[float], *, parts: int = 0) -> pd.DataFrame:
    labels = [words_month(number) for number in range(len(values))]
    markers = [""] * (len(values) - parts) + ["[p]"] * parts
    blank = {name: [float("nan")] * len(values) for name in ("denominator", "lower", "upper")}
    return pd.DataFrame(
        {
            "category": "all",
            "period": labels,
            "numerator": values,
            "value": values,
            "marker": markers,
            **blank,
        }
    )


def words_month(number: int) -> str:
    return date(2024 + (8 + number) // 12, (8 + number) % 12 + 1, 1).isoformat()


@pytest.mark.parametrize(
    ("values", "parts", "breaks", "title"),
    [
        ([100] * 12 + [120] * 12, 0, [], "the last 12 months were 20% above the 12 before"),
        ([120] * 12 + [100] * 12, 0, [], "the last 12 months were 17% below the 12 before"),
        ([100] * 12 + [101] * 12, 0, [], "no clear change from the 12 months before"),
        ([1] * 12 + [100] * 12 + [120] * 12, 0, [], "the last 12 months were 20% above the 12 before"),
        # a part month is no month: 23 are left
        ([100] * 12 + [120] * 12, 1, [], ""),
        ([100] * 23, 0, [], ""),
        ([100] * 12 + [120] * 12, 0, [JUNE], ""),
        (
            [100] * 12 + [120] * 12,
            0,
            [replace(JUNE, is_rebase=False)],
            "the last 12 months were 20% above the 12 before",
        ),
        (
            [100] * 12 + [120] * 12,
            0,
            [replace(JUNE, day=date(2024, 9, 1))],
            "the last 12 months were 20% above the 12 before",
        ),
        ([0] * 24, 0, [], "no clear change from the 12 months before"),
    ],
)
def test_a_title_compares_two_years_only_where_they_can_be_compared(
    values: list[float], parts: int, breaks: list[Break], title: str
) -> None:
    assert claims.changed(months(values, parts=parts), breaks) == title


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234.0, "count", "1,234"),
        (0.0, "count", "0"),
        (30.96, "percent", "31.0%"),
        (0.0, "percent", "0.0%"),
        (0.04, "percent", "under 0.1%"),
        (0.05, "percent", "0.1%"),
        (100.0, "percent", "100.0%"),
        (1234.5678, "per_1000", "1,234.57"),
        (-3.2, "per_100", "-3.2"),
        (float("nan"), "percent", ""),
    ],
)
def test_numbers_are_written_as_a_british_reader_writes_them(value: float, unit: str, text: str) -> None:
    assert words.number(value, unit) == text


@pytest.mark.parametrize(
    ("label", "grain", "text"),
    [
        ("2026-09-01", "month", "September 2026"),
        ("2026-07-01", "quarter", "July 2026 to September 2026"),
        ("2025-04-01", "financial_year", "2025/26"),
        ("1999-04-01", "financial_year", "1999/00"),
        ("2025-01-01", "year", "2025"),
        ("2026-09-01", "rolling_year", "Year to September 2026"),
        ("all", "all", "Whole period"),
    ],
)
def test_periods_have_british_names(label: str, grain: str, text: str) -> None:
    assert words.period(label, grain) == text


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ((2025, 4, 1), (2026, 3, 31), "April 2025 to March 2026"),
        ((2024, 2, 1), (2024, 2, 29), "February 2024"),
        ((2023, 2, 1), (2023, 2, 27), "1 February 2023 to 27 February 2023"),
        ((2023, 2, 5), (2023, 2, 5), "5 February 2023"),
    ],
)
def test_days_are_told_as_months_when_they_are_whole_ones(
    first: tuple[int, int, int], last: tuple[int, int, int], text: str
) -> None:
    assert words.span(date(*first), date(*last)) == text


def test_the_last_months_are_whole_and_the_others_end_with_the_data() -> None:
    found = choices.choices(date(2023, 10, 1), date(2026, 9, 17), date(2024, 4, 1))
    assert found["last 12 months"] == (date(2025, 9, 1), date(2026, 8, 31))
    assert found["last 36 months"] == (date(2023, 10, 1), date(2026, 8, 31))
    assert found["since the last break"] == (date(2024, 4, 1), date(2026, 9, 17))
    assert found["2026/27"] == (date(2026, 4, 1), date(2026, 9, 17))
    assert found["2023/24"] == (date(2023, 10, 1), date(2024, 3, 31))
    assert found["all data"] == (date(2023, 10, 1), date(2026, 9, 17))
    assert "2022/23" not in found


def test_a_month_counts_as_whole_on_its_last_day() -> None:
    found = choices.choices(date(2023, 10, 1), date(2026, 9, 30), None)
    assert found["last 12 months"] == (date(2025, 10, 1), date(2026, 9, 30))
    assert "since the last break" not in found


def test_data_of_some_days_can_be_chosen_too() -> None:
    found = choices.choices(date(2026, 9, 1), date(2026, 9, 17), None)
    assert found[choices.DEFAULT] == (date(2026, 9, 1), date(2026, 9, 17))
    assert list(choices.months(date(2026, 9, 1), date(2026, 9, 17))) == ["September 2026"]


BLOCKS: dict[str, Callable[[Source, Selection], Block]] = {
    "volume": lambda source, selection: over_time.series(source, "stalking_crimes", selection, by="basis"),
    "uplift": lambda source, selection: over_time.series(
        source, "included_uplift", selection, says="Adds {value}"
    ),
    "shares": typology.shares,
    "overlap": typology.overlap,
    "headlines": lambda source, selection: headlines.headlines(source, ["online_share"], selection)[1],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize(
    "selection",
    [
        chosen(),
        chosen(basis="principal", where=(("district", "Dover"),)),
        chosen(basis="included_only", where=(("district", "Dover"), ("district", "Thanet"))),
        chosen(since=date(2026, 9, 1), until=date(2026, 9, 17)),
        chosen(where=(("mode", "online"), ("mode", "not recorded"))),
    ],
)
def test_a_file_holds_the_engines_frames_to_the_last_digit(
    source: Source, name: str, selection: Selection
) -> None:
    answers: list[tuple[object, ...]] = []

    def noted(measure_id: str, asked: Selection) -> pd.DataFrame:
        frame = source.frame(measure_id, asked)
        answers.extend((measure_id, *row) for row in frame.itertuples(index=False))
        return frame

    block = BLOCKS[name](replace(source, frame=noted), selection)
    written = csv.reader(io.StringIO(block.csv().decode(), newline=""))
    head = next(written)
    columns = [head.index(each) for each in ("measure", *measures.COLUMNS)]
    in_file = [tuple(row[column] for column in columns) for row in written]
    assert sorted(in_file) == sorted(tuple(map(cell, row)) for row in answers)


def test_every_file_is_stamped_and_named_for_what_it_holds(source: Source) -> None:
    block = over_time.series(
        source, "stalking_crimes", chosen(where=(("district", "Folkestone and Hythe"),)), by="basis"
    )
    assert block.file_name == (
        "stalking_crimes_any_district-Folkestone-and-Hythe_2024-09-01_2026-08-31_as-at-2026-09-17_SYNTHETIC"
    )
    (first, *_) = csv.DictReader(io.StringIO(block.csv().decode()))
    assert first["marking"] == "OFFICIAL-SENSITIVE"
    assert first["synthetic"] == "SYNTHETIC"
    assert first["as_at"] == "2026-09-17"
    assert first["filters"] == "district: Folkestone and Hythe"
    assert (first["since"], first["until"]) == ("2024-09-01", "2026-08-31")
    assert block.stamp.endswith(" · as at 17 September 2026 · SYNTHETIC")
    real = replace(block, source=replace(source, is_synthetic=False))
    assert "SYNTHETIC" not in real.file_name
    assert "SYNTHETIC" not in real.csv().decode()


def test_the_title_of_a_block_bears_its_basis_and_its_total(source: Source) -> None:
    block = over_time.series(source, "stalking_crimes", chosen(basis="principal"), by="basis")
    total = source.frame("stalking_crimes", chosen(basis="principal", grain="all"))["value"].iloc[0]
    assert block.title.startswith(f"{total:,.0f} stalking-involved crimes (principal); ")
    assert "basis: principal" in block.subtitle
    assert "September 2024 to August 2026" in block.subtitle


def test_no_title_pools_what_a_rebase_parts(source: Source) -> None:
    parted = replace(source, breaks=lambda name, basis: (replace(JUNE, explanation="x"),))
    block = over_time.series(parted, "included_uplift", chosen(), says="Hidden adds {value}")
    since = source.frame(
        "included_uplift", Selection(grain="all", since=date(2025, 6, 1), until=date(2026, 8, 31))
    )
    before = source.frame(
        "included_uplift", Selection(grain="all", since=date(2024, 9, 1), until=date(2025, 5, 31))
    )
    assert block.title == (
        f"Hidden adds {since['value'].iloc[0]:.1f} since June 2025; before, {before['value'].iloc[0]:.1f}"
    )
    assert block.letters == (("A", "1 June 2025: New rules. X."),)
    assert (
        f"{since['value'].iloc[0]:.1f}"
        in block.table.loc[block.table["Period"] == "June 2025 to August 2026"].to_numpy()
    )
    (told,) = [note for note in typology.shares(parted, chosen()).notes if "rules" in note]
    assert "1 June 2025" in told


def test_atoms_add_up_to_the_whole_and_shares_to_100(source: Source) -> None:
    frame = typology.overlap(source, chosen()).frame
    whole, parts = frame[frame["by"] == ""], frame[frame["by"] == "atom"]
    assert parts["value"].sum() == whole["value"].iloc[0]
    assert parts["share"].sum() == pytest.approx(100)
    assert parts["category"].tolist()[-2:] == ["none of these", "not recorded"]


def test_the_share_of_those_recorded_leaves_out_what_is_not(source: Source) -> None:
    frame = typology.shares(source, chosen()).frame
    of_all, known, of_known = (
        frame[frame["measure"] == name] for name in ("online_share", "mode_recorded_share", "online_share")
    )
    assert of_known.iloc[1]["denominator"] == known.iloc[0]["numerator"]
    assert of_known.iloc[1]["numerator"] == of_all.iloc[0]["numerator"]


def test_a_selection_without_crimes_has_no_chart_but_a_sentence(source: Source) -> None:
    nothing = chosen(where=(("district", "Dover"), ("motive", "predatory")))
    shares, overlap = typology.shares(source, nothing), typology.overlap(source, nothing)
    assert shares.figure is None
    assert "[z]" in shares.sentence
    assert overlap.figure is None
    assert overlap.title == "Overlap of the types: no figure"
    series = over_time.series(source, "stalking_crimes", nothing, by="basis")
    assert series.title.startswith("0 stalking-involved crimes")
    uplift = over_time.series(source, "included_uplift", nothing, says="Hidden adds {value}")
    assert uplift.title == "What included classifications add: no figure"


def test_a_source_that_cannot_tell_is_named(source: Source) -> None:
    mute = replace(
        source, lacking=lambda name, selection: {"police_uk": ("stalking_class", "mode"), "athena": ()}
    )
    block = over_time.series(mute, "stalking_crimes", chosen())
    assert "police_uk does not carry: stalking class and mode." in block.notes


def test_a_table_shows_the_markers_of_its_frame(source: Source) -> None:
    block = over_time.series(source, "stalking_crimes", chosen(until=date(2026, 9, 17)), by="basis")
    last = block.table[block.table["Period"] == "September 2026"]
    assert all(cell.endswith(" [p]") for cell in last["Number"])
    assert any(note.startswith("[p] provisional") for note in block.notes)


def test_hostile_text_from_the_data_is_escaped_in_tables_notes_and_markdown(source: Source) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:y) :material/x: $a$"
    block = over_time.series(source, "stalking_crimes", chosen(), by="basis")
    frame = block.frame.replace({"category": {"principal": hostile}})
    block = replace(
        block,
        title=hostile,
        frame=frame,
        table=block.table.replace({"Basis": {"Principal": hostile}}),
        notes=(hostile,),
        letters=(("A", hostile),),
    )
    assert "<script" not in markup.table(block) + markup.notes(block)
    assert "&lt;script" in markup.table(block)
    assert markup.plain("[a](b) *c* :d: $e$ <f>") == "\\[a\\]\\(b\\) \\*c\\* \\:\u2060d\\: \\$e\\$ \\<f\\>"


def test_formulas_are_neutralised_in_the_file_and_negative_numbers_are_not(source: Source) -> None:
    block = over_time.series(source, "stalking_crimes", chosen(), by="basis")
    frame = block.frame.assign(category="=cmd()", value=-3.2)
    (first, *_) = csv.DictReader(io.StringIO(replace(block, frame=frame).csv().decode()))
    assert first["category"] == "'=cmd()"
    assert first["value"] == "-3.2"


def test_breaks_are_taken_once_and_in_order() -> None:
    table = pd.DataFrame(
        {
            "break_date": [date(2024, 1, 31), date(2023, 6, 1), date(2024, 1, 31)],
            "effect": ["annotate", "rebase", "annotate"],
            "title": ["b", "a", "b"],
            "explanation": ["", "", ""],
            "published_by": ["", "", ""],
        }
    )
    found = frames.breaks(table)
    assert [each.title for each in found] == ["a", "b"]
    assert frames.last_rebase(found, date(2023, 5, 31)) is None
    assert frames.last_rebase(found, date(2023, 6, 1)) == date(2023, 6, 1)
    assert [each.title for each in frames.within(found, date(2023, 6, 1), date(2024, 1, 31))] == ["b"]


def test_a_small_warehouse_is_the_same_in_every_run(tmp_path: Path) -> None:
    assert small.crimes().equals(small.crimes())


def test_a_crossing_of_days_without_data_says_that_they_are_not_available(source: Source) -> None:
    before = chosen(since=date(2010, 1, 1), until=date(2010, 12, 31))
    ways = {"within": "relationship", "by": "mode", "category": "online", "says": "{name}"}
    block = breakdowns.crossing(source, "stalking_crimes", before, **ways)
    assert block.sentence == "There is no figure to show: the data begin on 1 October 2023."
