"""What the figures say: the title of a chart and the sentence for those who cannot see it, from its frame."""

import math
from collections.abc import Iterable, Mapping
from datetime import date

import pandas as pd

from profiles import stats
from profiles.charts import words
from profiles.charts.frames import Breaks, Row, has_figures, rows, within
from profiles.periods import last_day, month_number

YEAR = 12


def changed(frame: pd.DataFrame, breaks: Breaks) -> str:
    """How the last twelve whole months of a count compare with the twelve before; empty when they cannot.

    They cannot when there are fewer than 24, or when a rebase falls among them. A difference whose
    95% interval holds no change is called none.
    """
    totals: dict[str, float] = {}
    parts = set()
    for row in rows(frame):
        totals[row.period] = totals.get(row.period, 0) + row.value
        parts |= {row.period} if row.marker else set()
    months = sorted(set(totals) - parts)[-2 * YEAR :]
    if len(months) < 2 * YEAR:
        return ""
    first, last = (date.fromisoformat(months[place]) for place in (0, -1))
    if any(each.is_rebase for each in within(breaks, first, last_day(month_number(last)))):
        return ""
    before, after = (
        sum(totals[month] for month in months[:YEAR]),
        sum(totals[month] for month in months[YEAR:]),
    )
    lower, upper = (float(limit) for limit in stats.odds(after, before))
    if math.isnan(lower) or lower <= 1 <= upper:
        return "the last 12 months were much like the 12 before"
    change = round(100 * (after / before - 1))
    return f"the last 12 months were {abs(change)}% {'above' if change > 0 else 'below'} the 12 before"


def over_time(frame: pd.DataFrame, unit: str, grain: str) -> str:
    """A sentence a category: where it begins and ends, its lowest and its highest period."""
    if not has_figures(frame):
        return missing(frame)
    told: dict[str, list[Row]] = {}
    for row in rows(frame):
        told.setdefault(row.category, []).append(row)
    return " ".join(words.sentence(_course(category, mine, unit, grain)) for category, mine in told.items())


def _course(category: str, mine: list[Row], unit: str, grain: str) -> str:
    whole = [row for row in mine if not math.isnan(row.value) and row.marker != "[p]"]
    lead = "" if category == "all" else f"{words.name(category)}: "
    if not whole:
        return f"{lead}no whole period"

    def told(row: Row) -> str:
        return f"{words.number(row.value, unit)} in {words.period(row.period, grain)}"

    if len(whole) == 1:
        return f"{lead}{told(whole[0])}"
    low, high = (extreme(whole, key=lambda row: row.value) for extreme in (min, max))
    return f"{lead}{told(whole[0])}, {told(whole[-1])}; lowest {told(low)}, highest {told(high)}"


def shares(frame: pd.DataFrame, recorded: pd.DataFrame) -> str:
    """One sentence: each type's share, its interval, and how much is recorded."""
    if not has_figures(frame):
        return missing(frame)
    parts = []
    for row, known in zip(rows(frame), rows(recorded), strict=True):
        limits = words.interval(row.lower, row.upper, "percent")
        within_words = f"(95% interval {limits}; recorded for {words.number(known.value, 'percent')})"
        figure = f"{words.number(row.value, 'percent')} {within_words}"
        parts.append(f"{row.category} {'no figure' if math.isnan(row.value) else figure}")
    base = words.number(max(row.denominator for row in rows(frame) if not math.isnan(row.denominator)))
    told = f"Of {base} crimes: {'; '.join(parts)}"
    return words.sentence(told) + " A crime may be of several types, so they do not add to 100%."


def mix(frame: pd.DataFrame) -> str:
    """One sentence: every category with its number and its share of the whole, in the order of the frame."""
    if not has_figures(frame):
        return missing(frame)
    parts = (
        f"{row.category} {words.number(row.value)} ({words.number(row.share, 'percent')})"
        for row in rows(frame)
        if not math.isnan(row.value)
    )
    return words.sentence("; ".join(parts))


def ranked_types(frame: pd.DataFrame, said: Mapping[str, str]) -> str:
    """A title: the share of each type, the largest first; empty when there is no figure."""
    known = [row for row in rows(frame) if not math.isnan(row.value)]
    known.sort(key=lambda row: -row.value)
    shares_words = [words.number(row.value, "percent") for row in known]
    first = [
        f"{share} of stalking is {said[row.category]}"
        for share, row in zip(shares_words[:1], known, strict=False)
    ]
    others = [f"{share} {said[row.category]}" for share, row in zip(shares_words[1:], known[1:], strict=True)]
    return words.listed([*first, *others])


def largest(frame: pd.DataFrame, leave_out: Iterable[str] = ()) -> str:
    """A title: the largest category and its share; empty when there is none above nought."""
    left_out = set(leave_out)
    known = [row for row in rows(frame) if row.value > 0 and row.category not in left_out]
    if not known:
        return ""
    row = max(known, key=lambda each: each.value)
    share = words.number(row.share, "percent")
    return f"{words.name(row.category)} is the largest group: {share} of crimes"


def missing(frame: pd.DataFrame) -> str:
    """One sentence: there is no figure, and why, in the words of the markers."""
    found = set(frame["marker"])
    reasons = [f"{marker} {text}" for marker, text in words.MARKERS.items() if marker in found]
    return words.sentence(f"there is no figure to show: {'; '.join(reasons) or 'nothing was counted'}")
