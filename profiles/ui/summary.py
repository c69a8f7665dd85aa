"""The headlines of the summary: each figure with its interval, its direction, its verdict and a sentence."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from profiles import stats, words
from profiles.blocks.from_snapshot import last_of, source
from profiles.catalogue import Measure, measure
from profiles.frames import Row, within
from profiles.periods import ALL, first_day, month_number
from profiles.selection import Selection
from profiles.snapshot.contents import months_of
from profiles.snapshot.headlines import HEADLINES
from profiles.snapshot.judging import Told, usual
from profiles.snapshot.opened import Release
from profiles.snapshot.places import Place, named, standing_out
from profiles.snapshot.series import applying, bases_of, made_of, records, series
from profiles.verdicts import CHANGED, IMPROVING, STEADY, TOO_FEW, WORSENING

VERDICTS = {
    IMPROVING: "improving",
    WORSENING: "worsening",
    CHANGED: "changed, no direction agreed",
    STEADY: "no signal now",
    TOO_FEW: "too few to say",
}
"""A verdict in the words of a tile, by what holds now."""


@dataclass(frozen=True)
class Standing:
    """One headline as read, and the row of the snapshot that it stands on.

    `change` compares it with the same period a year before, `verdict` is that of its control chart (one of
    VERDICTS, or that there is none), `sentence` what the chart says in words, and `apart` the districts that
    stand apart. `now` is the verdict as judged; None without a chart.
    """

    item: Measure
    title: str
    figure: str
    interval: str
    made_of: str
    period: str
    change: str
    verdict: str
    direction: str
    sentence: str
    row: Mapping[str, Any]
    apart: tuple[Place, ...] = ()
    now: Told | None = None

    @property
    def qualified(self) -> str:
        """The verdict with the districts that stand apart: they qualify the whole."""
        return f"{self.verdict}, but {named(self.apart)}" if self.apart else self.verdict


def standings(release: Release) -> tuple[Standing, ...]:
    """The headlines of the snapshot, in their order; none for what it does not hold."""
    found = (_standing(release, measure(name), *kind) for name, *kind in HEADLINES)
    return tuple(each for each in found if each)


def row_of(
    release: Release, item: Measure, dimension: str = ALL, category: str = ALL, back: int = 0
) -> Mapping[str, Any] | None:
    """The row of the newest settled published period; with `back`, of so many months earlier."""
    basis = bases_of(item)[0]
    where = ((dimension, category),) if dimension != ALL else ()
    moment = source(release).whole(item.measure_id, Selection(where=where))
    if moment.since is None or moment.grain in (None, ALL):
        return None
    mine = series(release.rows, item.measure_id, basis, moment.grain, dimension, category)
    label = first_day(month_number(moment.since) - back).isoformat()
    found = records(mine[mine["period"] == label])
    return found[0] if found else None


@lru_cache(maxsize=8)
def places(release: Release) -> tuple[Place, ...]:
    """The districts whose share stands apart, on either side."""
    return standing_out(release.rows)


def verdict_of(release: Release, item: Measure) -> Told | None:
    """What the control chart of the measure says now, on its usual basis."""
    frame = release.table("verdicts")
    if frame.empty:
        return None
    return next((said for each, _, said in usual(frame) if each.measure_id == item.measure_id), None)


def _standing(release: Release, item: Measure, dimension: str, category: str) -> Standing | None:
    row = row_of(release, item, dimension, category)
    if row is None:
        return None
    said = verdict_of(release, item) if dimension == ALL else None
    known = places(release) if dimension == ALL else ()
    apart = tuple(place for place in known if place.item.measure_id == item.measure_id)
    figures = {name: row[name] for name in ("numerator", "denominator", "value", "lower", "upper")}
    spread = words.spread(Row(ALL, row["period"], **figures, marker=row["marker"]), item.unit)
    title = item.title if category == ALL else f"{item.title}, {category} survey"
    return Standing(
        item=item,
        title=title,
        figure=words.number(row["value"], item.unit) or row["marker"] or "none",
        interval=spread,
        made_of=made_of(row) if item.denominator else "",
        period=words.period(row["period"], row["grain"]),
        change=_change(release, item, row, dimension, category),
        verdict=VERDICTS[said.now] if said else "no control chart",
        direction=said.direction if said else "",
        sentence=said.sentence if said else _no_chart(dimension),
        row=row,
        apart=apart,
        now=said,
    )


def _no_chart(dimension: str) -> str:
    if dimension == "survey":
        return "A month has too few answers for a control chart."
    return "There is no control chart of this figure."


def _change(release: Release, item: Measure, row: Mapping[str, Any], dimension: str, category: str) -> str:
    """The figure of a year before and whether it is clearly another; not across a break of the series."""
    old = row_of(release, item, dimension, category, back=12)
    if old is None or math.isnan(old["value"]) or math.isnan(row["value"]):
        return "a year before: no figure"
    before = words.number(old["value"], item.unit)
    begins, ends = months_of(old["grain"], old["period"])[0], last_of(row["period"], row["grain"])
    known = within(applying(release.breaks, item, bases_of(item)[0]), first_day(begins), ends)
    if any(each.is_rebase for each in known):
        return f"a year before: {before}, not comparable, for the rules changed"
    lower, upper = _limits_of_change(item, row, old)
    if lower > 0 or upper < 0:
        return f"{'up' if lower > 0 else 'down'} from {before} a year before"
    told = f"a year before: {before}"
    return told if math.isnan(lower) else f"{told}; no clear difference"


def _limits_of_change(item: Measure, row: Mapping[str, Any], old: Mapping[str, Any]) -> tuple[float, float]:
    """Limits (95 %) of the change: of shares their difference, of counts their ratio less one; or nan."""
    counts = [float(each[name]) for each in (row, old) for name in ("numerator", "denominator")]
    if item.interval == "wilson" and not any(map(math.isnan, counts)):
        _, lower, upper = stats.newcombe(*counts)
        return lower, upper
    if item.is_count and item.interval == "poisson":
        ratios = stats.odds(float(row["value"]), float(old["value"]))
        return float(ratios[0]) - 1, float(ratios[1]) - 1
    return math.nan, math.nan


def table(told: tuple[Standing, ...]) -> pd.DataFrame:
    """The headlines as a table of words, a row each."""
    return pd.DataFrame(
        {
            "Figure of": [each.title for each in told],
            "Basis": [words.name(str(each.row["basis"])) for each in told],
            "Period": [each.period for each in told],
            "Made of": [each.made_of for each in told],
            "Figure": [
                f"{each.figure} {each.row['marker']}".strip()
                if each.row["marker"] != each.figure
                else each.figure
                for each in told
            ],
            "Interval": [each.interval for each in told],
            "A year before": [each.change for each in told],
            "Control chart": [words.name(each.qualified) for each in told],
        }
    )
