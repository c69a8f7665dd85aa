"""SQL that turns the text cells of one file into typed records, each with its first fault.

Generic statements only: everything particular to a source comes from its mapping, everything
particular to a table from the contract.
"""

import datetime
from dataclasses import dataclass

from profiles.importing.faults import ACCEPTED, REASONS, REJECTED, Fault
from profiles.importing.layouts import Entry, MappingFile
from profiles.importing.lists import add_list
from profiles.importing.offences import add_principal
from profiles.importing.projection import Projection
from profiles.importing.values import add_fragment
from profiles.warehouse import literal


@dataclass(frozen=True)
class Layout:
    """How one file's columns answer an entry: the projection, the faults it can name, what it lacks.

    The projection yields `line` (null where the place tells it), `fault` (0 or the place in `faults`,
    from 1), `fault_value`, `is_made_up`, `is_respelt` (a figure was padded or otherwise spelt), `whole`
    (a fingerprint of all cells, unmapped ones too, where the entry has no links), `fingerprint` (of the
    values below), `state`, `m_<column>` for the record's own table, `l<i>_<column>` for its links,
    `odd_l<i>_<column>` (the place in REASONS, or 0) for what may be blank there and `s<i>` for its lists.
    """

    select: str
    faults: tuple[Fault, ...]
    ignored: tuple[str, ...]
    lacking: tuple[tuple[str, str], ...]
    carried: tuple[tuple[str, str], ...]


def typed_columns(entry: Entry) -> list[str]:
    """Names of the contract columns in a projection, without lineage and faults."""
    names = [f"m_{item.column.name}" for item in entry.main.fields]
    for index, link in enumerate(entry.links):
        names += [f"l{index}_{item.column.name}" for item in link.fields]
    names += ["o_principal", "o_flag", "o_sequence"] if entry.offences else []
    return names + [f"s{index}" for index in range(len(entry.lists))]


def layout(
    mapping: MappingFile,
    entry: Entry,
    header: tuple[str, ...],
    file: str,
    relation: str,
    extract_date: datetime.date,
    *,
    has_line: bool = False,
    native_dates: bool = False,
    deep_trim: bool = False,
    header_line: int = 1,
) -> Layout:
    """The projection of one file with that header, which stands on `header_line`.

    With `deep_trim` tabs and line ends around a cell go as spaces do; it costs more than reading.

    Raises BadFile when a required column is missing or a mapped one appears twice.
    """
    projection = Projection(mapping, entry, header, file, extract_date, native_dates, deep_trim, header_line)
    return _assembled(projection, relation, has_line)


def _assembled(projection: Projection, relation: str, has_line: bool) -> Layout:
    """The layout that selects from the relation, once every part of the entry is added."""
    for rule in projection.entry.rejects:
        cell = projection.cell(rule.column)
        if cell is not None:
            projection.fault(
                f"regexp_matches({cell}, {literal(rule.matches)})", cell, rule.column, "", rule.reason
            )
    add_fragment(projection, projection.entry.main, "m_", projection.entry.may_lack_key)
    for index, link in enumerate(projection.entry.links):
        add_fragment(projection, link, f"l{index}_", may_lack_key=True)
    for index in range(len(projection.entry.lists)):
        add_list(projection, index)
    if projection.entry.offences:
        add_principal(projection, projection.entry.offences)
    made_up = [cell for name in projection.mapping.marking if (cell := projection.cell(name)) is not None]
    is_made_up = " or ".join(f"coalesce(contains(upper({cell}), 'SYNTHETIC'), false)" for cell in made_up)
    cells = ", ".join(f"{expression} as {name}" for name, expression in projection.cells.items())
    line = "line::bigint as line, " if has_line else "null::bigint as line, "
    cases = " ".join(
        f"when {test} then {number}" for number, (test, _, _) in enumerate(projection.faults, start=1)
    )
    shown = " ".join(
        f"when {number} then {cell}" for number, (_, cell, _) in enumerate(projection.faults, start=1)
    )
    fault = f"case {cases} else 0 end" if cases else "0"
    value = f"case when fault > 0 then case fault {shown} end end" if shown else "null::varchar"
    odd = "".join(
        f", case {' '.join(f'when {test} then {REASONS.index(reason)}' for test, reason in tests)} "
        f"else 0 end::utinyint as odd_{name}"
        for name, tests in projection.spares.items()
    )
    names = typed_columns(projection.entry)
    kept = {name: f"case when odd_{name} = 0 then {name} end" for name in projection.spares}
    values = [kept.get(name, name) for name in names]
    columns = [f"{kept[name]} as {name}, odd_{name}" if name in kept else name for name in names]
    # A wide record may repeat its crime with another victim; elsewhere a repeat must be whole.
    every = ", ".join(f"c{index}" for index in range(len(projection.header)))
    # So do the offences of a crime.
    is_whole = not projection.entry.links and not projection.entry.offences
    whole = f"hash({every})" if is_whole else "null::ubigint"
    select = (
        f"select line, fault::usmallint as fault, whole, "
        f"{value} as fault_value, "
        f"{is_made_up or 'false'} as is_made_up, {' or '.join(projection.respelt) or 'false'} as is_respelt, "
        f"hash({', '.join(values)}) as fingerprint, "
        f"case when fault > 0 then {REJECTED} else {ACCEPTED} end::utinyint as state, "
        f"{', '.join(columns)} "
        f"from (select *, {fault} as fault{odd} from (select *, {', '.join(projection.values)} "
        f"from (select {line}{whole} as whole, {cells} from {relation})))"
    )
    ignored = tuple(name for index, name in enumerate(projection.header) if index not in projection.used)
    faults = tuple(fault for _, _, fault in projection.faults)
    lacking = tuple(pair for pair in dict.fromkeys(projection.lacking) if pair not in projection.carried)
    return Layout(select, faults, ignored, lacking, tuple(dict.fromkeys(projection.carried)))
