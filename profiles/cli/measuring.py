"""Commands on measures: list them, print one."""

import datetime
from pathlib import Path
from typing import Any

import click

from profiles import terminal
from profiles.cli.command import Day, errors_as_sentences, served_version, settings_for, warehouse_option
from profiles.cli.printing import print_frame


@click.command()
@errors_as_sentences
def measures() -> None:
    """List the catalogue of measures."""
    from profiles.catalogue import catalogue

    rows = [
        (item.measure_id, item.title, item.unit, ", ".join(item.bases), item.note)
        for item in catalogue().values()
    ]
    terminal.say_table(("measure", "title", "unit", "bases", "note"), rows, width=160)


@click.command()
@click.argument("name")
@click.option("--basis", help="principal, included_only or any.")
@click.option("--by", help="Dimension to break down by.")
@click.option("--grain", help="month, quarter, financial_year, year, rolling_year or all; month unless told.")
@click.option("--since", type=Day("start"), help="First day, included.")
@click.option("--until", type=Day("end"), help="Last day, included.")
@click.option(
    "--where", multiple=True, metavar="DIM=VALUE", help="Keep one value of a dimension; may be repeated."
)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)
@warehouse_option
@errors_as_sentences
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

    chosen = settings_for(folder)
    selected = Selection(basis, by, grain, since, until, conditions(where))
    served = served_version(chosen)
    con = warehouse.connect(served.path, settings=chosen)
    frame = measures.run(con, name, selected)
    told = [*_not_there(con, name, selected), *_why_incomplete(con, name, selected)]
    con.close()
    print_frame(frame, form)
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
