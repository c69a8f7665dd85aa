"""Snapshots: a dated, protected, sealed release of every measure, written whole or not at all."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import Timeout

from profiles import __version__, disclosure, disk, parts, warehouse
from profiles.errors import BadSnapshot, DiskFull, ProfilesError
from profiles.facts import facts_of
from profiles.settings import Settings
from profiles.snapshot import (
    attack,
    contents,
    files,
    forecasts,
    identities,
    manifests,
    protecting,
    reference_tables,
    workbooks,
)
from profiles.snapshot.files import Stamp, Table
from profiles.snapshot.fms import fms
from profiles.snapshot.judging import verdicts
from profiles.snapshot.known import Known, all_known
from profiles.snapshot.manifests import Manifest
from profiles.snapshot.plan_history import as_reported, plan_history
from profiles.snapshot.plans import action_plan, refuse_unknown
from profiles.snapshot.protecting import PROFILES, Released
from profiles.snapshot.steps import fms_steps
from profiles.warehouse import Connection, Version
from profiles.writing import json_text

Say = Callable[[str], None]

BREAKS = "select * from marts.breaks order by break_date, title"
PLAN = "select * exclude (source) from staging.stg_action_plan order by plan_ref"
UPDATES = "select * exclude (source) from staging.stg_action_plan_updates order by plan_ref, report_number"
TRIES = 4
"""How often a snapshot is attacked, each time without what the attack before got."""
INPUTS = (
    "select file, table_name as table, extract_date::varchar as as_at, sha256, rows_in as rows "
    "from meta.files order by all"
)


def build(
    out: Path,
    *,
    settings: Settings,
    profile: str = "internal",
    previous: Path | None = None,
    beside: Path | None = None,
    say: Say = lambda text: None,
) -> Manifest:
    """The manifest of the snapshot of the served warehouse, written to the new folder `out`.

    `previous` is the snapshot before it, which names the one before that, and so on: what they withheld stays
    withheld, and all together tell no more than each. An external snapshot stands `beside` the internal one
    of its day, which is looked for in the folder of `out`. The folder appears when all of it is written and
    an attack on its files gave nothing away. Raises BadSnapshot when it exists, is being written, or cannot
    be; when another one is not whole, or is not what it must be; when there is nothing to release; when the
    attack told a withheld count.
    """
    if profile not in PROFILES:
        raise BadSnapshot(f"There is no profile {profile!r}; choose {' or '.join(PROFILES)}.")
    with disk.watched(out.absolute().parent), _held(out) as folder:
        served = warehouse.current(settings.warehouse)
        if served.notice:
            say(served.notice)
        stamp = stamped(served, settings, profile)
        others = all_known(out, stamp, previous, beside)
        if others.beside:
            say(f"beside the internal snapshot {others.beside.folder}")
        con = warehouse.connect(served.path, settings=settings)
        try:
            counted = _counted(con, stamp, others, say)
        finally:
            con.close()
        with _written(folder):
            manifest = _safe(folder, counted, others, settings, say)
            _published(folder, out)
    return manifests.Manifest(**{**vars(manifest), "folder": out})


def thresholds(profile: str) -> dict[str, float]:
    """The limits of disclosure control, as the manifest states them."""
    return {
        "smallest_count_published": disclosure.SMALLEST,
        "range_at_least_wide": disclosure.WIDTH,
        "range_reaches": disclosure.REACH,
        "least_base_of_a_rate": protecting.LEAST_BASE,
        "rounded_to": disclosure.BASE if profile == "external" else 1,
    }


def stamped(served: Version, settings: Settings, profile: str) -> Stamp:
    """What a snapshot of the served warehouse says of itself. Raises BadSnapshot when that is empty."""
    if not served.as_at:
        raise BadSnapshot(f"{settings.warehouse} holds no records yet; import exports before a snapshot.")
    return Stamp(
        served.as_at,
        settings.marking,
        "SYNTHETIC" if served.is_synthetic else "no",
        __version__,
        served.name,
        profile,
    )


@dataclass(frozen=True)
class _Counted:
    """What a snapshot is made of: the unprotected `rows` of its plan, and which are `shown`."""

    stamp: Stamp
    rows: pd.DataFrame
    shown: pd.Series
    lines: pd.DataFrame
    breaks: pd.DataFrame
    updates: pd.DataFrame
    inputs: list[dict[str, Any]]


def _counted(con: Connection, stamp: Stamp, others: Known, say: Say) -> _Counted:
    lines = con.execute(PLAN).df()
    # Counting takes minutes: a plan that cannot be shown, and measures of which nobody knows what their
    # counts tell of each other, are refused before.
    refuse_unknown(lines)
    identities.known()
    rows, shown = contents.rows(con, facts_of(con), say, others.earlier())
    inputs = con.execute(INPUTS).df().to_dict("records")
    return _Counted(
        stamp,
        rows,
        shown,
        lines,
        con.execute(BREAKS).df(),
        con.execute(UPDATES).df(),
        [{str(key): value for key, value in each.items()} for each in inputs],
    )


def _safe(folder: Path, counted: _Counted, others: Known, settings: Settings, say: Say) -> Manifest:
    """The manifest of a snapshot in the folder that an attack gets nothing out of.

    What the attack gets is left out with its breakdown, and the rest protected and attacked again. Raises
    BadSnapshot when `TRIES` of them do not help.
    """
    without: pd.DataFrame | None = None
    for number in range(TRIES):
        say("protecting small counts")
        found = _released(counted, others, without, say)
        for each in folder.iterdir():
            each.unlink()
        say("projecting")
        tables = _tables(counted, found)
        say("writing files")
        for name, content in _contents(tables, found, counted.stamp, say):
            _put(folder / name, content)
        manifests.written(
            folder,
            stamp=counted.stamp,
            inputs=counted.inputs,
            settings={"marking": settings.marking},
            thresholds=thresholds(counted.stamp.profile),
            cost=found.cost,
            crossed=contents.crossings(),
            begins=found.begins,
            previous=next(iter(others.before), None),
            beside=others.beside,
        )
        manifest = manifests.verified(folder)
        say("attacking what was written")
        given = attack.audit_written(manifest, found.exact, say=say)
        if given.is_safe:
            return manifest
        without = pd.concat([without, given.breakdowns]) if number else given.breakdowns
        say(
            f"{len(given.exposed):,} counts would be given away: {attack.named(given)}; "
            f"{len(given.breakdowns):,} breakdowns are left out"
        )
    raise attack.refusal(given)


def _released(counted: _Counted, others: Known, without: pd.DataFrame | None, say: Say) -> Released:
    earlier, beside = others.earlier(), others.internal()
    return protecting.released(
        counted.rows, counted.shown, counted.stamp.profile, earlier, beside, say, without
    )


def _tables(counted: _Counted, found: Released) -> list[Table]:
    """Every table of the snapshot. Of the figures only what is published is known here."""
    lines, breaks, updates, stamp = counted.lines, counted.breaks, counted.updates, counted.stamp
    projections = forecasts.projected(found.rows, breaks, stamp.as_at)
    judged = verdicts(found.rows, breaks, stamp.as_at)
    return [
        files.measures_table(found.rows),
        judged,
        forecasts.forecast_table(projections),
        fms(found.rows, projections, breaks, stamp),
        reference_tables.definitions(),
        reference_tables.breaks(breaks),
        action_plan(as_reported(lines, updates, stamp.as_at), found.rows, judged),
        plan_history(lines, updates, stamp.as_at),
        reference_tables.data_quality(found.rows),
    ]


def _contents(tables: list[Table], found: Released, stamp: Stamp, say: Say) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file but the manifest."""
    by_name = {table.name: table for table in tables}
    csv = {}
    for table in tables:
        csv[f"{table.name}.csv"] = files.csv_bytes(table, stamp)
    yield from csv.items()
    yield "measures.parquet", files.parquet_bytes(found.rows, stamp)
    say("writing the workbook")
    yield (
        "measures.xlsx",
        workbooks.workbook_bytes(
            by_name["measures"], stamp, [by_name[name] for name in ("verdicts", "breaks", "definitions")]
        ),
    )
    yield "fms_steps.md", fms_steps(found.rows, by_name["fms"], stamp).encode()
    yield "datapackage.json", json_text(files.datapackage(tables, stamp, csv)).encode()


@contextmanager
def _held(out: Path) -> Iterator[Path]:
    """The folder beside `out` in which it is written; only one process holds it at a time."""
    parent = out.absolute().parent
    if out.exists() or out.is_symlink():
        raise BadSnapshot(f"{out} is there already; a snapshot is never overwritten: name a new folder.")
    if not parent.is_dir():
        raise BadSnapshot(f"The folder {parent} of {out.name} does not exist; make it, or name another.")
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(parts.held(out, is_folder=True))
        except Timeout as error:
            raise BadSnapshot(
                f"{out} is being written by another process; wait for it, or name another."
            ) from error
        except OSError as error:
            raise _refusal(parent, error) from error
        if out.exists():
            raise BadSnapshot(f"{out} is there already; a snapshot is never overwritten: name a new folder.")
        yield folder


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    """A disk that is full or cannot be written is said in a sentence."""
    try:
        yield
    except OSError as error:
        raise _refusal(folder.parent, error) from error


def _refusal(folder: Path, error: OSError) -> ProfilesError:
    if disk.is_full(error):
        return DiskFull(disk.sentence(folder))
    return BadSnapshot(
        f"Nothing can be written to {folder} ({error.strerror}); name a folder that can be written and try "
        "again."
    )


def _put(path: Path, content: bytes) -> None:
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _published(folder: Path, out: Path) -> None:
    """Give the folder its name, in one step, unless another has it by now."""
    try:
        folder.rename(out)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise BadSnapshot(
                f"{out} is there already; a snapshot is never overwritten: name a new folder."
            ) from error
        raise
    # It is there now, whether or not the disk says so at once.
    with suppress(OSError):
        handle = os.open(out.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
