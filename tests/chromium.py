"""The Chromium that browser tests drive; `python -m tests.chromium` gets one where there is none."""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, sync_playwright

SHELL = "chromium-headless-shell"
"""Debian's Chromium without windows: it draws the same pages, and opens one at a quarter of the cost."""

NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--no-first-run",
]
SECONDS_TO_START = 60


def launch_options() -> dict[str, Any]:
    """Playwright's launch options: the machine's Chromium where one starts, else Playwright's download."""
    found = installed()
    return {"args": FLAGS, **({"executable_path": found} if found else {})}


@cache
def installed() -> str | None:
    """The path named by CHROMIUM, else that of the first Chromium on this machine that starts."""
    paths = (shutil.which(name) for name in NAMES)
    return os.environ.get("CHROMIUM") or next((path for path in paths if path and starts(path)), None)


def starts(path: str) -> bool:
    """Whether the Chromium at this path renders an empty page; a stub that only asks for a snap does not."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            path,
            "--headless",
            "--no-sandbox",
            *FLAGS,
            f"--user-data-dir={profile}",
            "--dump-dom",
            "about:blank",
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS_TO_START, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0 and b"<html" in done.stdout


def main() -> None:
    """Leave a Chromium that the tests can start, or exit with one sentence saying what to do."""
    if Path(installed() or "").name == "chromium":
        get_shell()
        installed.cache_clear()
    for get in (get_packages, get_download):
        if fault() is None:
            return
        get()
        installed.cache_clear()
    if reason := fault():
        print(reason, file=sys.stderr)
        sys.exit("No Chromium starts: install chromium and libatomic1, or set CHROMIUM to the path of one.")


def fault() -> str | None:
    """Why Playwright cannot open a page with the options that the tests use, or None when it can."""
    driver = subprocess.run(
        [sys.executable, "-m", "playwright", "--version"], capture_output=True, check=False
    )
    if driver.returncode:
        return driver.stderr.decode(errors="replace").strip()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_options())
            browser.new_page().goto("about:blank")
            browser.close()
    except Error as error:
        return str(error)
    return None


def get_shell() -> None:
    """Install the Chromium without windows beside the system's own, where apt has one."""
    root = root_prefix()
    if root is None or not shutil.which("apt-get"):
        return
    install = ["apt-get", "-q", "-y", "--no-install-recommends", "install", SHELL]
    if subprocess.run([*install, "--simulate"], capture_output=True, check=False).returncode:
        subprocess.run([*root, "apt-get", "-q", "update"], check=False)
    subprocess.run([*root, "env", "DEBIAN_FRONTEND=noninteractive", *install], check=False)


def get_packages() -> None:
    """Install the system's chromium where apt has a real one, and what Playwright's driver links to."""
    root = root_prefix()
    if root is None or not shutil.which("apt-get"):
        return
    subprocess.run([*root, "apt-get", "-q", "update"], check=False)
    install = ["apt-get", "-q", "-y", "--no-install-recommends", "install", "libatomic1"]
    wanted = install
    if installed() is None:
        for name in ("chromium", SHELL):
            browser = [*install, name, "fonts-liberation"]
            plan = subprocess.run([*browser, "--simulate"], capture_output=True, text=True, check=False)
            # Ubuntu's package is a stub that asks for a snap, which containers cannot run
            if plan.returncode == 0 and "snap" not in plan.stdout:
                wanted = browser
    subprocess.run([*root, "env", "DEBIAN_FRONTEND=noninteractive", *wanted], check=False)


def get_download() -> None:
    """Fetch Playwright's own build, with the libraries it needs where this user may install them."""
    libraries = ["--with-deps"] if sys.platform == "linux" and root_prefix() is not None else []
    subprocess.run([sys.executable, "-m", "playwright", "install", *libraries, "chromium"], check=False)


def root_prefix() -> list[str] | None:
    """What to put before a command that root must run, or None where this user cannot become root unasked."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


if __name__ == "__main__":
    main()
