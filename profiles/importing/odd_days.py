"""Columns of days in a form that a draft does not write: which form it is, and what to do about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from profiles.importing.quoting import quoted

_EXPORT = "no format reads them; export the column as 2024-10-04 or 04/10/2024"
_DAY, _MONTH = "(0[1-9]|[12]\\d|3[01])", "(0[1-9]|1[0-2])"
_LETTERS = r"[^\W\d_]"


@dataclass(frozen=True)
class Form:
    """A way to write days: its cells, an example of it, and what to do; `format` reads it as it is."""

    cells: str
    example: str
    format: str = ""
    remedy: str = _EXPORT
    is_number: bool = False

    def told(self, name: str) -> str:
        """What the cells of the column of that name look like and what to do, in words."""
        remedy = self.remedy
        if self.format:
            remedy = f'say {{ from = {quoted(name)}, date_formats = ["{self.format}"] }}'
        return f"days written as {self.example}: {remedy}"


FORMS = (
    Form(rf"{_LETTERS}*,? ?\d{{1,2}} ?(st|nd|rd|th)\b.*\d{{4}}.*", "4th October 2024"),
    Form(rf"{_LETTERS}{{3,}} \d{{1,2}} ?(st|nd|rd|th)\b.*\d{{4}}.*", "October 4th 2024"),
    Form(
        rf"{_LETTERS}{{3}} {_LETTERS}{{3}} \d\d \d\d:\d\d:\d\d {_LETTERS}{{3,4}} \d{{4}}",
        "Fri Oct 04 10:15:00 BST 2024",
    ),
    Form(r"(19|20)\d\d-?W\d\d(-?[1-7])?", "2024-W40-5"),
    Form(rf"(19|20)\d\d{_MONTH}{_DAY}([01]\d|2[0-3])[0-5]\d[0-5]\d", "20241004101500", "%Y%m%d%H%M%S"),
    Form(rf"(19|20)\d\d{_MONTH}{_DAY}([01]\d|2[0-3])[0-5]\d", "202410041015", "%Y%m%d%H%M"),
    Form(rf"[0-2]\d{_MONTH}{_DAY}", "241004 (year first)", "%y%m%d", is_number=True),
    Form(rf"{_DAY}{_MONTH}[0-2]\d", "041024 (day first)", "%d%m%y", is_number=True),
    Form(rf"{_DAY}{_MONTH}(19|20)\d\d", "04102024", "%d%m%Y", is_number=True),
    Form(r"1[0-9]\d{8}(\d{3})?(\.\d+)?", "1728036900 (seconds since 1970)", is_number=True),
    Form(
        r"[34]\d{4}(\.\d+)?",
        "45569 (a spreadsheet's count of days)",
        remedy="format the cells as dates and export again",
        is_number=True,
    ),
    Form(rf"\d{{1,2}}[. /-]+{_LETTERS}{{3,}}\.?[. /-]+(\d{{4}}|\d\d)( .*)?", "4 octobre 2024"),
)
"""The numbers may be anything: they are days where the column's name says so or the column must be one."""
_NAMES = frozenset(("date", "day", "time", "record", "created", "entered", "logged", "on", "when"))


def forms(cells: Sequence[str], words: frozenset[str] = frozenset()) -> list[Form]:
    """The forms that every cell has, the likeliest first; numbers only under a name that speaks of days."""
    texts = [" ".join(cell.split()) for cell in cells]
    return [
        form
        for form in FORMS
        if texts
        and (not form.is_number or words & _NAMES)
        and 10 * sum(bool(re.fullmatch(form.cells, text, re.IGNORECASE)) for text in texts) >= 9 * len(texts)
    ]
