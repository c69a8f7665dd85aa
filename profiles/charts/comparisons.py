"""What funnels and comparisons of two say: plain sentences on whether chance can explain a difference."""

import math

import pandas as pd

from profiles import false_alarms, stats, words
from profiles.charts.claims import LOW_BASE, missing, out_of
from profiles.charts.signals import TOLD, number_word
from profiles.frames import Row, rows
from profiles.stats import Funnel

REACHES = (
    (2, "outside the 99.8% limits, where chance alone puts one in five hundred"),
    (1, "outside the 95% limits, where chance alone puts one in twenty"),
)

AS_MANY = "chance alone can give as many"
"""Said where those outside are not too many for chance, though each is outside."""


def funnel_title(
    frame: pd.DataFrame, unit: str, found: Funnel, name: str, what: str, withheld: int = 0
) -> str:
    """A title: which categories stand out on either side, first that of the furthest; `what` is one of them.

    So many more are `withheld`: then it speaks of those that are shown.
    """
    target = words.number(100 * found.target, unit)
    out = _outside(frame, found)
    if not out and withheld:
        shown = f"the {number_word(len(frame))} {what}s shown"
        return f"{name}: of {shown} none stands out from the average of {target}"
    if not out:
        return f"{name}: no {what} stands out from the average of {target}"
    sides: dict[str, list[str]] = {}
    for row, place in out:
        sides.setdefault("above" if place > 0 else "below", []).append(words.name(row.category))
    (first, mine), *others = sides.items()
    verb = "lies" if len(mine) == 1 else "lie"
    more = "".join(f"; {_few(names)} {side}" for side, names in others)
    as_many = f"; {AS_MANY}" if _may_be_chance(out, len(frame)) else ""
    return f"{name}: {_few(mine)} {verb} {first} the average of {target}{more}{as_many}"


def funnel_sentence(frame: pd.DataFrame, unit: str, found: Funnel, what: str, withheld: int = 0) -> str:
    """Sentences: who lies outside the limits, that the others differ by chance, and if limits are widened.

    So many more are `withheld`, which a sentence says.
    """
    target = words.number(100 * found.target, unit)
    out = _outside(frame, found)
    rest = len(frame) - len(out)
    parts = []
    for reach, where in REACHES:
        told = [
            f"{words.name(row.category)} {'above' if place > 0 else 'below'} at {_made_of(row, unit)}"
            for row, place in out
            if abs(place) == reach
        ]
        parts += [f"{where}: {'; '.join(told)}"] if told else []
    if _may_be_chance(out, len(frame)):
        parts.append(f"{AS_MANY} among {number_word(len(frame))}")
    average = f"the average of {target}"
    if not out:
        parts.append(f"all {rest} differ from {average} by no more than chance explains")
    elif rest:
        parts.append(f"the other {number_word(rest)} differ from {average} by no more than chance explains")
    else:
        parts.append(f"none lies within the limits around {average}")
    if withheld:
        parts.append(
            f"{number_word(withheld)} more {'is' if withheld == 1 else 'are'} withheld and cannot be judged"
        )
    if found.is_overdispersed:
        parts.append(
            f"each {what} is held against limits that are widened, because on the whole they differ by more "
            "than chance (overdispersion)"
        )
    return " ".join(map(words.sentence, parts))


def few_sentence(frame: pd.DataFrame, unit: str) -> str:
    """A sentence: the categories that have a figure, too few to judge them against each other."""
    told = [
        f"{words.name(row.category)} {_made_of(row, unit)}"
        for row in rows(frame)
        if not math.isnan(row.value)
    ]
    if not told:
        return missing(frame)
    return words.sentence(f"too few to say what chance explains: {'; '.join(told)}")


def difference_sentence(
    name: str, after: tuple[float, float], before: tuple[float, float], against: str = "the year before"
) -> str:
    """A sentence on two shares, each as counted and out of how many: and whether chance explains it."""
    change, lower, upper = (100 * each for each in stats.newcombe(*after, *before))
    if math.isnan(change):
        return words.sentence(f"{name}: there are no two shares to compare")
    is_clear = not lower <= 0 <= upper
    sure = "chance alone can explain it"
    if is_clear:
        sure = "chance makes one so clear in fewer than one comparison of twenty"
    is_low = min(after[1], before[1]) < LOW_BASE
    base = f"; a low base of fewer than {LOW_BASE}" if is_low else ""
    return words.sentence(
        f"{name}: {_share(after)} against {_share(before)} {against}; a difference of {words.points(change)} "
        f"points (95% interval {words.points(lower)} to {words.points(upper)}): {sure}{base}"
    )


def difference_title(
    name: str, after: tuple[float, float], before: tuple[float, float], against: str = "the year before"
) -> str:
    """A title: up or down where the 95% interval leaves out no difference, else no clear change."""
    change, lower, upper = stats.newcombe(*after, *before)
    if math.isnan(change):
        return f"{name}: no two shares to compare"
    is_low = min(after[1], before[1]) < LOW_BASE
    now, then = (
        out_of(*each) if is_low else words.number(100 * each[0] / each[1], "percent")
        for each in (after, before)
    )
    if lower <= 0 <= upper:
        return f"{name}: {now}, no clear change from {then} {against}"
    return f"{name}: {'up' if change > 0 else 'down'} to {now} from {then} {against}"


def _few(names: list[str]) -> str:
    """The names, or the first and how many more."""
    return words.listed(names if len(names) <= TOLD else [names[0], f"{number_word(len(names) - 1)} more"])


def _outside(frame: pd.DataFrame, found: Funnel) -> list[tuple[Row, int]]:
    """The rows outside the limits with their place, the furthest out and the lowest first."""
    placed = zip(rows(frame), found.position.tolist(), strict=True)
    out = [(row, place) for row, place in placed if place]
    return sorted(out, key=lambda each: (-abs(each[1]), each[0].value))


def _may_be_chance(out: list[tuple[Row, int]], count: int) -> bool:
    """Whether chance alone can give as many outside the 95% limits among so many, of whom none is further."""
    if not out or any(abs(place) > 1 for _, place in out):
        return False
    return false_alarms.at_least(len(out), (1 - stats.INNER) * count) >= false_alarms.UNLIKELY


def _made_of(row: Row, unit: str) -> str:
    counts = f"{words.number(row.numerator)} of {words.number(row.denominator)}"
    return f"{words.number(row.value, unit)} ({counts})"


def _share(counts: tuple[float, float]) -> str:
    share = words.number(100 * counts[0] / counts[1], "percent")
    return f"{share} ({words.number(counts[0])} of {words.number(counts[1])})"
