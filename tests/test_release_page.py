"""The page Demand and FMS: snapshots and their projections shown, one built, compared and taken away."""

import hashlib
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from filelock import FileLock
from playwright.sync_api import Page, expect

from profiles import snapshot, words
from profiles.blocks import projections
from profiles.errors import BadSnapshot
from profiles.settings import PREFIX, Settings
from profiles.snapshot import contents, files, manifests, opened, protecting
from profiles.ui import previews
from profiles.ui.previews import FEW, GIVEN, LEFT, SMALL
from tests import browser, pages, small
from tests.projected import AS_AT, MODEL, made
from tests.releases import parts_by_year
from tests.sizes import IS_LONG
from tests.snapshot_rows import row, rows

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one snapshot."""
    folder = tmp_path_factory.mktemp("snapshots")
    made(folder / "2026-09-30-internal")
    return folder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small warehouse of a year and a half, as at 17 September 2026."""
    folder, crimes = tmp_path_factory.mktemp("warehouse"), small.crimes(300)
    small.write(folder, crimes[[day >= date(2025, 4, 1) for day in crimes["recorded_date"]]])
    return folder


@pytest.fixture(scope="module", autouse=True)
def _fewer() -> Iterator[None]:
    """Previews and builds of this file are of a part of the plan: it takes seconds, and all of it minutes."""
    with pytest.MonkeyPatch.context() as patched:
        if not IS_LONG:
            patched.setattr(contents, "asks", parts_by_year)
        yield


@pytest.fixture(autouse=True)
def _set(served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(served))
    monkeypatch.setenv(f"{PREFIX}SNAPSHOTS", str(tmp_path / "none"))
    yield
    st.cache_resource.clear()


@pytest.fixture
def shelf(ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, which the page is told of."""
    folder = tmp_path / "shelf"
    shutil.copytree(ready, folder)
    monkeypatch.setenv(f"{PREFIX}SNAPSHOTS", str(folder))
    return folder


# --- the snapshots there are -------------------------------------------------------------------


def test_without_a_snapshot_the_page_says_what_one_is_and_offers_to_build_one() -> None:
    shown = pages.opened("demand_and_fms")
    assert "A snapshot is a dated release of every measure" in shown.text
    assert not shown.app.error
    assert not shown.app.get("plotly_chart")
    assert [each.label for each in shown.app.button if each.label.startswith(("Build", "See"))]


def test_the_page_shows_a_snapshot_with_its_stamp_its_cost_and_every_block(shelf: Path) -> None:
    shown = pages.opened("demand_and_fms")
    assert not shown.app.error
    assert shown.app.title[0].value == "Demand and FMS"
    assert [block.block_id for block in shown.blocks] == [
        "projection",
        "financial-years",
        "back-test",
        "coverage",
    ]
    charts = [chart.proto for chart in shown.app.get("plotly_chart")]
    assert [chart.alt for chart in charts] == [f"{each.title}. {each.sentence}" for each in shown.blocks]
    assert "90 rows of figures" in shown.text
    sha = hashlib.sha256((shelf / "2026-09-30-internal" / "manifest.json").read_bytes()).hexdigest()
    assert sha in shown.text
    assert "The filters at the side do not apply here" in shown.text


def test_another_series_is_picked_and_kept_in_the_address(shelf: Path) -> None:
    app = pages.opened("demand_and_fms").app
    assert app.selectbox(key="series").options[1] == "Stalking-involved crimes (basis: principal)"
    app.selectbox(key="series").set_value("Stalking-involved crimes (basis: principal)")
    shown = pages.drawn(app)
    assert [block.block_id for block in shown.blocks] == ["projection", "financial-years"]
    assert "There was no back-test of this series" in shown.text


def test_of_several_the_newest_is_shown_and_the_address_names_another(shelf: Path) -> None:
    made(shelf / "2026-06-30-internal", as_at="2026-06-30")
    shutil.copytree(shelf / "2026-09-30-internal", shelf / "2026-09-30-internal-2")
    shown = pages.opened("demand_and_fms")
    picker = shown.app.selectbox(key="snapshot")
    assert picker.options == ["2026-09-30-internal-2", "2026-09-30-internal", "2026-06-30-internal"]
    assert shown.blocks[0].source.as_at == "2026-09-30"
    older = pages.opened("demand_and_fms", snapshot="2026-06-30-internal")
    assert older.blocks[0].source.as_at == "2026-06-30"
    assert "June 2027" in older.blocks[0].title
    for hostile in ("../2026-09-30-internal", "/etc", "<script>", ""):
        kept = pages.opened("demand_and_fms", snapshot=hostile)
        assert kept.app.selectbox(key="snapshot").value == "2026-09-30-internal-2"
        assert not kept.app.error


def test_a_snapshot_of_real_data_is_not_called_synthetic(ready: Path, tmp_path: Path) -> None:
    real = opened.release(manifests.verified(made(tmp_path / "real", synthetic="no")))
    block = projections.history(real, *MODEL)
    assert "SYNTHETIC" not in block.stamp + block.file_name


def test_a_damaged_snapshot_is_a_sentence_and_the_others_still_work(shelf: Path) -> None:
    damaged = shelf / "2026-12-31-internal"
    shutil.copytree(shelf / "2026-09-30-internal", damaged)
    content = (damaged / "fms.csv").read_bytes()
    (damaged / "fms.csv").write_bytes(content.replace(b"actual", b"actuel", 1))
    (shelf / "notes").mkdir()
    (shelf / "readme.txt").write_text("not a snapshot")
    (shelf / ".2027.part").mkdir()
    shown = pages.opened("demand_and_fms")
    told = [re.sub(r"\\(.)", r"\1", each.value) for each in shown.app.error]
    assert len(told) == 2
    assert "fms.csv is not the file that was released" in told[0]
    assert "notes has no manifest.json" in told[1]
    assert len(shown.blocks) == 4


def test_a_file_changed_while_the_page_is_open_is_noticed(shelf: Path) -> None:
    app = pages.opened("demand_and_fms").app
    path = shelf / "2026-09-30-internal" / "forecast.csv"
    path.write_bytes(path.read_bytes().replace(b"month", b"mouth", 1))
    shown = pages.drawn(app)
    assert len(shown.app.error) == 1
    assert shown.blocks == ()


def test_a_folder_that_cannot_be_read_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(f"{PREFIX}SNAPSHOTS", str(tmp_path / "file"))
    app = pages.opened("demand_and_fms").app
    assert "cannot be read" in app.error[0].value
    assert not app.exception


# --- taken away, named, compared ---------------------------------------------------------------


def test_the_zip_holds_the_snapshot_and_is_the_same_wherever_it_lies(ready: Path, tmp_path: Path) -> None:
    folder = ready / "2026-09-30-internal"
    elsewhere = tmp_path / "2026-09-30-internal"
    shutil.copytree(folder, elsewhere, copy_function=shutil.copyfile)
    content = opened.zipped(manifests.verified(folder))
    assert opened.zipped(manifests.verified(elsewhere)) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == sorted(f"{folder.name}/{each.name}" for each in folder.iterdir())
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        archive.extractall(tmp_path / "out")
    again = manifests.verified(tmp_path / "out" / folder.name)
    assert again.sha256 == manifests.verified(folder).sha256


def test_a_snapshot_that_was_damaged_since_is_not_zipped(shelf: Path) -> None:
    manifest = manifests.verified(shelf / "2026-09-30-internal")
    (manifest.folder / "fms.csv").unlink()
    with pytest.raises(BadSnapshot, match=r"lacks fms\.csv"):
        opened.zipped(manifest)


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    assert opened.new_name(tmp_path, AS_AT, "internal") == "2026-09-30-internal"
    (tmp_path / "2026-09-30-internal").mkdir()
    assert opened.new_name(tmp_path, AS_AT, "internal") == "2026-09-30-internal-2"
    (tmp_path / "2026-09-30-internal-2").mkdir()
    assert opened.new_name(tmp_path, AS_AT, "internal") == "2026-09-30-internal-3"
    assert opened.new_name(tmp_path, AS_AT, "external") == "2026-09-30-external"


def test_what_a_snapshot_can_follow_is_of_its_own_kind_and_no_newer(tmp_path: Path) -> None:
    made(tmp_path / "a")
    made(tmp_path / "b", as_at="2026-06-30")
    made(tmp_path / "c", profile="external")
    made(tmp_path / "d", synthetic="no")
    made(tmp_path / "e", as_at="2026-12-31")
    found = opened.found(tmp_path)
    assert [each.folder.name for each in found.like("internal", "SYNTHETIC", AS_AT)] == ["a", "b"]
    assert [each.folder.name for each in found.like("internal", "SYNTHETIC", "2025-01-01")] == []


def test_what_changed_since_the_snapshot_before_is_drawn_when_it_is_opened(shelf: Path) -> None:
    made(shelf / "2026-06-30-internal", as_at="2026-06-30", level=380)
    made(shelf / "2026-06-30-external", as_at="2026-06-30", profile="external")
    app = pages.opened("demand_and_fms").app
    assert app.selectbox(key="against-2026-09-30-internal").options == ["2026-06-30-internal"]
    assert "rows that both hold" not in pages.drawn(app).text
    app.session_state["changes-2026-09-30-internal"] = True
    shown = pages.drawn(app)
    found = opened.compared(
        *(manifests.verified(shelf / f"2026-{day}-internal") for day in ("06-30", "09-30"))
    )
    for sentence in found.summary:
        assert sentence in shown.text
    assert "Every change" in shown.text or "The first 200" in shown.text


def test_a_snapshot_is_compared_with_the_one_it_followed_before_any_other(shelf: Path) -> None:
    for month in ("05-31", "06-30"):
        made(shelf / f"2026-{month}-internal", as_at=f"2026-{month}")
    shutil.rmtree(shelf / "2026-09-30-internal")
    made(shelf / "2026-09-30-internal", previous=shelf / "2026-05-31-internal")
    picker = pages.opened("demand_and_fms").app.selectbox(key="against-2026-09-30-internal")
    assert picker.options == ["2026-05-31-internal", "2026-06-30-internal"]
    assert picker.value == "2026-05-31-internal"


# --- what would be withheld, and why -----------------------------------------------------------


def test_the_reason_of_each_figure_that_is_not_shown_is_told() -> None:
    asked = rows(
        row("stalking_crimes", period="2024-01-01", numerator=3, value=3),
        row("stalking_crimes", period="2024-02-01", numerator=40, value=40),
        row("stalking_crimes", period="2024-03-01", numerator=50, value=50),
        row("stalking_crimes", period="2024-04-01", numerator=2, value=2),
        row("online_share", period="2024-01-01", numerator=4, denominator=5, value=80.0),
        row("online_share", period="2024-02-01", numerator=38, denominator=40, value=95.0),
        row("online_share", period="2024-03-01", numerator=20, denominator=40, value=50.0),
        row("online_share", period="2024-04-01", marker="[x]"),
        row("online_share", period="2024-05-01", numerator=5, denominator=8),
        row("spo_days_to_application", period="2024-01-01", denominator=7, value=3.0),
        row("satisfied_overall", period="2024-01-01", numerator=3, denominator=7),
    )
    out = asked.copy()
    is_hidden, has_none = asked.index.isin([0, 1, 4, 5, 6, 10]), asked.index.isin([8, 9])
    out["numerator"] = asked["numerator"].mask(is_hidden)
    out["value"] = asked["value"].mask(is_hidden | has_none)
    out["marker"] = asked["marker"].mask(is_hidden | (asked.index == 9), "[c]").mask(asked.index == 8, "[u]")
    out = out.drop(index=3).sample(frac=1, random_state=1).reset_index(drop=True)
    assert list(previews.reasons(asked, out)) == [
        *(SMALL, GIVEN, "", LEFT),
        # 4 of 5; all but 2 of 40; 20 of 40 that would tell another; none there; 5 of 8
        *(SMALL, SMALL, GIVEN, "", FEW),
        *(FEW, FEW),
    ]


@pytest.fixture(scope="module")
def built(served: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a snapshot that was built of the small warehouse."""
    folder = tmp_path_factory.mktemp("built")
    snapshot.build(folder / "2026-09-17-internal", settings=Settings(warehouse=served))
    return folder


def test_the_preview_counts_what_a_snapshot_would_withhold(
    built: Path, served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = pages.opened("demand_and_fms").app
    app.button(key="preview").click()
    shown = pages.drawn(with_time(app))
    assert not shown.app.error
    manifest = manifests.verified(built / "2026-09-17-internal")
    cost = manifest.raw["suppression"]
    ((found,),) = (list(app.session_state["previews"].values()),)
    rows_out = files.read_rows(manifest.folder)
    for table in (found.by_breakdown, found.by_measure):
        hidden = table[list(previews.REASONS.values())].sum(axis=1)
        assert (table["Figures"] == table["Shown"] + hidden).all()
        assert table["Figures"].sum() == len(rows_out) + cost["rows_left_out"]
        assert table[previews.REASONS[LEFT]].sum() == cost["rows_left_out"]
        few = previews.REASONS[FEW]
        few_out = int((rows_out["marker"].eq("[u]") & rows_out["value"].isna()).sum())
        withheld = int((rows_out["marker"] == "[c]").sum())
        assert hidden.sum() == withheld + few_out + cost["rows_left_out"]
        assert table[few].sum() >= few_out
    assert found.cost == protecting.cost_sentences(cost)
    for sentence in found.cost:
        assert words.sentence(sentence) in shown.text
    # Another run of the page works nothing out anew.
    assert next(iter(pages.drawn(app).app.session_state["previews"].values())) is found


def with_time(app: Any) -> Any:
    """The app with as long as a build takes."""
    app.default_timeout = 300
    return app


def test_a_snapshot_is_built_shown_compared_and_told(
    built: Path, served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = tmp_path / "deep" / "shelf"
    monkeypatch.setenv(f"{PREFIX}SNAPSHOTS", str(shelf))
    app = with_time(pages.opened("demand_and_fms").app)
    app.button(key="build").click()
    shown = pages.drawn(app)
    assert not shown.app.error, shown.app.error[0].value
    first = manifests.verified(shelf / "2026-09-17-internal")
    assert first.raw["files"] == manifests.verified(built / "2026-09-17-internal").raw["files"]
    assert shown.app.success[0].value.startswith("2026\\-09\\-17\\-internal is built")
    assert shown.blocks[0].source.as_at == "2026-09-17"
    app.button(key="build").click()
    shown = pages.drawn(app)
    assert not shown.app.error
    second = manifests.verified(shelf / "2026-09-17-internal-2")
    assert second.raw["previous"] == {"as_at": first.as_at, "sha256": first.sha256}
    assert app.selectbox(key="snapshot").value == "2026-09-17-internal-2"
    assert app.selectbox(key="against-2026-09-17-internal-2").value == "2026-09-17-internal"
    for sentence in opened.compared(first, second).summary:
        assert sentence in shown.text


def test_a_second_visitor_who_builds_at_once_is_told_so(shelf: Path) -> None:
    app = with_time(pages.opened("demand_and_fms").app)
    with FileLock(shelf / ".2026-09-17-internal.lock"):
        app.button(key="build").click()
        shown = pages.drawn(app)
    (told,) = shown.app.error
    assert "is being written by another process" in re.sub(r"\\(.)", r"\1", told.value)
    assert sorted(each.name for each in shelf.iterdir() if not each.name.startswith(".")) == [
        "2026-09-30-internal"
    ]
    assert len(shown.blocks) == 4


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    app = with_time(pages.opened("demand_and_fms").app)
    monkeypatch.setenv(f"{PREFIX}SNAPSHOTS", str(tmp_path / "file" / "shelf"))
    app.button(key="build").click()
    shown = pages.drawn(app)
    assert len(shown.app.error) >= 1
    assert not shown.app.exception


# --- in a browser ------------------------------------------------------------------------------


def test_a_full_page_is_open_to_everybody_and_its_downloads_are_the_files(
    page: Page, served: Path, ready: Path, tmp_path: Path
) -> None:
    shelf = tmp_path / "shelf"
    shutil.copytree(ready, shelf)
    made(shelf / "2026-06-30-internal", as_at="2026-06-30", level=380)
    with browser.serving(served, tmp_path / "access.jsonl", shelf) as address, browser.watched(page):
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            browser.open_page(page, address, "", "demand_and_fms")
            browser.open_table(page)
            page.get_by_text("Changes since").first.click()
            expect(page.get_by_text("rows that both hold")).to_be_visible(timeout=browser.TO_DRAW)
            browser.settle(page)
            assert browser.barriers(page) == []
        buttons = page.get_by_test_id("stDownloadButton").all_inner_texts()
        assert len(set(buttons)) == len(buttons)
        folder = shelf / "2026-09-30-internal"
        with page.expect_download() as download:
            page.get_by_role("button", name="Download all of it as one ZIP").click()
        assert download.value.suggested_filename == "snapshot_2026-09-30-internal_SYNTHETIC.zip"
        assert Path(download.value.path()).read_bytes() == opened.zipped(manifests.verified(folder))
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV of: ").first.click()
        assert Path(download.value.path()).read_bytes() == (folder / "forecast.csv").read_bytes()
        page.set_viewport_size({"width": 390, "height": 844})
        browser.open_page(page, address, "?snapshot=2026-06-30-internal", "demand_and_fms")
        assert page.get_by_test_id("stMain").evaluate("each => each.scrollWidth") <= 390
        expect(page.get_by_text("Snapshot 2026-06-30-internal")).to_be_visible()
        # The page would complain of the server's end.
        page.goto("about:blank")
