"""Lists in one column or in several of one record: read as a text, taken apart into items."""

import re

from profiles.importing.expressions import translation
from profiles.importing.faults import CODE_IS_DATE
from profiles.importing.layouts import Entry, ListOf, squeezed
from profiles.importing.projection import Projection
from profiles.importing.values import MANGLED
from profiles.warehouse import literal


def add_list(projection: Projection, index: int) -> None:
    """Add the text of the entry's list at that place, as `s<index>`, and what can be wrong with it."""
    item = projection.entry.lists[index]
    found: list[tuple[int, str]] = []
    for name in item.sources:
        for place, heading in enumerate(projection.header):
            is_meant = _matches(name, heading) or projection.places.get(squeezed(name)) == [place]
            if is_meant and place not in [p for p, _ in found]:
                found.append((place, heading))
    if not found:
        if not projection.entry.offences:
            projection.lacking.append((item.table.name, item.table.names[-1]))
        projection.values.append(f"null::varchar as s{index}")
        return
    projection.carried.append((item.table.name, item.table.names[-1]))
    # Several columns of one name all feed the list.
    cells = [projection.cell_at(place) for place, _ in found]
    splitter = _splitter(item)
    joined = (
        cells[0]
        if len(cells) == 1
        else f"nullif(concat_ws({literal(item.separators[0])}, {', '.join(cells)}), '')"
    )
    projection.values.append(f"{joined} as s{index}")
    test = f"regexp_matches(s{index}, {literal(f'(^|{splitter})[ ]*({MANGLED})[ ]*($|{splitter})')})"
    projection.fault(
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
