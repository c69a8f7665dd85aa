"""Commands on the dashboards: serve one, try one on made-up data, check the log of who came."""

import os
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

from profiles import terminal
from profiles.cli.command import errors_as_sentences, served_version, settings_for, warehouse_option
from profiles.errors import ProfilesError
from profiles.settings import DEFAULTS, PREFIX, ROOT, Settings, settings


@click.command()
@click.option(
    "--role",
    type=click.Choice(["analyst", "steering"]),
    help="Whom it serves: the analyst's workbench, or the shared dashboard of a snapshot; one a process.",
)
@click.option("--snapshots", type=click.Path(path_type=Path), help="Folder of the snapshots that are shown.")
@click.option("--host", help="Address to serve on.")
@click.option("--port", type=int, help="Port to serve on.")
@warehouse_option
@errors_as_sentences
def serve(
    role: str | None, snapshots: Path | None, host: str | None, port: int | None, folder: Path | None
) -> None:
    """Serve a dashboard: the analyst's workbench, or with --role steering the shared one."""
    chosen = settings_for(folder)
    _serve(
        replace(
            chosen,
            role=role or chosen.role,
            snapshots=snapshots or chosen.snapshots,
            host=host or chosen.host,
            port=port or chosen.port,
        )
    )


def check_access(chosen: Settings) -> None:
    """Raise ProfilesError where the dashboard would be open to anybody who comes."""
    from profiles import access, logins

    if chosen.role not in access.ROLES:
        raise ProfilesError(
            f"There is no role {chosen.role!r}; set {PREFIX}ROLE, or --role, to {' or '.join(access.ROLES)}."
        )
    wrong = access.faults(chosen)
    if wrong:
        raise ProfilesError(f"It is not clear who may see the dashboard: {'; '.join(wrong)}.")
    told = logins.section()
    if told is None and not access.is_loopback(chosen.host):
        raise ProfilesError(
            f"No login is set up, so the dashboard is not served on {chosen.host}: use 127.0.0.1, or set up "
            "a login as docs/access.md says."
        )
    faults = logins.faults(told) if told is not None else ()
    if faults:
        raise ProfilesError(f"The login is not set up as it must be: {'; '.join(faults)} (docs/access.md).")


def _serve(chosen: Settings) -> None:
    """Serve the dashboard of these settings until it is stopped; on POSIX this process becomes the server."""
    check_access(chosen)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
        except OSError as error:
            raise ProfilesError(
                f"Port {chosen.port} of {chosen.host} is taken ({error.strerror}); "
                f"choose another with --port."
            ) from error
    # The server works in the checkout: what was said of this directory must hold there.
    environment = os.environ | {
        f"{PREFIX}ROLE": chosen.role,
        f"{PREFIX}SNAPSHOTS": str(chosen.snapshots.resolve()),
        f"{PREFIX}WAREHOUSE": str(chosen.warehouse.resolve()),
        f"{PREFIX}ACCESS_LOG": str(chosen.access_log.resolve()),
    }
    command = [sys.executable, "-m", "profiles.ui.serving", "run", "app.py", "--server.headless=true"]
    command += [f"--server.address={chosen.host}", f"--server.port={chosen.port}"]
    terminal.say(f"Dashboard: http://{chosen.host}:{chosen.port} (stop with Ctrl+C)")
    sys.stdout.flush()
    # The settings of .streamlit/config.toml are read from the working directory.
    os.chdir(ROOT)
    if os.name == "posix":
        # This process becomes the server: who stops the one stops the other.
        os.execve(sys.executable, command, environment)  # nosec B606
    with suppress(KeyboardInterrupt):
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)


@click.command()
@click.option("--serve/--no-serve", "serves", default=True, help="Serve the dashboard afterwards.")
@click.option("--scale", default=1.0, show_default=True, help="1 is a force of Kent's size.")
@click.option("--port", type=int, help="Port to serve on.")
@warehouse_option
@errors_as_sentences
def demo(serves: bool, scale: float, port: int | None, folder: Path | None) -> None:
    """Make synthetic data, a warehouse and a snapshot where there is none, and serve the dashboard."""
    chosen = settings_for(folder)
    _demo_warehouse(chosen, scale)
    _demo_snapshot(chosen)
    if serves:
        _serve(replace(chosen, port=port or chosen.port))


def _demo_warehouse(chosen: Settings, scale: float) -> None:
    """Make a warehouse of SYNTHETIC exports where there is none, and print which one is used."""
    from profiles import importing, pointers, synthetic

    if pointers.stands(chosen.warehouse):
        served = served_version(chosen)
        terminal.say(
            f"Using the warehouse in {chosen.warehouse}: version {served.name}, as at {served.as_at}."
        )
        return
    exports = chosen.warehouse.parent / "synthetic"
    with terminal.progress() as show:
        show("writing SYNTHETIC exports")
        synthetic.write_sample(exports, scale=scale, progress=show)
        report = importing.import_files(
            sorted(exports.iterdir()), "athena", chosen.warehouse, settings=chosen, say=show
        )
        show("importing SYNTHETIC reports on the action plan")
        updates = ROOT / "sample_data" / "SYNTHETIC_action_plan_updates.csv"
        importing.import_files([updates], "reference", chosen.warehouse, settings=chosen, say=show)
    rows = sum(item.rows_in for item in report.files)
    accepted = sum(item.accepted for item in report.files)
    rejected = sum(item.rejected for item in report.files)
    terminal.say(
        f"Made {len(report.files)} SYNTHETIC exports in {exports} ({rows:,} records) and from them the "
        f"warehouse in {chosen.warehouse}: {accepted:,} records accepted, {rejected:,} rejected, "
        f"as at {report.as_at}."
    )


def _demo_snapshot(chosen: Settings) -> None:
    """Write a snapshot where the folder holds none, and print how to see the shared dashboard."""
    from profiles import snapshot as snapshots
    from profiles import warehouse
    from profiles.snapshot import manifests

    try:
        chosen.snapshots.mkdir(parents=True, exist_ok=True)
        held = [path for path in chosen.snapshots.iterdir() if (path / manifests.NAME).exists()]
    except OSError as error:
        raise ProfilesError(
            f"The folder {chosen.snapshots} cannot be made or read ({error.strerror}); "
            f"set {PREFIX}SNAPSHOTS to another."
        ) from error
    if not held:
        out = chosen.snapshots / f"{warehouse.current(chosen.warehouse).as_at}-internal"
        terminal.say(f"Writing a snapshot to {out}; it takes a minute or two.")
        with terminal.progress() as show:
            snapshots.build(out, settings=chosen, say=show)
    shelf = "" if chosen.snapshots == DEFAULTS.snapshots else f" --snapshots {chosen.snapshots}"
    terminal.say(f"What the steering group sees: stalking-profiles serve --role steering{shelf} --port 8502")


@click.group()
def audit() -> None:
    """Look into the log of who came, was refused, saw records and took files."""


@audit.command("verify")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--head", default="", help="Hash of a line that was noted before: the log must have it.")
@errors_as_sentences
def audit_verify(file: Path | None, head: str) -> None:
    """Check that no line of the log was removed, changed or put elsewhere.

    Note the hash it prints somewhere else: with --head the log is held against it the next time. Exit
    status 2 names the first line that is wrong.
    """
    from profiles import audit as log

    path = file or settings().access_log
    found = log.verified(path, head)
    terminal.say(f"{path} is whole: {found.number:,} lines")
    if found.note:
        terminal.say(f"Nothing was changed, and a process was ended or is writing: {found.note}.")
    terminal.say(f"Hash of its last line, to be noted elsewhere: {found.hash}")
