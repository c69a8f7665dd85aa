"""Commands on exports: make some up, draft a mapping, print what is accepted, import."""

import datetime
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from profiles import terminal
from profiles.cli.command import Day, errors_as_sentences, settings_for, warehouse_option


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the exports.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same bytes.")
@click.option("--from", "first", type=Day("start"), default="2019-04", show_default=True, help="First month.")
@click.option("--until", type=Day("end"), default="2026-09", show_default=True, help="Last month.")
@click.option("--scale", default=1.0, show_default=True, help="1 is a force of Kent's size.")
@errors_as_sentences
def sample(out: Path, seed: int, first: datetime.date, until: datetime.date, scale: float) -> None:
    """Write made-up exports, with known faults, listed in truth.json."""
    from profiles import synthetic

    with terminal.progress() as show:
        paths = synthetic.write_sample(out, seed, first, until, scale, show)
    terminal.say(
        f"{len(paths)} SYNTHETIC files in {out}; import them with: "
        f"stalking-profiles import {out}/* --mapping athena"
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@errors_as_sentences
def suggest(file: Path) -> None:
    """Draft a mapping for a file from its header and cells; say what could not be placed."""
    from profiles.importing import suggesting

    terminal.say_lines(suggesting.suggestion(file))


@click.command()
@errors_as_sentences
def contract() -> None:
    """Print the tables the product accepts, column by column, as Markdown."""
    from profiles import contracts

    terminal.say_lines(contracts.described(), ends_with_newline=False)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--mapping", required=True, help="Name of a shipped mapping, or path of a .toml file.")
@click.option("--as-at", type=Day(), help="Date of the extract, where the file's name does not tell it.")
@warehouse_option
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
@errors_as_sentences
def import_(
    files: tuple[Path, ...], mapping: str, as_at: datetime.date | None, folder: Path | None, as_json: bool
) -> None:
    """Bring exports into the warehouse and account for every record of them."""
    from profiles import importing

    chosen = settings_for(folder)
    with terminal.progress(quiet=as_json) as show:
        report = importing.import_files(
            files, mapping, chosen.warehouse, as_at=as_at, settings=chosen, say=show
        )
    if as_json:
        terminal.say_lines(json.dumps(_as_json(report), indent=1))
    else:
        _print_report(report)


def _as_json(report: Any) -> dict[str, Any]:
    """The account of an import, as JSON has it."""
    return {
        "files": [asdict(item) for item in report.files],
        "skipped": [{"file": name, "reason": reason} for name, reason in report.skipped],
        "as_at": report.as_at,
        "warehouse_version": report.warehouse_version,
        "notice": report.notice,
    }


def _print_report(report: Any) -> None:
    """Print the account of an import: a row for each file, then what was rejected, noted and not used."""
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
