"""Versions of a warehouse: listed, gone back to, removed with a word, upgraded from the form before."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from profiles import cli, importing, pointers, versions, warehouse
from profiles.errors import NoWarehouse
from profiles.facts import facts_of
from profiles.importing.reports import ImportReport
from profiles.settings import DEFAULTS
from profiles.warehouse import publishing

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_reference_tables")]

MAPPING = """
name = "future"
date_formats = ["%d/%m/%Y"]
[[table]]
into = "crimes"
files = ["crimes*.csv"]
columns = { crime_ref = "Ref", recorded_date = "Day", ho_class = "Class" }
"""


class Desk:
    """A folder with a mapping, and a warehouse."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.warehouse, self.keep = folder, folder / "warehouse", 3
        (folder / "m.toml").write_text(MAPPING)

    def bring(self, name: str, as_at: str, *lines: str) -> ImportReport:
        path = self.folder / name
        path.write_text("\n".join(["Ref,Day,Class", *lines]) + "\n")
        return importing.import_files(
            [path],
            str(self.folder / "m.toml"),
            self.warehouse,
            as_at=date.fromisoformat(as_at),
            settings=replace(DEFAULTS, keep_versions=self.keep),
        )

    def back(self, name: str | None = None) -> str:
        """The name of the version served after going back."""
        return versions.go_back(self.warehouse, name, DEFAULTS)[1].name

    def kept(self) -> list[int]:
        return [pointers.number(each.name) for each in versions.listed(self.warehouse)]

    def classes(self) -> list[tuple[str, str]]:
        con = warehouse.connect(warehouse.current(self.warehouse).path)
        try:
            return con.execute("select crime_ref, ho_class from raw.crimes order by 1").fetchall()
        finally:
            con.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.bring("crimes_1.csv", "2024-01-31", "Z0,05/01/2024,8Q")
    return desk


def test_a_wrong_date_is_undone_and_the_corrected_export_comes_in_whole(desk: Desk) -> None:
    first = warehouse.current(desk.warehouse).name
    # 2026 for 2024: two years in which nothing seems to happen, and nothing older enters.
    desk.bring("crimes_2.csv", "2026-03-31", "Z1,13/02/2024,8Q", "Z2,14/02/2024,8L")
    corrected = ("Z1,13/02/2024,8Q", "Z2,14/02/2024,8Q", "Z3,15/03/2024,8Q")
    assert desk.bring("crimes_3.csv", "2024-04-30", *corrected).files[0].superseded == 1
    told = CliRunner().invoke(cli.main, ["versions", "--warehouse", str(desk.warehouse)]).output
    assert [line.split()[:3] for line in told.splitlines()[1:3]] == [
        [warehouse.current(desk.warehouse).name, "served", "2026-03-31"],
        [desk.back(), "2026-03-31", "2"],
    ]
    told = CliRunner().invoke(cli.main, ["go-back", "1", "--warehouse", str(desk.warehouse)]).output
    assert told.startswith(f"serving {first}, as at 2024-01-31, instead of 0002-")
    assert desk.classes() == [("Z0", "8Q")]
    report = desk.bring("crimes_3.csv", "2024-04-30", *corrected)
    assert report.files[0].accepted == 3
    assert desk.classes() == [("Z0", "8Q"), ("Z1", "8Q"), ("Z2", "8Q"), ("Z3", "8Q")]
    assert report.warehouse_version.startswith("0004-2024-04-30-")


def test_going_back_twice_does_not_serve_what_was_undone(desk: Desk) -> None:
    desk.bring("crimes_2.csv", "2024-04-30", "Z1,13/02/2024,8Q")
    assert desk.back().startswith("0001-")
    # The same file, under its right day.
    desk.bring("crimes_2.csv", "2024-02-29", "Z1,13/02/2024,8Q")
    assert desk.kept() == [3, 2, 1]
    assert desk.back().startswith("0001-")


def test_what_was_gone_back_from_is_kept_or_its_removal_is_told(desk: Desk) -> None:
    desk.bring("crimes_2.csv", "2024-02-29", "Z1,13/02/2024,8Q")
    desk.bring("crimes_3.csv", "2024-03-31", "Z2,13/03/2024,8Q")
    assert desk.back().startswith("0002-")
    assert desk.back("0003").startswith("0003-")  # and forward again
    assert desk.back("2").startswith("0002-")
    report = desk.bring("crimes_4.csv", "2024-03-31", "Z3,13/03/2024,8Q")
    assert (desk.kept(), report.notice) == ([4, 3, 2], "")
    desk.back("2")
    desk.keep = 2
    report = desk.bring("crimes_5.csv", "2024-03-31", "Z4,13/03/2024,8Q")
    # The one that readers have open stays, and the newest.
    assert desk.kept() == [5, 4, 2]
    assert report.notice.startswith("Removed 0003-2024-03-31-")
    assert report.notice.endswith(
        "from which the warehouse had gone back: STALKING_PROFILES_KEEP_VERSIONS keeps 2."
    )


def test_a_version_that_is_not_there_not_whole_or_served_already_is_refused(
    desk: Desk, tmp_path: Path
) -> None:
    with pytest.raises(NoWarehouse, match="keeps no whole version before 0001-"):
        desk.back()
    with pytest.raises(NoWarehouse, match="keeps no version '7'; it keeps 0001-"):
        desk.back("7")
    with pytest.raises(NoWarehouse, match="is served already"):
        desk.back("1")
    with pytest.raises(NoWarehouse, match="There is no warehouse"):
        versions.go_back(tmp_path / "elsewhere", None, DEFAULTS)
    assert not (tmp_path / "elsewhere").exists()
    desk.bring("crimes_2.csv", "2024-02-29", "Z1,13/02/2024,8Q")
    served = warehouse.current(desk.warehouse).name
    whole = next((desk.warehouse / "versions").glob("0001-*/warehouse.duckdb"))
    whole.write_bytes(whole.read_bytes()[:20_000])
    with pytest.raises(NoWarehouse, match="keeps no whole version before 0002-"):
        desk.back()
    with pytest.raises(NoWarehouse, match=r"cannot be opened|cut off"):
        desk.back("1")
    assert [bool(each.fault) for each in versions.listed(desk.warehouse)] == [False, True]
    with publishing.writing(desk.warehouse), pytest.raises(NoWarehouse, match="Another import is writing"):
        versions.go_back(desk.warehouse, "1", replace(DEFAULTS, lock_seconds=0.1))
    assert warehouse.current(desk.warehouse).name == served


def as_form_4(version: warehouse.Version) -> None:
    """Turns the version into one of the form before, which knew only until when a file covers."""
    con = warehouse.connect(version.path, read_only=False)
    con.execute(
        "drop table meta.coverage; alter table meta.feeding drop column covers_from; "
        "alter table meta.feeding drop column is_certain"
    )
    warehouse.set_meta(con, schema_version="4")
    con.close()


def test_a_warehouse_of_the_form_before_is_refused_with_the_command_that_upgrades_it(desk: Desk) -> None:
    as_form_4(warehouse.current(desk.warehouse))
    with pytest.raises(NoWarehouse, match=r"tables of form 4, .* run `stalking-profiles upgrade --warehouse"):
        warehouse.current(desk.warehouse)
    told = CliRunner().invoke(cli.main, ["upgrade", "--warehouse", str(desk.warehouse)])
    assert (told.exit_code, told.output.splitlines()[-1][:13]) == (0, "serving 0002-")
    assert desk.classes() == [("Z0", "8Q")]
    assert importing.upgrade(desk.warehouse).name.startswith("0002-")  # there is nothing to do


def test_an_import_upgrades_a_warehouse_of_the_form_before_and_leaves_no_gap_in_what_it_held(
    desk: Desk,
) -> None:
    as_form_4(warehouse.current(desk.warehouse))
    desk.bring("crimes_2.csv", "2024-02-29", "Z1,13/02/2024,8Q")
    assert desk.classes() == [("Z0", "8Q"), ("Z1", "8Q")]
    con = warehouse.connect(warehouse.current(desk.warehouse).path)
    assert facts_of(con).left_out() == ()
    con.close()
