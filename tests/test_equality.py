"""One number everywhere: chart = table = CSV = XLSX = the engine = the command line, whatever is selected."""

import csv
import io
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import python_calamine
import streamlit as st
from click.testing import CliRunner

from profiles import cli, measures, warehouse, words
from profiles.blocks.block import Block, figure_words
from profiles.catalogue import measure
from profiles.cli import measuring
from profiles.frames import rows
from profiles.selection import Selection, conditions
from profiles.settings import PREFIX
from profiles.ui import markup
from profiles.writing import cell
from tests import pages
from tests.sizes import IS_LONG

pytestmark = pytest.mark.slow

VIEWS = pages.random_views(20, seed=11)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages.sampled(tmp_path_factory)


@pytest.fixture(autouse=True)
def _served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(folder))
    yield
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def con(folder: Path) -> warehouse.Connection:
    return warehouse.connect(warehouse.current(folder).path)


ASKED = [
    (name, number)
    for place, name in enumerate(pages.FIGURES)
    for number in range(len(VIEWS))
    if IS_LONG or number % 5 == place % 5
]
"""Pages and the views they are asked: each page four of them and each view two pages, or all of them all."""


@pytest.mark.parametrize(("name", "number"), ASKED)
def test_every_figure_of_every_page_is_one_number_wherever_it_is_read(
    name: str, number: int, con: warehouse.Connection
) -> None:
    shown = pages.opened(name, **VIEWS[number])
    assert not shown.app.error
    assert shown.blocks
    charts = [chart.proto for chart in shown.app.get("plotly_chart")]
    figures = [block for block in shown.blocks if block.figure]
    assert len(charts) == len(figures)
    for block in shown.blocks:
        is_of_the_engine(block, con)
        is_in_the_table(block)
        is_in_both_files(block)
        is_asked_by_its_commands(block)
    for block, chart in zip(figures, charts, strict=True):
        is_drawn(block, chart.spec)


def is_of_the_engine(block: Block, con: warehouse.Connection) -> None:
    """Each row of the block's frame is what the engine answers, none made up, whole answers kept."""
    answered: set[tuple[str, ...]] = set()
    for name, selection in block.asks:
        answered |= {
            tuple(map(cell, row)) for row in measures.run(con, name, selection).itertuples(index=False)
        }
    found = [tuple(map(cell, row)) for row in block.frame[list(measures.COLUMNS)].itertuples(index=False)]
    assert set(found) <= answered
    # Only rows without a figure may be left out: years that a publisher did not give.
    lost = answered - set(found)
    assert all(row[4] == "" for row in lost), lost


def is_in_the_table(block: Block) -> None:
    """The table twin, as sent to the reader, has every figure of the frame and no other."""
    table = markup.table(block)
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", table)
    units = [measure(name).unit for name in block.frame["measure"]]
    told = [figure_words(row, unit) for row, unit in zip(rows(block.frame), units, strict=True)]
    assert {text for text in told if text} <= set(cells)
    known = {
        words.number(float(value), form)
        for row, unit in zip(rows(block.frame), units, strict=True)
        for value, form in (
            *((row.value, unit), (row.numerator, "count"), (row.denominator, "count")),
            (row.share, "percent"),
        )
    }
    for name in {"average", "lower_limit", "upper_limit"} & set(block.frame.columns):
        known |= {words.number(value, units[0]) for value in block.frame[name].tolist()}
    for column in block.table.columns[block.texts :]:
        if "interval" not in column and column != "Half lie between":
            shown = {re.sub(r" ?\[.\]$", "", text) for text in block.table[column]}
            assert shown <= known | {""}, column


def is_in_both_files(block: Block) -> None:
    """CSV and XLSX hold the frame to the last digit, and the same cells."""
    head, *lines = csv.reader(io.StringIO(block.csv().decode(), newline=""))
    expected = [tuple(map(cell, row)) for row in block.frame[list(measures.COLUMNS)].itertuples(index=False)]
    places = [head.index(name) for name in measures.COLUMNS]
    assert [tuple(line[place] for place in places) for line in lines] == expected
    book = python_calamine.load_workbook(io.BytesIO(block.xlsx()))
    assert book.sheet_names == ["About", "Figures"]
    sheet = book.get_sheet_by_name("Figures").to_python()
    start = next(place for place, row in enumerate(sheet) if row and row[0] == head[0])
    assert [str(value) for value in sheet[start]] == head
    for line, row in zip(lines, sheet[start + 1 :], strict=True):
        for text, value in zip(line, row, strict=True):
            assert same(text, value), (text, value)


def same(text: str, value: Any) -> bool:
    """Whether a cell of the CSV and one of the workbook are one."""
    if isinstance(value, float):
        return float(text) == value
    return text == str(value)


def is_asked_by_its_commands(block: Block) -> None:
    """The command lines say just what the block asked."""
    asked = []
    for line in block.commands:
        program, command, *rest = shlex.split(line)
        assert (program, command) == ("stalking-profiles", "measure")
        given = measuring.measure.make_context("measure", rest).params
        asked.append(
            (
                given["name"],
                Selection(
                    **{name: given[name] for name in ("basis", "by", "grain", "since", "until")},
                    where=conditions(given["where"]),
                ),
            )
        )
    assert asked == list(dict.fromkeys(block.asks))


def is_drawn(block: Block, spec: str) -> None:
    """Every point of the chart is the row of the frame it says it is; every row with a figure is drawn."""
    drawn: dict[int, float] = {}
    for trace in json.loads(spec)["data"]:
        along = "x" if block.grain == "all" and trace.get("meta") != "funnel" else "y"
        for key, value in points(trace, along):
            row, category, period = key[:3]
            drawn[int(row)] = value
            if is_of_longer_points(block):
                continue
            assert period == block.frame["period"][row] or block.block_id == "types"
            assert category == block.frame["category"][row] or block.block_id == "types"
    assert drawn
    frame = block.frame
    if is_of_longer_points(block):
        are_together(block, drawn)
        return
    for row, value in drawn.items():
        assert value == frame["value"][row], (block.block_id, row)
    if block.grain != "all":
        every = frame[(frame["grain"] == block.grain) & frame["value"].notna()]
        assert set(every.index) <= set(drawn)


def is_of_longer_points(block: Block) -> bool:
    """Whether a control chart draws three or 12 months as one point."""
    return block.block_id.endswith("-process") and block.grain != "month"


def are_together(block: Block, drawn: dict[int, float]) -> None:
    """Each point is what its months count together, of which the row is the last, and stands in the table."""
    months = block.frame[block.frame["grain"] == "month"]
    length, told = {"quarter": (3, "three"), "rolling_year": (12, "12")}[block.grain]
    (item,) = {each.measure_id: each for each in block.measures}.values()
    for row, value in drawn.items():
        counted = months.loc[:row].tail(length)
        of = counted["denominator"].sum() / 100 if item.unit == "percent" else 1.0
        assert value == pytest.approx(counted["numerator"].sum() / of), (block.block_id, row)
        text = str(block.table.loc[row, "Average and limits"])
        assert f"{told} months to here {words.number(value, item.unit)}, " in text


def points(trace: dict[str, Any], along: str) -> Iterator[tuple[list[Any], float]]:
    """Key and value of each point with a figure."""
    keys = trace.get("customdata")
    if not keys:
        return
    if trace["type"] == "heatmap":
        for line, figures in zip(keys, trace["z"], strict=True):
            yield from (
                (key, value)
                for key, value in zip(line, pages.numbers(figures), strict=True)
                if value is not None and key
            )
        return
    values = pages.numbers(trace[along])
    yield from ((key, value) for key, value in zip(keys, values, strict=True) if value is not None)


@pytest.mark.parametrize("name", pages.FIGURES)
def test_a_command_copied_from_a_page_prints_the_same_figures(name: str, folder: Path) -> None:
    for block in pages.opened(name, **VIEWS[3]).blocks:
        printed: list[tuple[str, ...]] = []
        for line in block.commands:
            answer = CliRunner().invoke(cli.main, shlex.split(line)[1:])
            assert answer.exit_code == 0, answer.output
            printed += [tuple(row) for row in csv.reader(io.StringIO(answer.stdout))][1:]
        frame = block.frame[list(measures.COLUMNS)]
        assert {tuple(map(cell, row)) for row in frame.itertuples(index=False)} <= set(printed)
