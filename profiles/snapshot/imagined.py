"""An imagined force: records drawn from all that the contract allows, to see what its counts have in common.

What holds of the counts of every single day here, where each column of a record is drawn by itself, holds
whatever a force's data are: it follows from what the measures count.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from profiles import contracts, warehouse
from profiles.contracts import TABLES, Column, Table
from profiles.warehouse import Connection, marts, raw_tables

CRIMES = 10000
"""Crimes of an imagined force, one a day: more than there are counts to tell apart."""
FIRST, AS_AT = date(2003, 4, 1), date(2060, 3, 31)
SOURCE = "imagined"

AFTER = (
    -40,
    -2,
    -2,
    -1,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    1,
    1,
    1,
    1,
    1,
    2,
    2,
    2,
    3,
    10,
    20,
    27,
    28,
    29,
    55,
    60,
    80,
    89,
    90,
    91,
    170,
    181,
    200,
    364,
    370,
    500,
    731,
    1096,
    1826,
    3652,
)
"""Days from a crime to what follows it: on both sides of every limit that a measure has."""
MISSING = 0.1
"""Share of the cells that are blank, where a column may be."""
SELDOM = {
    ("crime_suspects", "relationship"): 0.85,
    ("crimes", "mode"): 0.3,
    ("crimes", "domestic_abuse_flag"): 0.25,
    ("crimes", "relationship"): 0.25,
}
"""The share of blank cells where another cell counts before this one: of several the closest; and where blank
is a category that others are counted apart from."""
WORDS = ("first word", "second word", "third word")
"""The texts in a column that may hold any: what holds of one, or of all, holds of any force's own."""

OFTEN: dict[str, tuple[str, ...]] = {
    "ho_class": (*("8Q",) * 4, *("1", "105A", "30C")),
    "ho_code": ("195/12", "8/65", "1/1", "8/41"),
    "classification": ("8Q", "8/65", "1", "105A"),
    "outcome_code": (
        *("1", "1", "1", "1a", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"),
        *("14", "14", "14", "15", "16", "16", "16", "17", "17", "17", "18", "18", "19", "20", "20"),
        *("21", "21", "22", "99"),
    ),
    # What only some of these lead to is counted often enough to be told apart.
    "referral_status": (*("referred",) * 6, *("opted out",) * 3, *contracts.SUPPORT_STATUS),
    # A relationship that is not the closest is known of few.
    "relationship": (*("stranger",) * 6, *contracts.RELATIONSHIPS),
    "event": (*("granted", "breached", "breached", "applied") * 2, *contracts.SPO_EVENTS),
}
"""Codes, and words of which some are to come more often than others."""
MOST = {"spo_events": 4, "crime_suspects": 3, "crime_victims": 4, "outcomes": 3}
"""The most records that belong to one, where it is not two: what several do must come often enough."""
CLASSES = ("1", "105A", "30C")
"""Home Office classes of which none is special."""
APART = ("calls", "partner_referrals", "survey_answers")
"""Tables of which a record has a day of its own, whatever the crime's."""


def imagined(seed: int, count: int = CRIMES) -> Connection:
    """A warehouse in memory of so many imagined crimes, and of all that belongs to them."""
    draw = np.random.default_rng(seed)
    con = warehouse.connect()
    raw_tables.create_raw(con)
    held: dict[str, pd.DataFrame] = {}
    for name, table in TABLES.items():
        if not table.is_reference:
            held[name] = _records(draw, table, held, count)
            _insert(con, name, held[name])
    for target in contracts.DEFAULT_TARGETS:
        con.execute(
            "insert into meta.targets values ($source, $target)", {"source": SOURCE, "target": target}
        )
    for name in contracts.CAPABILITIES:
        con.execute(
            "insert into meta.declared values ($source, $name, true)", {"source": SOURCE, "name": name}
        )
    marts.build(con)
    return con


def _records(
    draw: np.random.Generator,
    table: Table,
    held: Mapping[str, pd.DataFrame],
    count: int,
) -> pd.DataFrame:
    """The records of one table; what belongs to a record of another lies some days after it."""
    days = np.array([FIRST + timedelta(days=number) for number in range(count)], dtype=object)
    if table.name in APART:
        # What is counted by a day of its own must not meet crimes there.
        days = days + timedelta(days=(1 + APART.index(table.name)) * count + max(AFTER) * 2)
    of: dict[str, NDArray[Any]] = {}
    if table.name == "support":
        victims = held["crime_victims"].sample(frac=0.9, random_state=1)
        of = {name: victims[name].to_numpy(dtype=object) for name in ("crime_ref", "victim_id")}
    elif table.parent and table.parent in held:
        key = TABLES[table.parent].key[0]
        refs = held[table.parent][key].to_numpy(dtype=object)
        of = {key: np.repeat(refs, draw.integers(0, MOST.get(table.name, 2) + 1, len(refs)))}
    elif table.name != "crimes" and "crime_ref" in table.names:
        refs = draw.permutation(held["crimes"]["crime_ref"].to_numpy(dtype=object))
        refs[draw.random(count) < MISSING] = None
        of = {"crime_ref": refs}
    elif table.name == "survey_answers":
        of = {"response_id": np.array([f"response {number // 6}" for number in range(count)], dtype=object)}
    rows = len(next(iter(of.values()))) if of else count
    if "crime_ref" in of and table.name not in APART:
        first = pd.Series(days, index=held["crimes"]["crime_ref"])
        base = first.loc[of["crime_ref"]].to_numpy()
    elif "order_id" in of:
        crimes = held["spo_orders"].set_index("order_id")["crime_ref"].loc[of["order_id"]]
        base = pd.Series(days, index=held["crimes"]["crime_ref"]).loc[crimes].to_numpy()
    else:
        base = days[:rows]
    found = {
        column.name: of[column.name] if column.name in of else _cells(draw, table, column, base)
        for column in table.columns
    }
    out = pd.DataFrame(found)
    if table.name in ("crimes", "calls", "partner_referrals", "survey_answers"):
        out[table.date] = base
    return out.drop_duplicates(list(table.key), ignore_index=True)


def _cells(draw: np.random.Generator, table: Table, column: Column, base: NDArray[Any]) -> NDArray[Any]:
    """The cells of one column, each drawn by itself."""
    count = len(base)
    if column.is_identifier:
        is_own = column.name in table.key and column.name not in ("victim_id", "suspect_id")
        numbers = np.arange(count) if is_own else draw.integers(0, max(count // 2, 1), count)
        cells = np.array([f"{column.name} {number}" for number in numbers], dtype=object)
    elif column.kind in ("date", "timestamp"):
        after = draw.choice(np.array(AFTER), count)
        cells = np.array(
            [day + timedelta(days=int(gap)) for day, gap in zip(base, after, strict=True)], dtype=object
        )
        if column.kind == "timestamp":
            hours = draw.integers(0, 24, count)
            cells = np.array(
                [
                    datetime(day.year, day.month, day.day, hour)
                    for day, hour in zip(cells, hours.tolist(), strict=True)
                ],
                dtype=object,
            )
    elif column.kind in ("integer", "number"):
        cells = draw.integers(int(column.minimum or 0), int(column.maximum or 9) + 1, count).astype(object)
    else:
        cells = draw.choice(np.array(OFTEN.get(column.name) or column.allowed or WORDS, dtype=object), count)
    if not column.required and column.name not in table.key:
        cells[draw.random(count) < SELDOM.get((table.name, column.name), MISSING)] = None
    return cells


def _insert(con: Connection, name: str, rows: pd.DataFrame) -> None:
    """Put the records of a table into the warehouse."""
    lined = rows.assign(source=SOURCE, extract_date=AS_AT, file_id=1, line=range(len(rows)))
    raw_tables.fill(con, name, lined)
    con.execute(
        "insert into meta.files "
        "(file_id, file, sha256, source, table_name, extract_date, rows_in, is_synthetic) "
        "values (1, $name, '', $source, $name, $as_at, $rows, true)",
        {"name": name, "source": SOURCE, "as_at": AS_AT, "rows": len(rows)},
    )
