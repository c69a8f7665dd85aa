"""A first mapping for a file nobody has mapped, drafted from its header and a sample of its cells.

Of the cells only those of columns that hold a handful of known words (sex, relationship, flags …) are
ever repeated in the draft; references, names and other text stay in the file.
"""

import datetime
import re
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

from profiles import contracts
from profiles.codes import Targets, shown
from profiles.importing import date_forms, odd_days, trying
from profiles.importing.date_forms import Formats
from profiles.importing.expressions import clashing
from profiles.importing.headings import Heading, fitting
from profiles.importing.layouts import squeezed
from profiles.importing.mapping import read_mapping, shipped
from profiles.importing.placing import LABEL, YEAR, Part, placed, suits
from profiles.importing.quoting import quoted, quoted_list
from profiles.importing.values import understood

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


USUAL_FORMAT = "%d/%m/%Y"
"""What is drafted where no cell shows how days are written."""
EVIDENCE_SHARE = 0.2
"""Columns of which this share is dates help to tell day from month, placed or not."""


def suggestion(path: Path) -> str:
    """The text of a mapping for the file: what fits is placed, the rest is named in comments.

    It is valid TOML, and a mapping that imports the file as soon as every required column is placed: it was
    tried on the sample. Raises BadFile when the file cannot be read.
    """
    with tempfile.TemporaryDirectory() as scratch, trying.sample(path, Path(scratch)) as sample:
        headings = sample.headings
        times = Counter(squeezed(heading.name) for heading in headings)
        parts, listed = placed(
            [heading for heading in headings if heading.words and times[squeezed(heading.name)] == 1],
            path.name,
        )
        doubts = [f"# {doubt}" for part in parts for doubt in part.doubts]
        doubts += [doubt for part in parts for doubt in _doubtful(part)]
        lines = _drafted(path, headings, parts, listed, trying.layout_lines(sample.opened))
        lines += ["", *doubts, *_refused(headings, parts, listed), *_leftover(headings, times, parts, listed)]
        text = "\n".join(lines).rstrip() + "\n"
        told = trying.told(text, sample)
    first, rest = text.split("\n", 1)
    head = f"# Drafted from {len(headings)} columns and {sample.words}."
    return "\n".join([head, first, *told, rest])


def _drafted(
    path: Path, headings: list[Heading], parts: list[Part], listed: list[Heading], layout: list[str]
) -> list[str]:
    """The lines of the mapping itself; `layout` are those that say where in the file the table stands."""
    of_days = {
        heading.name
        for part in parts
        for name, heading in part.columns.items()
        if part.table.column(name).kind in ("date", "timestamp")
    }
    dates = date_forms.recognised(
        {
            heading.name: heading.filled
            for heading in headings
            if heading.name in of_days or date_forms.share_of_dates(heading.filled) > EVIDENCE_SHARE
        }
    )
    dates = {name: found for name, found in dates.items() if name in of_days}
    every = list(dict.fromkeys(form for found in dates.values() for form in found.formats))
    own = [list(found.formats) for found in dates.values()]
    # Formats of two columns that read one text as two days cannot be shared; those of one column must be.
    is_apart = len(clashing(every)) > max((len(clashing(formats)) for formats in own), default=0)
    shared = next((formats for formats in own if formats), []) if is_apart else every
    forms = []
    if of_days:
        blank = "" if shared else "  # no cell shows how days are written: write it as yours are"
        forms = [f"date_formats = {quoted_list(shared or [USUAL_FORMAT])}{blank}"]
    lines = [
        "# Lines that begin with # say what to look at; docs/mapping.md explains every key.",
        'name = "my_force"  # one word that names the source',
        'about = ""  # a sentence: which system and which report',
        *forms,
        _extract_date(path.name),
    ]
    marking = _marking(headings)
    if marking:
        lines.append(f"marking = {quoted_list(marking)}  # says that the data are made up")
    used = _used(parts, listed)
    free = [heading for heading in headings if heading.name not in used]
    for part in parts:
        lines += _part_lines(part, parts[0], dates, is_apart, layout, free)
        if part is parts[0]:
            lines += _list_lines(listed)
    return lines


def _marking(headings: list[Heading]) -> tuple[str, ...]:
    """Names of the columns whose every cell says that the data are made up."""
    return tuple(
        item.name
        for item in headings
        if item.name and item.filled and all("SYNTHETIC" in cell.upper() for cell in item.filled)
    )


def _doubtful(part: Part) -> list[str]:
    """Comments on optional columns whose cells are not what they take; these are taken out of `part`."""
    lines = []
    for name, heading in list(part.columns.items()):
        column, filled = part.table.column(name), heading.filled
        if column.required or not filled:
            continue
        if column.allowed and not _is_list_of_words(column, heading):
            del part.columns[name]
            lines.append(_left_out(column, heading))
    return lines


def _left_out(column: contracts.Column, heading: Heading) -> str:
    kinds = {"timestamp": "a date", "integer": "a whole number"}
    if column.kind in ("date", "timestamp") and (odd := odd_days.forms(heading.filled, heading.words)):
        told = " or ".join(form.told(heading.name) for form in odd)
        return f"# left out: {column.name} = {quoted(heading.name)}, {told}"
    takes = (
        f"one of {', '.join(column.allowed)}"
        if column.allowed
        else kinds.get(column.kind, f"a {column.kind}")
    )
    return f"# left out: {column.name} = {quoted(heading.name)}, whose cells are not {takes}"


def _refused(headings: list[Heading], parts: list[Part], listed: list[Heading]) -> list[str]:
    """Comments on columns that go by a name of the tables drafted and hold something else."""
    used = _used(parts, listed)
    lines = {
        _left_out(column, heading): None
        for part in parts
        for column in part.table.columns
        for heading in fitting(headings, part.table, column.name)
        if heading.name not in used and not suits(column, heading)
    }
    return list(lines)


def _used(parts: list[Part], listed: list[Heading]) -> set[str]:
    return {item.name for part in parts for item in part.columns.values()} | {item.name for item in listed}


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


def _part_lines(
    part: Part,
    main: Part,
    dates: dict[str, Formats],
    is_apart: bool,
    layout: list[str],
    free: list[Heading],
) -> list[str]:
    """The lines of one [[table]] or [[table.link]]; the headings `free` are placed nowhere."""
    is_main = part is main
    head = "table" if is_main else "table.link"
    lines = ["", f"[[{head}]]", f"into = {quoted(part.table.name)}"]
    if is_main:
        required = [item.name for name, item in part.columns.items() if part.table.column(name).required]
        lines.append(f"header = {quoted_list(required)}  # a file with all of these columns is read by this")
        lines += layout
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
        options = f", date_formats = {quoted_list(formats.formats)}" if is_apart and formats.formats else ""
        if part.table.column(name).is_code and _has_titles(heading):
            options += f", pattern = '{LEADING_CODE}'"
        if name == "year" and not all(map(str.isdigit, heading.filled)):
            options += f", pattern = '{YEAR}'"
        source = f"{{ from = {quoted(heading.name)}{options} }}" if options else quoted(heading.name)
        lines.append(f"{name} = {source}")
    lines += [f"{name} = {source}" for name, source in part.written.items()]
    for column in part.lacks(*(() if is_main else main.table.key)):
        lines.append(f'# missing and required: {column.name} = ""  # {column.about}')
        if column.kind in ("date", "timestamp"):
            lines += [
                f"#   {quoted(heading.name)} looks like {form.told(heading.name)}"
                for heading in free
                for form in odd_days.forms(heading.filled, heading.words)
            ]
    if part.constants:
        lines += ["", f"[{head}.constants]"]
        lines += [f"{name} = {quoted(text)}" for name, text in part.constants.items()]
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
    targets = Targets(contracts.DEFAULT_TARGETS)
    kinds = {cell: targets.reading(cell).kind for cell in sorted(codes)}
    near = [cell for cell, kind in kinds.items() if kind == "near"]
    lines = []
    if near:
        lines = [
            f"# {quoted(shown(near[0]))} is near a target code and not counted as one, and may not be alone:",
            "# translate such cells under values, or take the code out of them with a pattern.",
        ]
    if "mangled" in kinds.values():
        lines.append("# A spreadsheet made dates of some codes; their records are rejected: export again.")
    if lines or "respelt" in kinds.values():
        return lines
    return [
        f"# None of the sampled records is of {', '.join(contracts.DEFAULT_TARGETS)}: name the codes that",
        "# mean stalking in targets, or say there are none with [capabilities] stalking_class = false.",
    ]


def _translations(column: contracts.Column, heading: Heading, head: str) -> list[str]:
    """Pairs for the words that the column does not understand as they are."""
    spelt = {squeezed(cell): " ".join(cell.split()) for cell in heading.filled}
    strange = sorted(spelt.keys() - understood(column).keys()) if column.allowed else []
    if not strange:
        return []
    if not _is_list_of_words(column, heading):
        return [
            f"# {quoted(heading.name)}: {len(strange):,} sampled words are none that {column.name} takes "
            f"({', '.join(column.allowed)}); translate them under [{head}.values.{column.name}]"
        ]
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
    names = quoted_list(heading.name for heading in listed)
    lines = ["", "[[table.list]]", 'into = "included_classifications"', f"columns = {names}"]
    if marks:
        lines.append(f"separators = {quoted_list(marks)}")
    return lines


def _extract_date(name: str) -> str:
    for form, pattern, layout in FILE_DATES:
        # The importer takes the first that its pattern finds.
        first = re.search(pattern, name)
        if re.search(form, name) and first and _is_day(first[1], layout):
            return (
                f"extract_date = {{ pattern = '{pattern}', format = \"{layout}\" }}  # from the file's name"
            )
    return "# The file's name holds no date of the extract: give it with --as-at YYYY-MM-DD when importing."


def _is_day(text: str, layout: str) -> bool:
    try:
        datetime.datetime.strptime(text, layout)
    except ValueError:
        return False
    return True


def _leftover(
    headings: list[Heading], times: Counter[str], parts: list[Part], listed: list[Heading]
) -> list[str]:
    """What was not placed, with a word on what it looks like."""
    lines = []
    kept = _used(parts, listed) | set(_marking(headings))
    kept |= {
        item.name
        for item in headings
        for part in parts
        for source in part.written.values()
        if item.name in source
    }
    periods = [item.name for item in headings if item.name not in kept and re.fullmatch(LABEL, item.name)]
    if len(periods) > 1:
        lines.append(
            f"# {quoted(periods[0])} to {quoted(periods[-1])} are columns named by periods: no mapping takes "
            "them; write one row for each figure, with its period in a column"
        )
    for place, heading in enumerate(headings, start=1):
        if heading.name in kept:
            continue
        if not heading.name:
            lines.append(f"# not placed: column {place}, which has no name")
        elif times[squeezed(heading.name)] > 1:
            lines.append(
                f"# not placed: {quoted(heading.name)}, the name of several columns; "
                f"{quoted(f'{heading.name} (2)')} is the second of them"
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
    if 2 * date_forms.share_of_dates(filled) > 1:
        return "dates"
    odd = odd_days.forms(filled, heading.words)
    if odd:
        return odd[0].told(heading.name)
    if {squeezed(cell) for cell in filled} <= understood(contracts.CRIMES.column("screened")).keys():
        return "yes or no"
    if all(re.fullmatch(r"[+-]?[\d.,]+", cell) for cell in filled):
        return "numbers"
    return "text" if heading.looks == "text" else "codes"
