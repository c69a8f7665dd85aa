"""Figures of the shared dashboard: what is on the screen is what the snapshot's CSV and the report have."""

import csv
import random
import shutil
from pathlib import Path

import pytest
import streamlit as st

from profiles import report, words
from profiles.blocks import from_snapshot
from profiles.catalogue import measure
from profiles.periods import ALL
from profiles.report.content import document
from profiles.report.reading import read
from profiles.selection import Selection
from profiles.settings import PREFIX
from profiles.snapshot.files import KEY
from tests import pages
from tests.releases import releases

pytestmark = pytest.mark.slow

PAGES = ("orders_and_outcomes", "support_and_voice", "typology_and_hidden_stalking")

Key = tuple[str, ...]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot that was built of a warehouse, in a folder of its own."""
    built = releases(tmp_path_factory).built("next")
    return Path(shutil.copytree(built.folder, tmp_path_factory.mktemp("shelf") / "2026-09-30-internal"))


@pytest.fixture(scope="module")
def in_csv(snapshot: Path) -> dict[Key, dict[str, str]]:
    """The lines of measures.csv, as text, by their keys."""
    with open(snapshot / "measures.csv", encoding="utf-8", newline="") as file:
        return {tuple(line[name] for name in KEY): line for line in csv.DictReader(file)}


def key_of(name: str, asked: Selection, category: str, period: str) -> Key:
    """The key in measures.csv of a figure that a block asked for."""
    item = measure(name)
    grain = asked.grain or "month"
    if grain == ALL:
        grain, first, _ = from_snapshot.published(item, asked)
        label = first if grain != "rolling_year" else first + 11
        period = f"{label // 12:04d}-{label % 12 + 1:02d}-01"
    basis = asked.basis or ""
    if item.is_fixed:
        basis = "fixed"
    elif asked.by == "basis":
        return (name, category, grain, period, ALL, ALL, "", "")
    where = dict(asked.where)
    if where:
        ((dimension, value),) = where.items()
        return (name, basis, grain, period, dimension, value, asked.by or "", category if asked.by else "")
    return (name, basis, grain, period, asked.by or ALL, category if asked.by else ALL, "", "")


def test_200_figures_on_the_screen_are_those_of_the_csv_and_of_the_report(
    snapshot: Path,
    in_csv: dict[Key, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv(f"{PREFIX}ROLE", "steering")
    monkeypatch.setenv(f"{PREFIX}SNAPSHOTS", str(snapshot.parent))
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(tmp_path / "none"))
    shown: list[tuple[Key, str, str, set[str]]] = []
    for page in PAGES:
        for block in pages.opened(f"steering/{page}").blocks:
            on_screen = {str(cell) for cell in block.table.to_numpy().ravel()}
            for name, asked in block.asks:
                for row in block.source.frame(name, asked).itertuples(index=False):
                    key = key_of(name, asked, str(row.category), str(row.period))
                    shown.append((key, block.block_id, str(row.marker), on_screen))
    st.cache_resource.clear()
    held = [each for each in shown if each[0] in in_csv]
    assert len(held) > 500
    # What has no line in the file is said not to be available, and nothing else.
    assert {marker for key, _, marker, _ in shown if key not in in_csv} <= {"[x]"}
    by_key = {fact.key: fact for fact in report.facts(document(read(snapshot))) if fact.table == "measures"}
    drawn = random.Random(6)
    in_both = [each for each in held if each[0] in by_key]
    assert len(in_both) > 50
    sample = drawn.sample(held, 150) + drawn.sample(in_both, 50)
    for key, block_id, marker, on_screen in sample:
        line = in_csv[key]
        text = line["value"]
        unit = measure(key[0]).unit
        figure = words.number(float(text), unit) if text and not text.startswith("[") else ""
        expected = " ".join(filter(None, [figure, line["marker"]]))
        assert marker == line["marker"], (key, block_id)
        # Of a published series only the days stand there that have a figure.
        is_left_out = key[0].startswith("published") and not figure
        assert expected in on_screen or is_left_out, (key, block_id, expected)
    for key, *_ in in_both:
        fact = by_key[key]
        if fact.part == "value":
            value = in_csv[key]["value"]
            told = words.number(float(value), measure(key[0]).unit) if not value.startswith("[") else value
            assert fact.text.startswith(told), (key, fact)
