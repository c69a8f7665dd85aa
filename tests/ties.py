"""Ties of counts by linear algebra, and random marts with random measures to find them in."""

import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from profiles import warehouse
from profiles.snapshot.completing import PRIME
from profiles.snapshot.identities import Identities
from profiles.snapshot.imagined import WORDS
from profiles.snapshot.signatures import Series, Signatures
from profiles.warehouse import SQL, raw_tables

Whole = NDArray[np.int64]
FIRST = date(2010, 1, 1)


# ---- linear algebra


def said(found: Identities, series: Sequence[Series]) -> Whole:
    """A row for each sum over the series that these identities say is 0."""
    at: dict[int, int] = {}
    rows: list[dict[int, int]] = []
    for number, each in enumerate(series):
        place = found.place[each]
        if place < 0:
            rows.append({number: 1})
        elif place in at:
            rows.append({number: 1, at[place]: -1})
        at.setdefault(place, number)
    rows += [{at[place]: sign for place, sign in terms} for terms in found.sums]
    out = np.zeros((len(rows), len(series)), dtype=np.int64)
    for row, terms in enumerate(rows):
        out[row, list(terms)] = list(terms.values())
    return out


def inside(found: Identities, series: Sequence[Series]) -> NDArray[np.bool_]:
    """For each two series whether the first is never more than the second by these identities."""
    is_in = np.eye(found.count, dtype=bool)
    for terms in (*found.sums, *found.limits):
        for sign in (1, -1) if terms in found.sums else (-1,):
            wholes = [(place, each) for place, each in terms if each * sign > 0]
            if len(wholes) == 1 and wholes[0][1] == sign:
                is_in[[place for place, _ in terms], wholes[0][0]] = True
    while (further := (is_in.astype(np.float32) @ is_in.astype(np.float32)) > 0).sum() > is_in.sum():
        is_in = further
    places = np.array([found.place[each] for each in series])
    out: NDArray[np.bool_] = is_in[np.ix_(places, places)]
    out[:, places < 0] = False
    out[places < 0] = True
    return out


def broken(found: Identities, days: Signatures) -> list[Any]:
    """The identities that the days of another force break."""
    counts = np.zeros((found.count, days.counts.shape[1]), dtype=np.int64)
    faults: list[Any] = []
    for each, row in zip(days.series, days.counts, strict=True):
        place = found.place.get(each, -1)
        if place >= 0 and counts[place].any() and (counts[place] != row).any():
            faults.append(each)
        elif place >= 0:
            counts[place] = row
        elif row.any():
            faults.append(each)

    def sums(terms: tuple[tuple[int, int], ...]) -> Whole:
        return np.sum([sign * counts[place] for place, sign in terms], axis=0)

    faults += [terms for terms in found.sums if sums(terms).any()]
    faults += [terms for terms in found.limits if (sums(terms) > 0).any()]
    faults += [terms for terms, since in found.later if sums(terms)[days.months >= since].any()]
    return faults


def aligned(days: Signatures, series: Sequence[Series], *, by_month: bool = False) -> Whole:
    """The counts of the series, a row each, on each different day, or in each month of days."""
    assert set(days.series) <= set(series)
    at = {each: number for number, each in enumerate(series)}
    out = np.zeros((len(series), days.counts.shape[1]), dtype=np.int64)
    out[[at[each] for each in days.series]] = days.counts
    if not by_month:
        return np.unique(out, axis=1)
    starts = np.flatnonzero(np.diff(days.months, prepend=-1))
    return np.add.reduceat(out, starts, axis=1)


def words(terms: Whole, series: Sequence[Series]) -> str:
    """A sum of series in words."""
    whole = np.where(terms > PRIME // 2, terms - PRIME, terms)
    return " ".join(
        f"{whole[at]:+d} {'/'.join(filter(None, series[at]))}" for at in np.flatnonzero(whole).tolist()
    )


# ---- random marts and measures

MODES, ANSWERS = ("online", "both", "offline", None), ("yes", "no", None)
FLAGS = ("is_a", "is_b", "is_c")
PREDICATES = (
    *FLAGS,
    "not is_a",
    "is_a and is_b",
    "is_a or is_b",
    "is_b and not is_c",
    "is_a <> is_c",
    "mode in ('online', 'both')",
    "mode = 'offline' and is_a",
    "domestic = 'yes'",
    "domestic = 'no' or is_c",
    "mode is null",
)
TYPES = {"online": "online", "domestic": "domestic", "stranger": "stranger"}


def _atom(types: list[str], is_recorded: bool) -> str:
    if not types:
        return "none of these" if is_recorded else "not recorded"
    return f"{types[0]} only" if len(types) == 1 else " + ".join(types)


def mart(draw: np.random.Generator, count: int, *, is_even: bool) -> pd.DataFrame:
    """Random records, one a day: each column by itself where it `is_even`, else as a force with habits has.

    By habit some values come seldom, *both* never, and *a* never together with *b*.
    """

    def pick(values: Sequence[Any]) -> NDArray[Any]:
        share = None if is_even else draw.dirichlet(np.ones(len(values)))
        return draw.choice(np.array(values, dtype=object), count, p=share)

    frame = pd.DataFrame(
        {
            "source": "made up",
            "day": [FIRST + timedelta(days=number) for number in range(count)],
            "basis": pick(["principal", "included_only"]),
            "district": pick([*WORDS, None]),
            "mode": pick(MODES),
            "domestic": pick(ANSWERS),
            **{flag: pick([True, False]).astype(bool) for flag in FLAGS},
        }
    )
    if not is_even:
        frame["is_b"] &= ~frame["is_a"]
        frame.loc[frame["mode"] == "both", "mode"] = None
    marks = zip(
        frame["mode"].isin(["online", "both"]).tolist(),
        (frame["domestic"] == "yes").tolist(),
        frame["is_c"].tolist(),
        (frame["mode"].notna() & frame["domestic"].notna()).tolist(),
        strict=True,
    )
    held = [([name for name, is_it in zip(TYPES, mark, strict=False) if is_it], mark[3]) for mark in marks]
    frame["atom"] = [_atom(types, is_recorded) for types, is_recorded in held]
    frame["typology"] = [types or [_atom(types, is_recorded)] for types, is_recorded in held]
    return frame


def force(frame: pd.DataFrame) -> warehouse.Connection:
    """A warehouse in memory whose one mart holds the records."""
    con = warehouse.connect()
    raw_tables.create_raw(con)
    con.register("rows_in", frame)
    con.execute("create table marts.records as select * from rows_in")
    con.unregister("rows_in")
    return con


def forces(seed: int, number: int, count: int, *, is_even: bool) -> warehouse.Connection:
    """So many forces of so many random records each, one after the other in one mart."""
    parts = [
        mart(np.random.default_rng([seed, each, is_even]), count, is_even=is_even) for each in range(number)
    ]
    for each, part in enumerate(parts):
        part["day"] += timedelta(days=each * (count + 31))
    return force(pd.concat(parts, ignore_index=True))


def measured(seed: int, folder: Path, count: int = 5) -> Path:
    """The folder, with so many random measures of such a mart: what they count, on which bases, by what."""
    draw = np.random.default_rng([seed, 99])
    for layer in ("marts", "measures"):
        (folder / layer).mkdir(parents=True)
    dimensions = ("district", "mode", "domestic", "typology", "atom")
    (folder / "marts" / "records.sql").write_text(
        f"-- grain: one\n-- key: source\n-- feed: crimes\n-- dimensions: {', '.join(dimensions)}\nselect 1",
        encoding="utf-8",
    )
    for number in range(count):
        first, second = draw.choice(np.array(PREDICATES), 2, replace=False).tolist()
        narrowed = draw.choice(np.array(["", f"where {second}"]))
        is_share = bool(draw.random() < 0.5)
        top = f"count(*) filter (where {first})" if is_share else "count(*)"
        where = narrowed if is_share or number == 0 else f"where {first}"
        lines = {
            "title": "T",
            "note": "n",
            "unit": "percent" if is_share else "count",
            "reads": "records",
            "date": "day",
            "numerator": "n",
            **({"denominator": "d"} if is_share else {}),
            "bases": str(draw.choice(np.array(["none", "any, principal, included_only"]))),
            "released": ", ".join(draw.choice(np.array(dimensions), 2, replace=False).tolist()),
            **({"crossed": "mode × domestic"} if number == 1 else {}),
        }
        below = "count(*)" if is_share else "null"
        (folder / "measures" / f"m{number}.sql").write_text(
            "\n".join(f"-- {key}: {value}" for key, value in lines.items())
            + f"\nselect category, period, {top} as numerator, {below} as denominator\n"
            + f"from selected {where} group by all\n",
            encoding="utf-8",
        )
    return folder


# ---- one measure more

NEW_ID = "zz_online"
NEW = """-- title: Crimes online
-- note: a crime counts once
-- unit: count
-- reads: stalking_crimes
-- date: recorded_date
-- numerator: stalking-involved crimes that were online, in part or wholly
-- bases: any, principal, included_only
-- released: district
select category, period, count(*) as numerator, null as denominator
from selected
where mode in ('online', 'both')
group by all
"""
"""A measure that counts what the type *online* counts, and by district what nothing else counts."""


def with_new_measure(folder: Path) -> Path:
    """A copy of the SQL files with one measure more, the last by name."""
    shutil.copytree(SQL, folder)
    (folder / "measures" / f"{NEW_ID}.sql").write_text(NEW, encoding="utf-8")
    return folder
