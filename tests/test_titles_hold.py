"""Titles with a superlative hold of the table below them, whatever is selected."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from profiles.charts import claims, words
from profiles.charts.frames import rows
from profiles.periods import first_day, last_day, month_number
from profiles.selection import NOT_RECORDED, Selection
from profiles.ui import breakdowns, typology
from profiles.ui.blocks import Block, Source
from tests import small

pytestmark = pytest.mark.slow

SELECTIONS = 100
"""Selections, of each of which three titles are held against their tables."""
CROSSING = "Largest share online only: {name}, {share} of {whole} crimes"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return small.source(small.write(tmp_path_factory.mktemp("warehouse")))


def selections(source: Source) -> Iterator[Selection]:
    """Selections by chance, the same in every run: a month to two years, any basis, a district or all."""
    chance = random.Random(0)
    last = month_number(date.fromisoformat(source.as_at))
    districts = rows(source.frame("stalking_crimes", Selection(by="district", grain="all")))
    for _ in range(SELECTIONS):
        until = last - chance.randrange(24)
        since = until - chance.choice((0, 0, 2, 11, 23))
        where = (("district", chance.choice(districts).category),) if chance.random() < 0.5 else ()
        yield Selection(
            basis=chance.choice(("any", "principal", "included_only")),
            since=first_day(since),
            until=last_day(until),
            where=where,
        )


def counts(frame: pd.DataFrame) -> dict[str, float]:
    return {row.category: row.value for row in rows(frame) if row.value == row.value}


def share(part: float, whole: float) -> str:
    """A part of a whole as a title has it: per cent, or numbers where the whole is small."""
    if whole < claims.LOW_BASE:
        return f"{words.number(part)} of {words.number(whole)} crimes"
    return f"{words.number(100 * part / whole, 'percent')} of crimes"


def hold_overlap(block: Block) -> None:
    values = counts(block.frame[block.frame["by"] == "atom"])
    whole = sum(values.values())
    named = {name: value for name, value in values.items() if name not in ("none of these", NOT_RECORDED)}
    most = max(named.values())
    if not most:
        assert block.title == "Overlap of the types: no figure"
        return
    first = [name for name, value in named.items() if value == most]
    above = [name for name in ("none of these", NOT_RECORDED) if values.get(name, 0) > most]
    told = re.fullmatch(
        r"(.+) (?:is the largest group|are the largest groups): (.+?)( each)?(; .+)?", block.title
    )
    assert told, block.title
    assert told[1].lower() == words.listed(sorted(first, key=list(named).index)).lower()
    assert told[2] == share(most, whole)
    assert bool(told[3]) == (len(first) > 1)
    assert (told[4] or "") == (f"; {words.listed(above)} is larger" if above else "")


def hold_types(block: Block) -> None:
    frame = block.frame.iloc[:3]
    bases = frame["denominator"].tolist()
    parts = [float(text.replace(",", "").rstrip("%")) for text in re.findall(r"\d[\d,.]*", block.title)]
    if not max(bases):
        assert block.title == "Types of stalking: no figure"
    elif max(bases) < claims.LOW_BASE:
        assert parts == [max(bases), *sorted(frame["numerator"].tolist(), reverse=True)]
    else:
        assert parts == sorted((round(value, 1) for value in frame["value"].tolist()), reverse=True)


def hold_crossing(block: Block) -> None:
    frame = block.frame[block.frame["within"] != ""]
    left_out = ("unknown", NOT_RECORDED)
    online, whole = {}, {}
    for name, mine in frame.groupby("within"):
        if name not in left_out and mine["value"].sum() > 0:
            whole[name] = mine["value"].sum()
            online[name] = mine.loc[mine["category"] == "online", "value"].sum()
    known = [name for name in whole if whole[name] >= claims.LOW_BASE]
    parts = {name: online[name] / whole[name] for name in known}
    told = re.fullmatch(r"Largest share online only: (.+), (.+) of ([\d,]+) crimes( \(.+\))?", block.title)
    most = max(parts.values(), default=0.0)
    first = [name for name in known if parts[name] == most]
    if len(known) < 2 or len(first) > 1 or not most:
        assert told is None, block.title
        return
    assert told, block.title
    assert [told[1], told[2], told[3]] == [
        first[0],
        words.number(100 * most, "percent"),
        words.number(whole[first[0]]),
    ]
    assert bool(told[4]) == (len(known) < len(whole))


def test_a_superlative_holds_of_its_table_whatever_is_selected(source: Source) -> None:
    held = 0
    for selection in selections(source):
        hold_overlap(typology.overlap(source, selection))
        hold_types(typology.shares(source, selection))
        crossed = breakdowns.crossing(
            source,
            "stalking_crimes",
            replace(selection, by=None),
            within="relationship",
            by="mode",
            category="online",
            says=CROSSING,
        )
        hold_crossing(crossed)
        held += crossed.title.startswith("Largest")
    assert held > SELECTIONS / 10
