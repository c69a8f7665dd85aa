"""Codes of an extract in their normal spelling: what is near a target is counted, dates are rejected."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from profiles import codes, contracts
from profiles.codes import Reading, Targets
from profiles.importing.faults import ACCEPTED, CODE_IS_DATE, CODE_IS_ERROR
from profiles.importing.layouts import Entry, MappingFile
from profiles.warehouse import Connection, literal

READ_AS_TARGET = "something close to a target code, read as that code"
NOT_A_TARGET = "something close to a target code, not counted as one"
MAX_SHOWN = 6
"""Spellings that a note shows."""

RejectFound = Callable[[str, str, str, str], None]


@dataclass(frozen=True)
class _Cells:
    """A column of `records` that holds codes: how one cell is read, and what is written back."""

    column: str
    source: str
    read: Callable[[str], Reading]
    written: Callable[[Reading], str]
    suspects: str = ""


def respell(
    con: Connection,
    entry: Entry,
    mapping: MappingFile,
    notes: Mapping[int, Counter[str]],
    reject_found: RejectFound,
) -> None:
    """Puts the codes of the accepted records into their normal spelling and notes what is near a target.

    Each spelling is read once however many records hold it; usual ones are told by the database.
    """
    counts: dict[tuple[int, str], dict[str, int]] = {}
    for cells in _columns(entry, Targets(mapping.targets)):
        _respell_column(con, cells, counts, reject_found)
    for (file_id, note), spellings in sorted(counts.items()):
        shown = sorted({codes.shown(text) for text in spellings})
        listed = ", ".join(repr(text) for text in shown[:MAX_SHOWN])
        more = f" and {len(shown) - MAX_SHOWN} more" if len(shown) > MAX_SHOWN else ""
        text = f"{note}: {listed}{more}"
        notes[file_id][text] += sum(spellings.values())


def _columns(entry: Entry, targets: Targets) -> Iterator[_Cells]:
    fragments = [("m_", entry.main)] + [(f"l{index}_", link) for index, link in enumerate(entry.links)]
    for prefix, fragment in fragments:
        for item in fragment.fields:
            if not item.column.is_code:
                continue
            source = item.sources[0] if item.sources else item.column.name
            is_outcome = fragment.table is contracts.OUTCOMES
            read = (lambda text: Reading("plain", (codes.outcome(text),))) if is_outcome else targets.reading
            yield _Cells(
                f"{prefix}{item.column.name}",
                source,
                read,
                lambda found: found.items[0],
                "" if is_outcome else targets.suspects,
            )
    for index, each in enumerate(entry.lists):
        marks, known = each.separators, {key for key, _ in each.values}

        def read_list(text: str, marks: tuple[str, ...] = marks, known: set[str] = known) -> Reading:
            return targets.list_reading(text, marks, known)

        def joined(found: Reading, mark: str = marks[0]) -> str:
            return mark.join(found.items)

        yield _Cells(f"s{index}", " and ".join(each.sources), read_list, joined, targets.suspects)


def _respell_column(
    con: Connection,
    cells: _Cells,
    counts: dict[tuple[int, str], dict[str, int]],
    reject_found: RejectFound,
) -> None:
    column = cells.column
    spellings = con.execute(
        f"select text from (select distinct {column} as text from records where state = {ACCEPTED}) "
        f"where not regexp_full_match(text, {literal(codes.PLAIN_LIST)}) "
        f"or ({bool(cells.suspects)} and regexp_matches(text, {literal(cells.suspects)}))"
    ).fetchall()
    found = [(text, cells.read(text)) for (text,) in spellings]
    changed, near = [], []
    lost: dict[str, list[str]] = {CODE_IS_DATE: [], CODE_IS_ERROR: []}
    for text, reading in found:
        if reading.kind == "mangled":
            lost[CODE_IS_ERROR if codes.holds_error(text) else CODE_IS_DATE].append(text)
            continue
        if cells.written(reading) != text:
            changed.append((text, cells.written(reading)))
        if reading.kind == "near":
            near.append((text, NOT_A_TARGET))
        elif reading.kind == "respelt":
            near.append((text, READ_AS_TARGET))
    for reason, texts in lost.items():
        if texts:
            con.execute("create or replace temp table odd as select unnest($texts) as text", {"texts": texts})
            reject_found(f"{column} in (from temp.odd)", column, cells.source, reason)
    if near:
        odd, notes = zip(*near, strict=True)
        con.execute(
            "create or replace temp table odd as select unnest($texts) as text, unnest($notes) as note",
            {"texts": list(odd), "notes": list(notes)},
        )
        for file_id, note, text, count in con.execute(
            f"select file_id, note, text, count(*) from records join temp.odd on {column} = text "
            f"where state = {ACCEPTED} group by all"
        ).fetchall():
            held = counts.setdefault((file_id, note), {})
            held[text] = held.get(text, 0) + count
    if changed:
        spelt, written = zip(*changed, strict=True)
        con.execute(
            "create or replace temp table odd as select unnest($texts) as text, unnest($written) as written",
            {"texts": list(spelt), "written": list(written)},
        )
        con.execute(
            f"update records set {column} = written from temp.odd "
            f"where {column} = text and state = {ACCEPTED}"
        )
