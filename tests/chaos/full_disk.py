"""The disk is full, of bytes or of files, at some point of a command."""

import ctypes
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

from tests.chaos import stage
from tests.chaos.stage import Stage
from tests.fuzz.running import ACCEPTED, REFUSED, Broken

NEEDS_KIB = {"import": 16_000, "snapshot": 900, "report": 800, "sample": 1_200}
"""About how much a command writes."""
NEEDS_FILES = {"import": 8, "snapshot": 16, "report": 3, "sample": 52}
NEW_MOUNTS = 0x00020000
"""What Linux calls CLONE_NEWNS."""
FILES_SHARE = 0.2
"""Share of the runs whose disk is short of files, not of bytes."""


def prepared(folder: Path) -> Stage:
    """The stage. Raises OSError where no small disk can be mounted."""
    if not may_mount():
        raise PermissionError(
            "a full disk is tried on a small one, and only root can mount it: run this as root"
        )
    # Mounts are this process's own: none outlives it.
    if ctypes.CDLL(None).unshare(NEW_MOUNTS) == 0:
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    return stage.prepared(folder)


def may_mount() -> bool:
    """Whether this process may mount a disk."""
    return os.name == "posix" and os.geteuid() == 0 and shutil.which("mount") is not None


def tried(draw: random.Random, ready: Stage, folder: Path) -> str:
    """It is said in one sentence; what was there stays; with room the next run ends well and tidies up."""
    name = draw.choice(stage.SEVERAL)
    disk = folder / "disk"
    disk.mkdir()
    _mount("tmpfs", disk)
    try:
        stage.laid_out(ready, disk, name)
        kib, files = _used(disk)
        if draw.random() < FILES_SHARE:
            _mount("remount", disk, f"size=1g,nr_inodes={files + draw.randint(1, NEEDS_FILES[name])}")
        else:
            _mount("remount", disk, f"size={kib + draw.randint(8, NEEDS_KIB[name])}k")
        status, said = stage.run(stage.arguments(name, ready.folder, disk), folder / "said")
        stage.refuse_unsaid(status, said)
        if status:
            _check_said(said)
            if stage.whole(ready, disk, name) != "before":
                raise Broken(f"refused, and yet all is as after: {said[-300:]}")
        _mount("remount", disk, "size=1g,nr_inodes=10000")
        stage.again(ready, disk, name)
        return REFUSED if status else ACCEPTED
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _check_said(said: str) -> None:
    last = said.strip().splitlines()[-1]
    if not re.search(r"disk\b.*\bfull", last, re.IGNORECASE) or re.search("restore it|does not run", last):
        raise Broken(f"a full disk is said so: {last[-400:]}")


def _mount(kind: str, disk: Path, options: str = "size=1g") -> None:
    told = ["-o", f"remount,{options}"] if kind == "remount" else ["-t", kind, "-o", options, kind]
    subprocess.run(["mount", *told, str(disk)], check=True)


def _used(disk: Path) -> tuple[int, int]:
    """KiB and files in use."""
    found = os.statvfs(disk)
    return (found.f_blocks - found.f_bfree) * found.f_frsize // 1024, found.f_files - found.f_ffree
