"""Whole snapshots of a made-up force, built once in a run of tests: of one month, the next, and external."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from filelock import FileLock

from profiles import snapshot, warehouse
from profiles.facts import facts_of
from profiles.settings import PREFIX, ROOT
from profiles.snapshot import contents, files, reference_tables
from profiles.snapshot.fms import fms
from profiles.snapshot.forecasts import forecast_table
from profiles.snapshot.judging import verdicts
from profiles.snapshot.protecting import Released
from profiles.warehouse import Version
from tests import force as forces
from tests.snapshot_rows import INPUT, ROWS, STAMP

SCALE, FIRST_MONTH = 0.2, "2025-04"
"""A fifth of a force, since the financial year before the newest: all grains, and small counts everywhere."""

EARLIER, LATER = "2026-08-31", "2026-09-30"
"""As-at dates: those of the last two extracts that `sample` writes."""

UPDATES = ROOT / "sample_data" / "SYNTHETIC_action_plan_updates.csv"
"""Reports on the lines of the action plan, which the later warehouse holds."""

BUILDS = {
    "internal": ("before", "internal", ""),
    "next": ("now", "internal", "internal"),
    "external": ("now", "external", ""),
}
"""Of each snapshot its warehouse, its disclosure profile and the snapshot before it; the external one goes
with the internal one of its day."""


@dataclass(frozen=True)
class Built:
    """The folder of a snapshot, and what building it printed: the result, and progress."""

    folder: Path
    printed: str
    progress: str


@dataclass(frozen=True)
class Releases:
    """Two warehouses of one force, a month apart, and the snapshots of them; only to be read."""

    folder: Path

    @property
    def exports(self) -> Path:
        """The extracts of the force."""
        return self.folder / "exports"

    def warehouse(self, name: str) -> Path:
        """The folder of the warehouse `before` or `now`."""
        return self.folder / name

    def built(self, name: str) -> Built:
        """A snapshot of BUILDS, built when it is first asked for. It fails for all when it failed once."""
        served, profile, previous = BUILDS[name]
        first = self.built(previous).folder if previous else None
        if profile == "external":
            self.built("next")
        out, account = self.folder / "snapshots" / name, self.folder / f"{name}.json"
        with FileLock(self.folder / f"{name}.lock"):
            if not account.exists():
                run = building(out, self.warehouse(served), profile=profile, previous=first)
                told = {"status": run.returncode, "printed": run.stdout, "progress": run.stderr}
                account.write_text(json.dumps(told), encoding="utf-8")
        told = json.loads(account.read_text(encoding="utf-8"))
        assert told["status"] == 0, told["progress"]
        return Built(out, told["printed"], told["progress"])

    def counted(self, name: str) -> tuple[pd.DataFrame, pd.Series]:
        """The rows of the warehouse `before` or `now` before protection, and which of them are released."""
        path = self.folder / f"{name}.pickle"
        with FileLock(path.with_suffix(".pickle-lock")):
            if not path.exists():
                part = path.with_suffix(".part")
                part.write_bytes(pickle.dumps(unprotected(self.warehouse(name))))
                part.rename(path)
        found: tuple[pd.DataFrame, pd.Series] = pickle.loads(path.read_bytes())
        return found

    def copied(self, name: str, folder: Path) -> Path:
        """A copy of the warehouse `before` or `now`, to import more into."""
        return Path(shutil.copytree(self.warehouse(name), folder))


def releases(factory: pytest.TempPathFactory) -> Releases:
    """The force with its two warehouses; workers that run side by side share it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "releases"
    made = Releases(folder)
    (folder / "snapshots").mkdir(parents=True, exist_ok=True)
    done = folder / "done"
    with FileLock(folder / "lock"):
        if not done.exists():
            forces.command("sample", "--scale", SCALE, "--from", FIRST_MONTH, "--out", made.exports)
            files = sorted(made.exports.glob("SYNTHETIC_*"))
            newest = [path for path in files if path.stem.endswith(LATER.replace("-", ""))]
            forces.imported(made.warehouse("before"), *(path for path in files if path not in newest))
            made.copied("before", made.warehouse("now"))
            forces.imported(made.warehouse("now"), *newest)
            forces.imported(made.warehouse("now"), UPDATES, mapping="reference")
            done.touch()
    return made


def building(
    out: Path,
    served: Path,
    *,
    profile: str = "internal",
    previous: Path | None = None,
    seed: int = 0,
    check: bool = False,
    program: Sequence[str] = ("-m", "profiles.cli"),
) -> subprocess.CompletedProcess[str]:
    """How `stalking-profiles snapshot`, or another program, ended in a process whose texts hash by `seed`."""
    arguments = ["snapshot", "--out", out, "--profile", profile, "--warehouse", served]
    arguments += ["--previous", previous] if previous else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return subprocess.run(
        [sys.executable, *program, *map(str, arguments)],
        env=environment | {"PYTHONHASHSEED": str(seed), "PYTHONUTF8": "1"},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=check,
    )


EVERY = contents.asks


def parts_by_year() -> Iterator[contents.Ask]:
    """The questions of the plan, of parts of the force by years alone: a third of the counts."""
    return (ask for ask in EVERY() if ask.dimension == "all" or ask.grain in ("financial_year", "all"))


def unprotected(folder: Path) -> tuple[pd.DataFrame, pd.Series]:
    """The rows of the plan as the warehouse in the folder counts them, and which of them are released."""
    served = warehouse.current(folder)
    con = warehouse.connect(served.path)
    try:
        return contents.rows(con, facts_of(con))
    finally:
        con.close()


# ---- a release of a few rows, for what does not depend on how they were protected

BREAKS = pd.DataFrame(
    [("2024-02-01", "annotate", "all", "Screening tool", "A form asks more.", "the force", "yes")],
    columns=["break_date", "effect", "applies_to", "title", "explanation", "published_by", "verified"],
)
COST = {
    "counts": 1234,
    "primary": 12,
    "secondary": 34,
    "rows": len(ROWS),
    "rows_with_a_withheld_count": 3,
    "rows_left_out": 2,
    "share_of_total_lost": 0.0123,
}
FILES = (
    *("breaks.csv", "data_quality.csv", "datapackage.json", "definitions.csv", "fms.csv", "fms_steps.md"),
    *("forecast.csv", "manifest.json", "measures.csv", "measures.parquet", "measures.xlsx", "verdicts.csv"),
)
"""What lies in the folder of such a release."""


@lru_cache(maxsize=1)
def few_tables() -> list[files.Table]:
    """The tables of such a release."""
    return [
        files.measures_table(ROWS),
        verdicts(ROWS, BREAKS, STAMP.as_at),
        forecast_table({}),
        fms(ROWS, {}, BREAKS, STAMP),
        reference_tables.definitions(),
        reference_tables.breaks(BREAKS),
        reference_tables.data_quality(ROWS),
    ]


def of_few_rows(
    patched: pytest.MonkeyPatch, as_at: str = STAMP.as_at, is_synthetic: bool = True
) -> list[str]:
    """What happened of: connected, counted, closed. From now on a snapshot holds `snapshot_rows.ROWS`."""
    happened: list[str] = []

    def connected(path: Path, **_: Any) -> Any:
        happened.append("connected")
        return SimpleNamespace(close=lambda: happened.append("closed"))

    def counted(con: Any, stamp: files.Stamp, *_: Any) -> SimpleNamespace:
        happened.append("counted")
        return few_counted(stamp)

    served = Version(Path("warehouse.duckdb"), STAMP.warehouse_version, as_at, is_synthetic)
    patched.setattr(warehouse, "current", lambda folder: served)
    patched.setattr(warehouse, "connect", connected)
    with_few_rows(patched)
    patched.setattr(snapshot, "_counted", counted)
    return happened


def with_few_rows(patched: pytest.MonkeyPatch) -> None:
    """From now on the rows of a snapshot are `snapshot_rows.ROWS`."""
    patched.setattr(snapshot, "_counted", lambda con, stamp, *_: few_counted(stamp))
    patched.setattr(snapshot, "_released", lambda *_: Released(ROWS, dict(COST)))
    patched.setattr(snapshot, "_tables", lambda *_: few_tables())
    patched.setattr(snapshot, "_contents", written)


def few_counted(stamp: files.Stamp) -> SimpleNamespace:
    """What such a release is made of, before it is protected."""
    return SimpleNamespace(stamp=stamp, inputs=[dict(INPUT)])


CONTENTS = snapshot._contents


def written(tables: list[files.Table], found: Released, stamp: files.Stamp, say: Any) -> Any:
    """Name and content of every file but the manifest, made once for each stamp and choice of tables."""
    if tables is not few_tables():
        return CONTENTS(tables, found, stamp, say)
    say("writing the workbook")
    return few_contents(stamp)


@lru_cache(maxsize=4)
def few_contents(stamp: files.Stamp) -> tuple[tuple[str, bytes], ...]:
    """Name and content of every file of such a release but the manifest."""
    return tuple(CONTENTS(few_tables(), Released(ROWS, dict(COST)), stamp, lambda text: None))
