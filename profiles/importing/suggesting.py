"""A first mapping for a file nobody has mapped, drafted from its header and a sample of its cells.

Of the cells only those of columns that hold a handful of known words (sex, relationship, flags …) are
ever repeated in the draft; references, names and other text stay in the file.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from profiles import contracts, warehouse
from profiles.errors import BadFile
from profiles.importing import date_forms, reading
from profiles.importing.date_forms import Formats
from profiles.importing.headings import SYNONYMS, Heading, Part, placed, words
from profiles.importing.layouts import squeezed
from profiles.importing.mapping import read_mapping, shipped
from profiles.importing.records import understood

SAMPLE = 5_000
"""Records looked at, from the first."""
FEW = 30
"""A column with more different values than this is no list of known words."""

LEADING_CODE = r"(?i)^(?:outcome )?(\d{1,3}(?:/\d{1,3})?[A-Z]{0,2})(?:[ :,-].*)?$"
"""A code with its title behind it, as in "16 - Evidential difficulties"."""

FILE_DATES = (
    (r"(?<!\d)20\d\d-[01]\d-[0-3]\d(?!\d)", r"(\d{4}-\d{2}-\d{2})", "%Y-%m-%d"),
    (r"(?<!\d)20\d\d_[01]\d_[0-3]\d(?!\d)", r"(\d{4}_\d{2}_\d{2})", "%Y_%m_%d"),
    (r"(?<!\d)[0-3]\d-[01]\d-20\d\d(?!\d)", r"(\d{2}-\d{2}-\d{4})", "%d-%m-%Y"),
    (r"(?<!\d)20\d\d[01]\d[0-3]\d(?!\d)", r"(\d{8})", "%Y%m%d"),
)


def suggestion(path: Path) -> str:
    """The text of a mapping for the file: what fits is placed, the rest is named in comments.

    It is valid TOML, and a mapping that imports the file as soon as every required column is placed.
    Raises BadFile when the file cannot be read.
    """
    with tempfile.TemporaryDirectory() as scratch:
        headings = _sampled(path, Path(scratch))
    times = Counter(squeezed(heading.name) for heading in headings)
    parts, listed = placed(
        [heading for heading in headings if heading.words and times[squeezed(heading.name)] == 1]
    )
    parts = [Part(part.table, dict(part.columns)) for part in parts]
    doubts = [doubt for part in parts for doubt in _doubtful(part)]
    dates = date_forms.recognised(
        {
            heading.name: heading.filled
            for part in parts
            for name, heading in part.columns.items()
            if part.table.column(name).kind in ("date", "timestamp")
        }
    )
    shared = tuple(dict.fromkeys(form for found in dates.values() for form in found.formats))
    if any(date_forms.swapped(form) in shared for form in shared if date_forms.swapped(form) != form):
        shared = ()
    lines = [
        f"# Drafted from {len(headings)} columns and the first {len(headings[0].cells):,} records.",
        "# Lines that begin with # say what to look at; docs/mapping.md explains every key.",
        'name = "my_force"  # one word that names the source',
        'about = ""  # a sentence: which system and which report',
        f"date_formats = {_quoted_list(shared or ('%d/%m/%Y', '%Y-%m-%d'))}",
        _extract_date(path.name),
    ]
    marking = [
        item.name
        for item in headings
        if item.filled and all("SYNTHETIC" in cell.upper() for cell in item.filled)
    ]
    if marking:
        lines.append(f"marking = {_quoted_list(tuple(marking))}  # says that the data are made up")
    for part in parts:
        lines += _part_lines(part, parts[0], dates, is_apart=not shared)
        if part is parts[0]:
            lines += _list_lines(listed)
    kept = {item.name for part in parts for item in part.columns.values()} | {item.name for item in listed}
    kept |= set(marking)
    lines += ["", *doubts, *_leftover(headings, times, kept)]
    return "\n".join(lines).rstrip() + "\n"


def _sampled(path: Path, scratch: Path) -> list[Heading]:
    """The file's columns with the cells of its first records."""
    known = {name for names in SYNONYMS.values() for name in names.split(", ")}
    opened = reading.open_file(path, scratch, known)
    if opened.kind == "parquet":
        opened = replace(opened, header=reading.parquet_header(opened))
    cells = ", ".join(f"c{index}" for index in range(len(opened.header)))
    con = warehouse.connect()
    try:
        relation, _ = reading.relation(con, opened, scratch)
        found = con.execute(f"select {cells} from {relation.sql} limit {SAMPLE}").fetchall()
        if not relation.careful and reading.bad_records(con) is None:
            relation, _ = reading.relation(con, opened, scratch, careful=True)
            found = con.execute(f"select {cells} from {relation.sql} limit {SAMPLE}").fetchall()
    except warehouse.DatabaseError as error:
        raise BadFile(f"{path} is damaged inside; export it again.") from error
    con.close()
    columns = zip(*found, strict=True) if found else [()] * len(opened.header)
    return [
        Heading(name, *words(name), tuple((cell or "").strip() for cell in column))
        for name, column in zip(opened.header, columns, strict=True)
    ]


def _doubtful(part: Part) -> list[str]:
    """Comments on optional columns whose cells are not what they take; these are taken out of `part`."""
    lines = []
    for name, heading in list(part.columns.items()):
        column, filled = part.table.column(name), heading.filled
        if column.required or not filled:
            continue
        wrong = 0
        if column.kind in ("date", "timestamp"):
            wrong = sum(date_forms.form(cell) is None for cell in filled)
        elif column.kind in ("integer", "number"):
            wrong = sum(not re.fullmatch(r"[+-]?[\d,]+(\.\d*)?", cell) for cell in filled)
        elif column.allowed and not _is_list_of_words(column, heading):
            wrong = len(filled)
        if 2 * wrong > len(filled):
            del part.columns[name]
            takes = f"one of {', '.join(column.allowed)}" if column.allowed else f"a {column.kind}"
            lines.append(f"# left out: {name} = {quoted(heading.name)}, whose cells are not {takes}")
    return lines


def _is_list_of_words(column: contracts.Column, heading: Heading) -> bool:
    """Whether the cells are a few short words, at least one of them known: only these may be repeated."""
    seen = {squeezed(cell) for cell in heading.filled}
    known = understood(column).keys() | _guesses(column.name).keys()
    is_plain = all(len(text) <= 40 and not re.search(r"\d{3}|@", text) for text in seen)
    return len(seen) <= FEW and is_plain and (not column.allowed or bool(seen & known))


@cache
def _guesses(column: str) -> dict[str, str]:
    """Translations that the shipped mappings make for a column of that name."""
    return {
        seen: value
        for name in shipped()
        for entry in read_mapping(name).entries
        for fragment in (entry.main, *entry.links)
        for item in fragment.fields
        if item.column.name == column
        for seen, value in item.values
    }


def _part_lines(part: Part, main: Part, dates: dict[str, Formats], is_apart: bool) -> list[str]:
    """The lines of one [[table]] or [[table.link]]."""
    is_main = part is main
    head = "table" if is_main else "table.link"
    lines = ["", f"[[{head}]]", f"into = {quoted(part.table.name)}"]
    if is_main:
        required = [item.name for name, item in part.columns.items() if part.table.column(name).required]
        lines.append(f"header = {_quoted_list(required)}  # a file with all of these columns is read by this")
        key = part.columns.get(part.table.key[0])
        blank = len(key.cells) - len(key.filled) if key else 0
        if blank and len(part.table.key) == 1:
            lines.append(
                f"# {blank:,} sampled records bear no reference and will be rejected, unless you say:"
            )
            lines.append('# missing_key = "file:line"')
    lines += ["", f"[{head}.columns]"]
    for name, heading in part.columns.items():
        formats = dates.get(heading.name, Formats(()))
        lines += [f"# {quoted(heading.name)}: {note}" for note in formats.notes]
        options = f", date_formats = {_quoted_list(formats.formats)}" if is_apart and formats.formats else ""
        if part.table.column(name).is_code and _has_titles(heading):
            options += f", pattern = '{LEADING_CODE}'"
        source = f"{{ from = {quoted(heading.name)}{options} }}" if options else quoted(heading.name)
        lines.append(f"{name} = {source}")
    for column in part.lacks(*(() if is_main else main.table.key)):
        lines.append(f'# missing and required: {column.name} = ""  # {column.about}')
    if is_main and part.table is contracts.CRIMES:
        lines += _class_notes(part)
    for name, heading in part.columns.items():
        lines += _translations(part.table.column(name), heading, head)
    return lines


def _has_titles(heading: Heading) -> bool:
    return heading.looks == "text" and all(re.fullmatch(LEADING_CODE, cell) for cell in heading.filled)


def _class_notes(part: Part) -> list[str]:
    """A word on targets when no sampled crime is of the classes that mean stalking by default."""
    codes = {
        cell for name in ("ho_class", "ho_code") if name in part.columns for cell in part.columns[name].filled
    }
    if not codes or codes & set(contracts.DEFAULT_TARGETS):
        return []
    return [
        f"# None of the sampled records is of {', '.join(contracts.DEFAULT_TARGETS)}: name the codes that",
        "# mean stalking in targets, or say there are none with [capabilities] stalking_class = false.",
    ]


def _translations(column: contracts.Column, heading: Heading, head: str) -> list[str]:
    """Pairs for the words that the column does not understand as they are."""
    spelt = {squeezed(cell): " ".join(cell.split()) for cell in heading.filled}
    strange = sorted(spelt.keys() - understood(column).keys()) if column.allowed else []
    if not strange or not _is_list_of_words(column, heading):
        return []
    guesses = _guesses(column.name)
    lines = ["", f"[{head}.values.{column.name}]", f"# one of: {', '.join(column.allowed)}"]
    for text in strange:
        pair = f"{quoted(spelt[text])} = {quoted(guesses.get(text, ''))}"
        if text in guesses:
            lines.append(pair)
        elif column.required:
            lines.append(f"# {pair}  # fill in, or these records are rejected")
        else:
            lines.append(f"{pair}  # fill in; left blank it is stored as not recorded")
    return lines


def _list_lines(listed: list[Heading]) -> list[str]:
    if not listed:
        return []
    cells = [cell for heading in listed for cell in heading.filled]
    marks = [mark for mark in (";", "|", "\n") if any(mark in cell for cell in cells)]
    if not marks and any("," in cell for cell in cells):
        marks = [","]
    names = _quoted_list(heading.name for heading in listed)
    lines = ["", "[[table.list]]", 'into = "included_classifications"', f"columns = {names}"]
    if marks:
        lines.append(f"separators = {_quoted_list(marks)}")
    return lines


def _extract_date(name: str) -> str:
    for form, pattern, layout in FILE_DATES:
        if re.search(form, name):
            return (
                f"extract_date = {{ pattern = '{pattern}', format = \"{layout}\" }}  # from the file's name"
            )
    return "# The file's name holds no date of the extract: give it with --as-at YYYY-MM-DD when importing."


def _leftover(headings: list[Heading], times: Counter[str], kept: set[str]) -> list[str]:
    """What was not placed, with a word on what it looks like."""
    lines = []
    for place, heading in enumerate(headings, start=1):
        if heading.name in kept:
            continue
        if not heading.name:
            lines.append(f"# not placed: column {place}, which has no name")
        elif times[squeezed(heading.name)] > 1:
            lines.append(
                f"# not placed: {quoted(heading.name)}, the name of several columns; rename all but one"
            )
        else:
            lines.append(f"# not placed: {quoted(heading.name)} ({_kind(heading)})")
        if heading.words & {"keyword", "marker", "tag"}:
            lines += [
                "#   a flag can be taken out of such a column, with translations for what the pattern finds:",
                f"#   mode = {{ from = {quoted(heading.name)}, pattern = '(?i)(online|cyber|internet)' }}",
            ]
    return lines


def _kind(heading: Heading) -> str:
    filled = heading.filled
    if not filled:
        return "blank in the sample"
    if 2 * sum(date_forms.form(cell) is not None for cell in filled) > len(filled):
        return "dates"
    if {squeezed(cell) for cell in filled} <= understood(contracts.CRIMES.column("screened")).keys():
        return "yes or no"
    if all(re.fullmatch(r"[+-]?[\d.,]+", cell) for cell in filled):
        return "numbers"
    return "text" if heading.looks == "text" else "codes"


def quoted(text: str) -> str:
    """The text as a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda mark: f"\\u{ord(mark[0]):04x}", escaped) + '"'


def _quoted_list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"
