"""How long a log-in holds: a small file for each, which all processes of a dashboard share and keep.

A file tells when a visitor last asked for something, another one that the log-in has ended, and why; neither
says whose it is. They lie beside the log, so that they outlive a process and hold in every other. None is
ever removed here: a clock that is wrong for a while could otherwise bring an ended log-in back.
"""

import math
import os
import time
from pathlib import Path
from typing import TypeGuard

from profiles import disk
from profiles.errors import DiskFull, ProfilesError
from profiles.settings import Settings

LONGEST = 12 * 3600
"""Seconds after which a log-in is over, however busy."""

SET_BACK = 60
"""Seconds by which the clock may be corrected while visitors are there."""

FOLDER = "logins"

ENDED = "ended"

ASKED_FOR = "log out was chosen, in this tab or another one"
"""Why a log-in ends unless told otherwise."""

NOT_KEPT = "the reason was not kept"
"""What is told of an end whose file was left empty, by a kill or a full disk."""

AT_MOST = f"a log-in lasts {LONGEST // 3600} hours at most"


def over(settings: Settings, key: str, begun: object, *, is_asked: bool = True) -> str:
    """Why the log-in of that key is over, in words; empty when it is not.

    `begun` is when the provider says that it began, in seconds since 1970. With `is_asked` the visitor is
    noted as seen now. Raises ProfilesError when the files cannot be read or written: then nobody is let in.
    """
    now = time.time()
    try:
        seen = _file(settings, key)
        if _ended(seen).exists():
            return _ended(seen).read_text(encoding="utf-8", errors="replace").strip() or NOT_KEPT
        why = _over(settings, seen, begun, now)
        if why:
            ended(settings, key, why)
        elif _is_time(begun) and begun > now:
            return "it begins later than now: the clocks of the provider and of this server differ"
        elif is_asked:
            seen.touch(mode=0o600)
            os.utime(seen, (now, now))
    except OSError as error:
        raise _fault(settings, error) from error
    return why


def has_ended(settings: Settings, key: str) -> bool:
    """Whether the log-in of that key is known to have ended.

    Raises ProfilesError where that cannot be read.
    """
    try:
        return _ended(_file(settings, key)).exists()
    except OSError as error:
        raise _fault(settings, error) from error


def ended(settings: Settings, key: str, why: str = ASKED_FOR) -> None:
    """End the log-in of that key in every process, from now on; the first reason given is kept.

    Raises ProfilesError when that cannot be written.
    """
    try:
        mark = _ended(_file(settings, key))
        if not mark.exists():
            # Another process may be as quick: which of both reasons is kept does not matter.
            with open(mark, "w", encoding="utf-8", opener=_private) as file:
                file.write(why)
    except OSError as error:
        raise _fault(settings, error) from error


def _over(settings: Settings, seen: Path, begun: object, now: float) -> str:
    """Why the log-in whose file is `seen` is over by its age, or because nothing was asked for."""
    if not _is_time(begun):
        return f"{AT_MOST}, and the provider does not say when this one began"
    if begun < now - LONGEST:
        return AT_MOST
    try:
        last = seen.stat().st_mtime
    except FileNotFoundError:
        return ""
    if last > now + SET_BACK:
        return "the clock of this server was set back"
    if last < now - 60 * settings.idle_minutes:
        minutes = settings.idle_minutes
        return f"nothing was asked for in {minutes} minute{'' if minutes == 1 else 's'}"
    return ""


def _is_time(begun: object) -> TypeGuard[int | float]:
    """Whether it is a number of seconds: neither true nor false, a text, nor one without end."""
    if isinstance(begun, bool) or not isinstance(begun, (int, float)):
        return False
    return isinstance(begun, int) or math.isfinite(begun)


def _file(settings: Settings, key: str) -> Path:
    folder = settings.access_log.parent / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / key


def _ended(seen: Path) -> Path:
    return seen.with_name(f"{seen.name}.{ENDED}")


def _private(path: str, flags: int) -> int:
    """The file, opened so that its owner alone can read it."""
    return os.open(path, flags, 0o600)


def _fault(settings: Settings, error: OSError) -> ProfilesError:
    if disk.is_full(error):
        return DiskFull(
            f"The disk of {settings.access_log.parent / FOLDER} is full, so nobody can be logged in; free "
            "some room and try again."
        )
    return ProfilesError(
        f"{settings.access_log.parent / FOLDER} cannot be written ({error.strerror}), so nobody can be "
        "logged in: mend it."
    )
