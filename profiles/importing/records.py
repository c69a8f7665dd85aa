"""SQL that turns the text cells of one file into typed records, each with its first fault.

Generic statements only: everything particular to a source comes from its mapping, everything
particular to a table from the contract.
"""

import datetime
import re
from dataclasses import dataclass

from profiles import contracts
from profiles.errors import BadFile
from profiles.importing import expressions
from profiles.importing.expressions import clashing, normal, period_edge, translation
from profiles.importing.layouts import Entry, Field, Fragment, ListOf, MappingFile, Offences, named, squeezed
from profiles.warehouse import literal

MISSING = "missing value"
NOT_A_DATE = "not a date"
AMBIGUOUS = "ambiguous date"
NOT_A_NUMBER = "not a number"
NOT_ALLOWED = "not an allowed value"
OUT_OF_RANGE = "out of range"
AFTER_EXTRACT = "date after the extract"
CODE_IS_DATE = "code became a date"
CODE_IS_ERROR = "code became an error"
REPEATED = "repeated reference"
WRONG_CELLS = "wrong number of cells"
PERSONAL = "looks like a person or a case"
TOO_LONG = "too long"

REASONS = (
    "",
    NOT_A_DATE,
    AMBIGUOUS,
    NOT_A_NUMBER,
    NOT_ALLOWED,
    OUT_OF_RANGE,
    AFTER_EXTRACT,
    CODE_IS_DATE,
    PERSONAL,
    TOO_LONG,
)
"""Why an optional cell of a linked row is left blank; `odd_<column>` holds the place here."""

ACCEPTED, UNCHANGED, SUPERSEDED, REJECTED = range(4)
"""States of a record."""

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
MANGLED = (
    rf"(?i)(\d{{1,2}}[-/ ])?({_MONTHS})[a-z]*[-/ .]\d{{2,4}}"
    rf"|\d{{1,2}}[-/ ]({_MONTHS})[a-z]*"
    r"|\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?"
    r"|\d{1,2}/\d{1,2}/\d{4}"
)
"""What a spreadsheet makes of 8/65: Aug-65, 01/08/1965, 1965-08-01, 8-Aug."""

_YES = ("y", "yes", "true", "t", "1")
_NO = ("n", "no", "false", "f", "0")


@dataclass(frozen=True)
class Fault:
    """One thing that can be wrong with a record: the source column, its contract column, the reason."""

    source: str
    column: str
    reason: str


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


def understood(column: contracts.Column) -> dict[str, str]:
    """What a column with allowed values reads without any translation: squeezed spelling to value."""
    found = {squeezed(value): value for value in column.allowed}
    if column.allowed == contracts.YES_NO:
        found |= dict.fromkeys(_YES, "yes") | dict.fromkeys(_NO, "no")
    elif column.allowed == contracts.SEX:
        found |= {"f": "female", "m": "male"}
    return found


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
    builder = _Builder(mapping, entry, header, file, extract_date, native_dates, deep_trim, header_line)
    return builder.layout(relation, has_line)


class _Builder:
    """Collects the expressions of one projection: cells, then values, then faults."""

    def __init__(
        self,
        mapping: MappingFile,
        entry: Entry,
        header: tuple[str, ...],
        file: str,
        extract_date: datetime.date,
        native_dates: bool,
        deep_trim: bool,
        header_line: int,
    ) -> None:
        self.header_line = header_line
        self.mapping, self.entry, self.header, self.file = mapping, entry, header, file
        self.extract_date = extract_date
        self.is_deep = deep_trim
        self.native_dates = native_dates
        self.places: dict[str, list[int]] = {}
        for index, name in enumerate(header):
            self.places.setdefault(squeezed(name), []).append(index)
        for name, places in list(self.places.items()):
            # "Further (2)" is the second of several columns Further.
            for number, place in enumerate(places if name and len(places) > 1 else (), start=1):
                self.places.setdefault(f"{name} ({number})", [place])
        self.used: set[int] = set()
        self.cells: dict[str, str] = {}
        self.values: list[str] = []
        self.faults: list[tuple[str, str, Fault]] = []
        self.spares: dict[str, list[tuple[str, str]]] = {}
        self.lacking: list[tuple[str, str]] = []
        self.carried: list[tuple[str, str]] = []
        self.respelt: list[str] = []

    def layout(self, relation: str, has_line: bool) -> Layout:
        for rule in self.entry.rejects:
            cell = self.cell(rule.column)
            if cell is not None:
                self.fault(
                    f"regexp_matches({cell}, {literal(rule.matches)})", cell, rule.column, "", rule.reason
                )
        self.fragment(self.entry.main, "m_", self.entry.may_lack_key)
        for index, link in enumerate(self.entry.links):
            self.fragment(link, f"l{index}_", may_lack_key=True)
        for index in range(len(self.entry.lists)):
            self.list_of(index)
        if self.entry.offences:
            self.offences(self.entry.offences)
        made_up = [cell for name in self.mapping.marking if (cell := self.cell(name)) is not None]
        is_made_up = " or ".join(f"coalesce(contains(upper({cell}), 'SYNTHETIC'), false)" for cell in made_up)
        cells = ", ".join(f"{expression} as {name}" for name, expression in self.cells.items())
        line = "line::bigint as line, " if has_line else "null::bigint as line, "
        cases = " ".join(
            f"when {test} then {number}" for number, (test, _, _) in enumerate(self.faults, start=1)
        )
        shown = " ".join(
            f"when {number} then {cell}" for number, (_, cell, _) in enumerate(self.faults, start=1)
        )
        fault = f"case {cases} else 0 end" if cases else "0"
        value = f"case when fault > 0 then case fault {shown} end end" if shown else "null::varchar"
        odd = "".join(
            f", case {' '.join(f'when {test} then {REASONS.index(reason)}' for test, reason in tests)} "
            f"else 0 end::utinyint as odd_{name}"
            for name, tests in self.spares.items()
        )
        names = typed_columns(self.entry)
        kept = {name: f"case when odd_{name} = 0 then {name} end" for name in self.spares}
        values = [kept.get(name, name) for name in names]
        columns = [f"{kept[name]} as {name}, odd_{name}" if name in kept else name for name in names]
        # A wide record may repeat its crime with another victim; elsewhere a repeat must be whole.
        every = ", ".join(f"c{index}" for index in range(len(self.header)))
        # So do the offences of a crime.
        is_whole = not self.entry.links and not self.entry.offences
        whole = f"hash({every})" if is_whole else "null::ubigint"
        select = (
            f"select line, fault::usmallint as fault, whole, "
            f"{value} as fault_value, "
            f"{is_made_up or 'false'} as is_made_up, {' or '.join(self.respelt) or 'false'} as is_respelt, "
            f"hash({', '.join(values)}) as fingerprint, "
            f"case when fault > 0 then {REJECTED} else {ACCEPTED} end::utinyint as state, "
            f"{', '.join(columns)} "
            f"from (select *, {fault} as fault{odd} from (select *, {', '.join(self.values)} "
            f"from (select {line}{whole} as whole, {cells} from {relation})))"
        )
        ignored = tuple(name for index, name in enumerate(self.header) if index not in self.used)
        faults = tuple(fault for _, _, fault in self.faults)
        lacking = tuple(pair for pair in dict.fromkeys(self.lacking) if pair not in self.carried)
        return Layout(select, faults, ignored, lacking, tuple(dict.fromkeys(self.carried)))

    def cell(self, name: str, *, is_clean: bool = False) -> str | None:
        """The name of the trimmed cell of a source column (blank is null); None when the file lacks it.

        With `is_clean` what nobody sees is taken out of it too.
        """
        places = self.places.get(squeezed(name))
        if not places:
            return None
        if len(places) > 1:
            numbered = " or ".join(repr(f"{name} ({number})") for number in range(1, len(places) + 1))
            raise BadFile(
                f"{self.file} line {self.header_line}: the column {name!r} appears {len(places)} times; "
                f"say in the mapping which one, {numbered}."
            )
        return self.cell_at(places[0], is_clean=is_clean)

    def cell_at(self, index: int, *, is_clean: bool = False) -> str:
        """The name of the trimmed cell of the column at that place, from 0."""
        self.used.add(index)
        alias = f"{'k' if is_clean else 't'}{index}"
        if alias not in self.cells:
            trimmed = expressions.trimmed(f"c{index}", deep=self.is_deep, is_clean=is_clean)
            if self.mapping.blanks:
                # Nested nullif would double the expression for each blank: DuckDB writes it as a case.
                blanks = ", ".join(literal(squeezed(blank)) for blank in ("", *self.mapping.blanks))
                trimmed = f"case when lower({trimmed}) in ({blanks}) then null else {trimmed} end"
            else:
                trimmed = f"nullif({trimmed}, '')"
            self.cells[alias] = trimmed
        return alias

    def fault(self, test: str, cell: str, source: str, column: str, reason: str, spared: str = "") -> None:
        """Adds one thing that rejects a record, or that blanks its column `spared` alone."""
        if spared:
            self.spares.setdefault(spared, []).append((test, reason))
        else:
            self.faults.append((test, cell, Fault(source, column, reason)))

    def fragment(self, fragment: Fragment, prefix: str, may_lack_key: bool) -> None:
        for item in fragment.fields:
            self.field(fragment, item, prefix, may_lack_key and item.column.name in fragment.table.key)

    def source(self, fragment: Fragment, item: Field) -> tuple[str, str]:
        """The cell expression of a field and the source column's name for messages."""
        if item.constant is not None:
            return literal(item.constant), "(constant)"
        if item.template:
            parts, names = [], re.findall(r"\{([^}]*)\}", item.template)
            for text, name in zip(re.split(r"\{[^}]*\}", item.template), [*names, ""], strict=True):
                parts.append(literal(text))
                if name:
                    cell = self.cell(name, is_clean=_is_clean(item.column))
                    if cell is None:
                        self.lacks(fragment, item, (name,))
                        return "null::varchar", name
                    parts.append(cell)
            return "(" + " || ".join(parts) + ")", " and ".join(names)
        for name in item.sources:
            cell = self.cell(name, is_clean=_is_clean(item.column))
            if cell is not None:
                return cell, name
        self.lacks(fragment, item, item.sources)
        return "null::varchar", item.sources[0]

    def lacks(self, fragment: Fragment, item: Field, names: tuple[str, ...]) -> None:
        is_main = fragment is self.entry.main
        optional_key = self.entry.may_lack_key and item.column.name in fragment.table.key
        if item.column.required and is_main and not optional_key:
            raise BadFile(
                f"{self.file} line {self.header_line} has no column for {item.column.name} of "
                f"{fragment.table.name}: the mapping {self.mapping.name} looks for "
                f"{' or '.join(repr(name) for name in names)} and the header has "
                f"{named(self.header, 12)}; add the "
                f"column's name to the mapping."
            )
        self.lacking.append((fragment.table.name, item.column.name))

    def field(self, fragment: Fragment, item: Field, prefix: str, may_be_blank: bool) -> None:
        column = item.column
        name = f"{prefix}{column.name}"
        lacked = len(self.lacking)
        cell, source = self.source(fragment, item)
        if len(self.lacking) == lacked:
            self.carried.append((fragment.table.name, column.name))
        text = cell
        if item.pattern:
            text = f"nullif(regexp_extract({cell}, {literal(item.pattern)}, 1), '')"
        is_linked = fragment is not self.entry.main
        if column.required and not may_be_blank and not is_linked:
            self.fault(f"{text} is null", cell, source, column.name, MISSING)
        if item.period:
            self.values.append(f"{period_edge(text, item.period)} as {name}")
            tests = [(f"{text} is not null and {name} is null", NOT_A_DATE)]
        elif column.kind in ("date", "timestamp"):
            tests = self.date(item, text, name)
        elif column.kind in ("integer", "number"):
            tests = self.number(fragment, column, text, name, cell)
        else:
            tests = self.text(item, text, name)
        # A crime counts whatever is odd about the age of its victim.
        spared = name if is_linked and not column.required else ""
        for test, reason in tests:
            self.fault(test, cell, source, column.name, reason, spared)

    def date(self, item: Field, text: str, name: str) -> list[tuple[str, str]]:
        """Adds the day or time that the text says; answers the tests of what can be wrong with it."""
        column = item.column
        # DuckDB's %Y takes 25/12/23 for the year 23: forms with a two-digit year, which never fit a longer
        # one, go first.
        formats = sorted(item.date_formats, key=lambda form: "%y" not in form)
        if self.native_dates:
            formats += ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S.%f"]
        formats = list(dict.fromkeys(formats))
        parsed = [expressions.moment(text, form) for form in formats]
        # What has a zone is looked for only where no format reads the cell.
        parsed += [expressions.zoned_moment(text)]
        parsed += [expressions.moment_with_zone(text, form) for form in formats]
        kind = contracts.SQL_TYPES[column.kind]
        self.values.append(f"coalesce({', '.join(parsed)})::{kind} as {name}")
        tests = [(f"{text} is not null and {name} is null", NOT_A_DATE)]
        for first, second in clashing(formats):
            for read in (expressions.moment, expressions.moment_with_zone):
                test = f"{read(text, first)} <> {read(text, second)}"
                tests.append((f"coalesce({test}, false)", AMBIGUOUS))
        if column.minimum is not None:
            tests.append((f"{name} < '{column.minimum}'", OUT_OF_RANGE))
        if not column.may_be_future:
            day = f"date '{self.extract_date.isoformat()}'"
            tests.append((f"{name} > {day}" if kind == "date" else f"{name}::date > {day}", AFTER_EXTRACT))
        return tests

    def number(
        self, fragment: Fragment, column: contracts.Column, text: str, name: str, cell: str
    ) -> list[tuple[str, str]]:
        """Adds the figure that the text says; answers the tests of what can be wrong with it."""
        text = self.without_percent(fragment, column, text)
        self.values.append(f"{expressions.figure(text, column.kind)} as {name}")
        tests = [(f"{text} is not null and {name} is null", NOT_A_NUMBER)]
        if column.kind == "number" and cell in self.cells:
            raw = f"c{cell[1:]}"
            self.cells[raw] = raw
            whole = f"try_cast({name} as bigint)"
            plain = f"coalesce(case when {name} = trunc({name}) then {whole}::varchar end, {name}::varchar)"
            self.respelt.append(f"coalesce({raw} <> {plain}, false)")
        bounds = [f"{name} < {column.minimum}"] if column.minimum is not None else []
        bounds += [f"{name} > {column.maximum}"] if column.maximum is not None else []
        return tests + ([(" or ".join(bounds), OUT_OF_RANGE)] if bounds else [])

    def without_percent(self, fragment: Fragment, column: contracts.Column, text: str) -> str:
        """The text without a sign of per cent behind it, where the column or its unit is in per cent."""
        bare = f"regexp_replace({text}, ' ?%$', '')"
        if column.is_percent:
            return bare
        units = [item for item in fragment.fields if item.column.name == column.unit_in]
        if not units:
            return text
        unit, _ = self.source(fragment, units[0])
        is_percent = f"{normal(unit)} in ('per cent', 'percent', 'percentage', '%')"
        return f"case when {is_percent} then {bare} else {text} end"

    def text(self, item: Field, text: str, name: str) -> list[tuple[str, str]]:
        """Adds the text, translated; answers the tests of what can be wrong with it."""
        column = item.column
        pairs = understood(column) | dict(item.values)
        tests = []
        if column.is_code:
            mangled = f"regexp_full_match({text}, {literal(MANGLED)})"
            tests.append((f"coalesce({mangled}, false)", CODE_IS_DATE))
        if column.longest:
            tests.append((f"length({text}) > {column.longest}", TOO_LONG))
        if column.must_not_hold:
            test = f"regexp_matches(lower({text}), {literal(column.must_not_hold)})"
            tests.append((f"coalesce({test}, false)", PERSONAL))
        if not pairs:
            self.values.append(f"{text} as {name}")
            return tests
        other = "null" if column.allowed else text
        self.values.append(f"{translation(text, pairs, other)} as {name}")
        if column.allowed:
            blank = [key for key, value in pairs.items() if value == ""]
            known = f" and {normal(text)} not in ({', '.join(map(literal, blank))})" if blank else ""
            tests.append((f"{text} is not null and {name} is null{known}", NOT_ALLOWED))
        return tests

    def offences(self, rule: Offences) -> None:
        """Adds what tells the principal offence: its flag, a word that is neither yes nor no, its number."""
        if rule.principal:
            cell = self.told_by(rule.principal)
            yes = [squeezed(word) for word in rule.yes or _YES]
            words, known = (", ".join(map(literal, each)) for each in (yes, (*yes, *_NO)))
            self.values.append(f"coalesce({normal(cell)} in ({words}), false) as o_principal")
            self.values.append(f"case when {normal(cell)} not in ({known}) then {normal(cell)} end as o_flag")
        else:
            self.values += ["false as o_principal", "null::varchar as o_flag"]
        if rule.sequence:
            cell = self.told_by(rule.sequence)
            self.values.append(f"{expressions.figure(cell, 'number')} as o_sequence")
            test = f"{cell} is not null and o_sequence is null"
            self.fault(test, cell, rule.sequence[0], "sequence", NOT_A_NUMBER)
        else:
            self.values.append("null::double as o_sequence")

    def told_by(self, names: tuple[str, ...]) -> str:
        """The cell of the first of these columns that the file has; raises BadFile where it has none."""
        for name in names:
            cell = self.cell(name, is_clean=True)
            if cell is not None:
                return cell
        raise BadFile(
            f"{self.file} line 1 has no column {' or '.join(map(repr, names))}, which tells the principal "
            f"offence; add the column's name to [table.offences] of the mapping {self.mapping.name}."
        )

    def list_of(self, index: int) -> None:
        item = self.entry.lists[index]
        found: list[tuple[int, str]] = []
        for name in item.sources:
            for place, heading in enumerate(self.header):
                is_meant = _matches(name, heading) or self.places.get(squeezed(name)) == [place]
                if is_meant and place not in [p for p, _ in found]:
                    found.append((place, heading))
        if not found:
            if not self.entry.offences:
                self.lacking.append((item.table.name, item.table.names[-1]))
            self.values.append(f"null::varchar as s{index}")
            return
        self.carried.append((item.table.name, item.table.names[-1]))
        # Several columns of one name all feed the list.
        cells = [self.cell_at(place) for place, _ in found]
        splitter = _splitter(item)
        joined = (
            cells[0]
            if len(cells) == 1
            else f"nullif(concat_ws({literal(item.separators[0])}, {', '.join(cells)}), '')"
        )
        self.values.append(f"{joined} as s{index}")
        test = f"regexp_matches(s{index}, {literal(f'(^|{splitter})[ ]*({MANGLED})[ ]*($|{splitter})')})"
        self.fault(
            f"coalesce({test}, false)",
            f"s{index}",
            " and ".join(h for _, h in found),
            "classification",
            CODE_IS_DATE,
        )


def list_items(entry: Entry, index: int) -> str:
    """A SQL expression: the items of list `s<index>`, trimmed, translated, blanks left out."""
    item = entry.lists[index]
    splitter = _splitter(item)
    translated = "trim(x)"
    if item.values:
        translated = translation("trim(x)", dict(item.values), "trim(x)")
    return (
        f"list_filter(list_transform(regexp_split_to_array(s{index}, {literal(splitter)}), "
        f"lambda x: {translated}), lambda x: x is not null and x <> '')"
    )


def _is_clean(column: contracts.Column) -> bool:
    """Whether what nobody sees is taken out of the column's cells; free text stays as it is."""
    return column.kind != "text" or column.is_code or column.is_identifier or bool(column.allowed)


def _splitter(item: ListOf) -> str:
    return f"(?:{'|'.join(re.escape(mark) for mark in item.separators)})"


def _matches(pattern: str, heading: str) -> bool:
    if "*" not in pattern:
        return squeezed(pattern) == squeezed(heading)
    first, *middle, last = squeezed(pattern).split("*")
    text, place = squeezed(heading), len(first)
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    end = len(text) - len(last)
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True
