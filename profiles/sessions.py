"""How long a log-in holds: a small file for each, which all processes of a dashboard share and keep.

A file tells when a visitor last asked for something, another one that the log-in has ended; neither says
whose it is. They lie beside the log, so that they outlive a process and hold in every other.
"""

import os
import time
from pathlib import Path

from profiles.errors import ProfilesError
from profiles.settings import Settings

LONGEST = 12 * 3600
"""Seconds after which a log-in is over, however busy."""

FOLDER = "logins"

ENDED = "ended"


def over(settings: Settings, key: str, begun: object) -> str:
    """Why the log-in of that key is over, in words; empty, and seen now, when it is not.

    `begun` is when the provider says that it began, in seconds since 1970. Raises ProfilesError when the
    files cannot be read or written: then nobody is let in.
    """
    now = time.time()
    if not isinstance(begun, (int, float)) or now - begun > LONGEST:
        return f"a log-in lasts {LONGEST // 3600} hours at most"
    try:
        seen = _file(settings, key)
        if _ended(seen).exists():
            return "this log-in has ended"
        if seen.exists() and now - seen.stat().st_mtime > 60 * settings.idle_minutes:
            _ended(seen).touch(mode=0o600)
            return f"nothing was asked for in {settings.idle_minutes} minutes"
        if not seen.exists():
            _tidied(seen.parent, now)
        seen.touch(mode=0o600)
        os.utime(seen, (now, now))
    except OSError as error:
        raise _fault(settings, error) from error
    return ""


def ended(settings: Settings, key: str) -> None:
    """Nothing; the log-in of that key holds in no process from now on.

    Raises ProfilesError when that cannot be written.
    """
    try:
        _ended(_file(settings, key)).touch(mode=0o600)
    except OSError as error:
        raise _fault(settings, error) from error


def _file(settings: Settings, key: str) -> Path:
    folder = settings.access_log.parent / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / key


def _ended(seen: Path) -> Path:
    return seen.with_name(f"{seen.name}.{ENDED}")


def _tidied(folder: Path, now: float) -> None:
    """Nothing; removes what tells of log-ins that are over because of their age."""
    for each in folder.iterdir():
        try:
            if now - each.stat().st_mtime > LONGEST:
                each.unlink()
        except FileNotFoundError:
            # Another process was as quick.
            continue


def _fault(settings: Settings, error: OSError) -> ProfilesError:
    return ProfilesError(
        f"{settings.access_log.parent / FOLDER} cannot be written ({error.strerror}), so nobody can be "
        "logged in: mend it."
    )
