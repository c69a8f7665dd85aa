"""Records that are rejected: for a fault, as strays, or for other values under a key that came before."""

from profiles import contracts
from profiles.importing import offences
from profiles.importing.extract import Extract
from profiles.importing.faults import ACCEPTED, REJECTED, REPEATED, UNCHANGED, WRONG_CELLS
from profiles.importing.layouts import Fragment


def reject_faults(extract: Extract) -> None:
    """Reject records that could not be laid out in columns or hold a fault."""
    table = extract.entry.main.table.name
    faults = {part.file_id: part.faults for part in extract.parts}
    for part in extract.parts:
        extract.reject([(part.file_id, bad.line, table, None, bad.value, WRONG_CELLS) for bad in part.bad])
        extract.tallies[part.file_id].rows_in += len(part.bad)
        extract.tallies[part.file_id].rejected += len(part.bad)
    found = extract.con.execute(
        f"select file_id, {extract.line}, fault, fault_value from records where fault > 0 order by rowid"
    ).fetchall()
    rows = []
    for file_id, line, number, value in found:
        fault = faults[file_id][number - 1]
        rows.append((file_id, line, table, fault.source, value, fault.reason))
    extract.reject(rows)


def reject_strays(extract: Extract) -> None:
    """Reject records of what there is not, such as a report on a line that the plan does not have."""
    table = extract.entry.main.table
    if not table.needs_parent or not table.parent:
        return
    (key,) = contracts.TABLES[table.parent].key
    stray = f"m_{key} not in (select {key} from raw.{table.parent})"
    source = next(item.sources[0] for item in extract.entry.main.fields if item.column.name == key)
    extract.reject_found(stray, f"m_{key}", source, f"not in {table.parent}")


def reject_repeats(extract: Extract) -> dict[str, bool]:
    """Which fragments repeat a key; those with other values are rejected, exact ones become unchanged."""
    has_repeats = {}
    for prefix, fragment in extract.fragments():
        keys = extract.keys(prefix, fragment)
        where = f"state = {ACCEPTED} and {extract.present(prefix, fragment)}"
        has_repeats[prefix] = _repeats(extract, keys, where)
        if has_repeats[prefix]:
            _reject_conflicts(extract, prefix, fragment, keys, where)
    if extract.scalar(f"select count(*) from records where state = {ACCEPTED}") and _repeats(
        extract, [extract.unit], f"state = {ACCEPTED}"
    ):
        extract.con.execute(
            f"update records set state = {UNCHANGED} from ("
            f"select rowid as place from records where state = {ACCEPTED} "
            f"qualify row_number() over (partition by {extract.unit}, fingerprint order by rowid) > 1"
            f") repeat "
            f"where records.rowid = repeat.place"
        )
    return has_repeats


def _repeats(extract: Extract, keys: list[str], where: str) -> bool:
    """Whether one key is held by several records."""
    listed = ", ".join(keys)
    distinct = f"count(distinct hash({listed}))"
    # Hashes decide the common case cheaply: if they are all distinct, so are the keys.
    return bool(extract.scalar(f"select count(*) > {distinct} from records where {where}"))


def _reject_conflicts(extract: Extract, prefix: str, fragment: Fragment, keys: list[str], where: str) -> None:
    """Reject records that give a key other values than the first record that holds it."""
    values = [f"{prefix}{item.column.name}" for item in fragment.fields]
    if fragment is extract.entry.main:
        values += [f"s{index}" for index in range(len(extract.entry.lists))] + ["whole"]
    own = f"hash({', '.join(values)})"
    extract.con.execute(
        f"create or replace temp table conflicting as select rowid as place from records where {where} "
        f"qualify {own} <> first_value({own}) over (partition by {', '.join(keys)} order by rowid)"
    )
    if fragment.table is contracts.CRIMES:
        _note_long_form(extract, keys)
    found = extract.con.execute(
        f"select file_id, {extract.line}, {', '.join(keys)} from records "
        f"where rowid in (select place from conflicting) order by rowid"
    ).fetchall()
    extract.con.execute(
        f"update records set state = {REJECTED} where rowid in (select place from conflicting)"
    )
    sources = {f"{prefix}{item.column.name}": item.sources for item in fragment.fields}
    column = (sources.get(keys[0]) or (keys[0].removeprefix(prefix),))[0]
    extract.reject(
        [
            (row[0], row[1], fragment.table.name, column, " / ".join(map(str, row[2:])), REPEATED)
            for row in found
        ]
    )


def _note_long_form(extract: Extract, keys: list[str]) -> None:
    """Note conflicting rows of another class than the first: it may be an export of offences."""
    first = f"first_value(m_ho_class) over (partition by {', '.join(keys)} order by rowid)"
    found = extract.con.execute(
        f"select file_id, count(*) from (select file_id, rowid as place, m_ho_class as class, "
        f"{first} as first_class from records where state = {ACCEPTED}) "
        f"where place in (select place from conflicting) and class <> first_class group by file_id"
    ).fetchall()
    for file_id, count in found:
        extract.tallies[file_id].notes[offences.LOOKS_LONG] += count
