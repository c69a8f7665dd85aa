"""nginx in front of dashboards, with the site of deploy/ on loopback ports of its own."""

import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from profiles.settings import PREFIX, ROOT
from tests import programs

NGINX, OPENSSL = programs.found("nginx"), programs.found("openssl")
LACKING = "" if NGINX and OPENSSL else "nginx or openssl is not installed: python -m tests.programs"

SITE = ROOT / "deploy" / "nginx" / "stalking-profiles.conf"
PROCESSES = ("8511", "8512")
SECONDS_TO_START = 60


@dataclass(frozen=True)
class Site:
    """A site that is served: where, by which configuration."""

    https: int
    http: int
    configuration: Path

    @property
    def address(self) -> str:
        """What a visitor opens."""
        return f"https://localhost:{self.https}"

    @property
    def visits(self) -> list[list[str]]:
        """The lines of its log, in words: time, visitor, method, path, status, bytes, seconds, process."""
        text = (self.configuration.parent / "stalking-profiles.log").read_text(encoding="utf-8")
        return [line.split() for line in text.splitlines()]


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on, all different."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def rendered(folder: Path, processes: list[int], https: int, http: int) -> Path:
    """The configuration of an nginx that serves the site of deploy/ from the folder, with a new certificate.

    Every replacement must be made: a site that no longer says what is replaced fails here.
    """
    certificate(folder)
    site = SITE.read_text(encoding="utf-8")
    changes = {
        "    listen [::]:80;\n": "",
        "    listen [::]:80 default_server;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "    listen [::]:443 ssl http2 default_server;\n": "",
        "listen 80": f"listen 127.0.0.1:{http}",
        "listen 443": f"listen 127.0.0.1:{https}",
        "https://dashboard.force.example$": f"https://localhost:{https}$",
        "dashboard.force.example": "localhost",
        "/etc/nginx/snippets/": f"{ROOT}/deploy/nginx/",
        "/etc/ssl/stalking-profiles/": f"{folder}/",
        "/var/lib/nginx/stalking-profiles": f"{folder}/assets",
        "/var/log/nginx/": f"{folder}/",
    }
    changes |= {f"127.0.0.1:{old}": f"127.0.0.1:{new}" for old, new in zip(PROCESSES, processes, strict=True)}
    for old, new in changes.items():
        assert old in site, f"the site does not say {old!r}"
        site = site.replace(old, new)
    places = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    root = programs.UNPACKED if (programs.UNPACKED / programs.TYPES).exists() else Path("/")
    user = "user root;\n" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
    whole.write_text(
        f"{user}daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\ninclude {root / programs.TYPES};\n{places}{site}}}\n",
        encoding="utf-8",
    )
    return whole


def certificate(folder: Path) -> None:
    """Put a certificate of localhost, signed by itself, into the folder."""
    assert OPENSSL
    command = [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=localhost", "-days", "2", "-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)


def trusting(folder: Path) -> ssl.SSLContext:
    """TLS that believes the certificate in the folder, and no other."""
    return ssl.create_default_context(cafile=folder / "fullchain.pem")


@contextmanager
def fronted(folder: Path, processes: list[int]) -> Iterator[Site]:
    """The site, served in front of the dashboards on those ports until the block ends."""
    assert NGINX
    https, http = free_ports(2)
    site = Site(https, http, rendered(folder, processes, https, http))
    server = subprocess.Popen(
        [NGINX, "-c", str(site.configuration), "-p", str(folder), "-e", str(folder / "error.log")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            assert server.poll() is None, (folder / "error.log").read_text(encoding="utf-8")
            with suppress(OSError), socket.create_connection(("127.0.0.1", https), timeout=1):
                break
            time.sleep(0.05)
        yield site
    finally:
        server.terminate()
        server.wait(timeout=20)


@dataclass(frozen=True)
class Shared:
    """A process of the shared dashboard, and the port it answers on."""

    process: subprocess.Popen[bytes]
    port: int

    def kill(self) -> None:
        """End it as a fault would, without a word to its visitors."""
        self.process.kill()
        self.process.wait(timeout=20)


def shared(folder: Path, snapshots: Path, port: int, login: Mapping[str, str]) -> Shared:
    """A process of the shared dashboard as the unit of deploy/ starts it; perhaps not up yet.

    Its folders are its own: there is no warehouse where it looks for one. `login` holds the settings of who
    gets in, in variables; empty for a preview. Who starts it, ends it.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= login
    environment |= {
        f"{PREFIX}WAREHOUSE": str(folder / "no-warehouse"),
        f"{PREFIX}ACCESS_LOG": str(folder / f"access-{port}.jsonl"),
        # One for all processes: what one has signed, the other believes.
        "STREAMLIT_SERVER_COOKIE_SECRET": "made up for a test of the deployment",
        "STREAMLIT_SERVER_ENABLE_WEBSOCKET_COMPRESSION": "true",
    }
    command = [sys.executable, "-m", "profiles.cli", "serve", "--role", "steering"]
    command += ["--snapshots", str(snapshots), "--host", "127.0.0.1", "--port", str(port)]
    with open(folder / f"dashboard-{port}.log", "ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    return Shared(process, port)


def wait_for(dashboard: Shared) -> None:
    """Wait until the dashboard answers. Fails when it ended, or took too long."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        assert dashboard.process.poll() is None, f"it ended with status {dashboard.process.returncode}"
        with suppress(OSError):
            address = f"http://127.0.0.1:{dashboard.port}/_stcore/health"
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.1)
    raise AssertionError(f"it did not answer within {SECONDS_TO_START} seconds")
