"""Districts of an extract that the force's list does not have: counted, with the nearest name offered."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from profiles.importing.faults import REJECTED
from profiles.importing.layouts import Fragment
from profiles.warehouse import Connection

OUTSIDE = "district outside the force's list (population)"
MAX_SHOWN = 6
"""Names that a note shows."""
NAME = r"[^\W\d_][\w '’&.,()/-]{0,39}"
"""What may be a district; any other text is shown as …."""


def note_districts(
    con: Connection, fragments: Iterable[tuple[str, Fragment]], notes: Mapping[int, Counter[str]]
) -> None:
    """Notes how many records name a district that the population table lacks; none where that is empty."""
    known = [name for (name,) in con.execute("select distinct district from raw.population").fetchall()]
    counts: dict[int, Counter[str]] = {}
    for prefix, fragment in fragments:
        held = any(item.column.name == "district" for item in fragment.fields)
        if not known or not held or fragment.table.is_reference:
            continue
        for file_id, name, count in con.execute(
            f"select file_id, {prefix}district, count(*) from records where state <> {REJECTED} "
            f"and {prefix}district not in (select district from raw.population) group by all"
        ).fetchall():
            counts.setdefault(file_id, Counter())[name] += count
    for file_id, names in counts.items():
        listed = sorted(names, key=lambda name: (-names[name], name))
        asked = ", ".join(_asked(name, known) for name in listed[:MAX_SHOWN])
        more = f" and {len(listed) - MAX_SHOWN} more" if len(listed) > MAX_SHOWN else ""
        notes[file_id][f"{OUTSIDE}: {asked}{more}; translate it under values.district"] += names.total()


def _asked(name: str, known: list[str]) -> str:
    lowered = {district.lower(): district for district in known}
    near = get_close_matches(" ".join(name[:60].lower().split()), lowered, 1)
    shown = name if re.fullmatch(NAME, name) else "…"
    return f"{shown!r} (is it {lowered[near[0]]}?)" if near else repr(shown)
