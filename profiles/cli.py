"""stalking-profiles: import, measure, serve and the rest, on the command line."""

import calendar
import datetime
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from profiles import __version__, disk, terminal
from profiles.errors import DiskFull, ProfilesError
from profiles.settings import DEFAULTS, PREFIX, ROOT, Settings, settings

USER_FAULT = 2


def _answers(function: Callable[..., None]) -> Callable[..., None]:
    """The command, a ProfilesError turned into one sentence on stderr and exit status 2."""

    @wraps(function)
    def command(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except ProfilesError as error:
            is_otherwise = disk.is_full(error) and not isinstance(error, DiskFull)
            told = disk.sentence(_place(error)) if is_otherwise else str(error)
            terminal.say(f"stalking-profiles: {told}", to_errors=True)
            sys.exit(USER_FAULT)
        except BrokenPipeError:
            # The reader of a pipe, such as head, has seen enough.
            devnull = os.open(os.devnull, os.O_WRONLY)
            os.dup2(devnull, sys.stdout.fileno())
        except Exception as error:
            if not disk.is_full(error):
                raise
            # What is left unsaid would be tried once more at the end.
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            terminal.say(f"stalking-profiles: {disk.sentence(_place(error))}", to_errors=True)
            sys.exit(USER_FAULT)

    return command


def _place(error: BaseException | None) -> str:
    """The file that the error, or one that it comes of, names; else what was to be written."""
    while error is not None:
        named = getattr(error, "filename", None) or next(iter(re.findall(r'file "([^"]+)"', str(error))), "")
        if named:
            return os.fsdecode(named) if isinstance(named, str | bytes) else "what was to be written"
        error = error.__cause__ or error.__context__
    return "what was to be written"


class _Day(click.ParamType[datetime.date]):
    """A day written YYYY-MM-DD; with `month`, YYYY-MM stands for its first or last day."""

    name = "date"

    def __init__(self, edge: str = "") -> None:
        self.edge = edge

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime.date:
        if isinstance(value, datetime.date):
            return value
        with suppress(ValueError):
            return datetime.date.fromisoformat(value)
        if self.edge:
            with suppress(ValueError):
                first = datetime.date.fromisoformat(f"{value}-01")
                last = calendar.monthrange(first.year, first.month)[1]
                return first if self.edge == "start" else first.replace(day=last)
        forms = "YYYY-MM-DD or YYYY-MM" if self.edge else "YYYY-MM-DD"
        return self.fail(f"{value!r} is no date; write {forms}.", param, ctx)


_warehouse = click.option(
    "--warehouse",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of the warehouse; build/warehouse unless the settings name another.",
    show_default=False,
)


def _current(chosen: Settings) -> Any:
    """The served version; why it is served, where no pointer names it, goes to stderr."""
    from profiles import warehouse

    served = warehouse.current(chosen.warehouse)
    if served.notice:
        terminal.say(f"stalking-profiles: {served.notice}", to_errors=True)
    return served


def _settings(folder: Path | None) -> Settings:
    found = settings()
    return replace(found, warehouse=folder) if folder else found


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="stalking-profiles")
def main() -> None:
    """Stalking problem profiles: exports in, counts, rates, pages and protected releases out."""


@main.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--mapping", required=True, help="Name of a shipped mapping, or path of a .toml file.")
@click.option("--as-at", type=_Day(), help="Date of the extract, where the file's name does not tell it.")
@_warehouse
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
@_answers
def import_(
    files: tuple[Path, ...], mapping: str, as_at: datetime.date | None, folder: Path | None, as_json: bool
) -> None:
    """Bring exports into the warehouse and account for every record of them."""
    from profiles import importing

    chosen = _settings(folder)
    with terminal.progress(quiet=as_json) as show:
        report = importing.import_files(
            files, mapping, chosen.warehouse, as_at=as_at, settings=chosen, say=show
        )
    if as_json:
        terminal.say_lines(json.dumps(_as_json(report), indent=1))
    else:
        _print_report(report)


def _as_json(report: Any) -> dict[str, Any]:
    return {
        "files": [asdict(item) for item in report.files],
        "skipped": [{"file": name, "reason": reason} for name, reason in report.skipped],
        "as_at": report.as_at,
        "warehouse_version": report.warehouse_version,
        "notice": report.notice,
    }


def _print_report(report: Any) -> None:
    counts = ("rows in", "accepted", "unchanged", "superseded", "rejected", "removed")
    rows = [
        (item.file, item.table, *(f"{getattr(item, name.replace(' ', '_')):,}" for name in counts))
        for item in report.files
    ]
    terminal.say_table(("file", "table", *counts), rows, right=counts)
    for item in report.files:
        if item.replacement:
            terminal.say(f"{item.file}: {item.replacement}")
        for reason, count in item.reasons.items():
            terminal.say(f"{item.file}: {count:,} rejected: {reason}")
        for note, count in item.notes.items():
            terminal.say(f"{item.file}: {count:,} noted: {note}")
        if item.ignored_columns:
            terminal.say(f"{item.file}: not used: {', '.join(item.ignored_columns)}")
        if item.lacking_columns:
            terminal.say(f"{item.file}: not in the file: {', '.join(item.lacking_columns)}")
    for name, reason in report.skipped:
        terminal.say(f"{name}: skipped: {reason}")
    if report.notice:
        terminal.say(report.notice)
    terminal.say(f"as at {report.as_at}, warehouse version {report.warehouse_version}")


@main.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the exports.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same bytes.")
@click.option(
    "--from", "first", type=_Day("start"), default="2019-04", show_default=True, help="First month."
)
@click.option("--until", type=_Day("end"), default="2026-09", show_default=True, help="Last month.")
@click.option("--scale", default=1.0, show_default=True, help="1 is a force of Kent's size.")
@_answers
def sample(out: Path, seed: int, first: datetime.date, until: datetime.date, scale: float) -> None:
    """Write made-up exports, with known faults, listed in truth.json."""
    from profiles import synthetic

    with terminal.progress() as show:
        paths = synthetic.write_sample(out, seed, first, until, scale, show)
    terminal.say(
        f"{len(paths)} SYNTHETIC files in {out}; import them with: "
        f"stalking-profiles import {out}/* --mapping athena"
    )


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_answers
def suggest(file: Path) -> None:
    """Draft a mapping for a file from its header and cells; say what could not be placed."""
    from profiles.importing import suggesting

    terminal.say_lines(suggesting.suggestion(file))


@main.command()
@_answers
def contract() -> None:
    """Print the tables the product accepts, column by column, as Markdown."""
    from profiles import contracts

    terminal.say_lines(contracts.described(), ends_with_newline=False)


@main.command()
@_answers
def measures() -> None:
    """List the catalogue of measures."""
    from profiles.catalogue import catalogue

    rows = [
        (item.measure_id, item.title, item.unit, ", ".join(item.bases), item.note)
        for item in catalogue().values()
    ]
    terminal.say_table(("measure", "title", "unit", "bases", "note"), rows, width=160)


@main.command()
@click.argument("name")
@click.option("--basis", help="principal, included_only or any.")
@click.option("--by", help="Dimension to break down by.")
@click.option("--grain", help="month, quarter, financial_year, year, rolling_year or all; month unless told.")
@click.option("--since", type=_Day("start"), help="First day, included.")
@click.option("--until", type=_Day("end"), help="Last day, included.")
@click.option(
    "--where", multiple=True, metavar="DIM=VALUE", help="Keep one value of a dimension; may be repeated."
)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)
@_warehouse
@_answers
def measure(
    name: str,
    basis: str | None,
    by: str | None,
    grain: str | None,
    since: datetime.date | None,
    until: datetime.date | None,
    where: tuple[str, ...],
    form: str,
    folder: Path | None,
) -> None:
    """Print a measure: category, period, numerator, denominator, value, lower, upper, marker."""
    from profiles import measures, warehouse
    from profiles.selection import Selection, conditions

    chosen = _settings(folder)
    selected = Selection(basis, by, grain, since, until, conditions(where))
    served = _current(chosen)
    con = warehouse.connect(served.path, settings=chosen)
    frame = measures.run(con, name, selected)
    told = [*_not_there(con, name, selected), *_why_incomplete(con, name, selected)]
    con.close()
    _print_frame(frame, form)
    for text in told:
        terminal.say(f"stalking-profiles: {text}", to_errors=True)


def _not_there(con: Any, name: str, selected: Any) -> list[str]:
    """Sentences on values that --where asks for and no record has: their answer counts nothing."""
    from profiles import measures
    from profiles.periods import ALL
    from profiles.selection import DIMENSIONS, Selection, nearest

    told = []
    for dimension, value in selected.where:
        if DIMENSIONS[dimension].categories:
            continue
        frame = measures.run(con, name, Selection(basis=selected.basis, by=dimension))
        known = sorted(set(frame["category"]) - {ALL})
        if known and value not in known:
            shown = known if len(known) <= 20 else known[:20]
            told.append(f"No record here has the {dimension} {value!r}; {nearest(value, shown)}")
    return told


def _why_incomplete(con: Any, name: str, selected: Any) -> list[str]:
    """Sentences on what the sources do not carry, and on why a figure is not available."""
    from profiles import catalogue, measures, words
    from profiles.reasons import Reason

    item = catalogue.measure(name)
    asked, facts = measures.fitted(item, selected), measures.facts_of(con)
    lacks = {source: needs for source, needs in measures.lacking(item, asked, facts).items() if needs}
    reasons = measures.reasons(con, name, selected, facts=facts).values()
    told = [words.sentence(words.why([Reason(lacks=tuple(lacks.items())), *reasons]))]
    if asked.basis == "any" and any("included_classifications" in needs for needs in lacks.values()):
        told.append(words.sentence(words.PRINCIPAL_ALONE))
    return [text for text in told if text]


def _print_frame(frame: Any, form: str) -> None:
    """Prints a measure's frame as a table, as CSV (RFC 4180) or as JSON."""
    from profiles import writing

    if form == "csv":
        terminal.say_lines(writing.csv_text(frame), ends_with_newline=False)
    elif form == "json":
        rows = [{name: _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]
        terminal.say_lines(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        shown = frame.assign(
            **{
                name: [_short(value) for value in frame[name].tolist()]
                for name in ("value", "lower", "upper")
            }
        )
        _print_table(shown, right={"numerator", "denominator", "value", "lower", "upper"})


def _plain(value: Any) -> Any:
    from profiles import writing

    text = writing.cell(value)
    if text == "":
        return None
    return value if isinstance(value, str) else float(text) if "." in text or "e" in text else int(text)


def _short(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value


def _print_table(frame: Any, right: set[str]) -> None:
    """Prints a frame with aligned columns; a pipe gets it unwrapped."""
    from profiles import writing

    rows = ([writing.cell(value) for value in row] for row in frame.itertuples(index=False))
    terminal.say_table([str(name) for name in frame.columns], rows, right)


@main.command(short_help="Write a protected release.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder to write it to; must not exist yet."
)
@click.option(
    "--profile",
    type=click.Choice(["internal", "external"]),
    default="internal",
    show_default=True,
    help="internal: for partners under a sharing agreement; external: for publication, rounded to 5.",
)
@click.option(
    "--previous",
    type=click.Path(path_type=Path),
    help="Folder of the snapshot released before, of the same profile: so that both tell no more together. "
    "It names the one before it, which lies in the same folder.",
)
@click.option(
    "--beside",
    type=click.Path(path_type=Path),
    help="External profile: folder of the internal snapshot of the same day. It is found by itself where the "
    "new one is written.",
)
@_warehouse
@_answers
def snapshot(
    out: Path, profile: str, previous: Path | None, beside: Path | None, folder: Path | None
) -> None:
    """Write a dated release of every measure as CSV, Parquet and XLSX.

    Small counts are withheld, and what would give them away. Takes a minute or two for a force of Kent's
    size. Run `snapshot-audit` on it before it is released.
    """
    from profiles import snapshot as snapshots
    from profiles.snapshot import protecting

    with terminal.progress() as show:
        manifest = snapshots.build(
            out, settings=_settings(folder), profile=profile, previous=previous, beside=beside, say=show
        )
    made_up = ", SYNTHETIC" if manifest.synthetic != "no" else ""
    terminal.say(f"{out}: {profile} snapshot as at {manifest.as_at}, {manifest.marking}{made_up}")
    for text in protecting.cost_sentences(manifest.raw["suppression"]):
        terminal.say(text)
    terminal.say(f"SHA-256 of its manifest, to be told with the release: {manifest.sha256}")


@main.command(short_help="Check that a snapshot is as released.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_answers
def verify(folder: Path) -> None:
    """Check that a snapshot is as it was released, file by file.

    Who changes a file can change the manifest too: hold the SHA-256 that is printed against the one told
    when the snapshot was released. Exit status 2 when a file was changed, added or taken away.
    """
    from profiles.snapshot import soundness

    manifest = soundness.sound(folder)
    terminal.say(
        f"{folder} is whole: {len(manifest.files)} files, {manifest.profile}, as at {manifest.as_at}, "
        f"version {manifest.version}"
    )
    terminal.say(f"SHA-256 of its manifest: {manifest.sha256}")


@main.command(short_help="Compare two snapshots.")
@click.argument("a", metavar="A", type=click.Path(path_type=Path))
@click.argument("b", metavar="B", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)
@_answers
def compare(a: Path, b: Path, form: str) -> None:
    """Print what changed from snapshot A, the older, to B, of the same profile.

    Revised, new and vanished figures: all of them as csv or json, the largest changes as a table.
    """
    from profiles.snapshot import comparing

    found = comparing.compared(a, b)
    if form != "table":
        _print_frame(found.frame, form)
        return
    for text in found.summary:
        terminal.say(text)
    most = comparing.most_changed(found)
    if len(most):
        _print_table(most, right={"held", "revised", "per_cent", "value_old", "value_new"})


@main.command("snapshot-audit", short_help="Test what snapshots give away.")
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=1800,
    show_default=True,
    help="How long each attack may go on; a count that it does not finish counts as given away.",
)
@_answers
def snapshot_audit(folders: tuple[Path, ...], seconds: float) -> None:
    """Hold all published figures of a snapshot against one another and print what they give away.

    Of several, such as the internal and the external one of a date or those of several dates, each is
    attacked alone, and then all together. Snapshots of earlier versions can be audited too. It knows nothing
    else that is public, and no record. Exit status 1 when a withheld count can be told more closely than
    it should: do not release the snapshot, and withdraw one that was released.
    """
    from profiles.snapshot import attack, manifests

    with terminal.progress() as show:
        releases = [attack.release_of(manifests.verified(folder)) for folder in folders]
        groups = {str(folder): [release] for folder, release in zip(folders, releases, strict=True)}
        if len(releases) > 1:
            groups[f"All {len(releases)} together"] = releases
        told = {name: attack.audit(group, seconds, show) for name, group in groups.items()}
    for name, found in told.items():
        for text in found.sentences(name):
            terminal.say(text)
        for frame in (found.exposed, found.differences):
            if len(frame):
                _print_table(frame, right={"lowest", "highest"})
    if not all(found.is_safe for found in told.values()):
        sys.exit(1)


@main.command("snapshot-withdraw", short_help="Withdraw a snapshot that was shared.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--reason", required=True, help="Why, in a few words; readers of the shared dashboard see it.")
@_answers
def snapshot_withdraw(folder: Path, reason: str) -> None:
    """Add a snapshot to the list of withdrawn ones, withdrawn.csv beside its folder.

    The folder stays as it is. The shared dashboard of these snapshots warns on every page of it, or with
    STALKING_PROFILES_WITHDRAWN=refuse does not show it. Run it on every machine that has the snapshot. One
    that is on the list already keeps its day and reason.
    """
    from profiles.importing import clock
    from profiles.snapshot import withdrawals

    found, is_new = withdrawals.withdrawn(folder, reason, clock.today(settings()))
    told = "withdrawn" if is_new else "withdrawn before; nothing was changed"
    terminal.say(f"{folder}: {told}. {found.sentence}")
    terminal.say(f"SHA-256 of its manifest, to be told to all who have it: {found.sha256}")


@main.command(short_help="Write a snapshot as a problem profile.")
@click.option(
    "--snapshot", "folder", required=True, type=click.Path(path_type=Path), help="Folder of the snapshot."
)
@click.option("--format", "form", type=click.Choice(["docx", "html"]), default="docx", show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write; <snapshot>-problem-profile in the working directory unless told.",
)
@_answers
def report(folder: Path, form: str, out: Path | None) -> None:
    """Write a snapshot as a problem profile in the order of the National Intelligence Model.

    Figures and charts are filled in; what only an analyst can judge is left as marked boxes. No file is ever
    overwritten. Of a snapshot that was withdrawn a warning is printed.
    """
    from profiles import report as reports
    from profiles.snapshot import manifests, withdrawals

    withdrawal = withdrawals.of(manifests.verified(folder))
    written = reports.written(folder, form, out)
    if withdrawal:
        terminal.say(f"Warning: {withdrawal.sentence}", to_errors=True)
    terminal.say(f"{written}: problem profile of {folder}; now fill in the boxes marked [Analyst to write]")


@main.command()
@_warehouse
@_answers
def check(folder: Path | None) -> None:
    """Print contract violations, months left out, marks for a second look and what imports noted.

    Exit status 1 when the contract is violated; the rest does not change it.
    """
    from profiles import checking, facts, snapshot, warehouse, words
    from profiles.snapshot import plans

    chosen = _settings(folder)
    served = _current(chosen)
    con = warehouse.connect(served.path, settings=chosen)
    violations, marked = checking.violations(con), checking.marked(con)
    near, notes = checking.near_codes(con), checking.notes(con)
    lines = con.execute(snapshot.PLAN).df()
    known = facts.facts_of(con)
    gaps, asked = known.left_out(), facts.doubtful(con, known)
    con.close()
    terminal.say(f"warehouse version {served.name}, as at {served.as_at}")
    terminal.say(f"contract violations: {len(violations)}")
    if len(violations):
        _print_table(violations, right={"count"})
    terminal.say(f"months that no export covers: {sum(len(gap.months) for gap in gaps)}")
    for gap in gaps:
        terminal.say(f"{gap.source}, {gap.table}: {words.months(gap.months)}")
    terminal.say(f"months that an export may not cover: {sum(len(gap.months) for gap in asked)}")
    for gap in asked:
        terminal.say(
            f"{gap.source}, {gap.table}: {words.months(gap.months)}: so few records that they may be late "
            f"ones of a time whose export never came; counted as covered. Import that export or say `covers`"
        )
    terminal.say(f"marked records: {int(marked['count'].sum()) if len(marked) else 0}")
    if len(marked):
        _print_table(marked, right={"count"})
    terminal.say(f"cells close to a target code, not counted as one: {int(near['count'].sum())}")
    if len(near):
        _print_table(near, right={"count"})
    terminal.say(f"noted at import: {int(notes['count'].sum())}")
    if len(notes):
        _print_table(notes, right={"count"})
    plans.refuse_unknown(lines)
    if len(violations):
        sys.exit(1)


@main.command()
@_warehouse
@_answers
def versions(folder: Path | None) -> None:
    """List the versions of the warehouse that are kept, the newest first, and which one is served."""
    from profiles import versions as kept

    rows = []
    for each in kept.listed(_settings(folder).warehouse):
        counts = ("", "") if each.fault else (f"{each.files:,}", f"{each.records:,}")
        served = "served" if each.is_served else ""
        rows.append((each.name, served, each.as_at, *counts, each.fault or each.last_import))
    columns = ("version", "", "as at", "files", "records read", "last import")
    terminal.say_table(columns, rows, right=("files", "records read"))


@main.command("go-back")
@click.argument("version", required=False)
@_warehouse
@_answers
def go_back(version: str | None, folder: Path | None) -> None:
    """Serve an earlier version of the warehouse: the one it was made from, or VERSION.

    The next import starts from it. The version gone back from stays until newer ones push it out.
    """
    from profiles import versions as kept

    chosen = _settings(folder)
    before, now = kept.go_back(chosen.warehouse, version, chosen)
    terminal.say(f"serving {now.name}, as at {now.as_at or 'no date'}, instead of {before or 'none'}")


@main.command()
@_warehouse
@_answers
def upgrade(folder: Path | None) -> None:
    """Bring a warehouse that an earlier version of the product built into the form of today."""
    from profiles import importing

    chosen = _settings(folder)
    with terminal.progress() as show:
        served = importing.upgrade(chosen.warehouse, settings=chosen, say=show)
    terminal.say(f"serving {served.name}, as at {served.as_at or 'no date'}")


@main.command()
@click.option(
    "--role",
    type=click.Choice(["analyst", "steering"]),
    help="Whom it serves: the analyst's workbench, or the shared dashboard of a snapshot; one a process.",
)
@click.option("--snapshots", type=click.Path(path_type=Path), help="Folder of the snapshots that are shown.")
@click.option("--host", help="Address to serve on.")
@click.option("--port", type=int, help="Port to serve on.")
@_warehouse
@_answers
def serve(
    role: str | None, snapshots: Path | None, host: str | None, port: int | None, folder: Path | None
) -> None:
    """Serve a dashboard: the analyst's workbench, or with --role steering the shared one."""
    chosen = _settings(folder)
    _serve(
        replace(
            chosen,
            role=role or chosen.role,
            snapshots=snapshots or chosen.snapshots,
            host=host or chosen.host,
            port=port or chosen.port,
        )
    )


def _refuse_the_open(chosen: Settings) -> None:
    """Nothing. Raises ProfilesError where the dashboard would be open to whoever comes."""
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
    _refuse_the_open(chosen)
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


@main.group()
def audit() -> None:
    """Look into the log of who came, was refused, saw records and took files."""


@audit.command("verify")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--head", default="", help="Hash of a line that was noted before: the log must have it.")
@_answers
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


@main.command()
@click.option("--serve/--no-serve", "serves", default=True, help="Serve the dashboard afterwards.")
@click.option("--scale", default=1.0, show_default=True, help="1 is a force of Kent's size.")
@click.option("--port", type=int, help="Port to serve on.")
@_warehouse
@_answers
def demo(serves: bool, scale: float, port: int | None, folder: Path | None) -> None:
    """Make synthetic data, a warehouse and a snapshot where there is none, and serve the dashboard."""
    chosen = _settings(folder)
    _demo_warehouse(chosen, scale)
    _demo_snapshot(chosen)
    if serves:
        _serve(replace(chosen, port=port or chosen.port))


def _demo_warehouse(chosen: Settings, scale: float) -> None:
    """Says which warehouse there is, after making one of SYNTHETIC exports where there is none."""
    from profiles import importing, pointers, synthetic

    if pointers.stands(chosen.warehouse):
        served = _current(chosen)
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
    """Says how to see the shared dashboard, after writing a snapshot where the folder holds none."""
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


if __name__ == "__main__":
    main()
