"""SQL expressions for single cells: cleaned text, translations, dates, numbers, the days of a period."""

import datetime
import re

from profiles.warehouse import literal

BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(65279)"
INVISIBLE = (
    r"[\p{Cf}\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F"
    r"\x{034F}\x{115F}\x{1160}\x{3164}\x{FFA0}\x{FE00}-\x{FE0F}]+"
)
"""Characters that nobody sees: marks of direction, soft hyphens, joiners, byte-order marks, controls."""
ODD_BLANKS = r"[\p{Z}\s\x{0085}]+"

DATE_MARKS = "YymdbBHIMSpfjaAz%"
"""Letters that may follow % in a date format."""

ZONE = r"(?i) ?(Z|UTC|GMT|BST|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)$"
"""A zone behind a time whose meaning is certain: an offset, or a name that only one offset has."""

ZONED = r"(?i)\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?" + ZONE.removeprefix("(?i)")[:-1]
"""A time with its zone as ISO 8601 writes it: it says what it means without a format."""

INTEGER = r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.0*)?"
NUMBER = r"[+-]?((\d+|\d{1,3}(,\d{3})+)(\.\d*)?|\.\d+)"
"""Figures: a comma stands before three digits each time, or it is no separator of thousands."""


def trimmed(cell: str, *, deep: bool = False, is_clean: bool = False) -> str:
    """A SQL expression: the cell without blanks around it.

    Letters beyond ASCII are few, so only cells that hold some pay for looking at each letter. With
    `is_clean` invisible characters go, odd blanks become spaces and a spreadsheet's wrapping ="…" is
    taken off; with `deep` tabs and line ends around the cell go as spaces do.
    """
    blanks = f", {BLANKS}"
    plain = f"trim({cell}{blanks if deep else ''})"
    if not is_clean:
        return f"case when strlen({cell}) = length({cell}) then {plain} else trim({cell}{blanks}) end"
    bare = f"regexp_replace({cell}, {literal(INVISIBLE)}, '', 'g')"
    clean = f"trim(regexp_replace({bare}, {literal(ODD_BLANKS)}, ' ', 'g'))"
    clean = f"trim(regexp_replace({clean}, '^=\"(.*)\"$', '\\1'))"
    odd = f"strlen({cell}) <> length({cell}) or starts_with({cell}, '=\"')"
    if deep:
        odd += f" or regexp_matches({cell}, '[\\x00-\\x1F\\x7F]')"
    return f"case when {odd} then {clean} else {plain} end"


def moment(text: str, form: str) -> str:
    """A SQL expression: the text read by that format, a time with a zone as it was in London."""
    bare = re.sub(r"(?<=%[SMfp]) ?(%z|Z|UTC|GMT|BST)$", "", form)
    if bare != form:
        return _with_zone(text, bare)
    if "%z" not in form:
        return f"try_strptime({text}, {literal(form)})"
    known = f"regexp_matches({text}, '([Zz]|[+-](0\\d|1[0-4])(:?[0-5]\\d)?)$')"
    offset = f"case when {known} then regexp_replace({text}, '[Zz]$', '+00:00') end"
    return f"timezone('Europe/London', try_strptime({offset}, {literal(form)}))"


def moment_with_zone(text: str, form: str) -> str:
    """A SQL expression: a time of that format that has a zone behind it, as it was in London."""
    return _with_zone(text, form) if re.search("%[SMfp]$", form) else "null::timestamp"


def _with_zone(text: str, form: str) -> str:
    zone = f"upper(regexp_extract({text}, {literal(ZONE)}, 1))"
    offset = f"case {zone} when 'Z' then '+00:00' when 'BST' then '+01:00' else {zone} end"
    offset = f"replace(replace({offset}, 'UTC', '+00:00'), 'GMT', '+00:00')"
    whole = f"regexp_replace({text}, {literal(ZONE)}, '') || {offset}"
    read = f"try_strptime({whole}, {literal(form + '%z')})"
    return f"case when regexp_matches({text}, {literal(ZONE)}) then timezone('Europe/London', {read}) end"


def zoned_moment(text: str) -> str:
    """A SQL expression: a time with its zone in ISO 8601 as it was in London; null for any other text."""
    test = f"regexp_full_match({text}, {literal(ZONED)})"
    forms = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f")
    plain = f"regexp_replace(replace({text}, ',', '.'), '^(.{{10}})[Tt]', '\\1 ')"
    plain = f"regexp_replace({plain}, '([.]\\d{{6}})\\d+', '\\1')"
    return f"case when {test} then coalesce({', '.join(_with_zone(plain, form) for form in forms)}) end"


def figure(text: str, kind: str) -> str:
    """A SQL expression: the text as a whole number (`integer`) or a number; null when it is none.

    Casting alone would round 12.6 to 13 and read 1e3 as 1000; adding 0 makes 0 of -00.
    """
    form, sql_type = (INTEGER, "bigint") if kind == "integer" else (NUMBER, "double")
    value = f"try_cast(replace({text}, ',', '') as double) + 0"
    return (
        f"case when try_cast({text} as bigint)::varchar = {text} then try_cast({text} as {sql_type}) "
        f"when regexp_full_match({text}, {literal(form)}) and isfinite({value}) "
        f"then try_cast({value} as {sql_type}) end"
    )


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
