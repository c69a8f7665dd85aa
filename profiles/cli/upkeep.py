"""Commands on a warehouse that stands: check it, list its versions, go back to one, upgrade it."""

import sys
from pathlib import Path

import click

from profiles import terminal
from profiles.cli.command import errors_as_sentences, served_version, settings_for, warehouse_option
from profiles.cli.printing import print_table


@click.command()
@warehouse_option
@errors_as_sentences
def check(folder: Path | None) -> None:
    """Print contract violations, months left out, marks for a second look and what imports noted.

    Exit status 1 when the contract is violated; the rest does not change it.
    """
    from profiles import checking, facts, snapshot, warehouse, words
    from profiles.snapshot import plans

    chosen = settings_for(folder)
    served = served_version(chosen)
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
        print_table(violations, right={"count"})
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
        print_table(marked, right={"count"})
    terminal.say(f"cells close to a target code, not counted as one: {int(near['count'].sum())}")
    if len(near):
        print_table(near, right={"count"})
    terminal.say(f"noted at import: {int(notes['count'].sum())}")
    if len(notes):
        print_table(notes, right={"count"})
    plans.refuse_unknown(lines)
    if len(violations):
        sys.exit(1)


@click.command()
@warehouse_option
@errors_as_sentences
def versions(folder: Path | None) -> None:
    """List the versions of the warehouse that are kept, the newest first, and which one is served."""
    from profiles import versions as kept

    rows = []
    for each in kept.listed(settings_for(folder).warehouse):
        counts = ("", "") if each.fault else (f"{each.files:,}", f"{each.records:,}")
        served = "served" if each.is_served else ""
        rows.append((each.name, served, each.as_at, *counts, each.fault or each.last_import))
    columns = ("version", "", "as at", "files", "records read", "last import")
    terminal.say_table(columns, rows, right=("files", "records read"))


@click.command("go-back")
@click.argument("version", required=False)
@warehouse_option
@errors_as_sentences
def go_back(version: str | None, folder: Path | None) -> None:
    """Serve an earlier version of the warehouse: the one it was made from, or VERSION.

    The next import starts from it. The version gone back from stays until newer ones push it out.
    """
    from profiles import versions as kept

    chosen = settings_for(folder)
    before, now = kept.go_back(chosen.warehouse, version, chosen)
    terminal.say(f"serving {now.name}, as at {now.as_at or 'no date'}, instead of {before or 'none'}")


@click.command()
@warehouse_option
@errors_as_sentences
def upgrade(folder: Path | None) -> None:
    """Bring a warehouse that an earlier version of the product built into the form of today."""
    from profiles import importing

    chosen = settings_for(folder)
    with terminal.progress() as show:
        served = importing.upgrade(chosen.warehouse, settings=chosen, say=show)
    terminal.say(f"serving {served.name}, as at {served.as_at or 'no date'}")
