"""deploy/: what units, site and scripts say is true of the product; judged by systemd and nginx as well."""

import base64
import configparser
import hashlib
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import click
import pytest
from streamlit import config, file_util

from profiles.cli import main
from profiles.settings import PREFIX, ROOT, Settings
from tests import proxy

DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))
HARDENING = DEPLOY / "systemd" / "stalking-profiles-.service.d" / "hardening.conf"
ANALYZE = shutil.which("systemd-analyze")
with_systemd = pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not installed")

COMMAND = "/opt/stalking-profiles/current/.venv/bin/stalking-profiles"
CONVENTIONAL = ("/bin", "/etc", "/opt/stalking-profiles", "/run", "/srv", "/usr", "/var")
EXPOSED = {"import": 1.0, "snapshot": 1.0}
"""What systemd may find exposed, of ten, at most; of all others 1.5, for they talk to a network."""

PLACES = {"%i": "8511", "$profile": "internal"}
"""What systemd and the shell put in for a word, where its kind matters."""

HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "MemoryDenyWriteExecute": "yes",
    "RestrictNamespaces": "yes",
    "SystemCallArchitectures": "native",
    "IPAddressDeny": "any",
    "IPAddressAllow": "localhost",
    "ReadOnlyPaths": "/opt/stalking-profiles",
}


def settings_of(path: Path) -> list[tuple[str, str]]:
    """Name and value of every setting of a unit, in order, repeated ones too."""
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line and line[0] not in "#["]
    return [(name, value) for name, _, value in (line.partition("=") for line in kept)]


def values(path: Path, name: str) -> list[str]:
    return [value for key, value in settings_of(path) if key == name]


def calls() -> list[tuple[str, list[str]]]:
    """Every call of our command in deploy/, with the file that makes it."""
    found = []
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for pattern in (
            rf"{re.escape(COMMAND)} ([a-z][^\n']*)",
            r'"\$command" ([a-z][^\n)|]*)',
            r'\}" (verify [^\n]*)',
        ):
            found += [(path.name, re.sub(r"\$\{[^}]*\}", "", each)) for each in re.findall(pattern, text)]
    return [(name, shlex.split(each)) for name, each in found]


def test_calls_are_found_in_units_and_scripts() -> None:
    assert {(name, words[0]) for name, words in calls()} == {
        ("stalking-profiles-steering@.service", "serve"),
        ("stalking-profiles-workbench.service", "serve"),
        ("stalking-profiles-import.service", "import"),
        ("build-snapshot", "snapshot"),
        ("build-snapshot", "verify"),
        ("send-snapshot", "verify"),
        ("receive-snapshot", "verify"),
    }


@pytest.mark.parametrize(("name", "words"), calls())
def test_every_call_is_one_the_command_knows(name: str, words: list[str]) -> None:
    command = main.commands[words[0]]
    known = {option for each in command.params for option in each.opts if option.startswith("--")}
    assert {word for word in words if word.startswith("--")} <= known, name
    with click.Context(command) as context:
        command.parse_args(context, [PLACES.get(word, word) for word in words[1:]])


@pytest.mark.parametrize("path", [HARDENING], ids=lambda path: path.name)
def test_every_service_is_hardened(path: Path) -> None:
    told = dict(settings_of(path))
    assert {name: told.get(name) for name in HARDENED} == HARDENED
    assert values(path, "SystemCallFilter") == ["@system-service", "~@privileged @resources"]
    assert int(told["TasksMax"]) < 1000
    # Its name makes it hold for each of these.
    assert all(unit.name.startswith("stalking-profiles-") for unit in UNITS)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_service_opens_only_what_it_says(path: Path) -> None:
    told = dict(settings_of(path))
    assert told["User"].startswith("stalking-")
    assert "MemoryMax" in told
    assert told.get("ProtectSystem") is None
    assert told.get("NoNewPrivileges") is None
    if path.stem in {"stalking-profiles-import", "stalking-profiles-snapshot"}:
        assert told["PrivateNetwork"] == "yes"
    if path.stem != "stalking-profiles-send@":
        assert "IPAddressDeny" not in told


def test_the_shared_dashboard_reads_snapshots_and_nothing_else() -> None:
    [unit] = [path for path in UNITS if "steering" in path.name]
    assert "ReadWritePaths" not in dict(settings_of(unit))
    assert values(unit, "ReadOnlyPaths") == ["/var/lib/stalking-profiles/snapshots"]
    assert "-/var/lib/stalking-profiles/warehouse" in values(unit, "InaccessiblePaths")[0]
    [start] = values(unit, "ExecStart")
    assert "--role steering --snapshots /var/lib/stalking-profiles/snapshots --host 127.0.0.1" in start
    # Without login it would open to everybody whom the proxy lets through.
    assert values(unit, "AssertFileNotEmpty") == ["/etc/stalking-profiles/secrets.toml"]
    assert "[auth]" in (DEPLOY / "shared" / "secrets.toml").read_text(encoding="utf-8").splitlines()
    assert values(unit, "ExecStartPre") == ["/usr/bin/grep -qxF [auth] %d/secrets.toml"]


@pytest.mark.parametrize("path", TIMERS, ids=lambda path: path.name)
def test_a_timer_starts_a_service_and_makes_up_for_a_night_off(path: Path) -> None:
    assert path.with_suffix(".service") in UNITS
    assert dict(settings_of(path))["Persistent"] == "true"


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.env")), ids=lambda path: path.name)
def test_an_environment_file_names_settings_that_exist(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    names = [line.partition("=")[0] for line in lines]
    ours = {PREFIX + each.name.upper() for each in fields(Settings)}
    streamlits = {option.env_var for option in config.get_config_options().values()}
    scripts = "".join(each.read_text(encoding="utf-8") for each in [*UNITS, *(DEPLOY / "bin").iterdir()])
    for name in names:
        assert name in ours | streamlits or f"${name}" in scripts, name
    assert not [line for line in lines if re.search("SECRET|PASSWORD|TOKEN", line, re.IGNORECASE)]


def test_environments_of_units_name_settings_that_exist() -> None:
    ours = {PREFIX + each.name.upper() for each in fields(Settings)}
    streamlits = {option.env_var for option in config.get_config_options().values()}
    others = {"HOME", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8", "STALKING_PROFILES", "TZ"}
    for path in [*UNITS, HARDENING]:
        for line in values(path, "Environment"):
            assert {each.partition("=")[0] for each in line.split()} <= ours | streamlits | others, path


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_paths_are_conventional_and_the_guide_names_the_file(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for found in re.findall(r"(?<![\w.$/}@:*-])/(?:bin|home|work|root|tmp|mnt|[a-z]{3})/[\w./-]+", text):
        assert found.startswith(CONVENTIONAL), found
    assert path.name in GUIDE, f"docs/deploy.md does not name {path.name}"


def test_secrets_are_places_to_fill_in() -> None:
    read = configparser.ConfigParser()
    read.read(DEPLOY / "shared" / "secrets.toml", encoding="utf-8")
    assert {read["auth"][name] for name in ("cookie_secret", "client_id", "client_secret")} == {'"PUT-IN"'}


def test_the_page_runs_only_the_script_that_the_site_allows() -> None:
    page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = {
        f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in inline
    }
    policy = (DEPLOY / "nginx" / "stalking-profiles-headers.conf").read_text(encoding="utf-8")
    assert set(re.findall(r"'sha256-[^']*'", policy)) == digests
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'unsafe" not in policy


def test_processes_of_site_and_guide_are_ports_the_unit_may_bind() -> None:
    [unit] = [path for path in UNITS if "steering" in path.name]
    first, last = re.fullmatch(r"tcp:(\d+)-(\d+)", values(unit, "SocketBindAllow")[0]).groups()  # type: ignore[union-attr]
    ports = re.findall(r"server 127\.0\.0\.1:(\d+)", proxy.SITE.read_text(encoding="utf-8"))
    assert ports == list(proxy.PROCESSES)
    for port in ports:
        assert int(first) <= int(port) <= int(last)
        assert f"stalking-profiles-steering@{port}" in GUIDE


# ---- systemd's own judgement


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of units as systemd would find them; what they start is /bin/true."""
    folder = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", folder)
    for path in folder.glob("*.service"):
        text = re.sub(r"(?m)^ExecStart=/opt\S+", "ExecStart=/bin/true", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
    for name, instance in (("steering", "8511"), ("send", "2026-09-30-internal")):
        shutil.copy(
            folder / f"stalking-profiles-{name}@.service",
            folder / f"stalking-profiles-{name}@{instance}.service",
        )
    return folder


def analyzed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What systemd-analyze says, its units looked for in the folder first."""
    assert ANALYZE
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{folder}:", "SYSTEMD_COLORS": "0", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [ANALYZE, "--no-pager", *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def instances(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file() and "@." not in path.name)


@with_systemd
def test_systemd_reads_every_unit_without_a_word(machine: Path) -> None:
    names = instances(machine)
    assert len(names) == len(UNITS) + len(TIMERS)
    done = analyzed(machine, "verify", "--man=no", *(f"./{name}" for name in names))
    # Of the machine's own units it may have something to say.
    told = [line for line in (done.stderr + done.stdout).splitlines() if "stalking-profiles" in line]
    assert told == []


@with_systemd
def test_systemd_finds_little_exposed(machine: Path) -> None:
    for name in instances(machine):
        if not name.endswith(".service"):
            continue
        done = analyzed(machine, "security", "--offline=yes", f"./{name}")
        found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
        assert found, done.stderr
        print(name, found[1])
        short = name.removeprefix("stalking-profiles-").removesuffix(".service")
        assert float(found[1]) <= EXPOSED.get(short, 1.5), name


@with_systemd
def test_systemd_understands_when_timers_run(tmp_path: Path) -> None:
    for path in TIMERS:
        done = analyzed(tmp_path, "calendar", dict(settings_of(path))["OnCalendar"])
        assert done.returncode == 0, done.stderr


# ---- nginx's own judgement


@pytest.mark.skipif(bool(proxy.LACKING), reason=proxy.LACKING)
def test_nginx_reads_the_site_without_a_word(tmp_path: Path) -> None:
    assert proxy.NGINX
    whole = proxy.rendered(tmp_path, [8511, 8512], 8443, 8080)
    done = subprocess.run(
        [proxy.NGINX, "-t", "-c", str(whole), "-p", str(tmp_path), "-e", str(tmp_path / "error.log")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr
