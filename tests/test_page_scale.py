"""The page Scale and typology: the same numbers in charts, tables and the engine, and no traceback ever."""

import base64
import html
import json
import re
import shutil
import struct
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from profiles import measures, warehouse
from profiles.charts import words
from profiles.selection import Selection
from profiles.settings import PREFIX, ROOT
from tests import small

SECONDS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("warehouse")
    small.write(folder)
    return folder


@pytest.fixture(autouse=True)
def _served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(folder))
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(scope="module")
def con(folder: Path) -> warehouse.Connection:
    return warehouse.connect(warehouse.current(folder).path)


def opened(**query: str | list[str]) -> AppTest:
    """The app as a reader sees it who opens an address with these parameters."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, [each.value for each in app.exception]
    return app


def charts(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def numbers(values: Any) -> list[Any]:
    """A list of a trace, which Plotly may have packed."""
    if isinstance(values, dict):
        kind = {"f8": "d", "i1": "b", "i2": "h", "i4": "i"}[values["dtype"]]
        raw = base64.b64decode(values["bdata"])
        return list(struct.unpack(f"<{len(raw) // struct.calcsize(kind)}{kind}", raw))
    return list(values)


def drawn(chart: dict[str, Any]) -> dict[tuple[str, str], float]:
    return {
        (trace["meta"], period): value
        for trace in chart["data"]
        if trace.get("meta") not in {None, "95% interval"}
        for period, value in zip(trace["x"], numbers(trace["y"]), strict=True)
    }


def tables(app: AppTest) -> list[list[list[str]]]:
    """Cells of each table twin, its header first."""
    found = []
    for each in app.html:
        if "<table>" in each.value:
            rows = re.findall(r"<tr>(.*?)</tr>", each.value)
            found.append(
                [[html.unescape(c) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]
            )
    return found


def text(app: AppTest) -> str:
    parts = (*app.markdown, *app.title, *app.header, *app.caption, *app.info, *app.error, *app.html)
    return re.sub(r"\\(.)", r"\1", "\n".join(each.value for each in parts))


def test_the_page_says_what_it_shows_with_marking_stamp_and_as_at_date() -> None:
    app = opened()
    assert app.title[0].value == "Scale and typology"
    shown = text(app)
    for expected in (
        "OFFICIAL-SENSITIVE",
        "SYNTHETIC DATA",
        "Data as at 17 September 2026",
        "September 2024 to August 2026",
        "each crime counted once; all districts.",
    ):
        assert expected in shown
    assert len(app.get("plotly_chart")) == 4


SELECTIONS: list[tuple[dict[str, Any], Selection]] = [
    ({}, Selection("any", since=date(2024, 9, 1), until=date(2026, 8, 31))),
    ({"basis": "principal"}, Selection("principal", since=date(2024, 9, 1), until=date(2026, 8, 31))),
    (
        {"basis": "included only", "period": "last 12 months"},
        Selection("included_only", since=date(2025, 9, 1), until=date(2026, 8, 31)),
    ),
    (
        {"period": "all data", "district": ["Dover", "Thanet"]},
        Selection(
            "any",
            since=date(2023, 10, 1),
            until=small.AS_AT,
            where=(("district", "Dover"), ("district", "Thanet")),
        ),
    ),
    ({"period": "2025/26"}, Selection("any", since=date(2025, 4, 1), until=date(2026, 3, 31))),
    (
        {"period": "chosen months", "from": "August 2026", "until": "August 2026"},
        Selection("any", since=date(2026, 8, 1), until=date(2026, 8, 31)),
    ),
    (
        {"period": "chosen months", "from": "June 2026"},
        Selection("any", since=date(2026, 6, 1), until=small.AS_AT),
    ),
]


@pytest.mark.parametrize(("query", "selection"), SELECTIONS)
def test_charts_and_tables_show_what_the_engine_answers(
    query: dict[str, Any], selection: Selection, con: warehouse.Connection
) -> None:
    app = opened(**query)
    volume, uplift, shares, overlap = charts(app)
    _, volume_table, uplift_table, shares_table, overlap_table = tables(app)

    def asked(name: str, **more: Any) -> list[dict[Any, Any]]:
        basis = None if name == "included_uplift" else selection.basis
        chosen = Selection(basis, since=selection.since, until=selection.until, where=selection.where, **more)
        return measures.run(con, name, chosen).to_dict("records")

    months = asked("stalking_crimes", by="basis", grain="month")
    assert drawn(volume) == {(row["category"], row["period"]): row["value"] for row in months}
    by_basis = {(row[0], row[1]): row[2] for row in volume_table[1:]}
    for row in months:
        shown = f"{row['value']:,.0f} {row['marker']}".strip()
        assert by_basis[words.period(row["period"], "month"), words.name(row["category"])] == shown

    rates = [row for row in asked("included_uplift", grain="month") if row["value"] == row["value"]]
    assert drawn(uplift) == {("all", row["period"]): row["value"] for row in rates}
    by_month = {row[0]: row[1:] for row in uplift_table[1:]}
    for row in rates:
        told_of = [
            f"{row['numerator']:,.0f}",
            f"{row['denominator']:,.0f}",
            f"{row['value']:.1f} {row['marker']}".strip(),
        ]
        assert by_month[words.period(row["period"], "month")][:3] == told_of

    told = [asked(name, grain="all")[0] for name in ("online_share", "domestic_share", "stranger_share")]
    bar = next(trace for trace in shares["data"] if trace.get("meta") == "share")
    assert numbers(bar["x"]) == [row["value"] for row in told]
    assert [row[3] for row in shares_table[1:]] == [words.number(row["value"], "percent") for row in told]

    atoms = {row["category"]: row["value"] for row in asked("stalking_crimes", by="atom", grain="all")}
    assert {t["meta"]: numbers(t["x"])[0] for t in overlap["data"] if t["type"] == "bar"} == atoms
    by_combination = {row[0]: row[1] for row in overlap_table[2:]}
    assert by_combination == {words.name(name): f"{value:,.0f}" for name, value in atoms.items()}


@pytest.mark.parametrize("query", [query for query, _ in SELECTIONS])
def test_every_chart_has_a_sentence_as_its_alternative_text(query: dict[str, Any]) -> None:
    app = opened(**query)
    for chart in app.get("plotly_chart"):
        assert len(chart.proto.alt) > 40
    assert len({chart.proto.alt for chart in app.get("plotly_chart")}) == 4


def test_numbers_in_titles_stand_in_the_tables_below_them() -> None:
    app = opened()
    titles = [re.sub(r"\\(.)", r"\1", each.value) for each in app.header]
    _, *found = tables(app)
    for title, table in zip(titles, found, strict=True):
        first = re.search(r"[\d,.]*\d%?", title)
        assert first
        assert any(first[0] in row for row in table), title


def test_a_change_of_a_widget_changes_every_figure() -> None:
    app = opened()
    before = charts(app)
    app.radio(key="basis").set_value("principal").run()
    assert not app.exception
    volume, _, shares, overlap = charts(app)
    assert volume != before[0]
    assert shares != before[2]
    assert overlap != before[3]
    app.multiselect(key="district").set_value(["Medway"]).run()
    assert "district: Medway" in text(app)


@pytest.mark.parametrize(
    "query",
    [
        {"basis": "nonsense", "period": "'; drop table", "district": "<script>alert(1)</script>"},
        {"basis": "", "period": "", "district": ""},
        {"period": "chosen months", "from": "9999-99", "until": "\x00"},
        {"period": "chosen months", "from": "August 2026", "until": "October 2023"},
        {"view": "1", "basis": ["principal", "nonsense"]},
    ],
)
def test_hostile_addresses_fall_back_to_the_default(query: dict[str, Any]) -> None:
    app = opened(**query)
    assert not app.error
    assert app.radio(key="basis").value == "any"
    assert app.multiselect(key="district").value == []


def test_without_a_warehouse_the_page_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(tmp_path / "none"))
    app = opened()
    shown = text(app)
    assert "There is no warehouse" in shown
    assert len(re.findall(r"^\d\. ", shown, flags=re.MULTILINE)) == 3
    assert "stalking-profiles demo" in shown
    assert not app.get("plotly_chart")


@pytest.mark.parametrize("damage", ["truncated", "gone", "other", "pointer"])
def test_a_damaged_warehouse_is_one_sentence(
    damage: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    file = next(copy.glob("versions/*/warehouse.duckdb"))
    if damage == "truncated":
        file.write_bytes(file.read_bytes()[:3000])
    elif damage == "gone":
        file.unlink()
    elif damage == "other":
        file.write_bytes(b"not a database")
    else:
        (copy / warehouse.POINTER).write_bytes(b"\xff\xfe../../etc")
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(copy))
    app = opened()
    assert len(app.error) == 1
    assert "Traceback" not in app.error[0].value
    assert not app.get("plotly_chart")


def test_a_wrong_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}THREADS", "many")
    app = opened()
    assert "STALKING\\_PROFILES\\_THREADS" in app.error[0].value


def test_a_new_version_is_shown_from_the_next_run_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "warehouse"
    rows = small.crimes(300)
    small.write(folder, rows)
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(folder))
    app = opened(period="all data")
    before = app.header[0].value
    small.write(folder, small.crimes(600))
    app.run()
    assert not app.exception
    assert app.header[0].value != before
    assert "Warehouse 0002-" in text(app)


def test_data_that_cannot_tell_stalking_show_no_nought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "warehouse"
    small.write(folder, lacks=("stalking_class", "included_classifications", "mode"))
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(folder))
    app = opened()
    assert not app.get("plotly_chart")
    assert len(app.info) == 4
    assert "[x] not available" in text(app)
    assert "athena does not carry: stalking class" in text(app)
    assert not re.search(r"figure'>0", text(app))


def test_hostile_names_in_the_data_are_shown_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "<img src=x onerror=alert(1)> [a](javascript:b) $x$"
    folder = tmp_path / "warehouse"
    small.write(folder, small.crimes(300).replace({"district": {"Dover": hostile}}))
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(folder))
    app = opened(district=hostile)
    assert app.multiselect(key="district").value == [hostile]
    assert not any("<img" in each.value for each in app.html)
    assert all("[a](javascript" not in each.value for each in (*app.markdown, *app.caption))
