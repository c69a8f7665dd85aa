"""The log of who came, was refused, saw records and took files: lines of JSON, each sealed to the one before.

A line that is removed, changed or put elsewhere breaks the chain of hashes, and `verified` names it. A log
that was cut at its end is known by the head in a file beside it, or by one that was noted elsewhere. A
process that is killed while it writes leaves the head one line behind, or a piece of a line that the head
does not count: that is told apart from both, and the next line goes on from there.
"""

import getpass
import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from profiles import disk
from profiles.errors import DiskFull, ProfilesError
from profiles.selection import Selection
from profiles.settings import PREFIX, Settings

try:
    import pwd
except ImportError:  # Windows
    pwd = None  # type: ignore[assignment]

LOG_IN, LOG_OUT, REFUSAL = "log-in", "log-out", "refusal"
VIEW, EXPORT, DOWNLOAD = "record-level view", "export", "snapshot download"

KINDS = (LOG_IN, LOG_OUT, REFUSAL, VIEW, EXPORT, DOWNLOAD)
"""What is logged."""

KEYS = ("number", "at", "who", "what", "reason", "details", "previous", "hash")
"""What a line holds: `hash` is that of all others, `previous` the hash of the line before."""

FIRST = "0" * 64
"""What stands for the line before the first."""

SECONDS = 5.0
"""How long a line waits for another one to be written."""

LONGEST = 4_000_000
"""Bytes of a line beyond which it is none."""


HEAD = re.compile(r"(0|[1-9][0-9]{0,17}) ([0-9a-f]{64})\n")
"""What the file beside the log says."""

REMEDY = "look into it with `stalking-profiles audit verify`, then move both files away"


@dataclass(frozen=True)
class Head:
    """The end of a log: how many lines it has, and the hash of the last one."""

    number: int
    hash: str


@dataclass(frozen=True)
class Verified(Head):
    """The end of a log that is whole; `note` tells what a killed process left behind, if anything."""

    note: str = ""


def written(
    settings: Settings, what: str, who: str, details: dict[str, Any] | None = None, reason: str = ""
) -> None:
    """Add one line to the log, to be called before what it tells of happens.

    Raises ProfilesError when the line cannot be written: then it must not happen.
    """
    if what not in KINDS:
        raise ProfilesError(f"{what!r} is nothing the log knows; it is one of {', '.join(KINDS)}.")
    path = settings.access_log
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f"{path.name}.lock"), timeout=SECONDS, mode=0o600):
            head = _mended(path)
            content = {
                "number": head.number + 1,
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "who": who or user(),
                "what": what,
                "reason": reason,
                "details": details or {},
                "previous": head.hash,
            }
            sealed = _hash(content)
            if head.number == 0:
                # From its first line on a log has a head beside it: where there is none, it was taken away.
                _noted(path, head)
            _append(path, f"{json.dumps(content | {'hash': sealed})}\n".encode())
            _noted(path, Head(head.number + 1, sealed))
    except Timeout as error:
        raise ProfilesError(
            f"{path} is held by another process for more than {SECONDS:.0f} s, so nothing can be logged; "
            "try again, and end that process if it stays so."
        ) from error
    except OSError as error:
        if disk.is_full(error):
            raise DiskFull(
                f"The disk of {path} is full, and nothing is shown or given unless it is logged; free some "
                "room and try again."
            ) from error
        raise ProfilesError(
            f"{path} cannot be written ({error.strerror}), and nothing is shown or given unless it is "
            f"logged; mend it, or set {PREFIX}ACCESS_LOG to another file."
        ) from error


def viewed(
    settings: Settings,
    who: str,
    list_name: str,
    selection: Selection,
    search: str,
    references: Sequence[str],
    reason: str = "",
) -> None:
    """Log that records were seen by their references, to be called before they are shown.

    What was searched for is left out: it may be a name. Raises ProfilesError when it cannot be logged.
    """
    written(
        settings,
        VIEW,
        who,
        {
            "list": list_name,
            # A list has neither breakdown nor grain.
            "selection": replace(selection, by=None, grain=None).words(),
            "is_searched": bool(search.strip()),
            "count": len(references),
            "references": list(references),
        },
        reason.strip(),
    )


def verified(path: Path, head: str = "") -> Verified:
    """The end of the log, after every line was found whole and in its place.

    `head` is a hash that was noted before: a line of the log must have it. Raises ProfilesError naming the
    first line that was removed, changed or put elsewhere, or that the end is missing.
    """
    # The head first: lines that are written meanwhile come after it.
    beside = _head_beside(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ProfilesError(f"{path} cannot be read ({error.strerror}); name the log.") from error
    found, known = Head(0, FIRST), {0: FIRST}
    *lines, rest = content.split(b"\n")
    for place, line in enumerate(lines, start=1):
        found = _checked(path, place, line, found)
        known[place] = found.hash
    if head and head not in list(known.values())[1:]:
        raise ProfilesError(
            f"{path} has no line with the hash {head[:80]!a} that was noted: the log was cut or made anew."
        )
    if beside is None and content and (not head or head != found.hash):
        raise ProfilesError(
            f"{path} ends with line {found.number}, and {_beside(path).name} is missing, which tells how "
            "many lines there were: it was removed, and lines at the end may be too. A hash of the last line "
            "that was noted elsewhere (--head) would tell."
        )
    if beside and known.get(beside.number) != beside.hash:
        raise ProfilesError(
            f"{path} ends with line {found.number}, and {_beside(path).name} tells of {beside.number} lines: "
            "lines at the end were removed, or one of the two files was changed."
        )
    return Verified(found.number, found.hash, _left_by_a_kill(path, beside or found, found, bool(rest)))


def _left_by_a_kill(path: Path, beside: Head, found: Head, is_torn: bool) -> str:
    """What a killed process left, in words; empty for nothing.

    Raises ProfilesError for what no kill leaves.
    """
    behind = found.number - beside.number
    if behind == 0:
        return "a line was begun and not ended, which nothing followed" if is_torn else ""
    if _head_beside(path) != beside:
        return "lines are being written"
    if behind == 1 and not is_torn:
        return "the last line was written, and the head beside it was not"
    raise ProfilesError(
        f"{path} ends with line {found.number}, and {_beside(path).name} tells of "
        f"{found.number - behind} lines: lines were added, or an older head was put beside it."
    )


def user() -> str:
    """The operating system's name of who runs this process, or unknown."""
    try:
        # The environment, which getpass asks first, says what it was told to say.
        return pwd.getpwuid(os.getuid()).pw_name if pwd else getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"


def _checked(path: Path, place: int, line: bytes, before: Head) -> Head:
    """The head after the line. Raises ProfilesError when it does not follow on the one before."""
    where = f"{path}, line {place}"
    told = _read(line)
    if told is None:
        raise ProfilesError(f"{where} is no line of this log: it was changed, or is of an older version.")
    if told["hash"] != _hash({name: told[name] for name in KEYS if name != "hash"}):
        raise ProfilesError(f"{where} was changed: its content does not fit its hash.")
    if json.dumps(told).encode() != line:
        raise ProfilesError(f"{where} was changed: it has a key twice, or blanks that were not written.")
    if told["previous"] != before.hash or told["number"] != before.number + 1:
        raise ProfilesError(
            f"{where} does not follow on the line before: a line was removed, added or put elsewhere."
        )
    return Head(before.number + 1, told["hash"])


def _read(line: bytes) -> dict[str, Any] | None:
    """The line as it was written; None when it is none."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and tuple(told) == KEYS else None


def _hash(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _mended(path: Path) -> Head:
    """The end of the log that the next line follows on, after what a killed process left was put right.

    Raises ProfilesError when log and head disagree as no kill leaves them: then nothing is written.
    """
    beside = _head_beside(path)
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        size = 0
    if size == 0:
        if beside and beside.number:
            state = "is empty" if path.is_file() else "is gone"
            raise ProfilesError(f"{path} {state}, and {_beside(path).name} tells of lines; {REMEDY}.")
        return Head(0, FIRST)
    with open(path, "rb") as log:
        log.seek(max(0, size - LONGEST))
        end = log.read()
    whole, _, torn = end.rpartition(b"\n")
    if torn and beside is None:
        raise ProfilesError(f"The last line of {path} ends in the middle; {REMEDY}.")
    # What a piece of a line was to tell of has never happened: the line is written first.
    head, previous = _last(path, whole.rpartition(b"\n")[2]) if whole else (Head(0, FIRST), "")
    if beside is None:
        raise ProfilesError(f"{_beside(path)} is missing, and {path} has lines; {REMEDY}.")
    is_behind = beside == Head(head.number - 1, previous) and not torn
    if beside.number > head.number:
        raise ProfilesError(f"{path} lacks lines that {_beside(path).name} tells of; {REMEDY}.")
    if beside != head and not is_behind:
        raise ProfilesError(f"{path} does not end where {_beside(path).name} says; {REMEDY}.")
    if is_behind:
        _noted(path, head)
    if torn:
        os.truncate(path, size - len(torn))
    return head


def _last(path: Path, line: bytes) -> tuple[Head, str]:
    """The head that the last line makes, and the hash of the line before it."""
    told = _read(line)
    if told is None or not isinstance(told["number"], int):
        raise ProfilesError(f"The last line of {path} is none of this version; move the file away.")
    return Head(told["number"], told["hash"]), told["previous"]


def _append(path: Path, line: bytes) -> None:
    """Put the whole line at the end of the log, or none of it."""
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        before = os.fstat(log).st_size
        try:
            if os.write(log, line) != len(line):
                raise OSError(28, "no space is left")
            os.fsync(log)
        except OSError:
            if os.fstat(log).st_size > before:
                os.ftruncate(log, before)
            raise
    finally:
        os.close(log)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.head")


def _head_beside(path: Path) -> Head | None:
    """The head noted in the file beside the log; None when there is no such file."""
    try:
        told = HEAD.fullmatch(_beside(path).read_bytes().decode("ascii"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        told = None
    if told is None:
        raise ProfilesError(
            f"{_beside(path)} cannot be read as the head of the log; look into it, then move both files away."
        )
    return Head(int(told[1]), told[2])


def _noted(path: Path, head: Head) -> None:
    """Put the head beside the log, whole, and on the disk before anything else happens."""
    part = path.with_name(f"{path.name}.head.part")
    with open(part, "w", encoding="ascii", newline="", opener=_private) as file:
        file.write(f"{head.number} {head.hash}\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(_beside(path))
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _private(path: str, flags: int) -> int:
    """The file, opened so that its owner alone can read it."""
    return os.open(path, flags, 0o600)
