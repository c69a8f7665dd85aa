"""Whether the date formats and regular expressions of a mapping can be used on cells."""

import re

from profiles import warehouse
from profiles.errors import BadMapping
from profiles.importing.expressions import DATE_MARKS
from profiles.importing.layouts import MappingFile


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
