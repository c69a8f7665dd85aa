"""The programs that the tests need beside Python's packages; `python -m tests.programs` gets what is missing.

Chromium always, or the command ends with what to do. nginx, openssl and LibreOffice where apt has them:
without one of them its tests are skipped, which is said here and at the end of the tests.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from profiles.settings import ROOT
from tests import chromium

UNPACKED = ROOT / "build" / "programs"
"""Where nginx is unpacked: to install it would also start it, on every address of the machine."""

PATH = os.pathsep.join(
    (os.environ.get("PATH", os.defpath), str(UNPACKED / "usr" / "sbin"), "/usr/sbin", "/sbin")
)


TYPES = Path("etc/nginx/mime.types")
"""Where nginx has its list of kinds of files, below the root or below UNPACKED."""


def found(name: str) -> str | None:
    """The path of a program, or None."""
    return shutil.which(name, path=PATH)


def main() -> None:
    """Leave what the tests need, or exit with one sentence saying what to do."""
    chromium.main()
    if not (found("nginx") and found("openssl") and found("soffice")) and shutil.which("apt-get"):
        root = chromium.root_prefix()
        if root is not None:
            _run([*root, "apt-get", "-q", "update"])
            wanted = {"openssl": "openssl", "soffice": "libreoffice-writer-nogui"}
            for package in [package for name, package in wanted.items() if not found(name)]:
                install = ["apt-get", "-q", "-y", "--no-install-recommends", "install", package]
                _run([*root, "env", "DEBIAN_FRONTEND=noninteractive", *install])
        if not found("nginx"):
            _unpack("nginx")
            _unpack("nginx-common")
    for name, what in {"nginx": "the site", "openssl": "the site", "soffice": "Word files"}.items():
        if not found(name):
            print(f"{name} is not installed: the tests of {what} that need it are skipped.", file=sys.stderr)


def _unpack(package: str) -> None:
    """Unpack a package without installing it."""
    UNPACKED.mkdir(parents=True, exist_ok=True)
    _run(["apt-get", "-q", "download", package], UNPACKED)
    for archive in UNPACKED.glob(f"{package}_*.deb"):
        _run(["dpkg-deb", "-x", str(archive), str(UNPACKED)])
        archive.unlink()


def _run(command: list[str], folder: os.PathLike[str] = ROOT) -> None:
    subprocess.run(command, cwd=folder, check=False)


if __name__ == "__main__":
    main()
