"""What the titles of blocks over time and of two years compared say, held against their frames."""

import math
import re
from datetime import date

from profiles import words
from profiles.catalogue import Measure
from profiles.frames import Row, has_figures, rows
from profiles.selection import DIMENSIONS
from tests.drawn import Drawn
from tests.holding_series import hold_change
from tests.holding_words import FEW, figure, filled, shown_as, side_by_side


def hold_series(d: Drawn, item: Measure, name: str) -> None:
    block = d.block
    whole, *others = rows(block.frame)
    cuts = [each.day for each in d.source.breaks(item.measure_id, None) if each.is_rebase]
    inside = [day for day in cuts if whole.since < f"{day}" <= whole.until]
    if inside and not item.is_count and whole.grain == "all":
        whole, *others = others
        assert whole.since == f"{max(inside)}"
    parts = re.split(r"; (?=the last 12|no clear change from)", block.title)
    title, change = parts[0], parts[1] if len(parts) > 1 else ""
    if not words.number(whole.value, item.unit):
        lost = re.fullmatch(
            rf"{re.escape(name)}: no figure( overall, .+ not available| (?:in|on) .+)?", block.title
        )
        assert lost, block.title
        return
    assert not change or item.is_count
    days = [(row.since, row.until) for row in rows(block.frame)]
    if change:
        is_course = [
            row.grain == "month" and each == days[-1]
            for row, each in zip(rows(block.frame), days, strict=True)
        ]
        hold_change(change, block.frame[is_course], d.source.breaks(item.measure_id, None))
    after = title_end(title)
    says = d.told.get("says")
    told, *was = side_by_side([whole, *(others[:1] if inside and not item.is_count else [])], item.unit)
    if item.interval == "odds" and whole.denominator < FEW:
        expected = f"{name}: {whole.numerator:,.0f} to {whole.denominator:,.0f}"
    elif says:
        expected = filled(says, value=told)
    elif item.is_count:
        basis = "" if whole.basis in ("", "any") else f" ({whole.basis.replace('_', ' ')})"
        expected = f"{told} {item.title[:1].lower()}{item.title[1:]}{basis}"
    else:
        expected = f"{name}: {told}"
    assert title == expected + after, (title, expected, after)
    since = re.fullmatch(r" since (.+?)(?:; before, (.+))?", after)
    assert bool(since) == bool(inside and not item.is_count and whole.grain == "all"), title
    if since:
        assert since[1] == f"{max(inside):%B %Y}"
        assert (since[2] or "") == was[0]
    elif " in " in after:
        assert words.period(whole.period, whole.grain).lower() in after.lower()


def title_end(title: str) -> str:
    """The time that a title ends with, if any."""
    forms = (
        r" since (?:\d+ )?[A-Z][a-z]+ \d{4}(?:; before, .+)?$",
        r" in the year to [A-Z][a-z]+ \d{4}$",
        r" on \d+ [A-Z][a-z]+ \d{4}$",
        r" in (?:[A-Z][a-z]+ \d{4}(?: to [A-Z][a-z]+ \d{4})?|\d{4}/\d\d)$",
    )
    return next((found[0] for form in forms if (found := re.search(form, title))), "")


def hold_rolling(d: Drawn, item: Measure, name: str) -> None:
    known = [
        row
        for row in rows(d.block.frame)
        if row.grain == "rolling_year" and row.value >= 0 and not row.marker
    ]
    if not known:
        hold_series(d, item, name)
        return
    newest = max(known, key=lambda row: row.period)
    told = figure(newest, item.unit)
    told = f"{told} {name[:1].lower()}{name[1:]}" if item.is_count else f"{name}: {told}"
    assert d.block.title == f"{told} in the 12 months to {words.period(newest.period, 'month')}"


def hold_together(d: Drawn, item: Measure, name: str) -> None:
    names = d.told["names"]
    whole = rows(d.block.frame.iloc[: len(names)])
    if not has_figures(d.block.frame.iloc[len(names) :]):
        assert d.block.title == f"{item.title}: no figure"
        return
    told = side_by_side(whole, item.unit)
    if all(told):
        expected = filled(d.told["title"], **{f"{place}": text for place, text in enumerate(told)})
    else:
        parts = [f"{each} {text or 'no figure'}" for each, text in zip(names, told, strict=True)]
        expected = shown_as("; ".join(parts))
    assert d.block.title == expected


def hold_beside(d: Drawn, item: Measure, name: str) -> None:
    own = [row for row in rows(d.block.frame) if row.within == "Our records"]
    known = [row for row in own if row.value >= 0]
    if not known:
        assert d.block.title == f"{item.title}: no figure"
        return
    settled = [row for row in known if not row.marker]
    newest = max(settled or own, key=lambda row: row.period)
    period = words.period(newest.period, "month")
    assert d.block.title == filled(d.told["title"], value=figure(newest, item.unit), period=period)


def hold_difference(d: Drawn, item: Measure, name: str) -> None:
    after, before = rows(d.block.frame)
    cut = [each.day.isoformat() for each in d.source.breaks(item.measure_id, None) if each.is_rebase]
    is_cut = any(before.since < day <= after.until for day in cut)
    said = d.block.title.removeprefix(f"{name}: ")
    assert ("the rules changed on" in said) == is_cut, d.block.title
    if is_cut:
        return
    if said == "the data do not hold two whole settled years":
        assert {after.marker, before.marker} & {"[p]", "[x]"}
        return
    if said == "too few in one of two years for a percentage":
        assert math.isnan(after.value) or math.isnan(before.value)
        return
    told = re.fullmatch(r"(?:(up|down) to )?(.+?)(?:, no clear change)? from (.+) the year before", said)
    assert told, d.block.title
    assert [told[2], told[3]] == side_by_side([after, before], "percent"), d.block.title
    low, high = newcombe(after, before)
    assert told[1] == ("up" if low > 0 else "down" if high < 0 else None), (d.block.title, low, high)
    assert ("chance alone can explain it" in d.block.sentence) == (told[1] is None)


def newcombe(after: Row, before: Row) -> tuple[float, float]:
    """Limits (95 %) of the difference of two shares (Newcombe 1998, method 10)."""

    def wilson(row: Row) -> tuple[float, float, float]:
        n, p, z = row.denominator, row.numerator / row.denominator, 1.959964
        spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (
            p,
            (p + z * z / (2 * n) - spread) / (1 + z * z / n),
            (p + z * z / (2 * n) + spread) / (1 + z * z / n),
        )

    (p, low, high), (q, low_q, high_q) = wilson(after), wilson(before)
    return p - q - math.hypot(p - low, high_q - q), p - q + math.hypot(high - p, q - low_q)


def hold_falls(d: Drawn, item: Measure, name: str) -> None:
    title = d.block.title
    now, before = (
        rows(d.block.frame[d.block.frame["within"] == each]) for each in ("since it fell", "12 months before")
    )
    by = DIMENSIONS[d.told["by"]].title
    quiet = (
        f"{item.title}: too few to look for falls",
        f"{item.title} shows no fall now",
        f"No {by} stands out: no chart of {item.title.lower()} shows a fall now",
    )
    if title in quiet:
        assert not now
        return
    told = re.fullmatch(
        rf"{re.escape(item.title)} has fallen in (.+?): (.+) since (.+?), (.+?) before(?:, and (\d+) more)?",
        title,
    )
    assert told, title
    assert int(told[5] or 0) == len(now) - 1
    assert [told[2], told[4]] == side_by_side([now[0], before[0]], item.unit)
    assert f"{date.fromisoformat(now[0].since):%B %Y}" == told[3]
    falls = [old.value - new.value for new, old in zip(now, before, strict=True)]
    assert min(falls) > 0, title
    assert falls[0] == max(falls), title
    months = [row for row in rows(d.block.frame) if row.within == told[1] and row.grain == "month"]
    assert months[-1].period[:7] == now[0].until[:7], title
    assert "the whole force" not in d.block.sentence or not d.block.selection.where, d.block.sentence


def hold_comparators(d: Drawn, item: Measure, name: str) -> None:
    said = d.block.title.removeprefix("Principal stalking crimes: ")
    known = [row for row in rows(d.block.frame) if row.value >= 0 and not row.marker]
    if not known:
        assert d.block.title == "Published figures: none"
        return
    for told in said.split("; "):
        place, value, period = re.fullmatch(r"(.+), ([\d,]+) in (.+)", told).groups()  # type: ignore[union-attr]
        mine = [row for row in known if row.within == place]
        newest = max(row.period for row in mine)
        assert period == words.period(newest, "financial_year")
        assert value in {words.number(row.value) for row in mine if row.period == newest}
