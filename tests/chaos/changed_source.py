"""What a command reads changes while it is read."""

import csv
import hashlib
import io
import random
import shutil
from pathlib import Path
from typing import Any

from profiles import warehouse
from profiles.snapshot import manifests
from tests.chaos import stage
from tests.chaos.stage import Stage
from tests.fuzz.running import ACCEPTED, REFUSED, Broken

prepared = stage.prepared


def tried(draw: random.Random, ready: Stage, folder: Path) -> str:
    """The command takes what was there as a whole, before or after the change, or is refused."""
    return draw.choice((_import, _import, _import, _snapshot, _report))(draw, ready, folder)


def _import(draw: random.Random, ready: Stage, folder: Path) -> str:
    """Extracts are rewritten: each is taken as it was at one time."""
    source = folder / "src"
    source.mkdir()
    for path in ready.newer:
        shutil.copy(path, source)
    stage.laid_out(ready, folder, "import")
    known = {path.name: {_sha(path): _records(path)} for path in source.iterdir()}
    with stage.disturbed(stage.arguments("import", ready.folder, folder, source), folder / "said") as process:
        for _ in range(draw.randint(1, 4)):
            stage.waited(draw, ready.seconds["import"] / 3)
            path = draw.choice(sorted(source.iterdir()))
            _change(draw, path, known[path.name])
        status = stage.ended(process)
    said = (folder / "said").read_text(encoding="utf-8", errors="replace")
    (folder / "said").unlink()
    stage.refuse_unsaid(status, said)
    if status:
        if stage.whole(ready, folder, "import") != "before":
            raise Broken(f"refused, and yet something came in: {said[-300:]}")
        return REFUSED
    for name, sha256, rows in stage.asked(lambda: _taken(folder / "W")):
        if name in known and known[name].get(sha256) != rows:
            raise Broken(f"{name}: {rows} records under a SHA-256 of {known[name].get(sha256)}")
    stage.refuse_leftovers(folder)
    return ACCEPTED


def _change(draw: random.Random, path: Path, known: dict[str, int]) -> None:
    """Rewrite the file in place, or put another in its place; note what it then holds."""
    lines = path.read_bytes().splitlines(keepends=True)
    way = draw.randint(0, 3)
    content = {
        0: b"".join(lines + lines[1:3]),
        1: b"".join(lines[: max(2, len(lines) // 2)]),
        2: b"".join([lines[0], *reversed(lines[1:])]),
        3: b"".join(lines[:1]),
    }[way]
    known[hashlib.sha256(content).hexdigest()] = _count(content)
    if draw.random() < 0.5:
        path.write_bytes(content)
    else:
        other = path.with_suffix(".next")
        other.write_bytes(content)
        other.replace(path)


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _records(path: Path) -> int:
    return _count(path.read_bytes())


def _count(content: bytes) -> int:
    """Records of the table, without its header and blank lines."""
    return sum(1 for row in csv.reader(io.StringIO(content.decode(), newline="")) if row) - 1


def _taken(folder: Path) -> Any:
    con = warehouse.connect(warehouse.current(folder).path)
    try:
        return con.execute("select file, sha256, rows_in from meta.files").fetchall()
    finally:
        con.close()


def _snapshot(draw: random.Random, ready: Stage, folder: Path) -> str:
    """An import publishes a version while a snapshot is built."""
    stage.laid_out(ready, folder, "snapshot")
    names = {stage.asked(lambda: warehouse.current(folder / "W").name)}
    with stage.disturbed(stage.arguments("import", ready.folder, folder), folder / "other") as beside:
        stage.waited(draw, ready.seconds["import"])
        status, said = stage.run(stage.arguments("snapshot", ready.folder, folder), folder / "said")
        importing = stage.ended(beside)
    stage.refuse_unsaid(importing, (folder / "other").read_text(encoding="utf-8"))
    (folder / "other").unlink()
    stage.refuse_unsaid(status, said)
    names.add(stage.asked(lambda: warehouse.current(folder / "W").name))
    if status == 0 and manifests.verified(folder / "new").warehouse_version not in names:
        raise Broken("the snapshot names a version that was never served")
    stage.refuse_leftovers(folder)
    return REFUSED if status else ACCEPTED


def _report(draw: random.Random, ready: Stage, folder: Path) -> str:
    """A file of the snapshot is damaged while a report is made of it."""
    copy = Path(shutil.copytree(ready.folder / "S", folder / "S"))
    with stage.disturbed(stage.arguments("report", ready.folder, folder), folder / "said") as process:
        stage.waited(draw, ready.seconds["report"])
        path = draw.choice(sorted(copy.glob("*.csv")))
        path.write_bytes(path.read_bytes().replace(b"1", b"2"))
        status = stage.ended(process)
    said = (folder / "said").read_text(encoding="utf-8", errors="replace")
    (folder / "said").unlink()
    stage.refuse_unsaid(status, said)
    stage.whole(ready, folder, "report")
    stage.refuse_leftovers(folder)
    return REFUSED if status else ACCEPTED
