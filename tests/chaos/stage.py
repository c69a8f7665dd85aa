"""What the disturbed commands work on, each in a process of its own, and what must hold afterwards."""

import os
import pickle
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from profiles import warehouse
from profiles.cli import main
from profiles.cli.command import USER_FAULT
from profiles.periods import ALL
from profiles.selection import Selection
from profiles.snapshot import manifests
from tests import releases
from tests.fuzz.running import Broken

SCALE, FIRST, OLDER, NEWER = "0.02", "2026-01", "20260831", "20260930"
SEVERAL = ("import", "snapshot", "report", "sample")
"""Commands that are disturbed."""


@dataclass(frozen=True)
class Stage:
    """A warehouse of the older extracts, the newer ones, and what each command makes when it is left alone.

    `before` and `after` are what the warehouse holds without and with the newer extracts; `seconds` is how
    long each command takes. Only to be copied.
    """

    folder: Path
    before: Any
    after: Any
    report: bytes
    seconds: dict[str, float]

    @property
    def newer(self) -> list[Path]:
        """The newer extracts."""
        return sorted((self.folder / "exports").glob(f"*{NEWER}*"))


def prepared(folder: Path) -> Stage:
    """The stage, in a new folder."""
    patched = pytest.MonkeyPatch()
    releases.with_few_rows(patched)
    releases.few_tables()
    # Read before the process forks: no child then reads what a killed one was reading.
    import docx  # noqa: F401
    import matplotlib.pyplot  # noqa: F401

    place = folder / "alone"
    place.mkdir()
    seconds = {}
    for name in ("sample", "older", "import", "snapshot", "report"):
        begun = time.perf_counter()
        if name == "sample":
            status, said = run(
                ["sample", "--out", str(folder / "exports"), "--scale", SCALE, "--from", FIRST]
            )
        elif name == "older":
            files = sorted((folder / "exports").glob(f"*{OLDER}*"))
            status, said = run(
                ["import", *map(str, files), "--mapping", "athena", "--warehouse", str(folder / "W")]
            )
            before = asked(lambda: held(folder / "W"))
            shutil.copytree(folder / "W", place / "W")
        else:
            status, said = run(arguments(name, folder, place))
        if status != 0:
            raise RuntimeError(f"{name} alone ended with {status}: {said}")
        seconds[name] = time.perf_counter() - begun
        if name == "snapshot":
            shutil.copytree(place / "new", folder / "S")
            # A report on the snapshot that is there before.
            (place / "new").rename(place / "old")
    after = asked(lambda: held(place / "W"))
    return Stage(folder, before, after, (place / "report.html").read_bytes(), seconds)


def arguments(name: str, stage: Path, place: Path, exports: Path | None = None) -> list[str]:
    """The command line of the command, which works in `place`."""
    files = map(str, sorted((exports or stage / "exports").glob(f"*{NEWER}*")))
    return {
        "import": ["import", *files, "--mapping", "athena", "--warehouse", str(place / "W")],
        "snapshot": ["snapshot", "--out", str(place / "new"), "--warehouse", str(place / "W")],
        "report": [
            *("report", "--snapshot", str(place / "S" if (place / "S").exists() else stage / "S")),
            *("--format", "html", "--out", str(place / "report.html")),
        ],
        "sample": ["sample", "--out", str(place / "sample"), "--scale", SCALE, "--from", FIRST],
    }[name]


def laid_out(stage: Stage, place: Path, name: str) -> None:
    """Put into `place` what the command finds there."""
    if name in ("import", "snapshot"):
        shutil.copytree(stage.folder / "W", place / "W")


# ---- processes


def started(action: Callable[[], object], said: Path) -> int:
    """The id of a new process that does this and ends with its exit status; what it says goes to a file."""
    sys.stdout.flush()
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        to = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(to, 1)
        os.dup2(to, 2)
        action()
        status = 0
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 0
    except BaseException:
        traceback.print_exc()
    finally:
        with open(os.devnull, "w") as nowhere:
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except OSError:
                    nowhere.flush()
        os._exit(status)


def ended(process: int) -> int:
    """Its exit status; that of a signal is negative."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def run(command: list[str], said: Path | None = None) -> tuple[int, str]:
    """The exit status of a command and what it said."""
    said = said or _beside("said")
    status = ended(started(lambda: main(command, prog_name="stalking-profiles"), said))
    text = said.read_text(encoding="utf-8", errors="replace")
    said.unlink()
    return status, text


def asked(question: Callable[[], Any]) -> Any:
    """The answer of a process of its own: this one never opens a database, so that it may fork."""
    answer, said = _beside("answer"), _beside("asked")
    answer.unlink(missing_ok=True)
    status = ended(started(lambda: answer.write_bytes(pickle.dumps(question())), said))
    if status != 0:
        raise Broken(said.read_text(encoding="utf-8", errors="replace")[-600:])
    found = pickle.loads(answer.read_bytes())
    answer.unlink()
    said.unlink()
    return found


def _beside(name: str) -> Path:
    return Path(tempfile.gettempdir()) / f"chaos-{os.getpid()}.{name}"


@contextmanager
def disturbed(command: list[str], said: Path) -> Iterator[int]:
    """The id of a process that runs the command; it is ended in any case."""
    process = started(lambda: main(command, prog_name="stalking-profiles"), said)
    try:
        yield process
    finally:
        try:
            os.kill(process, 9)
            ended(process)
        except (ProcessLookupError, ChildProcessError):
            pass


def waited(draw: random.Random, seconds: float) -> None:
    """Wait for a random moment of that long."""
    time.sleep(draw.uniform(0, seconds))


# ---- what must hold


def held(folder: Path) -> Any:
    """What the served version of the warehouse holds: records of each table, and the headline."""
    from profiles import measures

    con = warehouse.connect(warehouse.current(folder).path)
    try:
        names = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw' and database_name != 'system' "
            "order by all"
        ).fetchall()
        counts = {name: con.execute(f"select count(*) from raw.{name}").fetchall()[0][0] for (name,) in names}
        frame = measures.run(con, "stalking_crimes", Selection(basis="any", grain=ALL))
        return counts, frame["value"].tolist()
    finally:
        con.close()


def whole(stage: Stage, place: Path, name: str) -> str:
    """Whether what is there is as before the command or as after it. Raises Broken when it is neither."""
    if name == "import":
        found = asked(lambda: held(place / "W"))
        if found == stage.before:
            return "before"
        if found == stage.after:
            return "after"
        raise Broken(f"the warehouse holds neither what it held nor what it should: {found}")
    if name == "snapshot":
        if not (place / "new").exists():
            return "before"
        manifests.verified(place / "new")
        return "after"
    if name == "report":
        if not (place / "report.html").exists():
            return "before"
        if (place / "report.html").read_bytes() != stage.report:
            raise Broken("the report is not the one it should be")
        return "after"
    made = (
        {path.name: path.read_bytes() for path in (place / "sample").glob("*") if path.is_file()}
        if (place / "sample").exists()
        else {}
    )
    return (
        "after"
        if made == {path.name: path.read_bytes() for path in (stage.folder / "exports").iterdir()}
        else "before"
    )


def refuse_leftovers(place: Path) -> None:
    """Raise Broken when something lies there that no finished command leaves."""
    known = {"W", "S", "new", "report.html", "sample", "said", "src"}
    left = [path.name for path in place.iterdir() if path.name not in known]
    if (place / "W").exists():
        left += [
            path.name for path in (place / "W").iterdir() if path.name not in {"CURRENT", "LOCK", "versions"}
        ]
        left += [
            str(path)
            for path in (place / "W" / "versions").iterdir()
            if not (path / warehouse.FILE).is_file()
        ]
        left += ["too many versions"] * (len(list((place / "W" / "versions").iterdir())) > 3)
    if left:
        raise Broken(f"left behind: {', '.join(sorted(left))}")


def again(stage: Stage, place: Path, name: str) -> None:
    """Run the command once more, alone. Raises Broken unless all is as it should be then."""
    if name in ("snapshot", "report") and whole(stage, place, name) == "after":
        refuse_leftovers(place)
        return
    status, said = run(arguments(name, stage.folder, place), place / "said")
    if status != 0:
        raise Broken(f"the next {name} ended with {status}: {said[-400:]}")
    if whole(stage, place, name) != "after":
        raise Broken(f"after the next {name} all is as before")
    refuse_leftovers(place)


def refuse_unsaid(status: int, said: str) -> None:
    """Raise Broken when a command neither worked nor was refused in a sentence."""
    if status == 0:
        return
    last = said.strip().splitlines()[-1:] or [""]
    if status != USER_FAULT or not last[0].startswith("stalking-profiles: ") or "Traceback" in said:
        raise Broken(f"ended with {status}: {said[-500:]}")
