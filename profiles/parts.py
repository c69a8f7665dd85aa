"""What is being written: beside its place, under a name that begins with a point, held by one process.

`2026-09-30-internal` is written as `.2026-09-30-internal.part` under the lock `.2026-09-30-internal.lock`.
Who is killed leaves both; the next run that writes anything into that folder takes them away.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

PART, LOCK = "part", "lock"

OWN = re.compile(r"\d{4}-\d{2}-\d{2}-(internal|external)(-\d+)?|.+\.(docx|html)|sample|withdrawn\.csv")
"""Names that are written here, of which a lock without a part is known to be ours."""


@contextmanager
def held(out: Path, *, is_folder: bool) -> Iterator[Path]:
    """The new folder, or the path of the new file, in which `out` is written; in the end it is gone.

    What killed runs left in the folder of `out` is removed before. Raises filelock.Timeout while another
    process writes `out`, OSError where nothing can be written.
    """
    folder, name = out.absolute().parent, out.name
    part, lock = _part(folder, name), FileLock(_lock(folder, name))
    lock.acquire(timeout=0)
    try:
        _removed(part)
        if is_folder:
            part.mkdir()
        _swept(folder, name)
        yield part
    finally:
        _removed(part)
        # Before it is released: who waited for this file finds it gone, and none holds it beside a newer one.
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()


def _swept(folder: Path, own_name: str) -> None:
    """Take away the parts and locks of other names that no process holds."""
    for path in folder.glob(f".*.{LOCK}"):
        name = path.name.removeprefix(".").removesuffix(f".{LOCK}")
        part = _part(folder, name)
        is_ours = part.exists() or OWN.fullmatch(name)
        if name == own_name or not is_ours or path.is_symlink() or not path.is_file():
            continue
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            continue
        try:
            _removed(part)
            path.unlink(missing_ok=True)
        except OSError:
            # Somebody else's: it is left to them.
            pass
        finally:
            lock.release()


def _removed(part: Path) -> None:
    if part.is_dir() and not part.is_symlink():
        shutil.rmtree(part, ignore_errors=True)
    else:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _part(folder: Path, name: str) -> Path:
    return folder / f".{name}.{PART}"


def _lock(folder: Path, name: str) -> Path:
    return folder / f".{name}.{LOCK}"
