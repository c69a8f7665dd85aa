"""Snapshots that were shared and withdrawn: a list beside their folders, which stay as they were released."""

import csv
import io
import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass, fields
from datetime import date
from pathlib import Path

import pandas as pd
from filelock import Timeout

from profiles import disk, escaped, parts, words, writing
from profiles.errors import BadWithdrawals
from profiles.snapshot import manifests
from profiles.snapshot.manifests import Manifest

NAME = "withdrawn.csv"

LARGEST_BYTES = 5_000_000
LONGEST_REASON = 500
"""Letters of a reason, which stands on every page."""

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MEANWHILE = "until then no snapshot beside it is shown"


@dataclass(frozen=True)
class Withdrawal:
    """One line of the list; a snapshot is known by the SHA-256 of its manifest, wherever its folder lies."""

    sha256: str
    name: str
    as_at: str
    withdrawn_on: str
    reason: str

    @property
    def sentence(self) -> str:
        """What readers are told of the snapshot."""
        day = words.day(date.fromisoformat(self.withdrawn_on))
        reason = self.reason.rstrip(".")
        return f"This snapshot was withdrawn on {day}: {reason}. Do not use or pass on its figures."


COLUMNS = tuple(each.name for each in fields(Withdrawal))


def read(folder: Path) -> dict[str, Withdrawal]:
    """The withdrawals that the list of this folder of snapshots holds, by SHA-256; none without a list.

    Raises BadWithdrawals naming file, line, column and remedy when any of it cannot be read: what is left out
    would make a withdrawn snapshot look as good as the others.
    """
    path = folder / NAME
    found: dict[str, Withdrawal] = {}
    lines = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        for row in lines:
            where = f"{path}, line {lines.line_num}"
            if lines.line_num == 1:
                if tuple(row) != COLUMNS:
                    raise BadWithdrawals(
                        f"{where} is not the head {','.join(COLUMNS)}; write it there; {_MEANWHILE}."
                    )
            elif row:
                each = _withdrawal(row, where)
                found.setdefault(each.sha256, each)
    except csv.Error as error:
        raise BadWithdrawals(
            f"{path}, line {lines.line_num} is no line of a CSV ({error}); write it as "
            f"{','.join(COLUMNS)}, or take the file from a backup; {_MEANWHILE}."
        ) from error
    return found


def among(snapshots: Iterable[Manifest]) -> dict[str, Withdrawal]:
    """The withdrawals of these snapshots, by SHA-256. Raises BadWithdrawals when a list cannot be read.

    The list beside a folder counts, and where the folder is a link also the one beside what it leads to.
    """
    lists: dict[Path, Mapping[str, Withdrawal]] = {}
    found: dict[str, Withdrawal] = {}
    for each in snapshots:
        for shelf in (_place(each.folder).parent, each.folder.resolve().parent):
            if shelf not in lists:
                lists[shelf] = read(shelf)
            if each.sha256 in lists[shelf]:
                found.setdefault(each.sha256, lists[shelf][each.sha256])
    return found


def of(manifest: Manifest) -> Withdrawal | None:
    """The withdrawal of the snapshot, None where it was not withdrawn. Raises BadWithdrawals."""
    return among([manifest]).get(manifest.sha256)


def withdrawn(folder: Path, reason: str, today: date) -> tuple[Withdrawal, bool]:
    """The withdrawal of the snapshot in that folder, and whether it is new.

    A new one is written to the list beside the folder, whole or not at all; an earlier one stays as it is.
    Raises BadSnapshot when the folder is no whole snapshot, BadWithdrawals when the reason is none, or the
    list cannot be read or written.
    """
    told = " ".join(escaped.visible(reason).split())
    if not any(letter.isalnum() for letter in told) or len(told) > LONGEST_REASON:
        raise BadWithdrawals(
            f"The reason has {len(told):,} letters; say in 1 to {LONGEST_REASON} letters why the snapshot is "
            "withdrawn."
        )
    manifest = manifests.verified(folder)
    shelf = _place(folder).parent
    path = shelf / NAME
    name = escaped.line(_place(folder).name)
    new = Withdrawal(manifest.sha256, name, manifest.as_at, today.isoformat(), told)
    try:
        with disk.watched(shelf), parts.held(path, is_folder=False) as part:
            known = read(shelf)
            if manifest.sha256 in known:
                return known[manifest.sha256], False
            table = pd.DataFrame([asdict(each) for each in (*known.values(), new)], columns=COLUMNS)
            with open(part, "xb") as file:
                file.write(writing.csv_text(table).encode())
                file.flush()
                os.fsync(file.fileno())
            # Whoever could read the list, such as the dashboard's own user, still can.
            if path.exists():
                part.chmod(stat.S_IMODE(path.stat().st_mode))
            part.replace(path)
    except Timeout as error:
        raise BadWithdrawals(f"{path} is being written by another process; run this again.") from error
    except OSError as error:
        raise BadWithdrawals(
            f"{path} cannot be written ({error.strerror}), so nothing was withdrawn; run this as a user who "
            "may write there."
        ) from error
    return new, True


def _place(folder: Path) -> Path:
    """Where the folder is; a link is not followed, since the list lies beside the link."""
    place = folder.absolute()
    return place.resolve() if place.name == ".." else place


def _text(path: Path) -> str:
    """The text of the list, empty only where there is none. Raises BadWithdrawals."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise BadWithdrawals(f"{path} is no plain file; put the list itself there; {_MEANWHILE}.")
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise BadWithdrawals(
            f"{path} cannot be read ({error.strerror}); let this user read it; {_MEANWHILE}."
        ) from error
    if not content.strip() or len(content) > LARGEST_BYTES:
        raise BadWithdrawals(
            f"{path} has {'nothing in it' if not content.strip() else 'more than 5 MB'}; take it from a "
            f"backup; {_MEANWHILE}."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadWithdrawals(f"{path}, line {line} is not UTF-8; save it as UTF-8; {_MEANWHILE}.") from error


def _withdrawal(row: list[str], where: str) -> Withdrawal:
    """The line as a withdrawal. Raises BadWithdrawals naming the column that is wrong."""
    if len(row) != len(COLUMNS):
        raise BadWithdrawals(
            f"{where} has {len(row)} cells instead of {len(COLUMNS)}; write it as {','.join(COLUMNS)}; "
            f"{_MEANWHILE}."
        )
    each = Withdrawal(*row)
    if not _SHA256.fullmatch(each.sha256):
        raise BadWithdrawals(
            f"{where}, column sha256 is no SHA-256; write the one of the manifest, which stalking-profiles "
            f"verify prints; {_MEANWHILE}."
        )
    for column in ("as_at", "withdrawn_on"):
        if not _is_day(getattr(each, column)):
            raise BadWithdrawals(
                f"{where}, column {column} is {getattr(each, column)[:40]!r}, which is no day; write it as "
                f"2026-12-01; {_MEANWHILE}."
            )
    for column, text in zip(COLUMNS, astuple(each), strict=True):
        if not text.strip():
            raise BadWithdrawals(f"{where}, column {column} is empty; fill it in; {_MEANWHILE}.")
    return each


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False
