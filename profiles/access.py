"""The log of views: whoever reads records by their references leaves a line that says so."""

import getpass
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from profiles.errors import ProfilesError
from profiles.selection import Selection
from profiles.settings import Settings

try:
    import pwd
except ImportError:  # Windows
    pwd = None  # type: ignore[assignment]


def viewed(
    settings: Settings, list_name: str, selection: Selection, search: str, references: Sequence[str]
) -> None:
    """Nothing; adds one line of JSON to the log, to be called before the records are shown.

    It says when (UTC), who, which list, the selection in words, whether it was searched and the
    references shown. What was searched for is left out: it may be a name. Raises ProfilesError when
    the line cannot be written: nobody then sees the records.
    """
    line = json.dumps(
        {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "user": _user(),
            "list": list_name,
            # A list has neither breakdown nor grain.
            "selection": replace(selection, by=None, grain=None).words(),
            "is_searched": bool(search.strip()),
            "count": len(references),
            "references": list(references),
        }
    )
    path = settings.access_log
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            whole = f"{line}\n".encode()
            # One write: lines of several processes do not mix.
            is_whole = os.write(log, whole) == len(whole)
        finally:
            os.close(log)
    except OSError as error:
        raise ProfilesError(
            f"{path} cannot be written ({error.strerror}), and records are shown only when the view is "
            f"logged; mend it, or set STALKING_PROFILES_ACCESS_LOG to another file."
        ) from error
    if not is_whole:
        raise ProfilesError(
            f"The disk of {path} is full, so that the view cannot be logged; make room on it."
        )


def _user() -> str:
    """The operating system's name of who runs this process, or unknown."""
    try:
        # The environment, which getpass asks first, says what it was told to say.
        return pwd.getpwuid(os.getuid()).pw_name if pwd else getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"
