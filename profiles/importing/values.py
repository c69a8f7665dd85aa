"""What a column's cells say: a day, a figure or a text, translated, and what can be wrong with each."""

from profiles import contracts
from profiles.importing import expressions
from profiles.importing.expressions import clashing, normal, period_edge, translation
from profiles.importing.faults import (
    AFTER_EXTRACT,
    AMBIGUOUS,
    CODE_IS_DATE,
    MISSING,
    NOT_A_DATE,
    NOT_A_NUMBER,
    NOT_ALLOWED,
    OUT_OF_RANGE,
    PERSONAL,
    TOO_LONG,
)
from profiles.importing.layouts import Field, Fragment, squeezed
from profiles.importing.projection import Projection
from profiles.warehouse import literal

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
MANGLED = (
    rf"(?i)(\d{{1,2}}[-/ ])?({_MONTHS})[a-z]*[-/ .]\d{{2,4}}"
    rf"|\d{{1,2}}[-/ ]({_MONTHS})[a-z]*"
    r"|\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?"
    r"|\d{1,2}/\d{1,2}/\d{4}"
)
"""What a spreadsheet makes of 8/65: Aug-65, 01/08/1965, 1965-08-01, 8-Aug."""

YES = ("y", "yes", "true", "t", "1")
NO = ("n", "no", "false", "f", "0")


def understood(column: contracts.Column) -> dict[str, str]:
    """What a column with allowed values reads without any translation: squeezed spelling to value."""
    found = {squeezed(value): value for value in column.allowed}
    if column.allowed == contracts.YES_NO:
        found |= dict.fromkeys(YES, "yes") | dict.fromkeys(NO, "no")
    elif column.allowed == contracts.SEX:
        found |= {"f": "female", "m": "male"}
    return found


def add_fragment(projection: Projection, fragment: Fragment, prefix: str, may_lack_key: bool) -> None:
    """Add the values of a fragment's columns, each called by the prefix and the column's name."""
    for item in fragment.fields:
        _add_field(
            projection, fragment, item, prefix, may_lack_key and item.column.name in fragment.table.key
        )


def _add_field(
    projection: Projection, fragment: Fragment, item: Field, prefix: str, may_be_blank: bool
) -> None:
    column = item.column
    name = f"{prefix}{column.name}"
    lacked = len(projection.lacking)
    cell, source = projection.source(fragment, item)
    if len(projection.lacking) == lacked:
        projection.carried.append((fragment.table.name, column.name))
    text = cell
    if item.pattern:
        text = f"nullif(regexp_extract({cell}, {literal(item.pattern)}, 1), '')"
    is_linked = fragment is not projection.entry.main
    if column.required and not may_be_blank and not is_linked:
        projection.fault(f"{text} is null", cell, source, column.name, MISSING)
    if item.period:
        projection.values.append(f"{period_edge(text, item.period)} as {name}")
        tests = [(f"{text} is not null and {name} is null", NOT_A_DATE)]
    elif column.kind in ("date", "timestamp"):
        tests = _add_date(projection, item, text, name)
    elif column.kind in ("integer", "number"):
        tests = _add_number(projection, fragment, column, text, name, cell)
    else:
        tests = _add_text(projection, item, text, name)
    # A crime counts whatever is odd about the age of its victim.
    spared = name if is_linked and not column.required else ""
    for test, reason in tests:
        projection.fault(test, cell, source, column.name, reason, spared)


def _add_date(projection: Projection, item: Field, text: str, name: str) -> list[tuple[str, str]]:
    """The tests of what can be wrong with the day or time that the text says; its value is added."""
    column = item.column
    # DuckDB's %Y takes 25/12/23 for the year 23: forms with a two-digit year, which never fit a longer
    # one, go first.
    formats = sorted(item.date_formats, key=lambda form: "%y" not in form)
    if projection.native_dates:
        formats += ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S.%f"]
    formats = list(dict.fromkeys(formats))
    parsed = [expressions.moment(text, form) for form in formats]
    # What has a zone is looked for only where no format reads the cell.
    parsed += [expressions.zoned_moment(text)]
    parsed += [expressions.moment_with_zone(text, form) for form in formats]
    kind = contracts.SQL_TYPES[column.kind]
    projection.values.append(f"coalesce({', '.join(parsed)})::{kind} as {name}")
    tests = [(f"{text} is not null and {name} is null", NOT_A_DATE)]
    for first, second in clashing(formats):
        for read in (expressions.moment, expressions.moment_with_zone):
            test = f"{read(text, first)} <> {read(text, second)}"
            tests.append((f"coalesce({test}, false)", AMBIGUOUS))
    if column.minimum is not None:
        tests.append((f"{name} < '{column.minimum}'", OUT_OF_RANGE))
    if not column.may_be_future:
        day = f"date '{projection.extract_date.isoformat()}'"
        tests.append((f"{name} > {day}" if kind == "date" else f"{name}::date > {day}", AFTER_EXTRACT))
    return tests


def _add_number(
    projection: Projection, fragment: Fragment, column: contracts.Column, text: str, name: str, cell: str
) -> list[tuple[str, str]]:
    """The tests of what can be wrong with the figure that the text says; its value is added."""
    text = _without_percent(projection, fragment, column, text)
    projection.values.append(f"{expressions.figure(text, column.kind)} as {name}")
    tests = [(f"{text} is not null and {name} is null", NOT_A_NUMBER)]
    if column.kind == "number" and cell in projection.cells:
        raw = f"c{cell[1:]}"
        projection.cells[raw] = raw
        whole = f"try_cast({name} as bigint)"
        plain = f"coalesce(case when {name} = trunc({name}) then {whole}::varchar end, {name}::varchar)"
        projection.respelt.append(f"coalesce({raw} <> {plain}, false)")
    bounds = [f"{name} < {column.minimum}"] if column.minimum is not None else []
    bounds += [f"{name} > {column.maximum}"] if column.maximum is not None else []
    return tests + ([(" or ".join(bounds), OUT_OF_RANGE)] if bounds else [])


def _without_percent(projection: Projection, fragment: Fragment, column: contracts.Column, text: str) -> str:
    """The text without a sign of per cent behind it, where the column or its unit is in per cent."""
    bare = f"regexp_replace({text}, ' ?%$', '')"
    if column.is_percent:
        return bare
    units = [item for item in fragment.fields if item.column.name == column.unit_in]
    if not units:
        return text
    unit, _ = projection.source(fragment, units[0])
    is_percent = f"{normal(unit)} in ('per cent', 'percent', 'percentage', '%')"
    return f"case when {is_percent} then {bare} else {text} end"


def _add_text(projection: Projection, item: Field, text: str, name: str) -> list[tuple[str, str]]:
    """The tests of what can be wrong with the text; its value, translated, is added."""
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
        projection.values.append(f"{text} as {name}")
        return tests
    other = "null" if column.allowed else text
    projection.values.append(f"{translation(text, pairs, other)} as {name}")
    if column.allowed:
        blank = [key for key, value in pairs.items() if value == ""]
        known = f" and {normal(text)} not in ({', '.join(map(literal, blank))})" if blank else ""
        tests.append((f"{text} is not null and {name} is null{known}", NOT_ALLOWED))
    return tests
