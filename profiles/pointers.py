"""The pointer of a warehouse and the folders of its versions, whatever lies on the disk in their place."""

import codecs
import errno
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from profiles import disk
from profiles.errors import NoWarehouse

POINTER = "CURRENT"
VERSIONS = "versions"
FILE = "warehouse.duckdb"
NEXT = f"{POINTER}.next"

LONGEST = 1000
"""Bytes of a pointer beyond which it holds no name."""

_NAME = re.compile(r"[\w-][\w.-]*")
_OWN = re.compile(r"([0-9]{4,9})-(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|empty)-[0-9a-f]{8}")


@dataclass(frozen=True)
class Pointer:
    """What a pointer says: the name of a version or, where it holds none, what is wrong with it."""

    name: str
    fault: str = ""


def read(folder: Path) -> Pointer:
    """What the pointer of the warehouse in `folder` says. Raises NoWarehouse when the disk does not tell."""
    path = folder / POINTER
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return Pointer("", "is no plain file")
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return Pointer("", "is missing" if not path.is_symlink() else "is a link to nothing")
    except OSError as error:
        if error.errno == errno.ELOOP:
            return Pointer("", "is a link to itself")
        raise NoWarehouse(
            f"{path} cannot be read ({error.strerror}); make it readable, or restore it."
        ) from error
    if len(content) > LONGEST:
        return Pointer("", "is too long to be a name")
    # Editors and shells of Windows put a mark before the text.
    is_wide = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    try:
        name = content.decode("utf-16" if is_wide else "utf-8-sig").strip()
    except UnicodeDecodeError:
        return Pointer("", "holds no text")
    if not name:
        return Pointer("", "is empty")
    if not _NAME.fullmatch(name):
        return Pointer("", "holds no name of a version")
    return Pointer(name)


def written(folder: Path, name: str) -> None:
    """Write the pointer: from here on the version of that name is served."""
    prepared(folder, name)
    switched(folder)


def prepared(folder: Path, name: str) -> None:
    """Write the next pointer beside the present one."""
    with (folder / NEXT).open("w", encoding="utf-8") as file:
        file.write(f"{name}\n")
        file.flush()
        # Some network drives refuse it; the switch of the pointer is atomic all the same.
        try:
            os.fsync(file.fileno())
        except OSError as error:
            if disk.is_full(error) or error.errno == errno.EIO:
                raise


def switched(folder: Path) -> None:
    """Put the next pointer in the place of the present one, in one step."""
    (folder / NEXT).replace(folder / POINTER)


def discarded(folder: Path) -> None:
    """Take away the next pointer that an import which was cut off left behind."""
    (folder / NEXT).unlink(missing_ok=True)


def number(name: str) -> int:
    """The number of a version by its name; 0 where the name is none that an import gives."""
    found = _OWN.fullmatch(name)
    return int(found[1]) if found else 0


def candidates(folder: Path) -> list[str]:
    """Names of what may be a version: a folder with a database, or what bears a name that an import gives.

    Raises NoWarehouse when the folder of the versions cannot be read.
    """
    try:
        entries = sorted((folder / VERSIONS).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise NoWarehouse(
            f"{folder / VERSIONS} cannot be read ({error.strerror}); make it readable, or restore it."
        ) from error
    return [each.name for each in entries if number(each.name) or _exists(each / FILE)]


def stands(folder: Path) -> bool:
    """Whether there is a warehouse: a pointer of whatever kind, or something that may be a version."""
    path = folder / POINTER
    return path.is_symlink() or _exists(path) or bool(candidates(folder))


def state(folder: Path) -> str:
    """What changes with the served version: what the pointer says and, where it is lost, the versions."""
    pointer = read(folder)
    return pointer.name or "\n".join((pointer.fault, *candidates(folder)))


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True
