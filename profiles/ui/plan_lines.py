"""The lines of the action plan as read from a snapshot: status, deadline, updates, and the figures beside."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from profiles import words
from profiles.snapshot.judging import Told, told
from profiles.snapshot.opened import Release
from profiles.snapshot.plan_history import order
from profiles.snapshot.plans import in_short
from profiles.snapshot.series import records

COMPLETE = "complete"

REPORTED = "Reported complete; "
"""How a sentence on a line begins whose figures differ."""

MEASURABILITIES = {
    "measured": "figures show it",
    "partly": "figures show part of it",
    "needs a feed": "a feed of data is missing",
    "narrative": "no figure can show it",
}


SIGNALS = {
    "outside": "a month outside the limits",
    "shift": "seven or more months on one side of the average",
    "trend": "seven or more months rising or falling",
    "near": "two of three months near one limit",
}
"""What a control chart found, in the words of its page; anything else speaks for itself."""


@dataclass(frozen=True)
class Evidence:
    """One figure beside a line: the figure in words, its verdict, and why it is here.

    `key` finds the same figure in another snapshot.
    """

    key: tuple[str, str, str, str]
    sentence: str
    verdict: str
    matched: str

    @property
    def chart(self) -> str:
        """What its control chart found, and whether that is better or worse, in words."""
        signal, _, direction = self.verdict.partition(", ")
        told = SIGNALS.get(signal, signal) or "no control chart"
        return f"{told}: {direction}" if direction else told

    @property
    def name(self) -> str:
        """What the figure is of, and its basis: the sentence up to its colon."""
        return self.sentence.partition(": ")[0]

    @property
    def figure(self) -> str:
        """The figure with what it is made of, interval and period: the sentence after its colon."""
        return words.sentence(self.sentence.partition(": ")[2])


@dataclass(frozen=True)
class Line:
    """One line of the plan. `percent` is nan where none is reported; `gaps` are neutral sentences."""

    ref: str
    requirement: str
    owner: str
    deadline: date | None
    status: str
    percent: float
    position: str
    measurability: str
    updated: str
    evidence: tuple[Evidence, ...]
    nothing: str
    gaps: tuple[str, ...]
    is_overdue: bool

    @property
    def standing(self) -> str:
        """Status and per cent in words."""
        done = "" if math.isnan(self.percent) else f", {words.number(self.percent, 'count')}%"
        return f"{self.status or 'status not reported'}{done}"

    @property
    def difference(self) -> str:
        """What its figures do not show though it is reported complete, that it is so reported said once."""
        return told_once(self.gaps)

    @property
    def done(self) -> float:
        """Per cent complete to sort by: none reported is the least."""
        return -1.0 if math.isnan(self.percent) else self.percent

    @property
    def deadline_words(self) -> str:
        """The deadline in words."""
        return words.day(self.deadline) if self.deadline else "no deadline"


@lru_cache(maxsize=8)
def lines(release: Release) -> tuple[Line, ...]:
    """Every line of the plan in the order of its numbers; none where the snapshot has no plan."""
    frame = release.table("action_plan")
    if frame.empty:
        return ()
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in records(frame):
        found.setdefault(row["plan_ref"], []).append(row)
    as_at = date.fromisoformat(release.manifest.as_at)
    table = release.table("verdicts")
    lines_of_verdicts = [] if table.empty else records(table)
    judged = {(line["measure_id"], line["basis"]): told(line) for line in lines_of_verdicts}
    return tuple(_line(ref, found[ref], as_at, judged) for ref in sorted(found, key=order))


def told_once(gaps: tuple[str, ...]) -> str:
    """What differs in sentences, of which the first alone says that the line is reported complete."""
    first, *others = gaps or ("",)
    if first.startswith(REPORTED):
        others = [words.sentence(each.removeprefix(REPORTED)) for each in others]
    return " ".join([first, *others])


def differing(release: Release) -> tuple[Line, ...]:
    """The lines that are reported complete and whose figures differ: each once, whatever differs in it."""
    return tuple(line for line in lines(release) if line.gaps)


def history(release: Release, ref: str) -> pd.DataFrame:
    """Every reported version of a line, the newest first, as words; empty where the snapshot has none."""
    frame = release.table("action_plan_history")
    if frame.empty:
        return frame
    mine = frame[frame["plan_ref"] == ref]
    return mine.iloc[::-1].reset_index(drop=True)


def earlier(before: Release | None, ref: str) -> dict[tuple[str, str, str, str], Evidence]:
    """The figures of a line in the snapshot before, by their keys; none without such a snapshot."""
    if before is None:
        return {}
    return {each.key: each for line in lines(before) if line.ref == ref for each in line.evidence}


Judged = Mapping[tuple[str, str], Told]
"""What the chart of a measure and basis says now."""


def _line(ref: str, rows: list[Mapping[str, Any]], as_at: date, judged: Judged) -> Line:
    first = rows[0]
    deadline = date.fromisoformat(first["deadline"]) if first["deadline"] else None
    status = first["reported_status"]
    evidence = [row for row in rows if row["measure_id"]]
    return Line(
        ref=ref,
        requirement=first["requirement"],
        owner=first["owner"],
        deadline=deadline,
        status=status,
        percent=float(first["percent_complete"]) if first["percent_complete"] else math.nan,
        position=first["reported_position"],
        measurability=first["measurability"],
        updated=first["updated"],
        evidence=tuple(_evidence(row, judged) for row in evidence),
        nothing="" if evidence else first["sentence"],
        gaps=tuple(dict.fromkeys(row["to_discuss"] for row in rows if row["to_discuss"])),
        is_overdue=bool(deadline and deadline < as_at and status.strip().lower() != COMPLETE),
    )


def _evidence(row: Mapping[str, Any], judged: Judged) -> Evidence:
    said = judged.get((row["measure_id"], row["basis"]))
    return Evidence(
        key=(row["measure_id"], row["basis"], row["dimension"], row["category"]),
        sentence=row["sentence"],
        # A snapshot of before told of signals that have ended too.
        verdict=in_short(said) if said and row["verdict"] else row["verdict"],
        matched=row["matched"],
    )
