"""The pointer to the served version is lost, or holds something else, at a random moment."""

import random
import shutil
from pathlib import Path

from profiles import warehouse
from tests.chaos import stage
from tests.chaos.stage import Stage
from tests.fuzz.running import ACCEPTED, REFUSED, Broken

prepared = stage.prepared


def tried(draw: random.Random, ready: Stage, folder: Path) -> str:
    """No command starts from nothing where versions stand: it takes up the newest whole one or is refused."""
    name = draw.choice(("import", "snapshot"))
    stage.laid_out(ready, folder, name)
    versions = folder / "W" / "versions"
    first = sorted(path.name for path in versions.iterdir())
    with stage.disturbed(stage.arguments(name, ready.folder, folder), folder / "said") as process:
        if draw.random() < 0.7:
            stage.waited(draw, ready.seconds[name])
        _spoil(draw, folder / "W")
        status = stage.ended(process)
    said = (folder / "said").read_text(encoding="utf-8", errors="replace")
    (folder / "said").unlink()
    stage.refuse_unsaid(status, said)
    for command in (["measure", "stalking_crimes", "--grain", "all"], ["check"]):
        stage.refuse_unsaid(*stage.run([*command, "--warehouse", str(folder / "W")], folder / "said"))
    status, said = stage.run(stage.arguments("import", ready.folder, folder), folder / "said")
    stage.refuse_unsaid(status, said)
    if not set(first) <= {path.name for path in versions.iterdir()} and status:
        raise Broken(f"a version went: {said[-300:]}")
    if status:
        # Refused: the pointer, put right by hand as the sentence says, must lead to what was there.
        newest = max(each.name for each in warehouse.kept(folder / "W") if each.version)
        _away(folder / "W" / warehouse.POINTER)
        (folder / "W" / warehouse.POINTER).write_text(f"{newest}\n", encoding="utf-8")
        status, said = stage.run(stage.arguments("import", ready.folder, folder), folder / "said")
        stage.refuse_unsaid(status, said)
    found = stage.whole(ready, folder, "import")
    if found != "after":
        raise Broken(f"the warehouse is as {found} the import: {said[-300:]}")
    return REFUSED if status else ACCEPTED


def _spoil(draw: random.Random, folder: Path) -> None:
    """Take the pointer away, or put something else into it; now and then strange folders stand beside."""
    pointer = folder / warehouse.POINTER
    way = draw.randint(0, 7)
    if way == 0:
        _away(pointer)
        pointer.mkdir()
    elif way <= 2:
        _away(pointer)
    else:
        contents = {
            3: b"",
            4: draw.randbytes(40),
            5: b"x" * 5_000_000,
            6: b"0009-2026-01-01-00000000\n",
            7: b"../../etc\n",
        }
        pointer.write_bytes(contents[way])
    if draw.random() < 0.3:
        odd = (
            folder
            / "versions"
            / draw.choice(("9999", "0007-2026-12-31-cafecafe", "copy of 0001", "0000", "99999-x"))
        )
        odd.mkdir(exist_ok=True)
        if draw.random() < 0.5:
            (odd / warehouse.FILE).write_bytes(draw.choice((b"", b"x" * 9_000)))


def _away(pointer: Path) -> None:
    if pointer.is_dir():
        shutil.rmtree(pointer)
    else:
        pointer.unlink(missing_ok=True)
