"""Verdicts: what the control chart of each published monthly series says, from published figures alone."""

import math
from typing import Any

import numpy as np
import pandas as pd

from profiles import stats
from profiles.catalogue import Measure, catalogue
from profiles.charts import processes, signals, words
from profiles.periods import ALL, last_day, month_number
from profiles.snapshot.files import Field, Table
from profiles.snapshot.series import applying, bases_of, settled_until

NOT_JUDGED = "not judged"
NO_SIGNAL = "none"

FIELDS = (
    Field("measure_id", "string", "Name of the measure; definitions.csv says what it counts."),
    Field("title", "string", "Title of the measure."),
    Field("basis", "string", "principal, included_only or any; fixed: bases compared; empty: no crimes."),
    Field("unit", "string", "Unit of the value, the average and the limits."),
    Field("stretch_since", "date", "First settled month since the last rebase: limits begin there."),
    Field("last_period", "date", "Newest settled month."),
    Field("value", "number", "Its figure."),
    Field("average", "number", "Average of the settled months since the last rebase."),
    Field("lower_limit", "number", "Average less 2.66 mean moving ranges; not cut at nought."),
    Field("upper_limit", "number", "Average and 2.66 mean moving ranges; not cut at what can be."),
    Field(
        "signal",
        "string",
        "Newest signal: outside (the limits), shift (seven or more on one side of the average), trend (seven "
        "or more rising or falling), near (two of three near one limit), none, or not judged.",
    ),
    Field("since", "date", "First month of the signal."),
    Field("until", "date", "Last month of the signal."),
    Field("direction", "string", "better, worse, neutral where no direction is agreed, or none."),
    Field("months", "integer", "Settled months on which average and limits rest."),
    Field("is_trial", "string", "yes where they are fewer than 13, so that limits still move; otherwise no."),
    Field("sentence", "string", "The same in words, or why the series is not judged."),
)

NAMES = tuple(field.name for field in FIELDS)


def verdicts(rows: pd.DataFrame, breaks: pd.DataFrame, as_at: str = "") -> Table:
    """The table `verdicts`: a row a measure and basis that has a control chart and months for the force.

    Limits begin anew after each rebase that applies; provisional months take no part. A stretch with a
    confidential month has no limits, and a series whose last stretch has one is not judged. By `as_at`
    (ISO) a confidential month that is not settled is known as such.
    """
    whole = rows[(rows["grain"] == "month") & (rows["dimension"] == ALL) & (rows["category"] == ALL)]
    parts = dict(iter(whole.groupby(["measure_id", "basis"], sort=False)))
    found = [
        _verdict(parts[name, basis], item, basis, breaks, as_at)
        for name, item in catalogue().items()
        if item.chart == "xmr"
        for basis in bases_of(item)
        if (name, basis) in parts
    ]
    return Table(
        "verdicts",
        "Verdicts",
        "What chance can explain of each monthly series of the force as a whole: process-behaviour charts "
        "of the published figures since the last rebase.",
        FIELDS,
        pd.DataFrame(found, columns=list(NAMES)),
        ("measure_id", "basis"),
    )


def _verdict(
    part: pd.DataFrame, item: Measure, basis: str, breaks: pd.DataFrame, as_at: str
) -> dict[str, Any]:
    frame = part.sort_values("period", kind="stable").reset_index(drop=True)
    until = settled_until(item, as_at).isoformat()
    known = applying(breaks, item, basis)
    ends = [last_day(month_number(pd.Timestamp(text).date())).isoformat() for text in frame["period"]]
    is_open = np.array([end > until for end in ends], dtype=bool)
    frame.loc[is_open & (frame["marker"] == "[c]").to_numpy(), "marker"] = "[p]"
    frame, is_hidden = processes.without_hidden(frame, known)
    row = dict.fromkeys(NAMES) | {
        "measure_id": item.measure_id,
        "title": item.title,
        "basis": basis,
        "unit": item.unit,
        **dict.fromkeys(("value", "average", "lower_limit", "upper_limit"), math.nan),
        "signal": NOT_JUDGED,
        "direction": NO_SIGNAL,
        "months": 0,
        "is_trial": "",
    }
    if is_hidden:
        marker = words.marker("[c]")
        return row | {
            "sentence": words.sentence(f"not judged, for a month since the last rebase is {marker}")
        }
    values = processes.settled(frame)
    found = stats.xmr(values, processes.starts(frame, known))
    row["sentence"] = signals.process_sentence(frame, item.unit, known, found)
    places = np.flatnonzero(~np.isnan(values))
    if not len(places):
        return row
    stretch = processes.levels(frame, item.unit, known, found)["stretch"].to_numpy()
    mine = places[stretch[places] == stretch[places[-1]]]
    first, last = int(mine[0]), int(mine[-1])
    periods = frame["period"].tolist()
    row |= {"stretch_since": periods[first], "last_period": periods[last], "value": float(values[last])}
    row["months"] = len(mine)
    if math.isnan(found.lower[last]):
        return row
    row |= {
        "average": float(found.centre[last]),
        "lower_limit": float(found.lower[last]),
        "upper_limit": float(found.upper[last]),
        "is_trial": "yes" if found.is_trial[last] else "no",
        "signal": NO_SIGNAL,
    }
    told = [each for each in signals.signals_of(frame, item.unit, known, found) if each.places[-1] in mine]
    if told:
        newest = told[0]
        row |= {
            "signal": newest.rule,
            "since": periods[newest.places[0]],
            "until": periods[newest.places[-1]],
            "direction": _direction(item, newest.side),
        }
    return row


def _direction(item: Measure, side: int) -> str:
    """Better or worse by the direction that the measure has, neutral without one."""
    good = {"more_is_better": 1, "less_is_better": -1}.get(item.direction, 0)
    if not good:
        return "neutral"
    return "better" if side == good else "worse"
