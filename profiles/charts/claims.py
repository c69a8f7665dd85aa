"""What the figures say: the title of a chart and the sentence for those who cannot see it, from its frame."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from profiles import stats, words
from profiles.frames import Breaks, Row, has_figures, rows, within
from profiles.periods import first_day, last_day, month_number

YEAR = 12
LOW_BASE = 30
"""Below this many no title is made of a share."""


def figure(row: Row, unit: str) -> str:
    """The figure as a title has it: a share of fewer than `LOW_BASE` as a number out of another.

    A median of so few says of how many it is.
    """
    text = words.number(row.value, unit)
    if not text or not row.denominator < LOW_BASE:
        return text
    if row.is_median:
        return f"{text} ({words.number(row.denominator)} case{'s' * (row.denominator != 1)})"
    return out_of(row.numerator, row.denominator) if unit == "percent" else text


def figures(together: Sequence[Row], unit: str) -> list[str]:
    """Figures that a title puts side by side: all as numbers out of another where one of them has to be."""
    texts = [figure(row, unit) for row in together]
    pairs = list(zip(together, texts, strict=True))
    if unit != "percent" or not any(text and row.denominator < LOW_BASE for row, text in pairs):
        return texts
    return [text and out_of(row.numerator, row.denominator) for row, text in pairs]


def out_of(counted: float, size: float) -> str:
    """A number out of another, such as 3 of 7."""
    return f"{words.number(counted)} of {words.number(size)}"


def worded(says: str, *told: str, **named: str) -> str:
    """`says` with its figures: a number out of another leaves out the next of, as in 3 of 7 victims."""
    for name, text in (*((f"{place}", text) for place, text in enumerate(told)), *named.items()):
        if re.fullmatch(r"[\d,]+ of [\d,]+", text):
            says = says.replace(f"{{{name}}} of ", f"{{{name}}} ")
    return says.format(*told, **named)


@dataclass(frozen=True)
class Change:
    """A count against an earlier one: the difference in per cent with its 95% interval, nan where none.

    `claim` says it in a few words, `detail` what it rests on. `is_clear` when the interval leaves out
    no change.
    """

    after: float
    before: float
    percent: float
    lower: float
    upper: float
    is_clear: bool
    claim: str
    detail: str


def changed_month(frame: pd.DataFrame, breaks: Breaks) -> Change | None:
    """The last whole month of a count against the same one a year before; None where they cannot be compared.

    They cannot when one of the two is not whole, or when a rebase falls between them.
    """
    return _compared(frame, breaks, 1)


def changed_year(frame: pd.DataFrame, breaks: Breaks) -> Change | None:
    """The last twelve whole months of a count against the twelve before; None as for `changed_month`."""
    return _compared(frame, breaks, YEAR)


def changed(frame: pd.DataFrame, breaks: Breaks) -> str:
    """How the last twelve whole months of a count compare with the twelve before; empty when they cannot.

    A difference whose 95% interval holds no change is called none.
    """
    change = changed_year(frame, breaks)
    if not change:
        return ""
    if not change.is_clear:
        return "no clear change from the 12 months before"
    return f"the last 12 months were {words.difference(change.percent)} the 12 before"


def _compared(frame: pd.DataFrame, breaks: Breaks, count: int) -> Change | None:
    """The last `count` whole months against those a year before."""
    totals: dict[int, float] = {}
    parts = set()
    for row in rows(frame):
        month = month_number(date.fromisoformat(row.period))
        totals[month] = totals.get(month, 0) + row.value
        parts |= {month} if row.marker else set()
    whole = set(totals) - parts
    last = max(whole, default=0)
    months = range(last - count + 1, last + 1)
    earlier = [month - YEAR for month in months]
    if not whole.issuperset([*months, *earlier]):
        return None
    if any(each.is_rebase for each in within(breaks, first_day(earlier[0]), last_day(last))):
        return None
    after, before = sum(totals[month] for month in months), sum(totals[month] for month in earlier)
    ratios = (after / before if before else math.nan, *(float(limit) for limit in stats.odds(after, before)))
    percent, lower, upper = (100 * (ratio - 1) for ratio in ratios)
    is_clear = lower > 0 or upper < 0
    now, then = ("the last 12 months", "the 12 before")
    if count == 1:
        now, then = (f"{first_day(month):%B %Y}" for month in (last, last - YEAR))
    told = words.difference(percent)
    limits = f", 95% interval {words.difference(lower)} to {words.difference(upper)}" if before else ""
    return Change(
        *(after, before, percent, lower, upper, is_clear),
        claim=f"{now}: {f'{told} {then}' if is_clear else f'no clear change from {then}'}",
        detail=f"{words.number(after)} against {words.number(before)}{f'; {told}' if told else ''}{limits}",
    )


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
        return _at(row, unit, grain)

    values = [row.value for row in whole]
    low, high = min(values), max(values)
    last = mine.index(whole[-1])
    between = [row for row in mine[mine.index(whole[0]) : last] if _is_left_out(row)]
    after = [row for row in mine[last:] if _is_left_out(row)]
    lost = [_left_out_words(between, grain, "between"), _left_out_words(after, grain, "at the end")]
    named = words.listed(filter(None, lost))
    of_those = "of those shown, " if named or any(map(_is_withheld, mine)) else ""
    gap = f"; no figure for {named}" if named else ""
    if len(whole) == 1:
        return f"{lead}{told(whole[0])}{gap}"
    ends = f"{told(whole[0])}, {told(whole[-1])}"
    if low == high:
        return f"{lead}{ends}{gap}; {of_those}all are {words.number(low, unit)}"
    lowest, highest = (_everywhere(value, whole, unit, grain) for value in (low, high))
    return f"{lead}{ends}{gap}; {of_those}lowest {lowest}, highest {highest}"


def _everywhere(value: float, whole: list[Row], unit: str, grain: str) -> str:
    """The value with the periods that have it, or with the first of many and how many more."""
    mine = [_period(row, grain) for row in whole if row.value == value]
    named = mine if len(mine) <= TOLD_PERIODS else [mine[0], f"{len(mine) - 1} more"]
    return f"{words.number(value, unit)} in {words.listed(named)}"


def _left_out_words(lost: list[Row], grain: str, where: str) -> str:
    if len(lost) > TOLD_PERIODS:
        return f"{len(lost)} periods {where}"
    return words.listed(_period(row, grain) for row in lost)


TOLD_PERIODS = 3
"""Periods without a figure, or categories that share a place, that are named; more are counted."""


def _is_left_out(row: Row) -> bool:
    """Whether the row has no figure because the data leave it out."""
    return row.marker == "[x]" and math.isnan(row.value)


def left_out(frame: pd.DataFrame, grain: str) -> str:
    """Which periods between others with figures are not available, such as March 2025 is; empty for none."""
    if not has_figures(frame):
        return ""
    known = frame.loc[frame["value"].notna(), "period"]
    lost = sorted(
        {row.period for row in rows(frame) if _is_left_out(row) and known.min() < row.period < known.max()}
    )
    if not lost:
        return ""
    if len(lost) > TOLD_PERIODS:
        return f"{len(lost)} periods are"
    return f"{words.listed(words.period(each, grain) for each in lost)} {'is' if len(lost) == 1 else 'are'}"


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
    """Every category with its number and its share of the whole, in the order given, and which have none."""
    if not has_figures(frame):
        return missing(frame)
    parts = (
        f"{row.category} {words.number(row.value)} ({words.number(row.share, 'percent')})"
        for row in rows(frame)
        if not math.isnan(row.value)
    )
    lost = [f"{row.category} {row.marker}" for row in rows(frame) if math.isnan(row.value)]
    told = [words.sentence("; ".join(parts))]
    if lost:
        told.append(words.sentence(f"no figure for {words.listed(lost)}"))
    return " ".join(told)


def ranked_types(frame: pd.DataFrame, said: Mapping[str, str]) -> str:
    """A title: the share of each type, the largest first; empty when there is no figure.

    Of fewer than `LOW_BASE` crimes it gives the numbers, not shares.
    """
    known = [row for row in rows(frame) if not math.isnan(row.value)]
    known.sort(key=lambda row: -row.value)
    if any(row.denominator < LOW_BASE for row in known):
        parts = [f"{words.number(row.numerator)} {said[row.category]}" for row in known]
        return f"Of {words.number(known[0].denominator)} crimes: {words.listed(parts)}"
    shares_words = [words.number(row.value, "percent") for row in known]
    first = [
        f"{share} of stalking is {said[row.category]}"
        for share, row in zip(shares_words[:1], known, strict=False)
    ]
    others = [f"{share} {said[row.category]}" for share, row in zip(shares_words[1:], known[1:], strict=True)]
    return words.listed([*first, *others])


MORE_THAN_HALF = 50.0
"""Per cent of all beyond which nothing else can be larger."""


def withheld(frame: pd.DataFrame) -> int:
    """How many categories have a figure that is withheld: any of them could be the highest, or the lowest."""
    return sum(map(_is_withheld, rows(frame)))


def _is_withheld(row: Row) -> bool:
    return row.marker == "[c]" and math.isnan(row.value)


@dataclass(frozen=True)
class Highest:
    """The categories with the highest figure, and what has to be said with them.

    `first` are those that share it, `whole` what they are a share of, nan where they are none. `hidden` says
    how many others are withheld, `is_certain` that none of those can be higher. `above` are those left out
    that have a higher one.
    """

    first: tuple[Row, ...]
    whole: float
    hidden: int
    is_certain: bool
    above: tuple[str, ...]

    @property
    def share(self) -> str:
        """The share of each; of a base below `LOW_BASE` as a number out of another."""
        row = self.first[0]
        return out_of(row.value, self.whole) if self.whole < LOW_BASE else words.number(row.share, "percent")


def highest(frame: pd.DataFrame, leave_out: Iterable[str] = ()) -> Highest | None:
    """The categories with the highest figure; None when none is above zero."""
    left_out = set(leave_out)
    every = rows(frame)
    known = [row for row in every if row.value > 0 and row.category not in left_out]
    if not known:
        return None
    most = max(row.value for row in known)
    first = tuple(row for row in known if row.value == most)
    share, hidden = first[0].share, withheld(frame)
    return Highest(
        first,
        round(100 * most / share) if share > 0 else math.nan,
        hidden,
        not hidden or share > MORE_THAN_HALF,
        tuple(row.category for row in every if row.category in left_out and row.value > most),
    )


def largest(frame: pd.DataFrame, leave_out: Iterable[str] = ()) -> str:
    """A title: the largest category and its share; empty when there is none above zero.

    Where others are withheld it is the largest of those shown, unless it is more than half of all. Those that
    share the first place are named together.
    """
    found = highest(frame, leave_out)
    if found is None:
        return ""
    names = words.listed(row.category for row in found.first)
    share = f"{found.share} {'crimes' if found.whole < LOW_BASE else 'of crimes'}"
    share += " each" if len(found.first) > 1 else ""
    if not found.is_certain:
        verb = "is" if found.hidden == 1 else "are"
        of_those = f"{found.hidden} of {len(frame)} groups {verb} withheld"
        are = "is" if len(found.first) == 1 else "are"
        return f"{of_those}; of the others the largest {are} {names}: {share}"
    after = f"; {words.listed(found.above)} {_are(found.above)} larger" if found.above else ""
    are = "is the largest group" if len(found.first) == 1 else "are the largest groups"
    return f"{words.name(names)} {are}: {share}{after}"


def ranking(frame: pd.DataFrame, unit: str, says: str, leave_out: Iterable[str] = ("not recorded",)) -> str:
    """A title: `says` about the highest category; empty when none is above zero or three share that place.

    Empty too when one is withheld that could be higher. `says` may hold {name}, {value}, {lower}, {upper},
    {share}, {numerator} and {denominator}. It is said when what is left out is higher still.
    """
    found = highest(frame, leave_out)
    if found is None or len(found.first) > 2 or not found.is_certain:
        return ""
    row = found.first[0]
    told = worded(
        says,
        name=words.listed(words.name(each.category) for each in found.first),
        value=_shared(found.first, unit),
        **{name: words.number(getattr(row, name), unit) for name in ("lower", "upper")},
        **{name: words.number(getattr(row, name)) for name in ("numerator", "denominator")},
        share=found.share,
    )
    each = " each" if len(found.first) > 1 and ("{share}" in says or "{value}" in says) else ""
    above = f"; {words.listed(found.above)} {_are(found.above)} higher" if found.above else ""
    return told + each + above


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def ends(name: str, of_each: str, ranked: Sequence[Row], unit: str, whole: Row, hidden: int) -> str:
    """A title: from the lowest to the highest of the categories, and those that share either place.

    `ranked` are those with a figure, the highest first, `of_each` what one of them is, `whole` the figure of
    all, and `hidden` how many are withheld.
    """
    if len(ranked) == 1:
        return f"{name}: {figure(ranked[0], unit)} in {words.name(ranked[0].category)}"
    lows, highs = ([row for row in ranked if row.value == end.value] for end in (ranked[-1], ranked[0]))
    # Those that share a place share no numbers where they are of different bases.
    are_alike = all(len({row.denominator for row in each}) == 1 for each in (lows, highs))
    told = (lows[0], highs[0], whole)
    low, high, every = figures(told, unit) if are_alike else (words.number(row.value, unit) for row in told)
    all_told = f"; all {every}" if every else ""
    if low == high:
        return f"{name}: {low} in each {of_each}{' shown' if hidden else ''}{all_told}"
    of_those = " of those shown" if hidden else ""
    return f"{name}{of_those}: from {low} ({_names(lows)}) to {high} ({_names(highs)}){all_told}"


def _names(first: Sequence[Row]) -> str:
    """The names of those that share a place, or how many they are."""
    names = words.listed(words.name(row.category) for row in first)
    return names if len(first) <= TOLD_PERIODS else f"{len(first)} of them"


def _shared(first: Sequence[Row], unit: str) -> str:
    """The figure of those that share a place: in per cent where they are of different bases."""
    texts = {figure(row, unit) for row in first}
    return texts.pop() if len(texts) == 1 else words.number(first[0].value, unit)


def ranking_sentence(frame: pd.DataFrame, unit: str, whole: Row | None = None) -> str:
    """Sentences: the highest categories and the lowest, not recorded, the whole, and what has no figure."""
    if not has_figures(frame):
        return missing(frame)
    every = rows(frame)
    known = sorted(
        (row for row in every if not math.isnan(row.value) and row.category != "not recorded"),
        key=lambda row: -row.value,
    )
    told = [f"{words.name(row.category)} {_figure(row, unit)}" for row in known]
    between = len(told) - 4
    alike = sum(row.value == known[-1].value for row in known) - 1 if known else 0
    lowest = f"lowest {told[-1]}{f', and {alike} more alike' if alike else ''}" if told else ""
    listed = [*told[:3], f"{between} between", lowest] if between > 1 else told
    lead = "of those shown, highest" if withheld(frame) else "highest"
    parts = [f"{lead} {'; '.join(listed)}"] if listed else []
    not_recorded = [row for row in every if row.category == "not recorded" and not math.isnan(row.value)]
    parts += [f"not recorded: {_figure(row, unit)}" for row in not_recorded]
    has_whole = whole is not None and not math.isnan(whole.value)
    parts += [f"{words.name(whole.category)}: {_figure(whole, unit)}"] if whole and has_whole else []
    lacking = [f"{words.name(row.category)} {row.marker}" for row in every if math.isnan(row.value)]
    parts += [f"no figure for {words.listed(lacking)}"] if lacking else []
    return " ".join(words.sentence(part) for part in parts)


def _figure(row: Row, unit: str) -> str:
    """The figure with its share, its interval and its marker."""
    share = "" if math.isnan(row.share) else words.number(row.share, "percent")
    aside = "; ".join(filter(None, [share, words.spread(row, unit)]))
    parts = (words.number(row.value, unit), f"({aside})" if aside else "", row.marker)
    return " ".join(filter(None, parts))


def crossing(
    frame: pd.DataFrame,
    category: str,
    says: str,
    rows_of: str = "within",
    leave_out: Iterable[str] = ("not recorded",),
) -> str:
    """A title: `says` about the row in which the category has the largest share; empty when there is none.

    Empty too when one is withheld that could have a larger one, when two share the first place, and where no
    two rows can be compared. `says` may hold {name}, {share}, {count} and {whole}. Rows of fewer than
    `LOW_BASE` are passed over, which is said.
    """
    totals = frame.groupby(rows_of, sort=False)["value"].agg(lambda each: each.sum(skipna=False))
    left_out = set(leave_out)
    if withheld(frame[~frame[rows_of].isin(left_out)]):
        return ""
    mine = frame[frame["category"] == category]
    counts = {
        str(name): value
        for name, value in zip(mine[rows_of], mine["value"], strict=True)
        if name not in left_out and totals[name] > 0
    }
    known = {name: 100 * value / totals[name] for name, value in counts.items() if totals[name] >= LOW_BASE}
    share = max(known.values(), default=0.0)
    first = [name for name, each in known.items() if each == share]
    if len(known) < 2 or len(first) > 1 or share == 0:
        return ""
    told = says.format(
        name=first[0].replace("_", " "),
        share=words.number(share, "percent"),
        count=words.number(counts[first[0]]),
        whole=words.number(totals[first[0]]),
    )
    of_those = f" (groups of {LOW_BASE} crimes or more)" if len(known) < len(counts) else ""
    return words.name(told) + of_those


def crossing_sentence(frame: pd.DataFrame, rows_of: str = "within") -> str:
    """A sentence: the total of every row, and its largest part or parts."""
    if not has_figures(frame):
        return missing(frame)
    parts = []
    for name, mine in frame.groupby(rows_of, sort=False):
        lead = words.name(str(name))
        whole = mine["value"].sum(skipna=False)
        if math.isnan(whole):
            parts.append(f"{lead} {words.listed(m for m in dict.fromkeys(mine['marker']) if m)}")
        elif whole == 0:
            parts.append(f"{lead} none")
        else:
            most = mine["value"].max()
            first = [row.category for row in rows(mine) if row.value == most]
            share = 100 * most / whole
            often = "mostly" if share > MORE_THAN_HALF else "most often"
            size = words.number(share, "percent") if whole >= LOW_BASE else words.number(most)
            each = " each" if len(first) > 1 else ""
            parts.append(f"{lead} {words.number(whole)}, {often} {words.listed(first)} ({size}{each})")
    return words.sentence("; ".join(parts))


def grid_sentence(frame: pd.DataFrame, unit: str, grain: str) -> str:
    """A sentence a category: its last whole period, its highest, and how many have no figure."""
    if not has_figures(frame):
        return missing(frame)
    parts = []
    for category, mine in frame.groupby("category", sort=False):
        known = [row for row in rows(mine) if not math.isnan(row.value) and row.marker != "[p]"]
        lacking = int(mine["value"].isna().sum())
        told = ["no whole period"]
        if known:
            high = max(row.value for row in known)
            told = [_at(known[-1], unit, grain), f"highest {_everywhere(high, known, unit, grain)}"]
        told += [f"no figure for {lacking} of {len(mine)} periods"] if lacking else []
        parts.append(f"{words.name(str(category))}: {'; '.join(told)}")
    return " ".join(map(words.sentence, parts))


def panel_sentence(frames: Mapping[str, pd.DataFrame], unit: str, grain: str) -> str:
    """Sentences: how the series of each panel runs, after the panel's title."""
    parts = []
    for title, frame in frames.items():
        alone = frame.assign(category="all") if frame["category"].nunique() == 1 else frame
        parts.append(f"{title}: {over_time(alone, unit, grain)}")
    return " ".join(map(words.sentence, parts))


def _at(row: Row, unit: str, grain: str) -> str:
    return f"{words.number(row.value, unit)} in {_period(row, grain)}"


def _period(row: Row, grain: str) -> str:
    """The period within a sentence, such as March 2025 or the year to March 2025."""
    period = words.period(row.period, grain)
    return f"the {period[:1].lower()}{period[1:]}" if grain == "rolling_year" else period


NOT_AVAILABLE = "[x] not available: "
"""What stands before the reason in a note."""


def missing(frame: pd.DataFrame) -> str:
    """One sentence: there is no figure, and why, in the words of the markers."""
    told = marker_words(frame)
    reasons = [
        text if text == words.marker(marker) else text.removeprefix(NOT_AVAILABLE)
        for marker, text in told.items()
    ]
    return words.sentence(f"there is no figure to show: {'; '.join(reasons) or 'nothing was counted'}")


def marker_words(frame: pd.DataFrame) -> dict[str, str]:
    """Each marker that stands in the frame, with what it means there: why a figure is not available."""
    found = set(frame["marker"])
    told = {marker: f"{marker} {text}" for marker, text in words.MARKERS.items() if marker in found}
    if "[x]" in told and "why" in frame:
        reasons = frame.loc[frame["marker"] == "[x]", "why"].tolist()
        if all(words.why([each]) for each in reasons):
            told["[x]"] = f"{NOT_AVAILABLE}{words.why(reasons)}"
    return told
