"""What the titles of breakdowns say, held against their frames: the highest, the largest, who stands out."""

import math
import re

from scipy.stats import poisson

from profiles import words
from profiles.blocks.block import Block
from profiles.catalogue import Measure
from profiles.frames import Row, rows
from profiles.selection import DIMENSIONS, NOT_RECORDED
from tests.drawn import Drawn
from tests.holding_series import NUMBER, count_of
from tests.holding_words import FEW, LAST, figure, filled, listed, shown_as, side_by_side


def hold_ranking(d: Drawn, item: Measure, name: str) -> None:
    by, block = d.told["by"], d.block
    whole, *_ = rows(block.frame[block.frame["by"] == ""])
    every = rows(block.frame[block.frame["by"] == by])
    if item.is_count and whole.value == 0:
        assert block.title == (d.told.get("none") or f"{name}: none")
        return
    placed = [row for row in every if row.category not in LAST and not row.denominator < 10]
    known = [row for row in placed if row.value >= 0]
    hidden = [row for row in placed if row.marker == "[c]" and math.isnan(row.value)]
    if not known:
        assert block.title == f"{name} by {DIMENSIONS[by].title}: no figure"
        return
    most = max(row.value for row in known)
    first = [row for row in known if row.value == most]
    # What is not recorded is never called the highest, but where it is withheld it may be higher.
    is_sure = not any(row.marker == "[c]" and math.isnan(row.value) for row in every) or (
        item.is_count and most > whole.value / 2
    )
    if d.told.get("says") and most > 0 and len(first) <= 2 and is_sure:
        share = math.nan if not item.is_count else 100 * most / whole.value
        of = f"{most:,.0f} of {whole.value:,.0f}" if whole.value < FEW else words.number(share, "percent")
        above = [row.category for row in every if row.category in LAST and row.value > most]
        more = f"; {listed(above)} {'is' if len(above) == 1 else 'are'} higher" if above else ""
        names = listed([shown_as(row.category) for row in first])
        told = filled(d.told["says"], name=names, share=of, value=words.number(most, item.unit))
        assert block.title == told + " each" * (len(first) > 1) + more
        return
    hold_ends(block.title, name, known, item, whole, len(hidden))


def hold_ends(title: str, name: str, known: list[Row], item: Measure, whole: Row, hidden: int) -> None:
    """From the lowest to the highest, each with its names, and the figure of all."""
    if len(known) == 1:
        assert title == f"{name}: {figure(known[0], item.unit)} in {shown_as(known[0].category)}"
        return
    ends = [min(row.value for row in known), max(row.value for row in known)]
    places = [[row for row in known if row.value == end] for end in ends]
    told = side_by_side([*(mine[0] for mine in places), whole], item.unit)
    if any(
        len({row.denominator for row in mine}) > 1 for mine in places if not math.isnan(mine[0].denominator)
    ):
        told = [words.number(row.value, item.unit) for row in (*(mine[0] for mine in places), whole)]
    low, high, every = told
    after = f"; all {every}" if every else ""
    if low == high:
        assert re.fullmatch(
            rf"{re.escape(f'{name}: {low}')} in each .+?{' shown' * bool(hidden)}{re.escape(after)}", title
        )
        return
    names = [
        listed([shown_as(row.category) for row in mine]) if len(mine) <= 3 else f"{len(mine)} of them"
        for mine in places
    ]
    shown = " of those shown" if hidden else ""
    assert title == f"{name}{shown}: from {low} ({names[0]}) to {high} ({names[1]}){after}"


def hold_funnel(d: Drawn, item: Measure, name: str) -> None:
    by, block = d.told["by"], d.block
    what = DIMENSIONS[by].title
    places = block.table["Against the limits"].tolist()
    whole = rows(block.frame.iloc[:1])[0]
    held = [row for row, place in zip(rows(block.frame), places, strict=True) if place]
    if block.title == f"{name} by {what}: too few to compare":
        assert not held
        return
    assert len(held) >= 3
    target = whole.value / item.scale
    if "in the table only and not in the average" in " ".join(block.notes):
        target = math.nan
    told = re.fullmatch(
        rf"{re.escape(name)}: (?:no {what} stands out from|"
        rf"of the ({NUMBER}) {what}s shown none stands out from|"
        rf"(?P<who>.+) (?P<verb>lies|lie) (?P<side>above|below)) the average of (?P<target>.+?)"
        rf"(?:; (?P<more>.+?) (?P<other>above|below))?(?P<chance>; chance alone can give as many)?",
        block.title,
    )
    assert told, block.title
    if math.isnan(target):
        return
    assert told["target"] == words.number(whole.value, item.unit)
    spread = math.sqrt(target * (1 - target))
    scores = {
        row.category: (row.value / item.scale - target) * math.sqrt(row.denominator) / spread
        if spread
        else 0.0
        for row in held
    }
    out = {each: score for each, score in scores.items() if abs(score) > 1.959964}
    is_widened = "overdispersion" in block.sentence
    if not told["who"]:
        assert is_widened or not out, (block.title, scores)
        assert bool(told[1]) == any(
            row.marker == "[c]" and row.category not in LAST for row in rows(block.frame)[1:]
        )
        return
    side = 1 if told["side"] == "above" else -1
    assert told["other"] in (None, "below" if side > 0 else "above")
    total = 0
    for text, at in ((told["who"], side), (told["more"], -side)):
        mine = [shown_as(each) for each, score in out.items() if score * at > 0]
        many = re.fullmatch(rf"(.+) and ({NUMBER}) more", text or "")
        names = [many[1]] if many else (text or "").replace(" and ", ", ").split(", ")
        named = [each for each in names if each]
        assert set(named) <= set(mine), (block.title, scores)
        count = 1 + count_of(many[2]) if many else len(named)
        assert count <= len(mine) if is_widened else count == len(mine), (block.title, scores)
        # Where the limits are widened, by how much is the table's to say.
        where = "above" if at > 0 else "below"
        assert count == sum(place.lower().startswith(where) for place in places), (block.title, places)
        total = total or count
    assert (told["verb"] == "lies") == (total == 1)
    outside = [place for place in places if "limits" in place and "ithin" not in place]
    least = poisson.sf(len(outside) - 1, 0.05 * len(held))
    is_chance = least >= 0.05 and not any("99.8" in place for place in outside)
    assert bool(told["chance"]) == is_chance, (block.title, places)
    assert ("hance alone can give as many" in block.sentence) == is_chance, block.sentence


def hold_grid(d: Drawn, item: Measure, name: str) -> None:
    totals = [
        row for row in rows(d.block.frame[d.block.frame["grain"] == "all"]) if row.category != NOT_RECORDED
    ]
    known = [row for row in totals if row.value > 0]
    most = max((row.value for row in known), default=0.0)
    first = [row for row in known if row.value == most]
    if not 1 <= len(first) <= 2 or any(row.marker == "[c]" for row in totals):
        assert d.block.title == item.title
        return
    texts = {figure(row, item.unit) for row in first}
    value = texts.pop() if len(texts) == 1 else words.number(most, item.unit)
    names = listed([shown_as(row.category) for row in first])
    assert d.block.title == filled(d.told["says"], name=names, value=value) + " each" * (len(first) > 1)


def hold_types(block: Block) -> None:
    """The shares of the three types, the largest first; of few crimes their numbers."""
    frame = block.frame.iloc[:3]
    known = frame[frame["value"].notna()]
    if known.empty:
        assert block.title == "Types of stalking: no figure"
        return
    known = known.sort_values("value", ascending=False, kind="stable")
    if known["denominator"].min() < FEW:
        parts = [float(text.replace(",", "")) for text in re.findall(r"\d[\d,]*", block.title)]
        assert parts == [known["denominator"].iloc[0], *known["numerator"]], block.title
    else:
        told = re.findall(r"(?:under |over )?[\d.]+%", block.title)
        assert told == [words.number(value, "percent") for value in known["value"]], block.title
    said = {"online_share": "online", "domestic_share": "domestic", "stranger_share": "by a stranger"}
    places = [block.title.index(said[name]) for name in known["measure"]]
    assert places == sorted(places), block.title


def hold_overlap(block: Block) -> None:
    """The largest group, or all that share the place; what is left out is said where it is larger."""
    every = rows(block.frame[block.frame["by"] == "atom"])
    whole = float(block.frame["value"].iloc[0])
    named_rows = [row for row in every if row.category not in LAST]
    most = max((row.value for row in named_rows if row.value >= 0), default=0.0)
    if not most:
        assert block.title == "Overlap of the types: no figure", block.title
        return
    first = [row.category for row in named_rows if row.value == most]
    above = [row.category for row in every if row.category in LAST and row.value > most]
    hidden = [row for row in every if row.marker == "[c]" and math.isnan(row.value)]
    of = (
        f"{most:,.0f} of {whole:,.0f} crimes"
        if whole < FEW
        else f"{words.number(100 * most / whole, 'percent')} of crimes"
    )
    each = " each" if len(first) > 1 else ""
    are = "is" if len(first) == 1 else "are"
    if hidden and most <= whole / 2:
        verb = "is" if len(hidden) == 1 else "are"
        many = f"{len(hidden)} of {len(every)} groups {verb} withheld"
        expected = f"{many}; of the others the largest {are} {listed(first)}: {of}{each}"
    else:
        group = "the largest group" if len(first) == 1 else "the largest groups"
        more = f"; {listed(above)} {'is' if len(above) == 1 else 'are'} larger" if above else ""
        expected = f"{shown_as(listed(first))} {are} {group}: {of}{each}{more}"
    assert block.title == expected


def hold_crossing(block: Block) -> bool:
    """The bar with the largest share online, of those of thirty or more; whether the title names one."""
    frame = block.frame[block.frame["within"] != ""]
    online, whole = {}, {}
    for name, mine in frame.groupby("within"):
        if name not in ("unknown", NOT_RECORDED) and mine["value"].sum() > 0:
            whole[name] = mine["value"].sum()
            online[name] = mine.loc[mine["category"] == "online", "value"].sum()
    known = [name for name in whole if whole[name] >= FEW]
    parts = {name: online[name] / whole[name] for name in known}
    told = re.fullmatch(r"Largest share online only: (.+), (.+) of ([\d,]+) crimes( \(.+\))?", block.title)
    most = max(parts.values(), default=0.0)
    first = [name for name in known if parts[name] == most]
    if len(known) < 2 or len(first) > 1 or not most:
        assert block.title in (
            "Relationship and online or offline",
            "Relationship and online or offline: no figure",
        )
        return False
    assert told, block.title
    assert [told[1], told[2], told[3]] == [
        first[0],
        words.number(100 * most, "percent"),
        words.number(whole[first[0]]),
    ]
    assert bool(told[4]) == (len(known) < len(whole))
    return True
