"""The next version: built aside by one process at a time, moved into place, served from one moment on."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from profiles import disk, pointers
from profiles.errors import NoWarehouse
from profiles.settings import PREFIX, Settings
from profiles.settings import settings as in_force
from profiles.warehouse import FILE, POINTER, Connection, Version, get_meta, kept, set_meta

BUILDING = ".building-"


@contextmanager
def writing(folder: Path, settings: Settings | None = None) -> Iterator[Path]:
    """The folder to build the next version in; only one process holds it at a time.

    What an interrupted build left behind is removed first. Raises NoWarehouse when another import
    holds the lock or the folder cannot be written.
    """
    settings = settings or in_force()
    if any("\ud800" <= letter <= "\udfff" for letter in str(folder.absolute())):
        raise NoWarehouse(f"{folder}: its name is not UTF-8; choose another folder with --warehouse.")
    if (folder / POINTER).is_dir():
        raise NoWarehouse(
            f"{folder / POINTER} is a folder, so no version can be served; move it away and import again."
        )
    try:
        (folder / "versions").mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / "LOCK")
        lock.acquire(timeout=settings.lock_seconds)
    except filelock.Timeout as error:
        raise NoWarehouse(
            f"Another import is writing to {folder}; wait for it to end and run this one again."
        ) from error
    except OSError as error:
        if disk.is_full(error):
            raise
        raise NoWarehouse(
            f"{folder} cannot be written ({error.strerror}); choose another folder with --warehouse."
        ) from error
    try:
        for left in folder.glob(f"{BUILDING}*"):
            shutil.rmtree(left, ignore_errors=True)
        pointers.discarded(folder)
        building = folder / f"{BUILDING}{os.getpid()}"
        building.mkdir()
        try:
            yield building
        finally:
            shutil.rmtree(building, ignore_errors=True)
    finally:
        lock.release()


def publish(con: Connection, folder: Path, building: Path, settings: Settings | None = None) -> Version:
    """The version now served: `building` moved into place, the pointer switched, old versions removed.

    `con` is the connection to the database in `building`; it is closed. The version served before stays, and
    the `notice` names what is removed of those that one had gone back from.
    """
    settings = settings or in_force()
    before = pointers.read(folder).name
    inputs = con.execute(
        "select sha256, mapping_sha256, extract_date::varchar from meta.files order by file_id"
    ).fetchall()
    meta = get_meta(con)
    as_at = meta["as_at"]
    digest = hashlib.sha256(repr(inputs).encode()).hexdigest()[:8]
    number = max(map(pointers.number, pointers.candidates(folder)), default=0) + 1
    name = f"{number:04d}-{as_at or 'empty'}-{digest}"
    set_meta(con, version=name)
    con.execute("checkpoint")
    con.close()
    _sync(building / FILE)
    target = folder / "versions" / name
    # Whatever needs room comes before the version gets its name.
    pointers.prepared(folder, name)
    building.rename(target)
    _sync(folder / "versions")
    pointers.switched(folder)
    _sync(folder)
    left = []
    for old in _superfluous(folder, name, settings.keep_versions):
        if old == before and settings.keep_versions > 1:
            continue
        # An open reader keeps its file on Linux; elsewhere the next import tries again.
        shutil.rmtree(folder / "versions" / old, ignore_errors=True)
        left += [old] if pointers.number(old) > pointers.number(before) > 0 else []
    notice = ""
    if left:
        notice = (
            f"Removed {', '.join(left)}, from which the warehouse had gone back: "
            f"{PREFIX}KEEP_VERSIONS keeps {settings.keep_versions}."
        )
    return Version(target / FILE, name, as_at, meta["is_synthetic"] == "yes", notice)


def serve(folder: Path, name: str) -> None:
    """Serve the version of that name from here on, in one step; the caller holds `writing`."""
    pointers.written(folder, name)
    _sync(folder)


def _superfluous(folder: Path, served: str, count: int) -> list[str]:
    """Names of versions older than the newest `count` that are whole: a damaged one pushes none out."""
    whole = {each.name for each in kept(folder) if each.version} | {served}
    numbered = sorted(filter(pointers.number, pointers.candidates(folder)), key=pointers.number, reverse=True)
    places = [place for place, name in enumerate(numbered) if name in whole]
    return numbered[places[count - 1] + 1 :] if len(places) >= count else []


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network drives refuse it; the switch of the pointer is atomic all the same.
        if disk.is_full(error) or error.errno == errno.EIO:
            raise
    finally:
        os.close(handle)
