"""The block that accounts for every record of every imported file."""

import pandas as pd

from profiles.catalogue import measure
from profiles.charts import words
from profiles.charts.frames import Row, rows
from profiles.facts import Gap
from profiles.periods import ALL
from profiles.selection import DIMENSIONS, Selection
from profiles.ui.blocks import Block, Source, answers, asks_of, figure_words, lacking, markers_met

FATES = DIMENSIONS["fate"].categories


def left_out(gaps: tuple[Gap, ...]) -> list[str]:
    """A sentence for each source and table of which no export covers some months; none where all are."""
    return [
        words.sentence(
            f"no export of {gap.source} covers {words.months(gap.months)} in {gap.table.replace('_', ' ')}"
        )
        for gap in gaps
    ]


def doubtful(gaps: tuple[Gap, ...]) -> list[str]:
    """A sentence for each source and table of which some months may not be covered by an export."""
    return [
        words.sentence(
            f"does an export of {gap.source} cover {words.months(gap.months)} in "
            f"{gap.table.replace('_', ' ')}? So few records lie there that they may be late ones of a time "
            f"whose export never came. They are counted as if it does"
        )
        for gap in gaps
    ]


def files(source: Source, _: Selection) -> Block:
    """Each file with what became of its records: the fates add up to what was read, or it says so."""
    item = measure("records_read")
    everything = Selection(grain=ALL)
    by_file = Selection(grain=ALL, by="file")
    fates = tuple(Selection(grain=ALL, by="file", where=(("fate", fate),)) for fate in FATES)
    asks = asks_of(item, everything, Selection(grain=ALL, by="fate"), by_file, *fates)
    frame = answers(source, asks, within=("all", "fates", "files", *FATES))
    told: dict[str, dict[str, Row]] = {}
    for row in rows(frame):
        told.setdefault(row.within, {})[row.category] = row
    names = list(told["files"])
    counts = {
        name: [told[fate][name].value if name in told[fate] else 0.0 for fate in FATES] for name in names
    }
    is_whole = all(sum(counts[name]) == told["files"][name].value for name in names)
    total = told["all"]["all"]
    table = pd.DataFrame(
        {
            "File": ["All files", *names],
            "Read": [figure_words(row, item.unit) for row in (total, *told["files"].values())],
            **{
                words.name(fate): [
                    words.number(value)
                    for value in (told["fates"][fate].value, *(counts[name][place] for name in names))
                ]
                for place, fate in enumerate(FATES)
            },
        }
    )
    parts = " + ".join(f"{words.number(told['fates'][fate].value)} {fate}" for fate in FATES)
    read = words.number(total.value)
    return Block(
        block_id="files",
        title=f"Every one of {read} records read is accounted for"
        if is_whole
        else "Records are missing from the account",
        subtitle="Records of imported files by what became of them · number · all imports",
        sentence=f"{read} read in {len(names)} files = {parts}.",
        figure=None,
        table=table,
        frame=frame.drop(columns="within"),
        asks=asks,
        source=source,
        selection=everything,
        notes=(*lacking(source, item, everything), *markers_met(frame)),
    )
