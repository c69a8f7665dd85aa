"""A disk that is full, of bytes or of files: known by any error that comes of it, said in one sentence."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from profiles.errors import DiskFull

NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT})
"""The disk is full, or what this user may have of it."""

WINDOWS_NUMBERS = frozenset({39, 112})

SAID = re.compile(
    r"no space left|disk quota exceeded|not enough space on the disk|disk is full|no space is left"
    # The database may put nothing aside where the disk has no room.
    r"|failed to offload data block",
    re.IGNORECASE,
)
"""How libraries say it that raise errors of their own."""


def is_full(error: BaseException | None) -> bool:
    """Whether the error, or one that it comes of or came in the handling of, says that a disk is full."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, DiskFull) or _says_so(each):
            return True
        waiting += [each.__cause__, each.__context__]
    return False


def _says_so(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno is not None:
        if error.errno in NUMBERS or getattr(error, "winerror", None) in WINDOWS_NUMBERS:
            return True
        # No temporary file can be made anywhere, which has a number of its own.
        return "No usable temporary directory" in str(error) and _is_temporary_full()
    # A message may repeat a file's name, never in front of what happened.
    return type(error).__module__.split(".")[0] != "profiles" and bool(SAID.search(str(error)))


def _is_temporary_full() -> bool:
    # Asked about alone: nothing is written there.
    for name in (os.environ.get("TMPDIR"), "/tmp", str(Path.cwd())):  # nosec B108
        try:
            found = os.statvfs(name or "/tmp")  # nosec B108
        except (AttributeError, OSError):
            continue
        if found.f_bavail == 0 or (found.f_files and found.f_favail == 0):
            return True
    return False


def sentence(place: Path | str) -> str:
    """What is to be said of a full disk, for what was to be written to that place."""
    return (
        f"The disk of {place} is full, of bytes or of files; free some room and run this again. "
        "What was there before is unchanged."
    )


@contextmanager
def watched(place: Path | str) -> Iterator[None]:
    """Whatever comes of a full disk becomes one DiskFull that names the place; other errors go on."""
    try:
        yield
    except DiskFull:
        raise
    except Exception as error:
        if is_full(error):
            raise DiskFull(sentence(place)) from error
        raise
