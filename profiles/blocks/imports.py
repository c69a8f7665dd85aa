"""The block that accounts for every record of every imported file."""

import pandas as pd

from profiles import words
from profiles.blocks.block import Block, Source, answers, asks_of, figure_words, lacking, markers_met
from profiles.catalogue import measure
from profiles.escaped import html as escape
from profiles.facts import Gap
from profiles.frames import Row, rows
from profiles.periods import ALL
from profiles.selection import DIMENSIONS, Selection

MAX_NOTES = 20
"""Notes that the page shows; the command line prints all of them."""
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


def noted(notes: pd.DataFrame) -> str:
    """What imports noted, as a table in HTML: first what may be stalking that is not counted, then by number.

    `notes` has file, note and count. A note of several files is one row.
    """
    # The importer costs a tenth of a second: of the pages only this one pays for it.
    from profiles.importing import offences, respelling

    first = (
        respelling.NOT_A_TARGET,
        offences.OFFENCE_REJECTED,
        offences.LOST_OFFENCE,
        offences.UNLISTED_FLAG,
    )
    grouped = notes.groupby("note", sort=True).agg(count=("count", "sum"), files=("file", "unique"))
    grouped["is_late"] = [not str(text).startswith(first) for text in grouped.index]
    grouped = grouped.sort_values(["is_late", "count"], ascending=[True, False], kind="stable")
    body = "".join(
        f"<tr><th scope='row' class='text'>{escape(words.sentence(str(note)))}</th>"
        f"<td>{words.number(float(each['count']))}</td>"
        f"<td class='text'>{escape(_files(list(each['files'])))}</td></tr>"
        for note, each in grouped.head(MAX_NOTES).iterrows()
    )
    left = len(grouped) - MAX_NOTES
    more = f"<p>{left:,} more: run <code>stalking-profiles check</code>.</p>" if left > 0 else ""
    return (
        "<div class='twin reference' tabindex='0'><table><thead><tr><th scope='col' class='text'>Note</th>"
        "<th scope='col'>Records</th><th scope='col' class='text'>File</th></tr></thead>"
        f"<tbody>{body}</tbody></table></div>{more}"
    )


def _files(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names):,} files"


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
