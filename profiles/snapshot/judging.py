"""The table of verdicts: what is said of each published monthly series, from published figures alone."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from profiles import false_alarms, words
from profiles.catalogue import Measure, catalogue
from profiles.charts import processes, signals
from profiles.frames import Breaks
from profiles.periods import ALL, first_day, last_day, month_number
from profiles.snapshot.files import Field, Table
from profiles.snapshot.series import applying, bases_of, records, settled_until
from profiles.verdicts import CHANGED, LEAST, STEADY, TOO_FEW, holds, is_rare, judge, state

NOT_JUDGED = "not judged"
NO_SIGNAL = "none"

FIELDS = (
    Field("measure_id", "string", "Name of the measure; definitions.csv says what it counts."),
    Field("title", "string", "Title of the measure."),
    Field("basis", "string", "principal, included_only or any; fixed: bases compared; empty: no crimes."),
    Field("unit", "string", "Unit of the value, the average and the limits."),
    Field("stretch_since", "date", "First settled month since the last rebase: limits begin there."),
    Field("last_period", "date", "Newest settled month."),
    Field("value", "number", "Its figure; empty where the series is judged by quarter or year."),
    Field(
        "average",
        "number",
        "Average of the settled months since the last rebase; empty where a month counts too few to judge.",
    ),
    Field("lower_limit", "number", "Average less 2.66 mean moving ranges; not cut at zero."),
    Field("upper_limit", "number", "Average and 2.66 mean moving ranges; not cut at what can be."),
    Field(
        "signal",
        "string",
        "Newest signal: outside (the limits), shift (seven or more on one side of the average), trend (seven "
        "or more rising or falling), near (two of three near one limit), none, or not judged. It holds "
        "while until is last_period; otherwise it has ended.",
    ),
    Field("since", "date", "First month of the signal."),
    Field("until", "date", "Last month of the signal."),
    Field(
        "direction",
        "string",
        "Of the newest signal: better, worse, neutral where no direction is agreed or signals that hold "
        "point both ways, or none.",
    ),
    Field("months", "integer", "Settled months on which average and limits rest."),
    Field("is_trial", "string", "yes where they are fewer than 13, so that limits still move; otherwise no."),
    Field(
        "sentence",
        "string",
        "The same in words: the first sentence says what holds now, or why there are too few to say.",
    ),
)

NAMES = tuple(field.name for field in FIELDS)


def verdicts(rows: pd.DataFrame, breaks: pd.DataFrame, as_at: str = "") -> Table:
    """The table `verdicts`: a row a measure and basis that has a control chart and figures for the force.

    Limits begin anew after each rebase that applies; provisional months take no part. A stretch with a
    confidential month has no limits; where the last stretch has one, or no months are given, the series is
    judged by quarter or by financial year, unless these hide one too. By `as_at` (ISO) a confidential
    month that is not settled is known as such.
    """
    whole = rows[(rows["dimension"] == ALL) & (rows["category"] == ALL)]
    parts = dict(iter(whole.groupby(["measure_id", "basis", "grain"], sort=False)))
    found = [
        _verdict({grain: parts.get((name, basis, grain)) for grain in SHORTEST}, item, basis, breaks, as_at)
        for name, item in catalogue().items()
        if item.chart == "xmr"
        for basis in bases_of(item)
        if any((name, basis, grain) in parts for grain in SHORTEST)
    ]
    return Table(
        "verdicts",
        "Verdicts",
        "What is said of each monthly series of the force as a whole: what holds at its newest settled "
        "month, by process-behaviour charts of the published figures since the last rebase.",
        FIELDS,
        pd.DataFrame(found, columns=list(NAMES)),
        ("measure_id", "basis"),
    )


SHORTEST = ("month", "quarter", "financial_year")
"""The periods by which a series is judged: the first that is given without a confidential one."""
LENGTHS = {"month": 1, "quarter": 3, "financial_year": 12}


def _verdict(
    parts: Mapping[str, pd.DataFrame | None], item: Measure, basis: str, breaks: pd.DataFrame, as_at: str
) -> dict[str, Any]:
    known = applying(breaks, item, basis)
    until = settled_until(item, as_at).isoformat()
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
    given = [(grain, part) for grain, part in parts.items() if part is not None]
    opened = [(LENGTHS[grain], *_opened(part, LENGTHS[grain], known, until)) for grain, part in given]
    shown = [(months, frame) for months, frame, is_hidden in opened if not is_hidden]
    # Of longer periods at least one must be settled, or the months say as much.
    shown = [each for each in shown if each[0] == 1 or not np.isnan(processes.settled(each[1])).all()]
    if not shown:
        why = words.marker("[c]") if opened[0][2] else words.marker("[x]")
        return row | {"sentence": words.sentence(f"too few to say: a month since the last rebase is {why}")}
    months, frame = shown[0]
    series = processes.series_of(frame, item.unit, known, item.direction, months)
    # A longer period is named by its last month, which the signal is part of.
    begins = frame["period"].tolist()
    closing = [first_day(month_number(date.fromisoformat(text)) + months - 1) for text in begins]
    frame = frame.assign(period=[month.isoformat() for month in closing])
    verdict = judge(series)
    row["sentence"] = signals.process_sentence(frame, item.unit, verdict)
    places = np.flatnonzero(~np.isnan(series.values))
    if not len(places):
        return row
    mine = places[series.stretches[places] == series.stretches[places[-1]]]
    first, last = int(mine[0]), int(mine[-1])
    periods = frame["period"].tolist()
    row |= {"stretch_since": begins[first], "last_period": periods[last], "months": months * len(mine)}
    chart = verdict.monthly
    if months == 1:
        row["value"] = float(series.values[last])
    if months == 1 and not math.isnan(chart.lower[last]):
        ends = {"average": chart.centre, "lower_limit": chart.lower, "upper_limit": chart.upper}
        # More places of a count would say more than is known.
        row |= {name: round(float(each[last]), 2 if item.is_count else 15) for name, each in ends.items()}
        row["is_trial"] = "yes" if chart.is_trial[last] else "no"
    if verdict.now == TOO_FEW:
        return row
    row["signal"] = NO_SIGNAL
    for newest in (*verdict.holding, *verdict.ended)[:1]:
        side = verdict.side if verdict.holding else newest.side
        opens, closes = (verdict.points.ends[place] for place in (newest.places[0], newest.places[-1]))
        row |= {
            "signal": newest.rule,
            "since": begins[opens - verdict.points.entries + 1],
            "until": periods[closes],
            "direction": DIRECTIONS[state(side, item.direction)],
        }
    return row


def _opened(part: pd.DataFrame, months: int, known: Breaks, until: str) -> tuple[pd.DataFrame, bool]:
    """The rows in their order without the figures of stretches that hide one, and whether the last does."""
    frame = part.sort_values("period", kind="stable").reset_index(drop=True)
    numbers = [month_number(date.fromisoformat(text)) + months - 1 for text in frame["period"]]
    is_open = np.array([last_day(number).isoformat() > until for number in numbers], dtype=bool)
    frame.loc[is_open & (frame["marker"] == "[c]").to_numpy(), "marker"] = "[p]"
    return processes.without_hidden(frame, known, months)


DIRECTIONS = {"improving": "better", "worsening": "worse", "changed": "neutral"}
"""How the table spells what a signal says."""
STATES = {spelt: said for said, spelt in DIRECTIONS.items()}


@dataclass(frozen=True)
class Told:
    """A line of the table as read: what holds now, since and until when, and the first sentence.

    `now` is improving, worsening, changed, steady or too few to say; `signal` is the rule of what holds.
    """

    now: str
    sentence: str
    signal: str
    since: str
    until: str

    @property
    def direction(self) -> str:
        """better, worse or neutral while a signal holds, otherwise none; empty where too few tell."""
        return DIRECTIONS.get(self.now, NO_SIGNAL if self.now == STEADY else "")


NO_SIGNAL_NOW = "No signal holds now."


def usual(table: pd.DataFrame) -> list[tuple[Measure, Mapping[str, Any], Told]]:
    """Every line of the table on the usual basis of its measure, with what it says now."""
    known = catalogue()
    lines = [(known[line["measure_id"]], line) for line in records(table) if line["measure_id"] in known]
    return [(item, line, told(line)) for item, line in lines if line["basis"] == bases_of(item)[0]]


def among(states: Iterable[str]) -> str:
    """How many charts with those verdicts show a signal now, and how many chance would give; empty for none.

    Chance is put at the highest rate of any size that is judged, as if the charts were apart.
    """
    judged = [now for now in states if now != TOO_FEW]
    if not judged:
        return ""
    held = sum(now != STEADY for now in judged)
    expected = len(judged) * false_alarms.highest(LEAST)
    shows = f"{held or 'none'} {'show' if held > 1 else 'shows'} a signal now"
    show = f"we checked {len(judged)} control charts: {shows}"
    if len(judged) == 1:
        show = f"we checked one control chart: it shows {'a' if held else 'no'} signal now"
    least = f"by chance alone {words.expected(expected)} would"
    if not held:
        return words.sentence(f"{show}; {least}")
    is_sure = false_alarms.at_least(held, expected) < false_alarms.UNLIKELY
    sure = (
        "so many are unlikely to be chance, though one of them may be"
        if is_sure and held > 1
        else ("that is unlikely to be chance" if is_sure else "chance alone can give as many")
    )
    return words.sentence(f"{show}; {least}: {sure}")


def told(line: Mapping[str, Any]) -> Told:
    """What a line of the table says now, also one of a snapshot of before, where a signal may have ended."""
    sentence = f"{line['sentence'].partition('. ')[0].removesuffix('.')}."
    average = float(pd.to_numeric(str(line.get("average")), errors="coerce"))
    if line["signal"] == NOT_JUDGED:
        return Told(TOO_FEW, sentence, "", "", "")
    until, last = line["until"] or "", line["last_period"] or ""
    if is_rare(line["unit"], average):
        why = f"too few to say: {average:.1f} a month on average are too few for a control chart"
        return Told(TOO_FEW, words.sentence(why), "", "", "")
    if line["signal"] == NO_SIGNAL or not holds(until, last):
        # Before, the first sentence told of a signal that has ended.
        return Told(STEADY, sentence if sentence.startswith("No signal") else NO_SIGNAL_NOW, "", "", "")
    return Told(STATES.get(line["direction"], CHANGED), sentence, line["signal"], line["since"], until)
