"""Known: the releases that a reader of a new one has already; together they must tell no more than each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from profiles.errors import BadSnapshot
from profiles.snapshot import files, manifests, reference_tables, soundness
from profiles.snapshot.files import Release, Stamp
from profiles.snapshot.manifests import Manifest

MEANING = ("reads", "date", "ratio", "numerator", "denominator", "shape", "time", "bases")
"""What must be the same in two versions for a figure of a measure to mean the same."""


@dataclass(frozen=True)
class Known:
    """The releases `before` a new one, newest first, and the internal one of the day that it is `beside`."""

    before: tuple[Manifest, ...] = ()
    beside: Manifest | None = None

    def earlier(self) -> tuple[Release, ...]:
        """What the releases before told. Raises BadSnapshot."""
        return tuple(_release(each) for each in self.before)

    def internal(self) -> pd.DataFrame | None:
        """The rows of the internal release of the same day, if there is one. Raises BadSnapshot."""
        return _release(self.beside).rows if self.beside else None


def all_known(out: Path, stamp: Stamp, previous: Path | None, beside: Path | None = None) -> Known:
    """What is known when `out` is released: the snapshot `previous`, all before it, and one of the same day.

    An external snapshot goes with the internal one `beside` it; unless named, that of its day in the folder
    of `out`. Raises BadSnapshot where one is not whole, or newer, or not of the kind that it must be; where
    one of an earlier day is missing; where an internal one would come after the external one of its day.
    """
    before = tuple(_all_before(soundness.sound(previous), stamp)) if previous else ()
    others = [each for each in _of_day(out.absolute().parent, stamp) if each.folder.name != out.name]
    if stamp.profile == "internal":
        if beside:
            raise BadSnapshot("Only an external snapshot goes beside an internal one; leave --beside out.")
        if others:
            raise BadSnapshot(
                f"{others[0].folder} is the external snapshot as at {stamp.as_at} and was built without this "
                "internal one; both together would give counts away. Take it out of that folder, build the "
                "internal one, then the external one anew."
            )
        return Known(before)
    chosen = soundness.sound(beside) if beside else next(reversed(others), None)
    if chosen is not None and (chosen.profile, chosen.as_at) != ("internal", stamp.as_at):
        raise BadSnapshot(
            f"{chosen.folder} is {chosen.profile} and as at {chosen.as_at}; name the internal snapshot as at "
            f"{stamp.as_at} with --beside."
        )
    return Known(before, chosen)


def _all_before(newest: Manifest, stamp: Stamp) -> Iterator[Manifest]:
    """The release named as previous, the one before that, and so on; each is found by its SHA-256."""
    each = newest
    while True:
        _refuse_unlike(each, stamp)
        yield each
        of = each.raw.get("previous")
        if not of:
            return
        there = _whole_ones(each.folder.absolute().parent)
        found = next((path for path, sha256 in there if sha256 == of["sha256"]), None)
        if found is None:
            raise BadSnapshot(
                f"{each.folder} was released after a snapshot as at {of['as_at']} (its manifest has SHA-256 "
                f"{of['sha256']}), which is not in {each.folder.absolute().parent}; put its folder there."
            )
        each = soundness.sound(found)


def _of_day(folder: Path, stamp: Stamp) -> list[Manifest]:
    """The snapshots of the other profile and the same day in a folder."""
    other = "external" if stamp.profile == "internal" else "internal"
    found = []
    for path, _ in _whole_ones(folder):
        each = soundness.sound(path)
        if (each.profile, each.as_at, each.synthetic) == (other, stamp.as_at, stamp.synthetic):
            found.append(each)
    return found


def _whole_ones(folder: Path) -> list[tuple[Path, str]]:
    """Snapshots in a folder that are as they were released, with the SHA-256 of their manifests."""
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not (path / manifests.NAME).is_file():
            continue
        try:
            found.append((path, manifests.verified(path).sha256))
        except BadSnapshot:
            continue
    return found


def _refuse_unlike(before: Manifest, stamp: Stamp) -> None:
    """Raises BadSnapshot when a snapshot is no predecessor of the one to be built."""
    for name in ("profile", "synthetic"):
        old, new = getattr(before, name), getattr(stamp, name)
        if old != new:
            raise BadSnapshot(
                f"{before.folder} has {name} {old}, and the new snapshot {new}; "
                "name one of its own kind as previous."
            )
    if before.as_at > stamp.as_at:
        raise BadSnapshot(
            f"{before.folder} is as at {before.as_at}, after the data of {stamp.as_at}; name an earlier one."
        )


def _release(manifest: Manifest) -> Release:
    """The rows of a snapshot whose measures mean today what they meant in it."""
    rows = files.read_rows(manifest.folder)
    path = manifest.folder / "definitions.csv"
    if "definitions.csv" not in manifest.files:
        raise BadSnapshot(f"{path} is missing; without it nobody knows what the figures mean.")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    said = [name for name in MEANING if name in table]
    then, now = (_meanings(each, said) for each in (table, reference_tables.definitions().frame))
    same = [name for name, meaning in then.items() if now.get(name) == meaning]
    return Release(rows[rows["measure_id"].isin(same)].reset_index(drop=True), manifest.as_at)


def _meanings(table: pd.DataFrame, said: list[str]) -> dict[str, tuple[str, ...]]:
    """By measure, what its figures mean."""
    told = table[said].itertuples(index=False, name=None)
    return dict(zip(table["measure_id"].tolist(), told, strict=True))
