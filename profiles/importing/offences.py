"""Exports with a row an offence: the rows of a reference become one crime and what is included in it."""

import datetime
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping

from profiles import contracts
from profiles.codes import Targets
from profiles.errors import BadFile
from profiles.importing import expressions
from profiles.importing.expressions import normal
from profiles.importing.faults import ACCEPTED, NOT_A_NUMBER, REJECTED
from profiles.importing.layouts import Entry, MappingFile, Offences, squeezed
from profiles.importing.lists import list_items
from profiles.importing.projection import Projection
from profiles.importing.values import NO, YES
from profiles.warehouse import Connection, literal

PRINCIPAL_REJECTED = "principal offence rejected"
NONE_FLAGGED = "crime without a flagged principal offence: the next rule decides"
SEVERAL_FLAGGED = "crime with several flagged principal offences: the next rule decides"
OFFENCE_REJECTED = "crime without an offence whose row was rejected: it counts without that offence"
UNLISTED_FLAG = "flag of a principal offence that the mapping does not list, taken as no"
MAX_SHOWN = 6
"""Words of a flag that a note shows."""
LOOKS_LONG = (
    "row of a reference that has another class before: "
    "is it one row an offence? See [table.offences] in docs/mapping.md"
)
LOST_OFFENCE = (
    "crime without an offence that an older extract gave it: an extract must hold all rows of a crime"
)
OF_AN_OFFENCE = ("ho_class", "ho_code", "offence_title")
"""Columns that belong to an offence: they differ between the rows of one crime."""


def add_principal(projection: Projection, rule: Offences) -> None:
    """Add what tells the principal offence: its flag, a word that is neither yes nor no, its number."""
    if rule.principal:
        cell = _told_by(projection, rule.principal)
        yes = [squeezed(word) for word in rule.yes or YES]
        words, known = (", ".join(map(literal, each)) for each in (yes, (*yes, *NO)))
        projection.values.append(f"coalesce({normal(cell)} in ({words}), false) as o_principal")
        projection.values.append(
            f"case when {normal(cell)} not in ({known}) then {normal(cell)} end as o_flag"
        )
    else:
        projection.values += ["false as o_principal", "null::varchar as o_flag"]
    if rule.sequence:
        cell = _told_by(projection, rule.sequence)
        projection.values.append(f"{expressions.figure(cell, 'number')} as o_sequence")
        test = f"{cell} is not null and o_sequence is null"
        projection.fault(test, cell, rule.sequence[0], "sequence", NOT_A_NUMBER)
    else:
        projection.values.append("null::double as o_sequence")


def _told_by(projection: Projection, names: tuple[str, ...]) -> str:
    """The cell of the first of these columns that the file has; raises BadFile where it has none."""
    for name in names:
        cell = projection.cell(name, is_clean=True)
        if cell is not None:
            return cell
    raise BadFile(
        f"{projection.file} line 1 has no column {' or '.join(map(repr, names))}, which tells the principal "
        f"offence; add the column's name to [table.offences] of the mapping {projection.mapping.name}."
    )


def fold(
    con: Connection,
    entry: Entry,
    notes: Mapping[int, Counter[str]],
    reject_found: Callable[[str, str, str, str], None],
) -> None:
    """Gives all accepted rows of a crime the cells of its principal offence and the list of the others.

    Where the row of the principal is rejected, so are the others: what the crime is recorded as is not known.
    """
    rule = entry.offences
    if rule is None:
        return
    columns = [f"m_{item.column.name}" for item in entry.main.fields]
    con.execute(
        f"create or replace temp table offence_rows as select rowid as place, m_crime_ref as ref, state, "
        f"row_number() over (partition by m_crime_ref order by {_order(rule, columns)}) as position "
        f"from records where state in ({ACCEPTED}, {REJECTED}) and m_crime_ref is not null"
    )
    source = next(item.sources for item in entry.main.fields if item.column.name == "crime_ref")
    lost = f"select ref from temp.offence_rows where position = 1 and state = {REJECTED}"
    reject_found(f"m_crime_ref in ({lost})", "m_crime_ref", (source or ("crime_ref",))[0], PRINCIPAL_REJECTED)
    _note_rejected(con, notes)
    _note_flags(con, notes)
    _note(con, rule, columns, notes)
    _take_principal(con, entry, columns)


def _note_rejected(con: Connection, notes: Mapping[int, Counter[str]]) -> None:
    """Notes the crimes that stay although the row of a further offence was rejected."""
    found = con.execute(
        f"select file_id, count(*) from (select ref, min(file_id) as file_id "
        f"from temp.offence_rows join records on records.rowid = place group by ref "
        f"having bool_or(records.state = {ACCEPTED}) and bool_or(records.state = {REJECTED})) "
        f"group by file_id"
    ).fetchall()
    for file_id, count in found:
        notes[file_id][OFFENCE_REJECTED] += count


def _note_flags(con: Connection, notes: Mapping[int, Counter[str]]) -> None:
    """Notes the words of a flag that mean neither yes nor no, and shows them where they are but a few."""
    found = con.execute(
        f"select file_id, list(distinct o_flag order by o_flag), count(*) from records "
        f"where state = {ACCEPTED} and o_flag is not null group by file_id order by file_id"
    ).fetchall()
    for file_id, flags, count in found:
        # More of them, or longer ones, are another column, which may hold anything.
        is_shown = len(flags) <= MAX_SHOWN and all(re.fullmatch(r"[^\d@]{1,20}|\d", flag) for flag in flags)
        words = ", ".join(map(repr, flags)) if is_shown else f"{len(flags):,} different"
        notes[file_id][f"{UNLISTED_FLAG}: {words}"] += count


def is_told_by_rows(entry: Entry, mapping: MappingFile) -> bool:
    """Whether the entry's records are crimes of a source that gives a crime in several rows."""
    return entry.main.table is contracts.CRIMES and any(item.offences for item in mapping.entries)


def settle_lost(
    con: Connection,
    entry: Entry,
    mapping: MappingFile,
    day: datetime.date,
    files: Mapping[int, str],
    beside: Collection[str],
    line: str,
    notes: Mapping[int, Counter[str]],
) -> None:
    """Note the crimes that are to be replaced by rows that lack a class or code held of them.

    `files` are the names of the extract's files by number, `beside` those of other files of its day, `line`
    is SQL for a record's line. Raises BadFile where one of the others gave that class or code: the rows of a
    crime would take each other's place.
    """
    if not is_told_by_rows(entry, mapping):
        return
    code = "m_ho_code" if any(item.column.name == "ho_code" for item in entry.main.fields) else "null"
    items = list_items(entry, 0) if entry.lists else "[]"
    found = con.execute(
        f"with given as (select m_crime_ref as ref, arg_min(file_id, rowid) as file_id, "
        f"arg_min({line}, rowid) as line, list_distinct(flatten(list(list_concat("
        f"[m_ho_class, {code}], coalesce({items}, []))))) as codes from records where state = {ACCEPTED} "
        f"and m_crime_ref in (select unit from temp.units where fate = 'changed') group by m_crime_ref), "
        f"held as (select crime_ref as ref, ho_class as code from raw.crimes "
        f"union all select crime_ref, ho_code from raw.crimes where ho_code is not null "
        f"union all select crime_ref, classification from raw.included_classifications), "
        f"lost as (select distinct ref, file_id, line from given join held using (ref) "
        f"where not list_contains(codes, code)) "
        f"select file_id, extract_date = $day, count(*), min(line) from lost "
        f"join meta.units on table_name = 'crimes' and unit = ref group by all order by all",
        {"day": day},
    ).fetchall()
    for file_id, is_of_the_day, count, first in found:
        if is_of_the_day and beside:
            raise BadFile(
                f"{files[file_id]} line {first}: {count:,} crime{'' if count == 1 else 's'} would lose an "
                f"offence that another file of {day} gave ({', '.join(sorted(beside))}). Import all files of "
                f"that day at once, through one [[table]] of the mapping; if this file corrects one of them, "
                f"take that one back first (stalking-profiles go-back). Nothing was imported."
            )
        notes[file_id][LOST_OFFENCE] += count


def _order(rule: Offences, columns: list[str]) -> str:
    """SQL that puts the principal offence of a crime first, then the others in their order."""
    parts = ["not coalesce(o_principal, false)"] if rule.principal else []
    if rule.ranking:
        # Spelt as the records are by now.
        known = Targets(rule.ranking)
        ranked = f"[{', '.join(literal(known.reading(code).items[0].upper()) for code in rule.ranking)}]"
        places = [
            f"list_position({ranked}, upper({name}))"
            for name in ("m_ho_class", "m_ho_code")
            if name in columns
        ]
        parts.append(f"least({', '.join(f'coalesce({place}, {len(rule.ranking) + 1})' for place in places)})")
    parts += ["o_sequence nulls last"] if rule.sequence else []
    return ", ".join([*parts, "rowid"])


def _note(con: Connection, rule: Offences, columns: list[str], notes: Mapping[int, Counter[str]]) -> None:
    """Notes for each column how many crimes have rows that differ in it, and crimes with an odd flag."""
    tests = {
        f"{name[2:]} differs between the offences of a crime: that of the principal is taken": (
            f"count(distinct coalesce({name}::varchar, '')) > 1"
        )
        for name in columns
        if name[2:] not in ("crime_ref", *OF_AN_OFFENCE)
    }
    if rule.principal:
        flagged = "count(distinct (o_sequence, m_ho_class)) filter (where o_principal)"
        tests |= {NONE_FLAGGED: f"{flagged} = 0", SEVERAL_FLAGGED: f"{flagged} > 1"}
    for note, test in tests.items():
        found = con.execute(
            f"select file_id, count(*) from (select arg_min(file_id, rowid) as file_id from records "
            f"where state = {ACCEPTED} group by m_crime_ref having {test}) group by file_id"
        ).fetchall()
        for file_id, count in found:
            notes[file_id][note] += count


def _take_principal(con: Connection, entry: Entry, columns: list[str]) -> None:
    code = "m_ho_code" if "m_ho_code" in columns else "null::varchar"
    mark = literal(entry.lists[0].separators[0])
    con.execute(
        f"create or replace temp table principals as "
        f"with rows as ("
        f"select ref, position, m_ho_class as class, {code} as code, o_sequence as sequence, s0 as listed "
        f"from temp.offence_rows join records on records.rowid = place where records.state = {ACCEPTED}), "
        f"principal as (select ref, class, code, sequence from rows where position = 1), "
        f"further as ("
        f"select rows.ref, rows.class, rows.code, min(rows.position) as position "
        f"from rows join principal on rows.ref = principal.ref "
        f"where (rows.class, rows.code, rows.sequence) is distinct from "
        f"(principal.class, principal.code, principal.sequence) "
        f"group by rows.ref, rows.class, rows.code, rows.sequence), "
        f"items as (select ref, 2 * position as place, class as item from further "
        f"union all select ref, 2 * position + 1, code from further where code is not null), "
        f"others as ("
        f"select items.ref, string_agg(item, {mark} order by place) as text from items "
        f"join principal on items.ref = principal.ref "
        f"where item is distinct from class and item is distinct from code group by items.ref), "
        f"lists as ("
        f"select ref, string_agg(listed, {mark} order by position) as text from ("
        f"select ref, listed, min(position) as position from rows where listed is not null group by all) "
        f"group by ref) "
        f"select m_crime_ref as ref, nullif(concat_ws({mark}, others.text, lists.text), '') "
        f"as offences, {', '.join(f'{name} as p_{name}' for name in columns)} "
        f"from records join temp.offence_rows on place = records.rowid and position = 1 "
        f"left join others on others.ref = m_crime_ref left join lists on lists.ref = m_crime_ref "
        f"where records.state = {ACCEPTED}"
    )
    taken = ", ".join(f"{name} = p_{name}" for name in columns)
    every = ", ".join(["fingerprint", *(f"p_{name}" for name in columns), "offences"])
    con.execute(
        f"update records set {taken}, s0 = offences, fingerprint = hash({every}) from temp.principals p "
        f"where records.m_crime_ref = p.ref and records.state = {ACCEPTED}"
    )
