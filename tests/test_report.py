"""The report's content: sections in order, blanks, and every figure as the snapshot's files have it."""

import csv
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from profiles.report import content, model, reading
from profiles.report.model import Blank, Document, Fact, Heading, Picture, Points, Table, text_of
from profiles.snapshot.files import KEY
from tests.releases import Releases, releases
from tests.reported import snapshot
from tests.snapshot_rows import rows
from tests.test_snapshot_places import ALIKE, year

SECTIONS = (
    *("Terms of reference", "Key findings", "Definitions and data quality", "Scale and trend", "Typology"),
    *("Victims", "Offenders", "Locations and time", "Linked offences", "Response", "Comparison"),
    *("Hypotheses with confidence", "Intelligence gaps", "Recommendations with owner and date", "Evaluation"),
)
"""The order of the National Intelligence Model."""

KEYS = {
    "measures": KEY,
    "fms": ("measure_id", "basis", "financial_year", "period_type"),
    "verdicts": ("measure_id", "basis"),
    "data_quality": ("measure_id", "basis", "dimension", "category"),
}
PLACES = {"count": 0, "percent": 1, "per_100": 1, "per_1000": 2, "days": 1}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return snapshot(tmp_path_factory.mktemp("small") / "2024-12-31-internal")


@pytest.fixture(scope="module")
def document(small: Path) -> Document:
    return content.document(reading.read(small))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return releases(tmp_path_factory)


def lines(folder: Path, table: str) -> dict[tuple[str, ...], dict[str, str]]:
    """The lines of a file of the snapshot by their keys, read anew and not through the code."""
    with open(folder / f"{table}.csv", encoding="utf-8", newline="") as file:
        # A text that a spreadsheet would run has an apostrophe in front.
        return {
            tuple(line[name].removeprefix("'") for name in KEYS[table]): line for line in csv.DictReader(file)
        }


def limit(value: float, places: int, unit: str) -> str:
    """A limit as it is read: above 0 it is not called 0, nor 100% what is less."""
    sign = "%" if unit == "percent" else ""
    text = f"{value:,.{places}f}"
    if value > 0 and text == "0.0":
        return f"under 0.1{sign}"
    if sign and value < 100 and text == "100.0":
        return "over 99.9%"
    return f"{text}{sign}"


def expected(line: Mapping[str, str], part: str, unit: str) -> str:
    """What the report should show of a cell of a file, by the rules of rounding alone."""
    if part == "interval" and line["lower"] in ("", "[c]", "[u]", "[z]", "[x]"):
        return line["lower"] or "–"
    if part == "interval":
        lower, upper = float(line["lower"]), float(line["upper"])
        places = max(PLACES[unit], 1) if upper < 100 else PLACES[unit]
        return f"{limit(lower, places, unit)} to {limit(upper, places, unit)}"
    cell = line[part]
    if part == "sentence":
        return cell
    try:
        value = float(cell)
    except ValueError:
        return cell or "–"
    kind = unit if part in ("value", "lower", "upper") else "count"
    if kind == "percent" and 0 < value < 0.05:
        return "under 0.1%"
    places = 0 if kind == "days" and value == int(value) else PLACES[kind]
    return f"{value:,.{places}f}{'%' if kind == 'percent' else ''}"


def differences(folder: Path, facts: list[Fact]) -> Iterator[str]:
    """Each figure that is not as the file has it."""
    files = {table: lines(folder, table) for table in KEYS}
    for fact in facts:
        line = files[fact.table].get(fact.key)
        if line is None:
            yield f"{fact} is in no file"
            continue
        unit = "count" if fact.table == "fms" else line["unit"]
        told = expected(line, fact.part, unit)
        marked = fact.part == "value" and fact.table == "measures" and line["marker"]
        allowed = {told, f"{told} {line['marker']}"} if marked else {told}
        if fact.part == "sentence":
            allowed = {told, f"{told.split('. ')[0]}."}
        if fact.text not in allowed:
            yield f"{fact} is {told!r} in the file"


def cells(document: Document) -> list[Fact]:
    """The figures of the tables."""
    return [
        piece
        for table in document.tables
        for row in table.rows
        for cell in row
        for line in cell.lines
        for piece in line
        if isinstance(piece, Fact)
    ]


@pytest.mark.slow
def test_sections_stand_in_the_order_of_the_national_intelligence_model(document: Document) -> None:
    assert tuple(each.text for each in document.sections)[:-1] == SECTIONS
    assert document.sections[-1].text.startswith("Annex")
    anchors = [each.anchor for each in document.sections]
    assert len(set(anchors)) == len(anchors)


def test_every_figure_is_that_of_the_files(small: Path, document: Document) -> None:
    found = model.facts(document)
    assert len(found) > 250
    assert {"value", "interval", "denominator", "numerator", "sentence"} <= {fact.part for fact in found}
    assert list(differences(small, found)) == []


def test_a_figure_that_is_not_in_the_files_is_found(small: Path, document: Document) -> None:
    fact = cells(document)[0]
    wrong = Fact(f"{fact.text}1", fact.table, fact.key, fact.part)
    assert len(list(differences(small, [wrong]))) == 1


@pytest.mark.parametrize("seed", range(3))
def test_two_hundred_random_cells_equal_the_csv(small: Path, document: Document, seed: int) -> None:
    chosen = random.Random(seed).sample(cells(document), 200)
    assert list(differences(small, chosen)) == []


def test_what_is_withheld_shows_its_marker_and_nothing_else(small: Path, document: Document) -> None:
    files = lines(small, "measures")
    hidden = [
        fact
        for fact in model.facts(document)
        if fact.table == "measures"
        and files[fact.key]["marker"] == "[c]"
        and fact.part in ("value", "interval")
    ]
    assert hidden
    assert {fact.text for fact in hidden} == {"[c]"}


def test_charts_draw_only_what_their_tables_show(document: Document) -> None:
    shown = {fact.text for fact in model.facts(document)}
    for block in document.blocks:
        if isinstance(block, Picture) and isinstance(block.chart, model.Bars):
            assert set(block.chart.labels) <= shown


def test_each_section_leaves_what_only_an_analyst_can_write(document: Document) -> None:
    blank: dict[str, int] = {}
    section = ""
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            section = block.text
        elif isinstance(block, Blank):
            blank[section] = blank.get(section, 0) + 1
        elif isinstance(block, Table):
            count = sum(cell.is_blank for row in block.rows for cell in row)
            blank[section] = blank.get(section, 0) + count
    needed = {*SECTIONS} - {"Definitions and data quality"}
    assert {section for section in needed if not blank.get(section)} == {"Typology"}
    assert blank["Hypotheses with confidence"] >= 20
    assert blank["Recommendations with owner and date"] >= 9


def test_gaps_say_what_the_data_lack(document: Document) -> None:
    tables = {table.caption: table for table in document.tables}
    (fields,) = (table for caption, table in tables.items() if caption.startswith("Fields not recorded"))
    assert {text_of(row[0].lines[0]) for row in fields.rows} <= {"Motive", "Platform"}
    held = [text_of(row[0].lines[0]) for row in tables["What this product does not hold"].rows]
    assert "Repeat and serial suspects" in held
    assert "Hour, weekday and type of place" in held


def test_every_table_of_figures_says_its_period_and_as_at_date(document: Document) -> None:
    for table in document.tables:
        if any(
            piece for row in table.rows for cell in row for piece in cell.lines[0] if isinstance(piece, Fact)
        ):
            if table.caption.startswith(("Recommendations", "Other published")):
                continue
            assert "As at 31 December 2024" in " ".join(table.notes), table.caption


def test_districts_that_stand_apart_are_among_the_findings_with_their_figures(small: Path) -> None:
    source = reading.read(small)
    is_ours = (source.rows["measure_id"] == "referral_rate") & (source.rows["grain"] == "financial_year")
    given = rows(*year(*ALIKE, ("Thanet", 61)))
    found = content.document(
        replace(source, rows=pd.concat([source.rows[~is_ours], given], ignore_index=True))
    )
    (told,) = (
        line
        for block in found.blocks
        if isinstance(block, Points)
        for line in block.items
        if "Thanet" in text_of(line)
    )
    assert text_of(told) == (
        "Referral to victim support in Thanet: 61.0% (61 of 100) in 2023/24, "
        "below the 85.2% of the whole force: the worse side."
    )
    assert sum(isinstance(part, Fact) for part in told) == 4


@pytest.mark.slow
def test_a_force_so_small_that_all_is_withheld_gets_sentences(tmp_path: Path) -> None:
    found = content.document(reading.read(snapshot(tmp_path / "tiny", is_tiny=True)))
    assert tuple(each.text for each in found.sections)[: len(SECTIONS)] == SECTIONS
    assert not [block for block in found.blocks if isinstance(block, Picture)]
    told = " ".join(text_of(block.pieces) for block in found.blocks if isinstance(block, model.Text))
    assert "no figure can be given ([c] confidential" in told
    assert {fact.text for fact in model.facts(found) if fact.table == "measures"} <= {"[c]"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["internal", "external"])
def test_every_figure_of_a_built_snapshot_is_that_of_its_files(built: Releases, name: str) -> None:
    folder = built.built(name).folder
    found = content.document(reading.read(folder))
    facts = model.facts(found)
    assert len(facts) > 600
    assert list(differences(folder, facts)) == []
    files = lines(folder, "measures")
    told = {
        fact.text
        for fact in facts
        if fact.table == "measures"
        and files[fact.key]["marker"] == "[c]"
        and fact.part in ("value", "interval")
    }
    assert told == {"[c]"}
    assert all(
        any(value == value for value in values)
        for block in found.blocks
        if isinstance(block, Picture)
        for values in ([block.chart.values] if isinstance(block.chart, model.Bars) else block.chart.values)
    )
