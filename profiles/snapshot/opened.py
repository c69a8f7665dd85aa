"""Snapshots as files: which there are, what one holds of projections, and one as a ZIP."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import pandas as pd

from profiles.errors import BadSnapshot
from profiles.snapshot import comparing, files, manifests, soundness, withdrawals
from profiles.snapshot.comparing import Comparison
from profiles.snapshot.files import STAMPS
from profiles.snapshot.manifests import Manifest
from profiles.snapshot.withdrawals import Withdrawal

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""What every file of a ZIP is dated: the same snapshot gives the same bytes."""

BESIDE = ("verdicts", "action_plan", "action_plan_history", "data_quality", "definitions")
"""Tables beside the measures that pages show; an older snapshot may lack one."""

State = tuple[tuple[str, int, int], ...]
"""Name, size and time of change of every file of a folder: while it is the same, so is what was read."""


@dataclass(frozen=True)
class Found:
    """The snapshots of a folder that are whole, the newest as-at date first, and a sentence on each other.

    `withdrawn` holds the withdrawals of those that are whole, by SHA-256.
    """

    whole: tuple[Manifest, ...]
    damaged: tuple[str, ...]
    withdrawn: Mapping[str, Withdrawal] = field(default_factory=dict)

    def named(self, name: str) -> Manifest | None:
        """The snapshot of that name."""
        return next((each for each in self.whole if each.folder.name == name), None)

    def like(self, profile: str, synthetic: str, until: str) -> tuple[Manifest, ...]:
        """Those of a disclosure profile and kind of data, up to an as-at date: what one can follow on."""
        return tuple(
            each
            for each in self.whole
            if (each.profile, each.synthetic) == (profile, synthetic) and each.as_at <= until
        )


@dataclass(frozen=True, eq=False)
class Release:
    """What a page shows of one snapshot: texts as they stand in its files, and its months as numbers.

    `forecast` and `fms` have the columns of those files, `breaks` those of `marts.breaks`, `months` the rows
    of the force as a whole by month of what was projected, `rows` all rows. `others` are the tables beside
    them, by name. `csv` holds the bytes of the files by name.
    """

    manifest: Manifest
    forecast: pd.DataFrame
    fms: pd.DataFrame
    breaks: pd.DataFrame
    months: pd.DataFrame
    rows: pd.DataFrame
    others: dict[str, pd.DataFrame]
    csv: dict[str, bytes]

    def table(self, name: str) -> pd.DataFrame:
        """One of the tables beside the measures, texts as in its file; empty where the snapshot has none."""
        return self.others.get(name, pd.DataFrame())

    @property
    def series(self) -> tuple[tuple[str, str], ...]:
        """Measure and basis of each series that was projected, in the order of the file."""
        heads = self.forecast[self.forecast["kind"] == "series"]
        return tuple(zip(heads["measure_id"].tolist(), heads["basis"].tolist(), strict=True))


def found(folder: Path) -> Found:
    """The snapshots in the folder; none where there is no such folder.

    Raises BadSnapshot when it cannot be read, BadWithdrawals when a list of withdrawn snapshots cannot.
    """
    try:
        entries = sorted(each for each in folder.iterdir() if not each.name.startswith("."))
    except FileNotFoundError:
        return Found((), ())
    except OSError as error:
        raise BadSnapshot(
            f"The folder of the snapshots {folder} cannot be read ({error.strerror}); "
            "set STALKING_PROFILES_SNAPSHOTS to another."
        ) from error
    whole, damaged = [], []
    for entry in entries:
        if not entry.is_dir():
            continue
        try:
            whole.append(_verified(entry, _state(entry)))
        except BadSnapshot as error:
            damaged.append(str(error))
    # Of one date the internal ones come first, and of these the one that was built last.
    whole.sort(key=lambda each: _number(each.folder.name), reverse=True)
    whole.sort(key=lambda each: each.profile != "internal")
    whole.sort(key=lambda each: each.as_at, reverse=True)
    return Found(tuple(whole), tuple(damaged), withdrawals.among(whole))


def release(manifest: Manifest) -> Release:
    """What a page shows of the snapshot. Raises BadSnapshot when a file of it cannot be read."""
    return _release(manifest.folder, _state(manifest.folder))


def shown_first(shelf: Found, *, refuses_withdrawn: bool = False) -> Found:
    """The shelf as readers may pick from it, the one that is shown unless they pick another first.

    Those that were withdrawn come last, or are left out. What is newer than the newest that a page can show
    is left out too.
    """
    good = [each for each in shelf.whole if each.sha256 not in shelf.withdrawn]
    others = [each for each in shelf.whole if each.sha256 in shelf.withdrawn and not refuses_withdrawn]
    ordered, damaged = (*good, *others), list(shelf.damaged)
    for place, manifest in enumerate(ordered):
        try:
            release(manifest)
        except BadSnapshot as error:
            damaged.append(str(error))
        else:
            return replace(shelf, whole=ordered[place:], damaged=tuple(damaged))
    return replace(shelf, whole=(), damaged=tuple(damaged))


def compared(older: Manifest, newer: Manifest) -> Comparison:
    """The newer snapshot against the older one; kept until a file of either changes."""
    return _compared(older.folder, newer.folder, _state(older.folder), _state(newer.folder))


def new_name(folder: Path, as_at: str, profile: str) -> str:
    """The name of the next snapshot of that day and profile: with a number where the plain one is taken."""
    name, number = f"{as_at}-{profile}", 1
    while (folder / name).exists() or (folder / name).is_symlink():
        number += 1
        name = f"{as_at}-{profile}-{number}"
    return name


def zipped(manifest: Manifest) -> bytes:
    """The snapshot as one ZIP: its folder, files by name, all of one fixed date.

    Raises BadSnapshot when it is no longer whole, or was withdrawn.
    """
    now = to_take(manifest)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted((*now.files, manifests.NAME)):
            entry = zipfile.ZipInfo(f"{now.folder.name}/{name}", FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, _bytes(now.folder / name))
    return target.getvalue()


def to_take(manifest: Manifest) -> Manifest:
    """The manifest, when its files may be taken away. Raises BadSnapshot unless they may."""
    now = manifests.verified(manifest.folder)
    refuse_withdrawn(now)
    return now


def refuse_withdrawn(manifest: Manifest) -> None:
    """Refuse the files of a withdrawn snapshot: raise BadSnapshot."""
    withdrawal = withdrawals.of(manifest)
    if withdrawal:
        raise BadSnapshot(f"{manifest.folder} is not given out; take another one. {withdrawal.sentence}")


def _number(name: str) -> int:
    """The number at the end of a name that was taken before; 1 where there is none."""
    told = re.search(r"[a-z]-(\d+)$", name)
    return int(told[1]) if told else 1


def _state(folder: Path) -> State:
    try:
        return tuple(
            sorted((each.name, each.lstat().st_size, each.lstat().st_mtime_ns) for each in folder.iterdir())
        )
    except OSError:
        return ()


# What was found whole stays so while no file has another size or time of change.
@lru_cache(maxsize=64)
def _verified(folder: Path, state: State) -> Manifest:
    return soundness.sound(folder)


@lru_cache(maxsize=4)
def _release(folder: Path, state: State) -> Release:
    manifest = _verified(folder, state)
    names: tuple[str, ...] = ("forecast", "fms", "breaks")
    lacking = [f"{name}.csv" for name in names if f"{name}.csv" not in manifest.files]
    if lacking:
        raise BadSnapshot(f"{folder} has no {' and no '.join(lacking)}; build a snapshot with this version.")
    names += tuple(name for name in BESIDE if f"{name}.csv" in manifest.files)
    csv = {name: _bytes(folder / f"{name}.csv") for name in names}
    frames = {name: _texts(content) for name, content in csv.items()}
    rows = files.read_rows(folder)
    is_month = (rows["grain"] == "month") & (rows["dimension"] == "all")
    ids = set(frames["forecast"]["measure_id"])
    months = rows[is_month & rows["measure_id"].isin(ids)].reset_index(drop=True)
    others = {name: frames[name] for name in BESIDE if name in frames}
    return Release(manifest, frames["forecast"], frames["fms"], frames["breaks"], months, rows, others, csv)


@lru_cache(maxsize=4)
def _compared(older: Path, newer: Path, *states: State) -> Comparison:
    return comparing.compared(older, newer)


def _texts(content: bytes) -> pd.DataFrame:
    """The lines of a CSV as they stand there, without the stamp."""
    frame = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False, encoding="utf-8")
    return frame.drop(columns=[field.name for field in STAMPS], errors="ignore")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadSnapshot(f"{path} cannot be read ({error.strerror}); build the snapshot again.") from error


def numbers(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The frame with those columns as numbers, nan where a marker or nothing stands."""
    return frame.assign(
        **{name: pd.to_numeric(frame[name], errors="coerce").astype(float) for name in columns}
    )
