"""A sample of a file's records, and what the importer would make of them under a drafted mapping."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from profiles import contracts, warehouse
from profiles.errors import BadFile, BadMapping
from profiles.importing import formats, reading, records, totals
from profiles.importing.faults import REPEATED
from profiles.importing.headings import SYNONYMS, Heading, words
from profiles.importing.layouts import Entry, entry_for, squeezed
from profiles.importing.mapping import read_mapping
from profiles.importing.quoting import quoted

SAMPLE = 5_000
"""Records looked at; of a longer file as many, spread over all of it."""
FAR_DAY = datetime.date(2199, 12, 31)
"""A day of the extract that no record comes after: a draft does not know it yet."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The file as opened, its columns with the cells of the sample, and the connection that holds them."""

    opened: reading.Opened
    headings: list[Heading]
    records: int
    con: warehouse.Connection
    scratch: Path

    @property
    def words(self) -> str:
        """How many records were looked at."""
        taken = len(self.headings[0].cells)
        if taken == self.records:
            return f"{taken:,} record{'' if taken == 1 else 's'}, all there are" if taken else "no record"
        return f"{taken:,} of {self.records:,} records, spread over the file"


@contextmanager
def sample(path: Path, scratch: Path) -> Iterator[Sample]:
    """The sample of a file, kept in `scratch`. Raises BadFile when the file cannot be read."""
    known = {name for names in SYNONYMS.values() for name in names.split(", ")}
    opened = _table(path, scratch, known)
    con = warehouse.connect()
    try:
        try:
            total = _taken(con, opened, scratch)
        except warehouse.DatabaseError as error:
            raise BadFile(f"{path} is damaged inside; export it again.") from error
        found = con.execute("select * from sampled").fetchall()
        columns = zip(*found, strict=True) if found else [()] * len(opened.header)
        headings = [
            Heading(name, *words(name), tuple((cell or "").strip() for cell in column))
            for name, column in zip(opened.header, columns, strict=True)
        ]
        yield Sample(opened, headings, total, con, scratch)
    finally:
        con.close()


def _table(path: Path, scratch: Path, known: set[str]) -> reading.Opened:
    """The file, its header on the likeliest line; of a workbook the sheet with most of the `known` names."""
    whole = reading.opened_whole(path, scratch, known, "auto")
    found = [whole]
    if whole.book is not None:
        found = [reading.on_sheet(whole, whole.book, name) for name in whole.book.names]
        found = [opened for opened in found if opened.head]
        if not found:
            raise BadFile(f"{path} has an empty sheet {whole.book.names[0]!r}; export it again.")
    tables = []
    for opened in found:
        line = reading.guessed_header_line(opened)
        tables.append(reading.with_header(opened, line) if line else opened)
    best = max(tables, key=lambda opened: sum(squeezed(name) in known for name in opened.header))
    if not best.header:
        raise BadFile(f"{path} line {best.header_line} is blank, and no line below looks like column names.")
    return reading.laid_out(best, scratch)


def layout_lines(opened: reading.Opened) -> list[str]:
    """The keys that say where in the file the table stands, as far as it is not where it is looked for."""
    lines = []
    if opened.header_line != (2 if opened.sep else 1):
        lines.append(f"header_line = {opened.header_line}  # what stands above is passed over")
    others = [name for name in opened.book.names if name != opened.sheet] if opened.book else []
    if others:
        lines.append(f"sheet = {quoted(opened.sheet)}  # not read: {', '.join(map(quoted, others))}")
    return lines


def _taken(con: warehouse.Connection, opened: reading.Opened, scratch: Path) -> int:
    """How many records the file has; the table `sampled` holds those looked at."""
    relation, _ = reading.relation(con, opened, scratch)
    try:
        total = _spread(con, opened, relation)
        is_read = relation.careful or reading.bad_records(con) is not None
    except warehouse.DatabaseError:
        if relation.careful:
            raise
        is_read = False
    if not is_read:
        relation, _ = reading.relation(con, opened, scratch, careful=True)
        total = _spread(con, opened, relation)
    return total


def _spread(con: warehouse.Connection, opened: reading.Opened, relation: reading.Relation) -> int:
    cells = ", ".join(f"c{index}" for index in range(len(opened.header)))
    (total,) = con.execute(f"select count(*) from {relation.sql}").fetchall()[0]
    step = max(total // SAMPLE, 1)
    con.execute(
        f"create or replace temp table sampled as select {cells} from "
        f"(select {cells}, row_number() over () - 1 as place from {relation.sql}) "
        f"where place % {step} = 0 limit {SAMPLE}"
    )
    return int(total)


def layout_of(text: str, sampled: Sample) -> tuple[records.Layout, Entry] | None:
    """The projection of the table `sampled` under the mapping of that text, and the mapping's entry.

    None where the text is no mapping.
    """
    draft = sampled.scratch / "draft.toml"
    draft.write_text(text, encoding="utf-8")
    try:
        mapping = read_mapping(str(draft))
    except BadMapping:
        return None
    opened, file = sampled.opened, sampled.opened.path.name
    entry = entry_for(mapping, file, list(opened.header))
    # Its header was written from the file's own.
    assert entry is not None  # nosec B101
    formats.check_formats(mapping)
    layout = records.layout(
        mapping,
        entry,
        opened.header,
        file,
        "sampled",
        FAR_DAY,
        native_dates=opened.kind != "csv",
        deep_trim=True,
    )
    return layout, entry


def told(text: str, sampled: Sample) -> list[str]:
    """Comments on what an import under the mapping of that text would make of the sample."""
    found = layout_of(text, sampled)
    if found is None:
        return ["# NOT YET A MAPPING: it lacks a required column; each is named below."]
    layout, entry = found
    counts = sampled.con.execute(
        f"select fault, count(*) from ({layout.select}) group by fault order by count(*) desc, fault"
    ).fetchall()
    is_whole = len(sampled.headings[0].cells) == sampled.records
    repeated, hints = _repeated(layout, entry, sampled)
    rejected = sum(count for fault, count in counts if fault) + repeated
    if not rejected:
        told_apart = "" if is_whole else " Rows that share a reference show in a whole file only."
        return [f"# Tried on these records: none would be rejected.{told_apart}"] if counts else []
    total = sum(count for _, count in counts)
    lines = [f"# TRIED ON THESE RECORDS: {rejected:,} of {total:,} would be rejected:"]
    for fault, count in counts:
        if fault:
            told_of = layout.faults[fault - 1]
            lines.append(f"#   {count:,}: {told_of.reason} ({told_of.column} from {quoted(told_of.source)})")
    return lines + hints


def _repeated(layout: records.Layout, entry: Entry, sampled: Sample) -> tuple[int, list[str]]:
    """How many sound records would be rejected since others share their reference, and what to do."""
    table = entry.main.table
    held = {item.column.name: item for item in entry.main.fields}
    keys = [name for name in table.key if name in held]
    if not keys:
        return 0, []
    key = ", ".join(f"m_{name}" for name in keys)
    own = f"hash({', '.join([f'm_{name}' for name in held] + [f's{n}' for n in range(len(entry.lists))])})"
    own = f"hash({own}, whole)"
    is_long = "m_ho_class <> first_value(m_ho_class) over told" if table is contracts.CRIMES else "false"
    is_lost = f"{own} <> first_value({own}) over told"
    if table.adds_up:
        is_lost = f"min({own}) over (partition by {key}) <> max({own}) over (partition by {key})"
    sound = f"select *, row_number() over () as place from ({layout.select}) where fault = 0"
    ((count, long),) = sampled.con.execute(
        f"select count(*), count(*) filter (where is_long) from (select {is_long} as is_long from ({sound}) "
        f"window told as (partition by {key} order by place) qualify {is_lost})"
    ).fetchall()
    if not count:
        return 0, []
    sources = quoted((held[keys[0]].sources or (keys[0],))[0])
    reason = totals.SEVERAL if table.adds_up else REPEATED
    lines = [f"#   {count:,}: {reason} ({keys[0]} from {sources})"]
    if long:
        lines.append(
            "#   Rows of one reference differ in their class: if the file has a row an offence, say so under"
        )
        lines.append("#   [table.offences]; docs/mapping.md tells how.")
    return count, lines
