"""The block that puts published figures beside the force's own: principal crimes only, each on its scale."""

from dataclasses import replace

from profiles import words
from profiles.blocks.block import (
    Block,
    Source,
    answers,
    asks_of,
    breaks_of,
    lacking,
    letters_of,
    markers_met,
    subtitle,
    table_of,
)
from profiles.catalogue import measure
from profiles.charts import claims, panels, shown_breaks
from profiles.frames import has_figures, rows
from profiles.periods import ALL
from profiles.selection import Selection

SERIES = "recorded stalking"
OWN = "Our records"


def comparators(source: Source, _: Selection) -> Block:
    """Published years of each area and the years of the warehouse, whatever else is selected."""
    published, own = measure("published_crimes"), measure("stalking_crimes")
    years = Selection(basis="principal", grain="financial_year")
    every = replace(years, by="comparator", where=(("series", SERIES),))
    labels = source.frame(published.measure_id, every)["category"]
    # A label begins with its area.
    areas = [name for name in dict.fromkeys(text.split(f": {SERIES}")[0] for text in labels) if name != ALL]
    asks = (
        *(
            ask
            for area in areas
            for ask in asks_of(
                published,
                Selection(
                    basis="principal",
                    grain="financial_year",
                    by="published_by",
                    where=(("series", SERIES), ("area", area)),
                ),
            )
        ),
        *asks_of(own, years),
    )
    frame = answers(source, asks, within=(*areas, OWN))
    # A publisher gives some of the years: the others are no gaps of the table.
    frame = frame[frame["value"].notna() | (frame["within"] == OWN)].reset_index(drop=True)
    parts = {name: frame[frame["within"] == name] for name in (*areas, OWN)}
    shown = {name: mine for name, mine in parts.items() if has_figures(mine)}
    known_rows = [row for row in rows(frame) if row.marker == "" and row.value >= 0]
    latest = {row.within: row for row in sorted(known_rows, key=lambda row: row.period)}
    told = [
        f"{name}, {words.number(row.value)} in {words.period(row.period, row.grain)}"
        for name, row in ((name, latest[name]) for name in parts if name in latest)
    ]
    known = breaks_of(source, published, years)
    return Block(
        block_id="comparators",
        title=f"Principal stalking crimes: {'; '.join(told)}" if told else "Published figures: none",
        subtitle=subtitle(published, years, "financial_year", title="Recorded stalking crimes"),
        sentence=claims.panel_sentence(shown, "count", "financial_year") or claims.missing(frame),
        figure=panels.panels(shown, "count", "financial_year", known) if shown else None,
        table=table_of(frame, published),
        frame=frame,
        asks=asks,
        source=source,
        selection=years,
        texts=3,
        notes=(
            "Principal crimes only, for the force as a whole: the filters do not apply here, and a figure "
            "on the basis any must not be put beside these.",
            "Each series stands on a scale of its own; figures of different publishers are not joined.",
            *lacking(source, published, years),
            *markers_met(frame),
        ),
        letters=letters_of(shown_breaks(frame, "financial_year", known)) if shown else (),
        grain="financial_year",
    )
