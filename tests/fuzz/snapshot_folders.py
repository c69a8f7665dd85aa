"""Snapshots whose manifest and files were changed, and now and then sealed again as a forger would."""

import csv
import io
import json
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from profiles.cli.command import USER_FAULT
from profiles.errors import ProfilesError
from profiles.snapshot import manifests, opened
from profiles.writing import json_text
from tests.fuzz import mutating
from tests.fuzz.importing import asked, check_sentence
from tests.fuzz.running import ACCEPTED, REFUSED, Broken
from tests.projected import made

SEALED_SHARE = 0.7
REPORTED_SHARE = 0.02


@dataclass(frozen=True)
class Ready:
    """Two sound snapshots, a month apart."""

    older: Path
    newer: Path


def prepared(folder: Path) -> Ready:
    """The two snapshots."""
    older = made(folder / "2026-08-31-internal", as_at="2026-08-31")
    return Ready(older, made(folder / "2026-09-30-internal", previous=older))


def tried(draw: random.Random, ready: Ready, folder: Path) -> str:
    """The newer snapshot changed, on a shelf with the older one, and asked for in every way."""
    shelf = folder / "shelf"
    shutil.copytree(ready.older, shelf / ready.older.name)
    changed = Path(shutil.copytree(ready.newer, shelf / "2026-09-30-internal"))
    is_sealed = draw.random() < SEALED_SHARE
    for _ in range(draw.choice((1, 1, 2))):
        draw.choice(WAYS)(draw, changed)
    if is_sealed:
        _sealed(draw, changed)
    is_same = _contents(changed) == _contents(ready.newer)
    outcome = _asked("verify", changed)
    if outcome == ACCEPTED and not is_sealed and not is_same:
        raise Broken("a snapshot that was changed and not sealed again is said to be whole")
    _asked("compare", shelf / ready.older.name, changed)
    _shown(shelf)
    if draw.random() < REPORTED_SHARE:
        _asked("report", "--snapshot", changed, "--format", "html", "--out", folder / "report.html")
    return outcome


def _asked(*arguments: object) -> str:
    result = asked([str(each) for each in arguments])
    if result.exit_code == USER_FAULT:
        check_sentence(result)
        return REFUSED
    if result.exit_code != 0:
        raise Broken(f"exit status {result.exit_code}: {result.output[:300]}")
    return ACCEPTED


def _shown(shelf: Path) -> None:
    """Raise Broken when no snapshot is left to show, and what the pages would meet."""
    found = opened.found(shelf)
    if "2026-08-31-internal" not in [each.folder.name for each in found.whole]:
        raise Broken("the last good snapshot is not up any more")
    for each in found.whole:
        try:
            opened.release(each)
            opened.zipped(each)
        except ProfilesError:
            if each.folder.name == "2026-08-31-internal":
                raise


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _sealed(draw: random.Random, folder: Path) -> None:
    """A manifest whose sizes, hashes and seal fit what lies there, some of its own keys odd."""
    try:
        raw = json.loads((folder / manifests.NAME).read_bytes())
        files = {
            path.name: manifests._measured(path)
            for path in folder.iterdir()
            if path.is_file() and not path.is_symlink()
        }
        files.pop(manifests.NAME, None)
        raw["files"] = files
        for _ in range(draw.choice((0, 0, 1, 2))):
            raw[draw.choice(sorted(raw))] = draw.choice(VALUES)
        raw["seal"] = manifests._seal(raw)
        (folder / manifests.NAME).write_text(json_text(raw), encoding="utf-8", newline="")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, ProfilesError):
        return


VALUES: tuple[Any, ...] = (
    *(
        None,
        0,
        1,
        2,
        -1,
        1.5,
        10**30,
        True,
        False,
        "",
        "x",
        [],
        {},
        [[]],
        {"a": None},
        ["x"],
        "9999-99-99",
        "2026-02-30",
    ),
    *(
        "9999-12-31",
        "0001-01-01",
        "2026-09-30T00:00",
        "external",
        "internal",
        "no",
        "yes",
        "../x",
        "a" * 9_000,
        "\u202ex",
    ),
    *(
        "[red]",
        "\x1b[31m",
        "<b>",
        "=1+1",
        "\0",
        {"as_at": "x"},
        {"as_at": "2026-08-31", "sha256": "0"},
        [{"file": "x"}],
    ),
)


def _manifest_key(draw: random.Random, folder: Path) -> None:
    path = folder / manifests.NAME
    if not path.is_file():
        return
    try:
        raw = json.loads(path.read_bytes())
        raw[draw.choice([*sorted(raw), "new"])] = draw.choice(VALUES)
        path.write_text(json_text(raw), encoding="utf-8", newline="")
    except (ValueError, TypeError, AttributeError, RecursionError):
        return


def _manifest_bytes(draw: random.Random, folder: Path) -> None:
    path = folder / manifests.NAME
    if path.is_file():
        path.write_bytes(mutating.damaged(draw, path.read_bytes()))


def _file_bytes(draw: random.Random, folder: Path) -> None:
    path = _one(draw, folder)
    if path:
        path.write_bytes(mutating.damaged(draw, path.read_bytes()))


def _cells(draw: random.Random, folder: Path) -> None:
    """Cells, columns or rows of one CSV changed."""
    path = _one(draw, folder, "*.csv")
    if path is None:
        return
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    except (ValueError, csv.Error):
        return
    for _ in range(draw.choice((1, 2, 5))):
        row = draw.randrange(len(rows)) if rows else 0
        if not rows or not rows[row]:
            continue
        column = draw.randrange(len(rows[row]))
        way = draw.randint(0, 7)
        if way <= 3:
            rows[row][column] = draw.choice(
                (mutating.text(draw), "[c]", "[x]", "-1", "1e400", "nan", "9999-99-99")
            )
        elif way == 4:
            rows[0][min(column, len(rows[0]) - 1)] = mutating.text(draw)
        elif way == 5:
            rows.append(list(rows[row]))
        elif way == 6:
            for each in rows:
                del each[column : column + 1]
        else:
            del rows[row : row + draw.choice((1, 10_000))]
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\r\n").writerows(rows)
    path.write_bytes(target.getvalue().encode("utf-8", "replace"))


def _lost(draw: random.Random, folder: Path) -> None:
    path = _one(draw, folder)
    if path:
        path.unlink()


def _added(draw: random.Random, folder: Path) -> None:
    name = draw.choice(
        ("x.csv", "measures.csv.bak", ".hidden", "a\nb.csv", "\u202e.csv", "[b].csv", "\x1b[31m", "é")
    )
    way = draw.randint(0, 3)
    path = folder / name
    if path.exists():
        return
    if way == 0:
        path.mkdir()
    elif way == 1:
        path.symlink_to(draw.choice(("/etc/passwd", "measures.csv", "nowhere", ".")))
    else:
        path.write_bytes(draw.randbytes(20))


def _swapped(draw: random.Random, folder: Path) -> None:
    one, other = _one(draw, folder), _one(draw, folder)
    if one and other:
        first, second = one.read_bytes(), other.read_bytes()
        one.write_bytes(second)
        other.write_bytes(first)


def _emptied(draw: random.Random, folder: Path) -> None:
    path = _one(draw, folder)
    if path:
        path.write_bytes(
            draw.choice((b"", b"\n", b"\0" * 999, b"\xef\xbb\xbf", b"[" * 100_000, b"{" * 100_000))
        )


def _one(draw: random.Random, folder: Path, pattern: str = "*") -> Path | None:
    found = sorted(path for path in folder.glob(pattern) if path.is_file() and not path.is_symlink())
    return draw.choice(found) if found else None


WAYS = (
    _manifest_key,
    _manifest_bytes,
    _file_bytes,
    _cells,
    _cells,
    _cells,
    _lost,
    _added,
    _swapped,
    _emptied,
)
