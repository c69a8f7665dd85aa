"""Whether the date formats and regular expressions of a mapping can be used on cells."""

import datetime
import re
from functools import lru_cache

from profiles import warehouse
from profiles.errors import BadMapping
from profiles.importing.expressions import DATE_MARKS
from profiles.importing.layouts import MappingFile


def check_formats(mapping: MappingFile) -> None:
    """Check every date format and expression of a mapping. Raises BadMapping for one that cannot be used."""
    forms, patterns = [mapping.extract_format] if mapping.extract_format else [], []
    for entry in mapping.entries:
        patterns += [rule.matches for rule in entry.rejects]
        for fragment in (entry.main, *entry.links):
            for item in fragment.fields:
                forms += [] if item.period else item.date_formats
                patterns += [item.pattern] if item.pattern else []
    if mapping.extract_pattern and _is_linear(mapping.extract_pattern):
        patterns.append(mapping.extract_pattern)
    for form in dict.fromkeys(forms):
        fault = _form_fault(form)
        if fault:
            raise BadMapping(
                f"{mapping.path.name}: date format {form[:100]!r} is not understood ({fault}); write it with "
                f"%d %m %Y %H %M and the like, such as %d/%m/%Y."
            )
    for pattern in dict.fromkeys(patterns):
        fault = _refused("select regexp_matches('', $text)", pattern)
        if fault:
            raise BadMapping(
                f"{mapping.path.name}: the expression {pattern!r} cannot be used ({fault}); write it without "
                f"looking ahead or behind and without references to groups."
            )


def _form_fault(form: str) -> str:
    """What is wrong with a date format; empty when nothing is."""
    unknown = [mark for mark in re.findall("%(.?)", form, re.DOTALL) if not mark or mark not in DATE_MARKS]
    if unknown:
        return f"%{unknown[0]} is not known"
    if not re.search("%[Yy]", form.replace("%%", "")):
        return "it has no year, %Y or %y"
    try:
        datetime.datetime.strptime("", form)
    except re.error:
        return "a mark stands in it twice"
    except ValueError:
        pass  # the empty text is no date
    return _refused("select try_strptime('', $text)", form)


@lru_cache(maxsize=1000)
def _refused(question: str, text: str) -> str:
    """Why the database cannot use the format or expression; empty when it can."""
    con = warehouse.connect()
    try:
        con.execute(question, {"text": text}).fetchall()
    except warehouse.DatabaseError as error:
        return str(error).splitlines()[0].removeprefix("Invalid Input Error: ")[:200]
    finally:
        con.close()
    return ""


def _is_linear(pattern: str) -> bool:
    """Whether the expression is matched in linear time; looking around and references to groups are not."""
    return re.search(r"\(\?(?:[=!>(]|<[=!]|P=)|\\[1-9]", pattern) is None


def first_group(pattern: str, name: str) -> str | None:
    """The part of a file's name that the brackets catch first, or all that fits; None where it does not fit.

    No expression takes long: one that only Python's own engine knows may repeat something once at most.
    Raises BadMapping.
    """
    groups = re.compile(pattern).groups
    if not _is_linear(pattern):
        if len(re.findall(r"(?<!\\)[*+{]", pattern)) > 1:
            raise BadMapping(
                f"extract_date.pattern {pattern!r} looks around or back and repeats several things, which "
                f"may take for ever; write it without looking ahead or behind or referring to groups."
            )
        found = re.search(pattern, name)
        return next((group for group in found.groups() if group), found[0]) if found else None
    con = warehouse.connect()
    try:
        asked = {"name": name, "pattern": pattern}
        places = (*range(1, min(groups, 9) + 1), 0)
        caught = [
            con.execute(f"select regexp_extract($name, $pattern, {place})", asked).fetchall()[0][0]
            for place in places
        ]
    finally:
        con.close()
    return next(filter(None, caught), None)
