"""SQL that turns the text cells of one file into typed records, each with its first fault.

Generic statements only: everything particular to a source comes from its mapping, everything
particular to a table from the contract.
"""

import datetime
import re
from dataclasses import dataclass

from profiles import contracts, warehouse
from profiles.errors import BadFile, BadMapping
from profiles.importing.layouts import Entry, Field, Fragment, ListOf, MappingFile, squeezed
from profiles.warehouse import literal

MISSING = "missing value"
NOT_A_DATE = "not a date"
AMBIGUOUS = "ambiguous date"
NOT_A_NUMBER = "not a number"
NOT_ALLOWED = "not an allowed value"
OUT_OF_RANGE = "out of range"
AFTER_EXTRACT = "date after the extract"
CODE_IS_DATE = "code became a date"
REPEATED = "repeated reference"
WRONG_CELLS = "wrong number of cells"
PERSONAL = "looks like a person or a case"
TOO_LONG = "too long"

ACCEPTED, UNCHANGED, SUPERSEDED, REJECTED = range(4)
"""States of a record."""

_BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(65279)"
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
MANGLED = (
    rf"(?i)(\d{{1,2}}[-/ ])?({_MONTHS})[a-z]*[-/ .]\d{{2,4}}"
    rf"|\d{{1,2}}[-/ ]({_MONTHS})[a-z]*"
    r"|\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?"
    r"|\d{1,2}/\d{1,2}/\d{4}"
)
"""What a spreadsheet makes of 8/65: Aug-65, 01/08/1965, 1965-08-01, 8-Aug."""

DATE_MARKS = "YymdbBHIMSpfjaA%"
"""Letters that may follow % in a date format."""

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
    values below), `state`, `m_<column>` for the record's own table, `l<i>_<column>` for its links and
    `s<i>` for its lists.
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
) -> Layout:
    """The projection of one file with that header.

    With `deep_trim` tabs and line ends around a cell go as spaces do; it costs more than reading.

    Raises BadFile when a required column is missing or a mapped one appears twice.
    """
    builder = _Builder(mapping, entry, header, file, extract_date, native_dates, deep_trim)
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
    ) -> None:
        self.mapping, self.entry, self.header, self.file = mapping, entry, header, file
        self.extract_date = extract_date
        self.blanks = f", {_BLANKS}" if deep_trim else ""
        self.native_dates = native_dates
        self.places: dict[str, list[int]] = {}
        for index, name in enumerate(header):
            self.places.setdefault(squeezed(name), []).append(index)
        self.used: set[int] = set()
        self.cells: dict[str, str] = {}
        self.values: list[str] = []
        self.faults: list[tuple[str, str, Fault]] = []
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
        names = typed_columns(self.entry)
        # A wide record may repeat its crime with another victim; elsewhere a repeat must be whole.
        every = ", ".join(f"c{index}" for index in range(len(self.header)))
        whole = "null::ubigint" if self.entry.links else f"hash({every})"
        select = (
            f"select line, fault::usmallint as fault, whole, "
            f"{value} as fault_value, "
            f"{is_made_up or 'false'} as is_made_up, {' or '.join(self.respelt) or 'false'} as is_respelt, "
            f"hash({', '.join(names)}) as fingerprint, "
            f"case when fault > 0 then {REJECTED} else {ACCEPTED} end::utinyint as state, {', '.join(names)} "
            f"from (select *, {fault} as fault from (select *, {', '.join(self.values)} "
            f"from (select {line}{whole} as whole, {cells} from {relation})))"
        )
        ignored = tuple(name for index, name in enumerate(self.header) if index not in self.used)
        faults = tuple(fault for _, _, fault in self.faults)
        lacking = tuple(pair for pair in dict.fromkeys(self.lacking) if pair not in self.carried)
        return Layout(select, faults, ignored, lacking, tuple(dict.fromkeys(self.carried)))

    def cell(self, name: str) -> str | None:
        """The name of the trimmed cell of a source column (blank is null); None when the file lacks it."""
        places = self.places.get(squeezed(name))
        if not places:
            return None
        if len(places) > 1:
            raise BadFile(
                f"{self.file} line 1: the column {name!r} appears {len(places)} times; "
                f"rename all but one and import again."
            )
        index = places[0]
        self.used.add(index)
        alias = f"t{index}"
        if alias not in self.cells:
            trimmed = f"trim(c{index}{self.blanks})"
            if self.mapping.blanks:
                # Nested nullif would double the expression for each blank: DuckDB writes it as a case.
                blanks = ", ".join(literal(squeezed(blank)) for blank in ("", *self.mapping.blanks))
                trimmed = f"case when lower({trimmed}) in ({blanks}) then null else {trimmed} end"
            else:
                trimmed = f"nullif({trimmed}, '')"
            self.cells[alias] = trimmed
        return alias

    def fault(self, test: str, cell: str, source: str, column: str, reason: str) -> None:
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
                    cell = self.cell(name)
                    if cell is None:
                        self.lacks(fragment, item, (name,))
                        return "null::varchar", name
                    parts.append(cell)
            return "(" + " || ".join(parts) + ")", " and ".join(names)
        for name in item.sources:
            cell = self.cell(name)
            if cell is not None:
                return cell, name
        self.lacks(fragment, item, item.sources)
        return "null::varchar", item.sources[0]

    def lacks(self, fragment: Fragment, item: Field, names: tuple[str, ...]) -> None:
        is_main = fragment is self.entry.main
        optional_key = self.entry.may_lack_key and item.column.name in fragment.table.key
        if item.column.required and is_main and not optional_key:
            raise BadFile(
                f"{self.file} line 1 has no column for {item.column.name} of {fragment.table.name}: the "
                f"mapping {self.mapping.name} looks for {' or '.join(repr(name) for name in names)} and the "
                f"header has {', '.join(self.header[:12])}{', …' if len(self.header) > 12 else ''}; add the "
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
        if column.required and not may_be_blank and not prefix.startswith("l"):
            self.fault(f"{text} is null", cell, source, column.name, MISSING)
        if column.is_code:
            test = f"regexp_full_match({text}, {literal(MANGLED)})"
            self.fault(f"coalesce({test}, false)", cell, source, column.name, CODE_IS_DATE)
        if item.period:
            self.values.append(f"{period_edge(text, item.period)} as {name}")
            self.fault(f"{text} is not null and {name} is null", cell, source, column.name, NOT_A_DATE)
        elif column.kind in ("date", "timestamp"):
            self.date(item, text, name, cell, source)
        elif column.kind in ("integer", "number"):
            self.number(column, text, name, cell, source)
        else:
            self.text(item, text, name, cell, source)

    def date(self, item: Field, text: str, name: str, cell: str, source: str) -> None:
        column = item.column
        # DuckDB's %Y takes 25/12/23 for the year 23: forms with a two-digit year, which never fit a longer
        # one, go first.
        formats = sorted(item.date_formats, key=lambda form: "%y" not in form)
        if self.native_dates:
            formats += ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S.%f"]
        parsed = [f"try_strptime({text}, {literal(form)})" for form in dict.fromkeys(formats)]
        joined = f"coalesce({', '.join(parsed)})" if len(parsed) > 1 else parsed[0]
        kind = contracts.SQL_TYPES[column.kind]
        self.values.append(f"{joined}::{kind} as {name}")
        self.fault(f"{text} is not null and {name} is null", cell, source, column.name, NOT_A_DATE)
        for first, second in clashing(formats):
            test = f"try_strptime({text}, {literal(first)}) <> try_strptime({text}, {literal(second)})"
            self.fault(f"coalesce({test}, false)", cell, source, column.name, AMBIGUOUS)
        if column.minimum is not None:
            self.fault(f"{name} < '{column.minimum}'", cell, source, column.name, OUT_OF_RANGE)
        if not column.may_be_future:
            day = f"date '{self.extract_date.isoformat()}'"
            test = f"{name} > {day}" if kind == "date" else f"{name}::date > {day}"
            self.fault(test, cell, source, column.name, AFTER_EXTRACT)

    def number(self, column: contracts.Column, text: str, name: str, cell: str, source: str) -> None:
        # Casting alone would round 12.6 to 13 and read 1e3 as 1000; adding 0 makes 0 of -00.
        bare = f"replace({text}, ',', '')"
        form, kind = (r"[+-]?\d+(\.0*)?", "bigint")
        if column.kind == "number":
            form, kind = (r"[+-]?(\d+\.?\d*|\.\d+)", "double")
        self.values.append(
            f"case when try_cast({text} as bigint)::varchar = {text} then try_cast({text} as {kind}) "
            f"when regexp_full_match({bare}, {literal(form)}) then (try_cast({bare} as double) + 0)::{kind} "
            f"end as {name}"
        )
        self.fault(f"{text} is not null and {name} is null", cell, source, column.name, NOT_A_NUMBER)
        if column.kind == "number" and cell in self.cells:
            raw = cell.replace("t", "c", 1)
            self.cells[raw] = raw
            plain = f"case when {name} = trunc({name}) then {name}::bigint::varchar else {name}::varchar end"
            self.respelt.append(f"coalesce({raw} <> {plain}, false)")
        bounds = [f"{name} < {column.minimum}"] if column.minimum is not None else []
        bounds += [f"{name} > {column.maximum}"] if column.maximum is not None else []
        if bounds:
            self.fault(" or ".join(bounds), cell, source, column.name, OUT_OF_RANGE)

    def text(self, item: Field, text: str, name: str, cell: str, source: str) -> None:
        column = item.column
        pairs = understood(column) | dict(item.values)
        if column.longest:
            self.fault(f"length({text}) > {column.longest}", cell, source, column.name, TOO_LONG)
        if column.must_not_hold:
            test = f"regexp_matches(lower({text}), {literal(column.must_not_hold)})"
            self.fault(f"coalesce({test}, false)", cell, source, column.name, PERSONAL)
        if not pairs:
            self.values.append(f"{text} as {name}")
            return
        other = "null" if column.allowed else text
        self.values.append(f"{translation(text, pairs, other)} as {name}")
        if column.allowed:
            blank = [key for key, value in pairs.items() if value == ""]
            spared = f" and {normal(text)} not in ({', '.join(map(literal, blank))})" if blank else ""
            self.fault(
                f"{text} is not null and {name} is null{spared}", cell, source, column.name, NOT_ALLOWED
            )

    def list_of(self, index: int) -> None:
        item = self.entry.lists[index]
        found: list[tuple[int, str]] = []
        for name in item.sources:
            for place, heading in enumerate(self.header):
                if _matches(name, heading) and place not in [p for p, _ in found]:
                    found.append((place, heading))
        if not found:
            self.lacking.append((item.table.name, item.table.names[-1]))
            self.values.append(f"null::varchar as s{index}")
            return
        self.carried.append((item.table.name, item.table.names[-1]))
        cells = [cell for _, heading in found if (cell := self.cell(heading)) is not None]
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


def _splitter(item: ListOf) -> str:
    return f"(?:{'|'.join(re.escape(mark) for mark in item.separators)})"


def normal(text: str) -> str:
    """A SQL expression: the text in lower case with single spaces."""
    return f"trim(regexp_replace(lower({text}), '[\\s\\x{{00A0}}]+', ' ', 'g'))"


def translation(text: str, pairs: dict[str, str], other: str) -> str:
    """A SQL expression: the text translated by `pairs`, whose keys are squeezed; else `other`.

    A map is looked up once, where a case would compare arm by arm. The exact spelling is tried first:
    normalising every cell would cost more than reading it. A pair without a value gives null.
    """
    keys, values = (", ".join(map(literal, part)) for part in (pairs.keys(), pairs.values()))
    known = f"map([{keys}], [{values}])"
    return f"nullif(coalesce({known}[lower({text})], {known}[{normal(text)}], {other}), '')"


def period_edge(text: str, edge: str) -> str:
    """A SQL expression: first or last day of a period's label.

    Labels: 2017/18, 2017/18 Q1 (a quarter of the financial year), 2017-04, 2017.
    """
    year = f"regexp_extract({text}, '^(\\d{{4}})', 1)"
    quarter = f"regexp_extract({text}, 'Q ?([1-4])$', 1)"
    starts = (
        f"case when regexp_full_match({text}, '\\d{{4}}/\\d{{2}}') then make_date({year}::int, 4, 1) "
        f"when regexp_full_match({text}, '\\d{{4}}/\\d{{2}} Q ?[1-4]') then "
        f"(make_date({year}::int, 4, 1) + to_months(3 * ({quarter}::int - 1)))::date "
        f"when regexp_full_match({text}, '\\d{{4}}-(0[1-9]|1[0-2])') then ({text} || '-01')::date "
        f"when regexp_full_match({text}, '\\d{{4}}') then make_date({year}::int, 1, 1) end"
    )
    if edge == "start":
        return starts
    months = f"case when {text} like '%Q%' then 3 when {text} like '%-%' then 1 else 12 end"
    return f"(({starts}) + to_months({months}) - interval 1 day)::date"


def clashing(formats: list[str]) -> list[tuple[str, str]]:
    """Pairs of date formats that can read one text as two different days."""
    samples = [datetime.datetime(2011, 3, 4, 5, 6), datetime.datetime(2012, 11, 10, 9, 8)]
    pairs = []
    for index, first in enumerate(formats):
        for second in formats[index + 1 :]:
            for sample in samples:
                try:
                    read = datetime.datetime.strptime(sample.strftime(first), second)
                    own = datetime.datetime.strptime(sample.strftime(first), first)
                except ValueError:
                    continue
                if read != own:
                    pairs.append((first, second))
                    break
    return pairs


def _matches(pattern: str, heading: str) -> bool:
    if "*" not in pattern:
        return squeezed(pattern) == squeezed(heading)
    parts = [re.escape(part) for part in squeezed(pattern).split("*")]
    return re.fullmatch(".*".join(parts), squeezed(heading)) is not None


def check_formats(mapping: MappingFile) -> None:
    """Nothing; raises BadMapping when a date format or regular expression cannot be used on cells."""
    forms, patterns = [mapping.extract_format] if mapping.extract_format else [], []
    for entry in mapping.entries:
        patterns += [rule.matches for rule in entry.rejects]
        for fragment in (entry.main, *entry.links):
            for item in fragment.fields:
                forms += [] if item.period else item.date_formats
                patterns += [item.pattern] if item.pattern else []
    for form in dict.fromkeys(forms):
        unknown = [mark for mark in re.findall("%(.?)", form) if mark not in DATE_MARKS]
        if unknown or not re.search("%[Yy]", form):
            fault = f"%{unknown[0]} is not known" if unknown else "it has no year, %Y or %y"
            raise BadMapping(
                f"{mapping.path.name}: date format {form!r} is not understood ({fault}); write it with "
                f"%d %m %Y %H %M and the like, such as %d/%m/%Y."
            )
    con = warehouse.connect()
    for pattern in dict.fromkeys(patterns):
        try:
            con.execute("select regexp_matches('', $pattern)", {"pattern": pattern}).fetchall()
        except warehouse.DatabaseError as error:
            raise BadMapping(
                f"{mapping.path.name}: the expression {pattern!r} cannot be used "
                f"({str(error).splitlines()[0].removeprefix('Invalid Input Error: ')}); write it without "
                f"looking ahead or behind and without references to groups."
            ) from error
    con.close()
