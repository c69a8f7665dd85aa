"""Reference tables: what a force's own file takes the place of, what stays, and the sentence that says so."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from profiles.contracts import ACTION_PLAN, ALL_ROWS, Table
from profiles.errors import BadFile
from profiles.importing.faults import ACCEPTED, REJECTED, UNCHANGED
from profiles.importing.layouts import Entry
from profiles.settings import ROOT
from profiles.warehouse import Connection, literal

SAMPLE_DATA = ROOT / "sample_data"

SHIPPED = (
    "action_plan.csv",
    "breaks.csv",
    "kent_district_population.csv",
    "published_comparators.csv",
)
"""Files of `sample_data/` that fill the reference tables of a new warehouse."""

STRANDED = "reports on lines that the plan no longer has: kept, and not shown"


GIVEN = "temp.given_beside"
"""What the files of a set gave so far: table_name, unit, file."""


@dataclass(frozen=True)
class Beside:
    """Files of one import that feed one table under one day through other layouts: they are one set.

    `files` names by number those that have come in, `held` are the numbers of earlier imports of those that
    hold what they held then.
    """

    files: Mapping[int, str]
    held: tuple[int, ...]


@dataclass(frozen=True)
class Change:
    """Rows of a reference table before an import: how many of each kind leave it and stay in it.

    `removed` are those that leave and that the file does not give anew under the same key.
    """

    shipped_leaving: int
    own_leaving: int
    shipped_staying: int
    own_staying: int
    removed: int

    def sentence(self, table: Table, came: int) -> str:
        """What stays, what went and how many rows came, in words."""
        parts = [
            _words(self.shipped_leaving, self.own_leaving, "went"),
            _words(self.shipped_staying, self.own_staying, "stay" if self._staying != 1 else "stays"),
            f"{came:,} came",
        ]
        return f"{table.name}: {', '.join(part for part in parts if part)}"

    @property
    def _staying(self) -> int:
        return self.shipped_staying + self.own_staying


def _words(shipped: int, own: int, verb: str) -> str:
    told = [f"{shipped:,} shipped row{'' if shipped == 1 else 's'}"] if shipped else []
    told += [f"{own:,} of your own"] if own else []
    return f"{' and '.join(told)} {verb}" if told else ""


@lru_cache(maxsize=1)
def shipped_hashes() -> frozenset[str]:
    """SHA-256 of the files that fill a new warehouse: importing one of them brings its table back."""
    return frozenset(hashlib.sha256((SAMPLE_DATA / name).read_bytes()).hexdigest() for name in SHIPPED)


def found(
    con: Connection,
    entry: Entry,
    source: str,
    held_unit: str,
    given_unit: str,
    file_names: list[str],
    *,
    is_shipped: bool,
    beside: Beside,
) -> Change:
    """What the extract in `records` takes the place of; the rows that leave are in the table `leaving`.

    All rows, where the table is replaced whole, the mapping says so or the file is the shipped one; else
    none but the same rows, where the mapping says that it is a delta; else
    those of the publishers that the file names, those of a file of the same name before, and for a full
    extract those of the same source. Rows that shipped leave for one of the first two reasons alone. What
    is held of the force's own and was rejected this time stays, and so does what the files `beside` give.
    Raises BadFile when no record can be used, or when one of these files says otherwise.
    """
    table = entry.main.table
    _refuse_contradiction(con, table, file_names)
    is_whole = table.replaced_by == ALL_ROWS or entry.replaces_all or is_shipped
    taken = f"from records where state in ({ACCEPTED}, {UNCHANGED})"
    if is_whole and not con.execute(f"select count(*) {taken}").fetchall()[0][0]:
        raise BadFile(
            f"{', '.join(file_names)} holds no record that can be used{_rejected(con)}, which would leave "
            f"{table.name} empty; mend it and import it again."
        )
    if is_whole:
        scope = "true"
    elif entry.replaces_by_row:
        scope = "false"
    else:
        column = table.replaced_by
        is_mapped = any(item.column.name == column for item in entry.main.fields)
        named = f"select {_spelt(f'm_{column}')} {taken}" if is_mapped else f"select '' {taken}"
        names = ", ".join(literal(name) for name in file_names)
        own = f"file in ({names})" + (f" or source = {literal(source)}" if entry.is_full else "")
        scope = f"{_spelt(column)} in ({named}) or (not is_shipped and ({own}))"
    scope = (
        f"({scope}) and not list_contains({list(beside.held)}::integer[], file_id) "
        f"and held_unit not in (select unit from {GIVEN} where table_name = {literal(table.name)})"
    )
    shipped = ", ".join(literal(each) for each in sorted(shipped_hashes()))
    con.execute(
        # The comparators have a column called unit of their own.
        f"create or replace temp table leaving as "
        f"with held as (select *, {held_unit} as held_unit, "
        f"coalesce(import_number = 0 or sha256 in ({shipped}), false) as is_shipped "
        f"from raw.{table.name} left join (select file_id, file, sha256, import_number from meta.files) "
        f"using (file_id)), "
        f"given as (select unit as given_unit, fate from temp.units), "
        f"refused as (select {given_unit} as refused_unit from records where state = {REJECTED}), "
        f"judged as (select held_unit as unit, is_shipped, "
        f"held_unit in (select given_unit from given) as is_given, "
        f"held_unit in (select given_unit from given where fate = 'changed') "
        f"or (({scope}) and held_unit not in (select given_unit from given) and (is_shipped "
        f"or held_unit not in (select refused_unit from refused where refused_unit is not null))) as leaves "
        f"from held) select * from judged"
    )
    counts = con.execute(
        "select count(*) filter (where leaves and is_shipped), "
        "count(*) filter (where leaves and not is_shipped), "
        "count(*) filter (where not leaves and is_shipped), "
        "count(*) filter (where not leaves and not is_shipped), "
        "count(*) filter (where leaves and not is_given) from temp.leaving"
    ).fetchall()[0]
    con.execute("delete from temp.leaving where not leaves")
    return Change(*counts)


def _spelt(column: str) -> str:
    """A SQL expression: the publisher without regard to case and the number of spaces; '' for none."""
    return f"lower(trim(regexp_replace(coalesce({column}, ''), ' +', ' ', 'g')))"


def _rejected(con: Connection) -> str:
    """Why the records at hand were rejected, with the column and the first line of each reason."""
    found = con.execute(
        "select reason, column_name, count(*), min(line) from meta.rejects "
        "where file_id in (select file_id from records) group by all order by 3 desc, 4 limit 3"
    ).fetchall()
    told = "; ".join(
        f"{count:,} {reason}, column {name!r}, first on line {line}" for reason, name, count, line in found
    )
    return f" ({told})" if told else ""


def _refuse_contradiction(con: Connection, table: Table, file_names: list[str]) -> None:
    """Raise BadFile when the extract gives a row that a file of its set gave with other values."""
    found = con.execute(
        f"select file, count(*) from {GIVEN} g join temp.units u using (unit) "
        f"where g.table_name = $table and fate = 'changed' group by file order by file",
        {"table": table.name},
    ).fetchall()
    for file, count in found:
        raise BadFile(
            f"{' and '.join(file_names)} and {file} give {count:,} row{'' if count == 1 else 's'} of "
            f"{table.name} with the same {' and '.join(table.unit)} and other values; keep the right ones in "
            f"one of the files and import again (nothing was imported)."
        )


def remember_given(con: Connection, table: Table, file_names: list[str]) -> None:
    """Keep which units the extract gives, for the files of other layouts that are of one set with it."""
    con.execute(
        f"insert into {GIVEN} select $table, unit, $file from temp.units",
        {"table": table.name, "file": " and ".join(file_names)},
    )


def stranded(con: Connection, table: Table) -> Counter[str]:
    """The note on reports whose line is not in the plan that has just come."""
    if table is not ACTION_PLAN:
        return Counter()
    (count,) = con.execute(
        "select count(*) from raw.action_plan_updates where ref not in (select ref from raw.action_plan)"
    ).fetchall()[0]
    return Counter({STRANDED: count} if count else {})
