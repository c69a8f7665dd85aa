"""The shared dashboard: seven pages of one snapshot, where there is no warehouse; what is wrong is said."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st

from profiles import ui, warehouse
from profiles.settings import PREFIX, ROOT, settings
from profiles.ui import meeting
from tests import pages
from tests.projected import made

pytestmark = pytest.mark.slow

PAGES = tuple(sorted(path.stem for path in (ROOT / "pages" / "steering").glob("*.py")))


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    first = made(folder / "2026-08-31-internal", as_at="2026-08-31")
    made(folder / "2026-09-30-internal", previous=first)
    return folder


@pytest.fixture(autouse=True)
def shelf(ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two snapshots, in a process of the steering group that has no warehouse and may open none."""
    folder = tmp_path / "shelf"
    shutil.copytree(ready, folder)
    monkeypatch.setenv(f"{PREFIX}ROLE", "steering")
    monkeypatch.setenv(f"{PREFIX}SNAPSHOTS", str(folder))
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(tmp_path / "none"))
    monkeypatch.setenv(f"{PREFIX}ACCESS_LOG", str(tmp_path / "access.jsonl"))

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the shared dashboard opens no warehouse")

    for name in ("connect", "current"):
        monkeypatch.setattr(warehouse, name, refused)
    yield folder
    st.cache_resource.clear()


def told(shown: pages.Shown) -> str:
    """What the page says of faults."""
    app = shown.app
    return "\n".join(each.value for each in (*app.error, *app.warning, *app.info)).replace("\\", "")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_shows_the_newest_snapshot_with_its_stamp(name: str) -> None:
    shown = pages.opened(f"steering/{name}")
    assert not shown.app.error
    assert "OFFICIAL-SENSITIVE" in shown.text
    assert "SYNTHETIC DATA" in shown.text
    assert "30 September 2026" in shown.text
    assert "Snapshot 2026-09-30-internal" in shown.text
    assert "<span>Warehouse" not in shown.text


def test_a_page_says_how_many_of_its_charts_show_a_signal_and_how_many_chance_would_give(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = pages.opened("steering/orders_and_outcomes")
    judged = shown.app.session_state.view.judged
    assert judged == [block.now for block in shown.blocks if block.now]
    assert len(judged) == 4
    said: list[str] = []
    monkeypatch.setattr(ui, "view", lambda: SimpleNamespace(judged=["steady", "changed", *judged]))
    monkeypatch.setattr(st, "caption", said.append)
    ui.explanations()
    assert [text.replace("\\", "") for text in said] == [
        "On this page we checked 2 control charts: 1 shows a signal now; by chance alone about 0.1 would: "
        "chance alone can give as many."
    ]


def test_what_is_withheld_is_said_by_number_and_by_size() -> None:
    told = pages.opened("steering/about").text
    # 3 and 4 of 100 counts; 7 of 90 rows.
    assert "by number 7.0% of the counts, by size 1.00% of all that is counted." in told
    assert "7 rows hold a withheld count, 7.8% of all rows" in told


def test_breakdowns_open_on_the_year_that_the_summary_speaks_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meeting, "year_of_places", lambda rows: "2023-04-01")
    shown = pages.opened("steering/typology_and_hidden_stalking")
    assert shown.app.selectbox(key="year").value == "2023/24"


@pytest.mark.parametrize("name", PAGES)
def test_an_earlier_snapshot_is_picked_in_the_address(name: str) -> None:
    shown = pages.opened(f"steering/{name}", snapshot="2026-08-31-internal")
    assert not shown.app.error
    assert "Snapshot 2026-08-31-internal" in shown.text


def test_an_unknown_snapshot_in_the_address_is_said_and_the_newest_shown() -> None:
    shown = pages.opened("steering/summary", snapshot="2020-01-01-internal")
    asked = "The address asks for the snapshot “2020-01-01-internal”, which is not offered here; this is 2026"
    assert asked in told(shown)
    assert "Snapshot 2026-09-30-internal" in shown.text


@pytest.mark.parametrize(
    ("name", "key", "line"),
    [
        (
            "summary",
            "district",
            "The address sets “district”, which is no filter of this dashboard; it is left out.",
        ),
        (
            "orders_and_outcomes",
            "year",
            "the financial year “x”, which is not in this snapshot; it is left out.",
        ),
        ("demand", "series", "the series “x”, which is not in this snapshot; it is left out."),
        ("about", "about", "the definition “x”, which is not offered here; it is left out."),
    ],
)
def test_what_else_the_address_asks_for_in_vain_is_said(name: str, key: str, line: str) -> None:
    assert line in told(pages.opened(f"steering/{name}", **{key: "x"}))


def test_blocks_offer_neither_commands_nor_files_of_their_own() -> None:
    for name in ("orders_and_outcomes", "support_and_voice", "typology_and_hidden_stalking"):
        for block in pages.opened(f"steering/{name}").blocks:
            assert block.commands == ()
            assert block.downloads == {}


@pytest.mark.parametrize("name", PAGES)
def test_a_damaged_snapshot_gives_way_to_the_last_good_one(name: str, shelf: Path) -> None:
    path = shelf / "2026-09-30-internal" / "measures.csv"
    path.write_bytes(path.read_bytes().replace(b"4", b"5", 1))
    shown = pages.opened(f"steering/{name}")
    assert "One other snapshot is damaged" in told(shown)
    assert settings().contact in told(shown)
    assert "Snapshot 2026-08-31-internal" in shown.text
    assert str(shelf) not in shown.text + told(shown)


def test_a_half_copied_snapshot_and_one_of_a_newer_version_are_not_shown(shelf: Path) -> None:
    (shelf / "2026-09-30-internal" / "measures.parquet").unlink()
    newer = shelf / "2026-10-31-internal"
    shutil.copytree(shelf / "2026-08-31-internal", newer)
    text = (newer / "manifest.json").read_text(encoding="utf-8")
    (newer / "manifest.json").write_text(text.replace('"format": 1', '"format": 2'), encoding="utf-8")
    shown = pages.opened("steering/summary")
    assert "2 other snapshots are damaged" in told(shown)
    assert "Snapshot 2026-08-31-internal" in shown.text


@pytest.mark.parametrize("kind", ["none", "empty", "damaged"])
def test_without_a_whole_snapshot_a_page_says_so_and_to_whom_to_turn(
    kind: str, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in shelf.iterdir():
        (each / "manifest.json").unlink()
    if kind == "none":
        monkeypatch.setenv(f"{PREFIX}SNAPSHOTS", str(shelf / "nowhere"))
    if kind == "empty":
        shutil.rmtree(shelf)
        shelf.mkdir()
    shown = pages.opened("steering/summary")
    assert "to show" in told(shown)
    assert settings().contact in told(shown)
    assert not shown.app.get("plotly_chart")
    assert str(shelf) not in shown.text + told(shown)


def test_pages_of_the_analyst_are_not_among_those_of_the_steering_group() -> None:
    app = pages.opened("steering/summary").app
    for name in pages.PAGES:
        with pytest.raises(ValueError, match="Could not find a navigation page"):
            app.switch_page(f"pages/{name}.py")


def test_a_setting_that_cannot_be_read_shows_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}PORT", "many")
    shown = pages.opened("steering/summary")
    assert "the server is not set up as it must be" in told(shown)
    assert "many" not in told(shown)
    assert not shown.app.get("plotly_chart")


def test_a_role_that_nobody_defined_shows_a_sentence_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(f"{PREFIX}ROLE", "chief")
    shown = pages.opened("overview")
    assert "a role that is not defined" in told(shown)
    assert not shown.app.sidebar.selectbox
    assert "SYNTHETIC" not in shown.text
