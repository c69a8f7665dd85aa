"""What an import of the sample must find: the account of each file, the faults line by line, the totals."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from profiles.synthetic import draws, faults, marked, orders, response, voice
from profiles.synthetic.crimes import RECORDED
from profiles.synthetic.draws import NEVER, Bools, Ints
from profiles.synthetic.feeds import Feed
from profiles.synthetic.marked import NO_CRIME, Finding
from profiles.synthetic.offences import STALKING
from profiles.synthetic.world import World, fall_start
from profiles.synthetic.writing import Blemishes, Sheet

Places = dict[str, list[dict[str, Any]]]
"""For each kind of fault where it stands: file, line and, of a single cell, its column."""


@dataclass(frozen=True)
class Fates:
    """For each unit of a feed, extract by extract, what becomes of its rows when all are imported."""

    accepted: list[Bools]
    unchanged: list[Bools]
    superseded: list[Bools]

    @property
    def held(self) -> list[Bools]:
        """The units each extract holds."""
        parts = zip(self.accepted, self.unchanged, self.superseded, strict=True)
        return [accepted | unchanged | superseded for accepted, unchanged, superseded in parts]

    @property
    def once(self) -> Bools:
        """The units that stand in one extract only."""
        found: Bools = np.sum(self.held, axis=0) == 1
        return found


@dataclass(frozen=True)
class Ledger:
    """Filled file by file: accounts, places of faults, and where each row finally stands."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: Places = field(default_factory=dict)
    stands: dict[str, tuple[Ints, Ints]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


def fates(rng: np.random.Generator, feed: Feed, extracts: list[int], touched_share: float) -> Fates:
    """Which units each extract holds: the new and the changed, and a few sent again as they were.

    An older extract's rows of a unit that changed later are superseded.
    """
    changed = [feed.changed(-NEVER, extracts[0])]
    changed += [feed.changed(after, until) for after, until in pairwise(extracts)]
    touched = [np.zeros(len(feed.created), dtype=np.bool_)]
    done = np.zeros(len(feed.created), dtype=np.bool_)
    for place in range(1, len(extracts)):
        calm = (feed.created <= extracts[place - 1]) & ~done
        for later in changed[place:]:
            calm &= ~later
        found = np.zeros(len(feed.created), dtype=np.bool_)
        found[draws.spread(rng, calm, max(1, round(touched_share * int(changed[place].sum()))))] = True
        touched.append(found)
        done |= found
    superseded: list[Bools] = []
    accepted: list[Bools] = []
    later = np.zeros(len(feed.created), dtype=np.bool_)
    for held in reversed(changed):
        superseded.insert(0, held & later)
        accepted.insert(0, held & ~later)
        later = later | held
    return Fates(accepted, touched, superseded)


def enter(
    ledger: Ledger, file: str, feed: Feed, sheet: Sheet, blemishes: Blemishes, fate: Fates, place: int
) -> None:
    """Bring one written file into the ledger."""
    lines = blemishes.lines_of(np.arange(len(sheet)))
    stays = fate.accepted[place][sheet.unit]
    counts = {
        "accepted": int(stays.sum()),
        "unchanged": int(fate.unchanged[place][sheet.unit].sum()),
        "superseded": int(fate.superseded[place][sheet.unit].sum()),
        "rejected": 0,
    }
    reasons: dict[str, int] = {}
    for insert, line in zip(blemishes.inserts, blemishes.insert_lines(), strict=True):
        counts[insert.fate] += 1
        if insert.fate == faults.REJECTED:
            reasons[insert.kind] = reasons.get(insert.kind, 0) + 1
        _place(ledger.faults, insert.kind, file, int(line), insert.column)
    for edit in blemishes.edits:
        _place(ledger.faults, edit.kind, file, int(lines[edit.row]), edit.column)
    ledger.files[file] = {
        "table": feed.table,
        "rows_in": len(sheet) + len(blemishes.inserts),
        **counts,
        "reasons": reasons,
    }
    where, line_of = ledger.stands.get(feed.name, (np.zeros(0, np.int64), np.zeros(0, np.int64)))
    size = max(len(where), int(sheet.row.max(initial=-1)) + 1)
    where = np.concatenate([where, np.full(size - len(where), -1)])
    line_of = np.concatenate([line_of, np.full(size - len(line_of), -1)])
    # Backwards, so that of several rows about one thing the first stays.
    where[sheet.row[stays][::-1]] = len(ledger.names)
    line_of[sheet.row[stays][::-1]] = lines[stays][::-1]
    ledger.stands[feed.name] = (where, line_of)
    ledger.names.append(file)


def _place(places: Places, kind: str, file: str, line: int, column: str) -> None:
    found: dict[str, Any] = {"file": file, "line": line}
    if column:
        found["column"] = column
    places.setdefault(kind, []).append(found)


def mark(ledger: Ledger, findings: tuple[Finding, ...]) -> None:
    """Bring what the checks find into the ledger, each at the line where it stands."""
    for finding in findings:
        ledger.faults.setdefault(finding.check, [])
        where, line_of = ledger.stands[finding.feed]
        for row in finding.rows:
            _place(ledger.faults, finding.check, ledger.names[where[row]], int(line_of[row]), finding.column)


def truth(ledger: Ledger, world: World, seed: int, first: int, until: int, scale: float) -> dict[str, Any]:
    """The whole of truth.json."""
    checks = [
        marked.REPEATS, marked.MISMATCH, marked.DISORDER, marked.HISTORIC, marked.CANCELS, marked.TRANSFERS,
        marked.ORGANISATION, marked.UNKNOWN_CODE, marked.UNKNOWN_DISTRICT, NO_CRIME, marked.WITHOUT_CRIME,
        marked.ENDS_EARLY, marked.EARLY_BREACH, marked.EARLY_REFERRAL,
    ]  # fmt: skip
    return {
        "marking": "SYNTHETIC",
        "seed": seed,
        "scale": scale,
        "from": draws.date_of(first).isoformat(),
        "until": draws.date_of(until).isoformat(),
        "as_at": draws.date_of(until).isoformat(),
        "files": ledger.files,
        "faults": {kind: {"count": len(rows), "rows": rows} for kind, rows in ledger.faults.items()},
        "findings": {check: len(ledger.faults.get(check, [])) for check in checks},
        "totals": _totals(world, until),
        "planted": _planted(world, until),
    }


def _totals(world: World, until: int) -> dict[str, Any]:
    """Crimes that count (neither cancelled nor transferred) and stalking by basis, in all and by month."""
    crimes = world.crimes
    counts = crimes.status_at(until) == RECORDED
    principal = counts & (crimes.offence == STALKING)
    masks = {
        "recorded_crimes": counts,
        "principal": principal,
        "included_only": counts & crimes.hidden,
        "any": principal | (counts & crimes.hidden),
    }
    months = crimes.recorded.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    low, size = int(months[0]), int(months[-1] - months[0]) + 1
    tallies = {name: np.bincount(months[mask] - low, minlength=size) for name, mask in masks.items()}
    by_month = {
        str(np.datetime64(low + place, "M")): {name: int(tally[place]) for name, tally in tallies.items()}
        for place in range(size)
    }
    return {
        "crime_records": len(crimes),
        "recorded_crimes": int(counts.sum()),
        "stalking": {name: int(masks[name].sum()) for name in ("principal", "included_only", "any")},
        "by_month": by_month,
    }


def _planted(world: World, until: int) -> dict[str, Any]:
    """What was put in on purpose beside the faults, that a page or a chart must show."""
    tracker, crimes = world.orders, world.crimes
    published = [text for text, _ in orders.FULL_ORDERS[1:-2]]
    return {
        "district_referral_fall": {
            "district": response.FALL_DISTRICT,
            "from": draws.date_of(fall_start(until)).isoformat(),
            "until": draws.date_of(until).isoformat(),
            "months": response.FALL_MONTHS,
            "referral_rate": response.FALL_RATE,
        },
        "full_orders_granted_by": {
            text: int((tracker.granted <= draws.day(text)).sum())
            for text in (*published, draws.date_of(until).isoformat())
            if draws.day(text) <= until
        },
        "surveyed_a_month": dict(zip(("stalking", "domestic abuse"), voice.MONTHLY, strict=True)),
        "reclassified_after_the_baseline": int((crimes.revised > 0).sum()),
    }
