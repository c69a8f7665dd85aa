"""Accepted records put into their raw tables, and all records of an extract counted by their states."""

from collections import Counter

from profiles.importing.extract import Extract
from profiles.importing.faults import ACCEPTED, REASONS, REJECTED, SUPERSEDED, UNCHANGED
from profiles.importing.layouts import Fragment
from profiles.importing.lists import list_items
from profiles.warehouse import literal

RESPELT = "figure read from another spelling (padding, separators, -00)"
NEGATIVE = "negative figure, kept as a correction"


def store(extract: Extract, has_repeats: dict[str, bool]) -> None:
    """Put the accepted records into their raw tables, one row a key."""
    lineage = (
        f"{literal(extract.mapping.name)}, date '{extract.extract_date.isoformat()}', file_id, {extract.line}"
    )
    fed: set[str] = set()
    for prefix, fragment in extract.fragments():
        cells = []
        for column in fragment.table.columns:
            inherited = column.name in fragment.table.key and extract.has(extract.entry.main, column.name)
            found = prefix if extract.has(fragment, column.name) else "m_" if inherited else None
            cells.append(f"{found}{column.name}" if found else "null")
        once = _first_of(extract.keys(prefix, fragment)) if has_repeats[prefix] else ""
        if fragment.table.name in fed:
            # Victim 1 and Victim 2 of a record may be the same person: one row.
            pairs = zip(fragment.table.names, cells, strict=True)
            same = " and ".join(
                f'held."{name}" is not distinct from {cell}'
                for name, cell in pairs
                if name in fragment.table.key
            )
            once = f"and not exists (select 1 from raw.{fragment.table.name} held where {same}) {once}"
        fed.add(fragment.table.name)
        extract.con.execute(
            f"insert into raw.{fragment.table.name} select {', '.join(cells)}, {lineage} from records "
            f"where state = {ACCEPTED} and {extract.present(prefix, fragment)} {once}"
        )
        if prefix != "m_":
            _note_half_filled(extract, prefix, fragment)
    once = _first_of(extract.keys("m_", extract.entry.main)) if has_repeats["m_"] else ""
    for index, item in enumerate(extract.entry.lists):
        unit = ", ".join(f"m_{name}" for name in item.table.unit)
        extract.con.execute(
            f"insert into raw.{item.table.name} "
            f"select {unit}, position, items[position], lineage.* from ("
            f"select *, unnest(range(1, len(items) + 1)) as position from ("
            f"select {unit}, {list_items(extract.entry, index)} as items, "
            f"struct_pack(a := {literal(extract.mapping.name)}, "
            f"b := date '{extract.extract_date.isoformat()}', "
            f"c := file_id, d := {extract.line}) as lineage "
            f"from records where state = {ACCEPTED} and s{index} is not null {once}))"
        )
    extract.con.execute(
        "insert into meta.units select $table, unit, content, $date, $source from temp.units "
        "where fate in ('new', 'changed')",
        {
            "table": extract.entry.main.table.name,
            "date": extract.extract_date,
            "source": extract.mapping.name,
        },
    )


def _first_of(keys: list[str]) -> str:
    """SQL that keeps the first record of each key, in the order of the file."""
    return f"qualify row_number() over (partition by {', '.join(keys)} order by rowid) = 1 order by rowid"


def _note_half_filled(extract: Extract, prefix: str, fragment: Fragment) -> None:
    """Note accepted records that hold a part of a link's key: without the rest it makes no row."""
    names = [
        name
        for name in fragment.table.key
        if fragment.table.column(name).required and extract.has(fragment, name)
    ]
    if len(names) < 2:
        return
    held = " or ".join(f"{prefix}{name} is not null" for name in names)
    found = extract.con.execute(
        f"select file_id, count(*) from records where state = {ACCEPTED} and ({held}) "
        f"and not ({extract.present(prefix, fragment)}) group by file_id"
    ).fetchall()
    for file_id, count in found:
        note = f"{' or '.join(names)} blank: no row of {fragment.table.name}"
        extract.tallies[file_id].notes[note] += count


def count_states(extract: Extract) -> None:
    """Count the records by state into the tallies."""
    names = {ACCEPTED: "accepted", UNCHANGED: "unchanged", SUPERSEDED: "superseded", REJECTED: "rejected"}
    found = extract.con.execute(
        "select file_id, state, count(*) from records group by file_id, state"
    ).fetchall()
    for file_id, state, count in found:
        tally = extract.tallies[file_id]
        tally.rows_in += count
        setattr(tally, names[state], getattr(tally, names[state]) + count)
    signs = " or ".join(
        f"m_{item.column.name} < 0" for item in extract.entry.main.fields if item.column.kind == "number"
    )
    found = extract.con.execute(
        f"select file_id, count(*) filter (where is_respelt), count(*) filter (where {signs or 'false'}) "
        f"from records where state <> {REJECTED} group by file_id"
    ).fetchall()
    for file_id, respelt, negative in found:
        extract.tallies[file_id].notes += Counter({RESPELT: respelt, NEGATIVE: negative})
    _note_blanked(extract)


def _note_blanked(extract: Extract) -> None:
    """Note cells of linked rows that were left blank, each with its column and reason."""
    for prefix, link in extract.fragments()[1:]:
        for item in link.fields:
            odd = f"odd_{prefix}{item.column.name}"
            if not extract.con.execute(
                "select 1 from duckdb_columns() where table_name = 'records' and column_name = $odd",
                {"odd": odd},
            ).fetchall():
                continue
            found = extract.con.execute(
                f"select file_id, {odd}, count(*) from records "
                f"where {odd} > 0 and state <> {REJECTED} group by all order by all"
            ).fetchall()
            for file_id, reason, count in found:
                note = f"{item.column.name} of {link.table.name} left blank: {REASONS[reason]}"
                extract.tallies[file_id].notes[note] += count
