"""Which table the records of a file most likely are, and which heading each of its columns comes from."""

import re
from dataclasses import dataclass, field, replace

from profiles import contracts
from profiles.importing import date_forms
from profiles.importing.headings import Heading, fitting
from profiles.importing.quoting import quoted

LINKS = tuple(
    table
    for table in contracts.TABLES.values()
    if table.parent == "crimes" and table.unit == ("crime_ref",) and table is not contracts.INCLUDED
)
"""Tables of which a crime's own record may hold a row."""

YEAR = r"(?:^|\D)(\d{4})(?:\D|$)"
NUMBER = r"[+-]?(\d[\d,]*\.?\d*|\.\d+)"

RECORDING = frozenset(
    (
        *("record", "entry", "entered", "enter", "created", "create", "creation", "log", "logged", "input"),
        *("open", "opened", "stamp", "register", "registered", "raised", "received", "notified", "added"),
    )
)
"""Words in the name of a column that tells when a record was made."""

OTHER_DAYS = frozenset(
    (
        *("birth", "dob", "born", "age", "update", "updated", "modified", "amended", "changed", "last"),
        *("print", "printed", "run", "extract", "extracted", "export", "exported", "expiry", "expire"),
        *("end", "closed", "close", "finalised", "review", "due", "deadline", "victim", "suspect"),
        *("arrest", "court", "outcome"),
    )
)
"""Words in the name of a column of dates that tells another day than that of the record itself."""

LABEL = r"\d{4}/\d{2}( Q ?[1-4])?|\d{4}-(0[1-9]|1[0-2])|\d{4}"
"""A period as the importer reads it: 2017/18, 2017/18 Q1, 2017-04, 2017."""


@dataclass(frozen=True)
class Part:
    """One table that the records feed and the heading each of its columns comes from.

    `written` holds columns whose place is TOML already, such as a template; `constants` one value for all
    records; `doubts` are sentences on what was guessed.
    """

    table: contracts.Table
    columns: dict[str, Heading]
    written: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    def lacks(self, *given: str) -> list[contracts.Column]:
        """Required columns with neither a heading nor a place among those given."""
        placed = {*self.columns, *self.written, *self.constants, *given}
        return [column for column in self.table.columns if column.required and column.name not in placed]


def suits(column: contracts.Column, heading: Heading) -> bool:
    """Whether at least half of the cells are what the column takes; blank ones suit every column."""
    filled = heading.filled
    if not filled:
        return True
    if column.kind in ("date", "timestamp"):
        return 2 * date_forms.share_of_dates(filled) >= 1
    if column.name == "year":
        return all(re.search(YEAR, cell) for cell in filled)
    if column.kind in ("integer", "number"):
        return 2 * sum(bool(re.fullmatch(NUMBER, cell)) for cell in filled) >= len(filled)
    return True


def placed(headings: list[Heading], file: str) -> tuple[list[Part], list[Heading]]:
    """The table the records most likely are, with those they hold beside it, and the lists of classes.

    `file` is the file's name.
    """
    codes, listed = _classifications(headings)
    best, most = Part(contracts.CRIMES, {}), 0
    for table in contracts.TABLES.values():
        if table is contracts.INCLUDED:
            continue
        is_crimes = table is contracts.CRIMES
        columns = dict(codes) if is_crimes else {}
        taken = {item.name for item in (*columns.values(), *(listed if is_crimes else ()))}
        for column in table.columns:
            if is_crimes and column.name in ("ho_class", "ho_code", "offence_title"):
                continue
            for heading in _suited(headings, table, column):
                if heading.name not in taken and heading.number is None:
                    columns[column.name] = heading
                    taken.add(heading.name)
                    break
        part = Part(table, {name: columns[name] for name in table.names if name in columns})
        if table is contracts.COMPARATORS:
            part = _published(part, headings, file)
        if table.is_reference and part.lacks():
            continue
        # A record with a classification is a crime, however many columns describe the people in it.
        score = len(columns) + len(part.written) + len(part.constants)
        score += 2 * (not part.lacks()) + 4 * ("ho_class" in columns)
        if score > most:
            best, most = part, score
    if best.table is not contracts.CRIMES:
        return [_dated(best, headings, set())], []
    links = _links(headings, best)
    if any("relationship" in part.columns for part in links):
        best.columns.pop("relationship", None)
    taken = {item.name for part in links for item in part.columns.values()} | {item.name for item in listed}
    return [_dated(best, headings, taken), *links], listed


def _suited(headings: list[Heading], table: contracts.Table, column: contracts.Column) -> list[Heading]:
    """Headings that go by a name of the column and hold what it takes; whole days before months."""
    found = [heading for heading in fitting(headings, table, column.name) if suits(column, heading)]
    if column.kind in ("date", "timestamp"):
        found.sort(key=lambda heading: not date_forms.are_days(heading.filled))
    return found


def _dated(part: Part, headings: list[Heading], taken: set[str]) -> Part:
    """The part, its one required day that no name tells taken from the likeliest column of dates."""
    lacking = [column for column in part.lacks() if column.kind in ("date", "timestamp")]
    if len(lacking) != 1:
        return part
    (column,) = lacking
    used = taken | {item.name for item in part.columns.values()}
    free = [
        heading
        for heading in headings
        if heading.name not in used
        and heading.filled
        and suits(column, heading)
        and not heading.words & OTHER_DAYS
    ]
    if not free:
        return part
    free.sort(
        key=lambda heading: (
            not date_forms.are_days(heading.filled),
            # The day is required: a column with blanks or other words is less likely to be it.
            sum(date_forms.form(cell) is None for cell in heading.cells),
            not heading.words & RECORDING,
            "date" not in heading.words,
        )
    )
    first, *others = free
    doubt = f"{column.name} = {quoted(first.name)} is a guess from its cells, which are dates: check that it "
    doubt += f"is the {column.about.partition(';')[0]}"
    if others:
        names = ", ".join(quoted(heading.name) for heading in others)
        doubt += f"; so {'are those' if len(others) > 1 else 'is that'} of {names}"
    columns = {**part.columns, column.name: first}
    ordered = {name: columns[name] for name in part.table.names if name in columns}
    return replace(part, columns=ordered, doubts=(*part.doubts, doubt))


def _published(part: Part, headings: list[Heading], file: str) -> Part:
    """A table of published figures with what its columns do not say in words; as it is where it is none."""
    columns = dict(part.columns)
    is_told = {"value", "area"} <= columns.keys() and columns.keys() & {"period", "period_end"}
    if not is_told or fitting(headings, contracts.CRIMES, "crime_ref"):
        return part
    written, constants, doubts = {}, {}, []
    used = {item.name for item in columns.values()}
    period = columns.get("period")
    if period is None:
        written["period"] = quoted(columns["period_end"].name)
    elif period.filled and all(re.fullmatch(LABEL, cell) for cell in period.filled):
        source = f"from = {quoted(period.name)}"
        quarters = [item for item in headings if "quarter" in item.words and item.name not in used]
        if quarters and not re.search("[{}]", period.name + quarters[0].name):
            mark = "" if all("Q" in cell for cell in quarters[0].filled) else "Q"
            source = f"template = {quoted(f'{{{period.name}}} {mark}{{{quarters[0].name}}}')}"
            written["period"] = f"{{ {source} }}"
            del columns["period"]
        for name, edge in (("period_start", "start"), ("period_end", "end")):
            if name not in columns:
                written[name] = f'{{ {source}, period = "{edge}" }}'
    elif "period_end" not in columns and suits(part.table.column("period_end"), period):
        columns["period_end"] = period
    value = columns["value"].name
    if "series" not in columns:
        constants["series"] = value
        doubts.append("series: the file does not say what is counted: say it")
    if "unit" not in columns:
        unit = re.search(r"(?i)per ?cent|%|\brate\b|\bper\b.*|crimes|offences|orders|people", value)
        constants["unit"] = unit[0].lower() if unit else "number"
        doubts.append("unit: the file does not say it: check the guess")
    if "published_by" not in columns:
        constants["published_by"] = file
        doubts.append("published_by: the file does not say it: name the publisher and the release")
    ordered = {name: columns[name] for name in part.table.names if name in columns}
    return replace(part, columns=ordered, written=written, constants=constants, doubts=tuple(doubts))


def _classifications(headings: list[Heading]) -> tuple[dict[str, Heading], list[Heading]]:
    """The principal crime's class, code and title, and the headings that hold further classifications."""
    listed = fitting(headings, contracts.INCLUDED, "classification")
    named = {
        name: fitting(headings, contracts.CRIMES, name) for name in ("ho_class", "ho_code", "offence_title")
    }
    either = [heading for found in named.values() for heading in found if heading not in listed]
    # "Offence", "Offence 2", "Offence 3": the first is the principal one.
    listed += [heading for heading in dict.fromkeys(either) if (heading.number or 0) > 1]
    if any(heading.looks not in ("text", "") for heading in listed):
        listed = [heading for heading in listed if heading.looks != "text"]
    first = [heading for heading in either if (heading.number or 1) == 1]
    found: dict[str, Heading] = {}
    for look in ("class", "other code", "code", "text", ""):
        for name, looks in (("ho_class", (look,)), ("ho_code", ("code",)), ("offence_title", ("text",))):
            order = [
                heading for heading in (*named[name], *first) if heading in first and heading.looks == look
            ]
            free = [heading for heading in order if heading not in found.values()]
            if name not in found and look in looks and free:
                found[name] = free[0]
    return found, sorted(listed, key=headings.index)


def _links(headings: list[Heading], main: Part) -> list[Part]:
    """Rows of other tables in a crime's record, one for each number in the names (Victim 1, Victim 2)."""
    found = []
    for table in LINKS:
        for number in sorted({heading.number or 0 for heading in headings}):
            numbered = [heading for heading in headings if (heading.number or 0) == number]
            columns = {
                column.name: fits[0]
                for column in table.columns
                if column.name not in main.table.key and (fits := _suited(numbered, table, column))
            }
            part = Part(table, columns)
            own = [column for column in columns if column not in ("victim_id", "team")]
            if not part.lacks(*main.table.key) and (own or table is contracts.VICTIMS):
                found.append(part)
    return found
