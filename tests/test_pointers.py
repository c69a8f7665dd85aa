"""A pointer that is lost, or strange things beside the versions: no import starts from nothing over them."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from profiles import cli, importing, pointers, warehouse
from profiles.cli.command import USER_FAULT
from profiles.errors import NoWarehouse
from tests.desk import PROBE, laid

pytestmark = pytest.mark.slow

FIRST = "Ref,Day,Class,Place\nE1,13/02/2024,8Q,Dover\nE2,14/02/2024,8N,Dover\nE3,15/02/2024,8Q,Thanet\n"
SECOND = "Ref,Day,Class,Place\nE4,16/02/2024,8Q,Dover\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a mapping, exports and a warehouse of two versions, of one and of four crimes."""
    folder = tmp_path_factory.mktemp("pointers")
    mapping, paths = laid(folder, PROBE, crimes_2=SECOND, crimes_1=FIRST)
    for path in paths:
        importing.import_files([path], mapping, folder / "warehouse")
    return folder


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to be damaged."""
    shutil.copytree(built, tmp_path / "desk")
    return tmp_path / "desk"


def versions(desk: Path) -> list[str]:
    """Names of the two versions, the older first."""
    return sorted(path.name for path in (desk / "warehouse" / "versions").iterdir())


def crimes(desk: Path) -> int:
    con = warehouse.connect(warehouse.current(desk / "warehouse").path)
    try:
        return con.execute("select count(*) from raw.crimes").fetchall()[0][0]
    finally:
        con.close()


def bring(desk: Path, text: str = "Ref,Day,Class,Place\nE5,17/02/2024,8Q,Dover\n") -> Result:
    """An import of a further crime, on the command line."""
    (desk / "crimes_3.csv").write_text(text, encoding="utf-8")
    given = ["import", str(desk / "crimes_3.csv"), "--mapping", str(desk / "desk.toml")]
    return CliRunner().invoke(cli.main, [*given, "--warehouse", str(desk / "warehouse")])


def lost(path: Path) -> None:
    path.unlink()


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("elsewhere")


LOST: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lost, "is missing"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "blank": (lambda path: path.write_bytes(b" \r\n"), "is empty"),
    "zeros": (lambda path: path.write_bytes(b"\0" * 40), "holds no name of a version"),
    "bytes": (lambda path: path.write_bytes(bytes(range(128, 256))), "holds no text"),
    "text": (lambda path: path.write_bytes(b"the newest one, please"), "holds no name of a version"),
    "path out": (lambda path: path.write_bytes(b"../../etc"), "holds no name of a version"),
    "parent": (lambda path: path.write_bytes(b".."), "holds no name of a version"),
    "two names": (lambda path: path.write_bytes(b"0001-a\n0002-b\n"), "holds no name of a version"),
    "huge": (lambda path: path.write_bytes(b"9" * 5_000_000), "is too long to be a name"),
    "link to itself": (loop, "is a link to itself"),
    "link to nothing": (dangling, "is a link to nothing"),
}


def test_where_the_pointer_is_lost_the_newest_version_is_served_and_says_so(desk: Path) -> None:
    folder = desk / "warehouse"
    newest = versions(desk)[1]
    for kind, (damage, fault) in LOST.items():
        if os.name != "posix" and "link" in kind:
            continue
        (folder / pointers.POINTER).unlink(missing_ok=True)
        (folder / pointers.POINTER).write_text("0001-x\n", encoding="utf-8")
        damage(folder / pointers.POINTER)
        notice = f"{folder / 'CURRENT'} {fault}: {newest}, the newest version that is whole, is served."
        found = warehouse.current(folder)
        assert (found.name, found.notice) == (newest, notice), kind
    read = CliRunner().invoke(cli.main, ["check", "--warehouse", str(folder)])
    assert read.stderr == f"stalking-profiles: {notice}\n"


@pytest.mark.parametrize("kind", ["missing", "huge", "link to itself"])
def test_where_the_pointer_is_lost_an_import_goes_on_from_the_newest_version(desk: Path, kind: str) -> None:
    if os.name != "posix" and "link" in kind:
        pytest.skip("links need rights there")
    damage, fault = LOST[kind]
    damage(desk / "warehouse" / pointers.POINTER)
    told = bring(desk)
    assert told.exit_code == 0
    assert f"CURRENT{fault}:{versions(desk)[1]}".replace(" ", "") in "".join(told.stdout.split())
    assert (crimes(desk), warehouse.current(desk / "warehouse").notice) == (5, "")
    assert len(versions(desk)) == 3


def test_an_import_of_what_is_known_puts_the_pointer_back_and_makes_no_version(desk: Path) -> None:
    folder, before = desk / "warehouse", versions(desk)
    (folder / pointers.POINTER).unlink()
    importing.import_files([desk / "crimes_1.csv"], str(desk / "desk.toml"), folder)
    assert (folder / pointers.POINTER).read_text(encoding="utf-8") == f"{before[1]}\n"
    assert versions(desk) == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_pointer_written_by_hand_is_read_whatever_the_editor_puts_before_it(
    desk: Path, encoding: str
) -> None:
    (desk / "warehouse" / pointers.POINTER).write_text(f"{versions(desk)[0]}\r\n", encoding=encoding)
    assert (crimes(desk), warehouse.current(desk / "warehouse").notice) == (1, "")


def test_a_pointer_that_is_a_folder_is_read_past_and_an_import_says_what_to_move(desk: Path) -> None:
    pointer = desk / "warehouse" / pointers.POINTER
    pointer.unlink()
    pointer.mkdir()
    assert "is no plain file" in warehouse.current(desk / "warehouse").notice
    told = bring(desk)
    assert told.exit_code == USER_FAULT
    assert "CURRENT is a folder, so no version can be served; move it away and import again." in told.stderr
    assert len(versions(desk)) == 2


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGED: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: path.unlink(),
    "folder gone": lambda path: shutil.rmtree(path.parent),
    "empty": lambda path: path.write_bytes(b""),
    "other bytes": lambda path: path.write_bytes(b"not a database" * 1000),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "its end cut off": cut,
    "a folder": folder_instead,
}


def test_where_the_named_version_is_damaged_it_is_said_which_ones_are_whole(desk: Path, built: Path) -> None:
    folder = desk / "warehouse"
    older, newer = versions(desk)
    whole = folder / "versions" / newer
    for kind, damage in DAMAGED.items():
        shutil.rmtree(whole, ignore_errors=True)
        shutil.copytree(built / "warehouse" / "versions" / newer, whole)
        (folder / pointers.POINTER).write_text(f"{newer}\n", encoding="utf-8")
        damage(whole / pointers.FILE)
        with pytest.raises(NoWarehouse) as caught:
            warehouse.current(folder)
        remedy = f"Or write the name of a version that is whole into {folder / 'CURRENT'} ({older}), and "
        assert remedy in str(caught.value), kind
        # Without a pointer the whole one is taken up, the other named.
        (folder / pointers.POINTER).unlink()
        notice = warehouse.current(folder).notice
        assert f"{older}, the newest version that is whole, is served." in notice, kind
        assert notice.endswith(f" Not whole: {newer}." if kind != "folder gone" else "is served."), kind


def test_a_damaged_version_is_not_built_upon_and_what_comes_does_not_push_out_the_whole_one(
    desk: Path,
) -> None:
    older, newer = versions(desk)
    cut(desk / "warehouse" / "versions" / newer / pointers.FILE)
    told = bring(desk)
    assert told.exit_code == USER_FAULT
    assert f"that is whole into {desk / 'warehouse' / 'CURRENT'} ({older})" in told.stderr
    assert versions(desk) == [older, newer]
    (desk / "warehouse" / pointers.POINTER).unlink()
    assert bring(desk).exit_code == 0
    assert (crimes(desk), older in versions(desk)) == (2, True)


def test_where_no_version_is_whole_nothing_is_started_anew(desk: Path) -> None:
    for name in versions(desk):
        (desk / "warehouse" / "versions" / name / pointers.FILE).write_bytes(b"")
    for damage in (lost, lambda path: path.write_bytes(b"?")):
        damage(desk / "warehouse" / pointers.POINTER)
        told = bring(desk)
        assert told.exit_code == USER_FAULT
        assert "holds no version that this program can serve" in told.stderr
        assert "Restore the folder from a copy, or import the exports into a new folder" in told.stderr
    assert len(versions(desk)) == 2


def test_a_pointer_without_versions_is_not_written_over(desk: Path) -> None:
    shutil.rmtree(desk / "warehouse" / "versions")
    told = bring(desk)
    assert told.exit_code == USER_FAULT
    assert "is not there; restore it" in told.stderr
    (desk / "warehouse" / pointers.POINTER).write_bytes(b"?")
    assert "holds no version that this program can serve" in bring(desk).stderr


STRANGE = (
    "9999999999-2024-06-30-0123abcd",
    "\u00b2\u00b2\u00b2\u00b2-2024-06-30-0123abcd",
    "\u0664\u0664\u0664\u0664-2024-06-30-0123abcd",
    f"{'9' * 200}-2024-06-30-0123abcd",
    "notes",
    "lost+found",
    "000x-2024-06-30-0123abcd",
    ".hidden",
)


def test_strange_folders_and_files_beside_the_versions_are_neither_counted_nor_taken_away(
    desk: Path,
) -> None:
    folder = desk / "warehouse" / "versions"
    for place, name in enumerate(STRANGE):
        if place % 2:
            (folder / name).mkdir()
        else:
            (folder / name).write_text("of another kind", encoding="utf-8")
    (folder / "0009-2024-06-30-0123abcd").write_text("a file of such a name", encoding="utf-8")
    (desk / "warehouse" / pointers.POINTER).unlink()
    for number in range(3):
        told = bring(desk, f"Ref,Day,Class,Place\nF{number},17/02/2024,8Q,Dover\n")
        assert told.exit_code == 0, told.stderr
    assert crimes(desk) == 7
    served = warehouse.current(desk / "warehouse").name
    assert pointers.number(served) == 12
    assert {name for name in versions(desk) if not pointers.number(name)} == set(STRANGE)
    assert len([name for name in versions(desk) if (folder / name / pointers.FILE).exists()]) == 3


def test_a_copy_under_another_name_is_as_new_as_what_it_is_a_copy_of(desk: Path) -> None:
    folder = desk / "warehouse" / "versions"
    older, newer = versions(desk)
    shutil.copytree(folder / older, folder / "9999-copy-of-the-older")
    (desk / "warehouse" / pointers.POINTER).unlink()
    assert warehouse.current(desk / "warehouse").name == newer
    shutil.rmtree(folder / newer)
    shutil.rmtree(folder / older)
    assert crimes(desk) == 1
    assert bring(desk).exit_code == 0
    assert (crimes(desk), "9999-copy-of-the-older" in versions(desk)) == (2, True)


def test_versions_that_are_not_whole_push_out_none_that_is(desk: Path) -> None:
    folder = desk / "warehouse" / "versions"
    older, newer = versions(desk)
    for number in (3, 4, 5):
        (folder / f"000{number}-2024-06-30-0123abcd").mkdir()
    assert bring(desk).exit_code == 0
    whole = [each.name for each in warehouse.kept(desk / "warehouse") if each.version]
    assert whole[1:] == [newer, older]


def test_the_folder_of_the_versions_may_be_a_file(desk: Path) -> None:
    shutil.rmtree(desk / "warehouse" / "versions")
    (desk / "warehouse" / "versions").write_text("?", encoding="utf-8")
    (desk / "warehouse" / pointers.POINTER).unlink()
    with pytest.raises(NoWarehouse, match="There is no warehouse"):
        warehouse.current(desk / "warehouse")
    assert "cannot be written (File exists)" in bring(desk).stderr
