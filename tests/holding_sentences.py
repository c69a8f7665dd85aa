"""What the sentences of blocks say beside their titles, held against their frames."""

import math
import re

import pandas as pd

from profiles import words
from profiles.catalogue import Measure
from profiles.frames import Row, rows
from profiles.selection import NOT_RECORDED
from tests.drawn import Drawn
from tests.holding_words import FEW, listed, shown_as

NOTHING = ("There is no figure to show", "No figure")


def hold_ranking_sentence(d: Drawn, item: Measure) -> None:
    """The highest is named first, the lowest last, and what is withheld is said."""
    every = rows(d.block.frame[d.block.frame["by"] == d.told["by"]])
    placed = [row for row in every if not row.denominator < 10 and row.category != NOT_RECORDED]
    known = [row for row in placed if row.value >= 0]
    lead = re.match(r"(Of those shown, h|H)ighest ", d.block.sentence)
    if not known or not lead:
        assert not known or d.block.sentence == f"{d.block.title}.", d.block.sentence
        return
    most, least = max(row.value for row in known), min(row.value for row in known)
    assert d.block.sentence[lead.end() :].startswith(_with(most, known, item)), d.block.sentence
    lowest = re.search(r"; lowest (.+)", d.block.sentence)
    assert not lowest or lowest[1].startswith(_with(least, known, item)), d.block.sentence
    alike = len(_with(least, known, item)) - 1
    assert not lowest or (f"and {alike} more alike" in lowest[1]) == (alike > 0), d.block.sentence
    hidden = any(row.marker == "[c]" and math.isnan(row.value) for row in every)
    assert (lead[1] != "H") == hidden, d.block.sentence


def _with(value: float, known: list[Row], item: Measure) -> tuple[str, ...]:
    """The categories of that figure, each with it."""
    told = words.number(value, item.unit)
    return tuple(f"{shown_as(row.category)} {told}" for row in known if row.value == value)


ENDS = re.compile(r"(?:^|[:;.] |shown, )(lowest .+?, highest .+?|all are .+?)\.(?= [A-Z]|$)")
SPELT = {"online": "online only", "offline": "offline only"}
"""Of crimes online, offline or both the first two are of one kind alone."""
PART = r" ([\d,]+), (mostly|most often) (.+?) \((.+?)( each)?\)"
ASIDE = re.compile(r"(?:[:;] )([A-Z][^:;]*?) (above|below) at (\S+) \(")


def hold_course_sentence(d: Drawn, item: Measure, course: pd.DataFrame) -> None:
    """The lowest and the highest period of each category, and where it begins and ends."""
    told = ENDS.findall(d.block.sentence)
    ends = []
    for _, mine in course.groupby("category", sort=False):
        whole = [row for row in rows(mine) if row.value == row.value and row.marker != "[p]"]
        if len(whole) > 1:
            ends.append(whole)
    assert len(told) == len(ends), (d.block.sentence, len(ends))
    for said, whole in zip(told, ends, strict=True):
        low, high = (pick(row.value for row in whole) for pick in (min, max))
        expected = f"lowest {_where(low, whole, item)}, highest {_where(high, whole, item)}"
        if low == high:
            expected = f"all are {words.number(low, item.unit)}"
        assert said == expected, d.block.sentence
        outer = (whole[0], whole[-1])
        ends_told = (f"{words.number(each.value, item.unit)} in {period_of(each)}" for each in outer)
        assert ", ".join(ends_told) in d.block.sentence


def _where(value: float, whole: list[Row], item: Measure) -> str:
    """The figure and every period that has it; of more than three the first, and how many more."""
    periods = [period_of(row) for row in whole if row.value == value]
    named = listed(periods if len(periods) <= 3 else [periods[0], f"{len(periods) - 1} more"])
    return f"{words.number(value, item.unit)} in {named}"


def period_of(row: Row) -> str:
    text = words.period(row.period, row.grain)
    return f"the {text[:1].lower()}{text[1:]}" if row.grain == "rolling_year" else text


def hold_crossing_sentence(d: Drawn) -> None:
    """Of each bar its total and its largest part or parts: mostly is more than half."""
    frame = d.block.frame[d.block.frame["within"] != ""]
    if d.block.sentence.startswith(NOTHING):
        return
    for name, mine in frame.groupby("within", sort=False):
        whole = mine["value"].sum(skipna=False)
        told = re.search(rf"(?:^|; ){re.escape(shown_as(str(name)))}{PART}", d.block.sentence)
        if not whole > 0:
            assert told is None, d.block.sentence
            continue
        assert told, (name, d.block.sentence)
        most = mine["value"].max()
        first = [SPELT.get(each, each) for each in mine.loc[mine["value"] == most, "category"]]
        size = words.number(100 * most / whole, "percent") if whole >= FEW else f"{most:,.0f}"
        assert told.groups() == (
            f"{whole:,.0f}",
            "mostly" if most > whole / 2 else "most often",
            listed(first),
            size,
            " each" if len(first) > 1 else None,
        )


def hold_funnel_sentence(d: Drawn, item: Measure) -> None:
    """Who lies outside the limits is told on the side on which it lies, and only then."""
    is_told = "utside the 9" in d.block.sentence
    assert is_told == (re.search(r" (lies|lie) (above|below) the average", d.block.title) is not None)
    average = re.search(r"the average of ([\d.]+)%", d.block.title)
    for name, side, share in ASIDE.findall(d.block.sentence):
        (row,) = (row for row in rows(d.block.frame) if shown_as(row.category) == name)
        assert share == words.number(row.value, item.unit)
        beside = row.value - float(average[1]) if average else 0.0
        assert beside > -0.05 if side == "above" else beside < 0.05, d.block.sentence
