"""Attack snapshots from their own files alone: work out how narrow a range each withheld count is left.

Run it: `python tests/attack_alone.py SNAPSHOT_DIR [SECOND_DIR ...] [--seconds N] [--truth FILE]`.

It imports nothing of the product. What it knows of the figures it knows as a reader does: from
definitions.csv, docs/ and the subject. The tables at the head say it; `Attack` turns them into equations over
counts, and then solves for the least and the most that each withheld count can be.
"""

import argparse
import itertools
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

Cond = frozenset[tuple[str, str]]
Key = tuple[str, str, Cond, str, str]
"""Quantity, basis, what it is narrowed to, first day ('' of a stock), last day."""

MANY = 5e6
WIDE, LEAST_UPPER = 5, 6
NOTHING: Cond = frozenset()
NO_SUPPORT = "evidential difficulties, victim does not support"
RECORDED, CLOSED, SUSPECT, VICTIMS, ORDERS = "crimes", "closed", "suspect", "victims", "granted"


def only(**one: str) -> Cond:
    """What a count is narrowed to."""
    return frozenset(one.items())


ALIASES: dict[tuple[str, str], tuple[str, Cond]] = {
    ("stalking_crimes", "n"): (RECORDED, NOTHING),
    ("stalking_rate", "n"): (RECORDED, NOTHING),
    ("stalking_rate", "d"): ("residents", NOTHING),
    ("residents", "n"): ("residents", NOTHING),
    ("outcomes_recorded", "n"): (RECORDED, NOTHING),
    ("risk_grades", "n"): (RECORDED, NOTHING),
    ("charge_rate", "n"): (RECORDED, only(outcome_group="charged")),
    ("charge_rate", "d"): (RECORDED, NOTHING),
    ("charge_rate_90", "d"): (RECORDED, NOTHING),
    ("charge_rate_180", "d"): (RECORDED, NOTHING),
    ("charge_rate_365", "d"): (RECORDED, NOTHING),
    ("time_limit_expired", "d"): (RECORDED, NOTHING),
    ("victim_does_not_support", "n"): (RECORDED, only(outcome_group=NO_SUPPORT)),
    ("victim_does_not_support", "d"): (RECORDED, NOTHING),
    ("crimes_with_suspect", "n"): (SUSPECT, NOTHING),
    ("spo_per_100_crimes", "d"): ("suspect in months of orders", NOTHING),
    ("spo_per_100_crimes", "n"): ("applications", NOTHING),
    ("spo_applications", "n"): ("applications", NOTHING),
    ("domestic_share", "n"): (RECORDED, only(domestic="yes")),
    ("domestic_share", "d"): (RECORDED, NOTHING),
    ("online_share", "n"): (RECORDED, only(typology="online")),
    ("online_share", "d"): (RECORDED, NOTHING),
    ("stranger_share", "n"): (RECORDED, only(relationship="stranger")),
    ("stranger_share", "d"): (RECORDED, NOTHING),
    ("domestic_recorded_share", "d"): (RECORDED, NOTHING),
    ("mode_recorded_share", "d"): (RECORDED, NOTHING),
    ("relationship_recorded_share", "d"): (RECORDED, NOTHING),
    ("impact_statement_rate", "d"): (RECORDED, NOTHING),
    ("risk_assessed", "d"): (RECORDED, NOTHING),
    ("specialist_allocation", "d"): (RECORDED, only(risk_grade="high")),
    ("included_only_share", "n"): (RECORDED + "/included_only", NOTHING),
    ("included_only_share", "d"): (RECORDED + "/any", NOTHING),
    ("included_uplift", "n"): (RECORDED + "/included_only", NOTHING),
    ("included_uplift", "d"): (RECORDED + "/principal", NOTHING),
    ("outcomes_closed", "n"): (CLOSED, NOTHING),
    ("charge_rate_closed", "n"): (CLOSED, only(outcome_group="charged")),
    ("charge_rate_closed", "d"): (CLOSED, NOTHING),
    ("outcome_in_90_days", "d"): ("closed in order", NOTHING),
    ("days_to_outcome", "d"): ("closed in order", NOTHING),
    ("allocated_in_two_days", "d"): ("allocated", NOTHING),
    ("days_to_allocate", "d"): ("allocated", NOTHING),
    ("stalking_victims", "n"): (VICTIMS, NOTHING),
    ("needs_assessment_rate", "d"): (VICTIMS, NOTHING),
    ("care_card_rate", "d"): (VICTIMS, NOTHING),
    ("referral_rate_specialist", "d"): (VICTIMS, NOTHING),
    ("referral_rate", "d"): (VICTIMS, NOTHING),
    ("support_declined", "d"): (VICTIMS, NOTHING),
    ("survey_coverage", "d"): (VICTIMS, NOTHING),
    ("referral_rate", "n"): (VICTIMS, only(referral_status="referred")),
    ("referral_rate_of_eligible", "n"): (VICTIMS, only(referral_status="referred")),
    ("referral_rate_of_eligible", "d"): ("eligible", NOTHING),
    ("support_declined", "n"): (VICTIMS, only(referral_status="opted out")),
    ("referral_days", "d"): ("referred in order", NOTHING),
    ("referred_in_two_days", "d"): ("referred in order", NOTHING),
    ("recorded_crimes", "n"): ("all crimes", NOTHING),
    ("with_included_share", "d"): ("all crimes", NOTHING),
    ("multi_agency_referrals", "n"): ("referrals", NOTHING),
    ("masip_referrals", "n"): ("referrals", only(forum="MASIP")),
    ("stalking_calls", "n"): ("calls", NOTHING),
    ("calls_recorded_as_crime", "d"): ("calls", NOTHING),
    ("survey_responses", "n"): ("responses", NOTHING),
    ("stalking_survey_responses", "n"): ("responses", only(survey="stalking")),
    ("survey_coverage", "n"): ("responses", only(survey="stalking")),
    ("satisfied_overall", "n"): ("satisfied", only(stage="whole experience")),
    ("satisfied_overall", "d"): ("scored", only(stage="whole experience")),
    ("satisfied", "n"): ("satisfied", NOTHING),
    ("satisfied", "d"): ("scored", NOTHING),
    ("arrest_rate", "d"): ("pairs", NOTHING),
    ("spo_considered", "n"): ("considered", NOTHING),
    ("spo_considered", "d"): ("suspect since", NOTHING),
    ("spo_granted", "n"): (ORDERS, NOTHING),
    ("spo_breach_rate", "d"): (ORDERS, NOTHING),
    ("spo_days_to_order", "d"): ("granted in order", NOTHING),
    ("spo_granted_in_56_days", "d"): ("granted in order", NOTHING),
    ("spo_days_to_application", "d"): ("applied in order", NOTHING),
    ("spo_applied_in_28_days", "d"): ("applied in order", NOTHING),
}
"""Figures that are one number under several names: measure and side; the quantity and what narrows it."""

NO_BASIS = {"applications", "responses", "residents"}
FIELDS: dict[str, tuple[tuple[str, Cond], tuple[str, Cond]]] = {
    "online or offline": ((RECORDED, only(mode="not recorded")), (RECORDED, NOTHING)),
    "domestic abuse flag": ((RECORDED, only(domestic="not recorded")), (RECORDED, NOTHING)),
    "relationship": ((RECORDED, only(relationship="not recorded")), (RECORDED, NOTHING)),
    "district": ((RECORDED, only(district="not recorded")), (RECORDED, NOTHING)),
    "risk grade": ((RECORDED, only(risk_grade="not recorded")), (RECORDED, NOTHING)),
    "platform": (("platform blank", NOTHING), (RECORDED, only(typology="online"))),
    "order considered": (("not considered", NOTHING), ("suspect since", NOTHING)),
}
"""Fields that are blank, as counts of crimes."""

STEPS = (
    "suspect identified",
    "order considered",
    "order applied for",
    "full order granted",
    "full order breached",
)
SAME_CATEGORY = {
    ("typology", "domestic"): ("domestic", "yes"),
    ("typology", "stranger"): ("relationship", "stranger"),
}
PARTITIONS = {
    *("district", "outcome_group", "risk_grade", "referral_status", "order_length", "call_type", "forum"),
    *(
        "mode",
        "domestic",
        "relationship",
        "principal_class",
        "repeat_victim",
        "spo_considered",
        "atom",
        "cell",
    ),
    *("check_name", "reason", "fate", "role"),
}
ATOMS = {
    "online + domestic + stranger": {"online", "domestic", "stranger"},
    "online + domestic": {"online", "domestic"},
    "online + stranger": {"online", "stranger"},
    "domestic + stranger": {"domestic", "stranger"},
    "online only": {"online"},
    "domestic only": {"domestic"},
    "stranger only": {"stranger"},
    "none of these": {"none of these"},
    "not recorded": {"not recorded"},
}
TYPES = {
    ("typology", "online"): "online",
    ("domestic", "yes"): "domestic",
    ("relationship", "stranger"): "stranger",
    ("typology", "none of these"): "none of these",
    ("typology", "not recorded"): "not recorded",
}
MODES = ("online", "both", "offline", "not recorded")
FLAGS = ("yes", "no", "not recorded")
RELATIONSHIPS = ("partner", "ex-partner", "family", "acquaintance", "stranger", "unknown", "not recorded")
KNOWN = {
    "mode": MODES,
    "domestic": FLAGS,
    "relationship": RELATIONSHIPS,
    "spo_considered": FLAGS,
    "risk_grade": ("standard", "medium", "high", "not recorded"),
    "referral_status": ("referred", "opted out", "unsafe to contact", "not transferred", "not recorded"),
    "repeat_victim": ("yes", "no", "not known"),
    "forum": ("MASIP", "MARAC", "MATAC", "MAPPA"),
    "atom": tuple(ATOMS),
    "outcome_group": (
        "charged",
        "out of court, formal",
        "out of court, informal",
        "taken into consideration",
        "diversionary",
        "evidential difficulties, victim supports",
        "evidential difficulties, victim does not support",
        "prevented or not in the public interest",
        "not in the public interest (police)",
        "no suspect",
        "passed to another body",
        "unknown code",
        "not yet assigned",
    ),
}
"""Categories that a dimension has whether or not they are seen; of the others all are taken to be seen."""
TYPE_DIMENSIONS = {"typology", "atom", "mode", "domestic", "relationship"}

Term = tuple[int, str, Cond]
SUMS: list[tuple[str, list[Term], str]] = [
    (
        "recorded + blank = all",
        [
            (1, "domestic_recorded_share.n", NOTHING),
            (1, RECORDED, only(domestic="not recorded")),
            (-1, RECORDED, NOTHING),
        ],
        "=",
    ),
    (
        "recorded + blank = all",
        [
            (1, "mode_recorded_share.n", NOTHING),
            (1, RECORDED, only(mode="not recorded")),
            (-1, RECORDED, NOTHING),
        ],
        "=",
    ),
    (
        "recorded + blank = all",
        [
            (1, "relationship_recorded_share.n", NOTHING),
            (1, RECORDED, only(relationship="not recorded")),
            (-1, RECORDED, NOTHING),
        ],
        "=",
    ),
    (
        "flag yes + no = recorded",
        [
            (1, "domestic_recorded_share.n", NOTHING),
            (-1, RECORDED, only(domestic="yes")),
            (-1, RECORDED, only(domestic="no")),
        ],
        "=",
    ),
    (
        "a type is within what is recorded",
        [(1, RECORDED, only(domestic="yes")), (-1, "domestic_recorded_share.n", NOTHING)],
        "<",
    ),
    (
        "a type is within what is recorded",
        [(1, RECORDED, only(typology="online")), (-1, "mode_recorded_share.n", NOTHING)],
        "<",
    ),
    (
        "a type is within what is recorded",
        [(1, RECORDED, only(relationship="stranger")), (-1, "relationship_recorded_share.n", NOTHING)],
        "<",
    ),
    (
        "online = mode online + both",
        [
            (1, RECORDED, only(typology="online")),
            (-1, RECORDED, only(mode="online")),
            (-1, RECORDED, only(mode="both")),
        ],
        "=",
    ),
    (
        "victims − opted out − unsafe = eligible",
        [
            (1, "eligible", NOTHING),
            (-1, VICTIMS, NOTHING),
            (1, VICTIMS, only(referral_status="opted out")),
            (1, VICTIMS, only(referral_status="unsafe to contact")),
        ],
        "=",
    ),
    (
        "eligible = referred + not transferred + blank",
        [
            (1, "eligible", NOTHING),
            (-1, VICTIMS, only(referral_status="referred")),
            (-1, VICTIMS, only(referral_status="not transferred")),
            (-1, VICTIMS, only(referral_status="not recorded")),
        ],
        "=",
    ),
    (
        "referred and opted out are disjoint",
        [
            (1, VICTIMS, only(referral_status="referred")),
            (1, VICTIMS, only(referral_status="opted out")),
            (-1, VICTIMS, NOTHING),
        ],
        "<",
    ),
    (
        "eligible and opted out are disjoint",
        [(1, "eligible", NOTHING), (1, VICTIMS, only(referral_status="opted out")), (-1, VICTIMS, NOTHING)],
        "<",
    ),
    (
        "outcomes are disjoint",
        [
            (1, RECORDED, only(outcome_group="charged")),
            (1, RECORDED, only(outcome_group=NO_SUPPORT)),
            (1, "time_limit_expired.n", NOTHING),
            (-1, RECORDED, NOTHING),
        ],
        "<",
    ),
    (
        "outcome 17 is within its group",
        [
            (1, "time_limit_expired.n", NOTHING),
            (-1, RECORDED, only(outcome_group="prevented or not in the public interest")),
        ],
        "<",
    ),
    (
        "a graded crime is assessed",
        [
            (1, RECORDED, NOTHING),
            (-1, RECORDED, only(risk_grade="not recorded")),
            (-1, "risk_assessed.n", NOTHING),
        ],
        "<",
    ),
    (
        "a graded crime is assessed",
        [(1, RECORDED, only(risk_grade="high")), (-1, "risk_assessed.n", NOTHING)],
        "<",
    ),
    (
        "blank and yes are disjoint",
        [
            (1, "impact_statement_rate.n", NOTHING),
            (1, "blank impact statement", NOTHING),
            (-1, RECORDED, NOTHING),
        ],
        "<",
    ),
    (
        "considered yes + no + blank",
        [(1, "considered", NOTHING), (1, "not considered", NOTHING), (-1, "suspect since", NOTHING)],
        "<",
    ),
    (
        "scored + no answer = asked",
        [(1, "scored", NOTHING), (1, "survey_no_answer.n", NOTHING), (-1, "survey_no_answer.d", NOTHING)],
        "=",
    ),
]
"""Sums of counts of one basis, period and narrowing: name, terms, whether they are '=' or '<' nothing."""

WITHIN: list[tuple[str, str]] = [
    *((f"charge_rate_{days}.n", RECORDED) for days in (90, 180, 365)),
    *((f"charge_rate_{days}.d", RECORDED) for days in (90, 180, 365)),
    ("spo_breach_rate.d", ORDERS),
    ("impact_statement_rate.n", RECORDED),
    ("risk_assessed.n", RECORDED),
    ("risk_assessed_72h.n", "risk_assessed.n"),
    ("risk_assessed_24h.n", "risk_assessed_72h.n"),
    ("risk_assessed_24h.n", "risk_assessed_24h.d"),
    ("risk_assessed_72h.n", "risk_assessed_72h.d"),
    ("risk_assessed_24h.d", RECORDED),
    ("risk_assessed_72h.d", "risk_assessed_24h.d"),
    ("closed in order", CLOSED),
    ("outcome_in_90_days.n", "closed in order"),
    ("allocated_in_two_days.n", "allocated"),
    (SUSPECT, RECORDED),
    (SUSPECT, "pairs"),
    ("step suspect identified", "pairs"),
    ("suspect in months of orders", SUSPECT),
    ("considered", "suspect since"),
    ("not considered", "suspect since"),
    ("arrest_rate.n", "pairs"),
    *((f"step {later}", f"step {earlier}") for earlier, later in itertools.pairwise(STEPS)),
    ("needs_assessment_rate.n", VICTIMS),
    ("care_card_rate.n", VICTIMS),
    ("referral_rate_specialist.n", VICTIMS),
    ("eligible", VICTIMS),
    ("referred_in_two_days.n", "referred in order"),
    ("calls_recorded_as_crime.n", "calls"),
    ("with_included_share.n", "all crimes"),
    ("granted in order", ORDERS),
    ("spo_granted_in_56_days.n", "granted in order"),
    ("spo_breach_rate.n", ORDERS),
    ("applied in order", "applications"),
    ("spo_applied_in_28_days.n", "applied in order"),
    ("supervisor_review_on_time.n", "supervisor_review_on_time.d"),
    ("spo_expiring.n", "spo_active.n"),
    ("satisfied", "scored"),
]
"""Quantities of one basis, period and narrowing of which the first is never more than the second."""

AGES = {"charge_rate_90": 90, "charge_rate_180": 180, "charge_rate_365": 365, "spo_breach_rate": 366}
"""Days until a crime, or an order, is old enough to be counted."""
ORDERS_BEGAN = "2020-02-01"


def words_of(column: pd.Series) -> dict[str, str]:
    """The words of a column by its index."""
    return {str(name): str(word) for name, word in column.items()}


def month_end(day: date) -> date:
    """The last day of the month of the day."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def moved(day: date, months: int) -> date:
    """The first day of the month so many months later."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def span(grain: str, period: str, as_at: date, is_stock: bool) -> tuple[str, str]:
    """The first and the last day that a figure is of; the first is '' for a stock."""
    if period == "all":
        return "", ""
    start = date.fromisoformat(period)
    if grain == "rolling_year":
        first, last = moved(start, -11), month_end(start)
    else:
        first = start
        last = month_end(moved(start, {"month": 1, "quarter": 3, "financial_year": 12}[grain] - 1))
    return "" if is_stock else first.isoformat(), min(last, as_at).isoformat()


def canonical(cond: Cond) -> Cond:
    """The narrowing with each category under one name."""
    return frozenset(SAME_CATEGORY.get(each, each) for each in cond)


def words(key: Key) -> str:
    """The key as a reader would say it."""
    quantity, basis, cond, first, last = key
    narrowed = ", ".join(f"{name} {value}" for name, value in sorted(cond))
    return f"{quantity}[{basis or '-'}{'; ' + narrowed if narrowed else ''}] {first or 'at'}..{last}"


@dataclass
class Row:
    """One equation or bound over counts: the sum of coefficient × count lies between low and high."""

    kind: str
    terms: dict[int, float]
    low: float
    high: float


@dataclass
class Attack:
    """What is known of the counts of some snapshots, and what follows from it."""

    index: dict[Key, int] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    targets: dict[int, str] = field(default_factory=dict)
    stocks: set[str] = field(default_factory=set)
    orders_begin: str = "2020-01-01"
    by: dict[int, str] = field(default_factory=dict)
    as_at: date = date.min
    seen: set[int] = field(default_factory=set)
    first: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    whole: sparse.csr_array | None = None
    across: sparse.csc_array | None = None

    def var(self, key: Key) -> int:
        """The number of the count."""
        if key not in self.index:
            self.index[key] = len(self.keys)
            self.keys.append(key)
            self.low.append(0)
            self.high.append(MANY)
        return self.index[key]

    def add(self, kind: str, terms: Iterable[tuple[float, int]], sense: str = "=", right: float = 0) -> None:
        """Add a row."""
        found: dict[int, float] = defaultdict(float)
        for coefficient, number in terms:
            found[number] += coefficient
        kept = {number: c for number, c in found.items() if c}
        if kept:
            self.rows.append(Row(kind, kept, right if sense == "=" else -np.inf, right))

    def read(self, folder: Path) -> None:
        """Read a snapshot's figures."""
        definitions = pd.read_csv(folder / "definitions.csv", dtype=str, keep_default_na=False).set_index(
            "measure_id"
        )
        figures = pd.read_csv(folder / "measures.csv", dtype=str, keep_default_na=False)
        if (folder / "manifest.json").exists():
            begins = json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("begins", {})
            self.orders_begin = max(self.orders_begin, begins.get("spo_per_100_crimes", ""))
        self.as_at = date.fromisoformat(figures["as_at"].iloc[0])
        is_rounded = '"disclosure_profile": "external"' in (folder / "datapackage.json").read_text()
        time_of = words_of(definitions["time"])
        sensitivity = words_of(definitions["sensitivity"])
        self.stocks |= {name for name, kind in time_of.items() if kind in ("stock", "standing")}
        for measure, _, text, key in named(figures, self.as_at, time_of):
            if sensitivity[measure] == "open" or text in ("", "[x]", "[z]", "[u]"):
                continue
            number = self.var(key)
            self.seen.add(number)
            if text == "[c]":
                self.low[number] = max(self.low[number], 1)
                self.targets.setdefault(number, sensitivity[measure])
                continue
            value = float(text)
            # People: 1 to 4 are withheld, so that a 0 is none. Answers of 1 and 2 are rounded to 0 as well.
            slack = 2 if is_rounded and (value or sensitivity[measure] == "answers") else 0
            self.low[number] = max(self.low[number], value - slack)
            self.high[number] = min(self.high[number], value + slack)
        for path in (folder / "fms.csv", folder / "data_quality.csv"):
            if path.exists():
                self._other(path, time_of, is_rounded)

    def _other(self, path: Path, time_of: dict[str, str], is_rounded: bool) -> None:
        """Take in the counts of another file of the snapshot."""
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if "financial_year" in table:
            table = table[(table["period_type"] == "actual") & (table["unit"] == "count")]
            table = table.assign(
                period=table["financial_year"].str[:4] + "-04-01",
                grain="financial_year",
                dimension="all",
                category="all",
                numerator=table["value"],
                denominator="",
            )
        else:
            table = table.assign(
                grain=np.where(table["period"] == "all", "all", "financial_year"),
                period=table["period"].str.replace(r"^(\d{4})/\d\d$", r"\1-04-01", regex=True),
            )
        table = table.assign(dimension_2="", category_2="")
        for _, _, text, key in named(table, self.as_at, time_of):
            number = self.index.get(key)
            if number in self.targets and text[:1].isdigit():
                value, slack = float(text), 2 if is_rounded else 0
                self.by[number] = f"given in {path.name}"
                self.low[number] = max(self.low[number], value - slack)
                self.high[number] = min(self.high[number], value + slack)

    # What is known of all of them.

    def relate(self) -> None:
        """Write down every relation between the counts read."""
        self._cells()
        self._pieces()
        self._since()
        self._types()
        self._partitions()
        self._table()
        self._bases()
        self._orders()
        self._outcomes_ever()
        self.first = (list(self.low), list(self.high))

    def doubt(self) -> int:
        """Forget the relations that the published figures break by themselves; how many there were."""
        kept = []
        for row in self.rows:
            least = sum(c * (self.low[n] if c > 0 else self.high[n]) for n, c in row.terms.items())
            most = sum(c * (self.high[n] if c > 0 else self.low[n]) for n, c in row.terms.items())
            if least <= row.high + 1e-6 and most >= row.low - 1e-6:
                kept.append(row)
        gone = len(self.rows) - len(kept)
        self.rows = kept
        return gone

    def _grouped(self) -> dict[tuple[str, str, str, str], dict[Cond, int]]:
        groups: dict[tuple[str, str, str, str], dict[Cond, int]] = defaultdict(dict)
        for (quantity, basis, cond, first, last), number in list(self.index.items()):
            groups[quantity, basis, first, last][cond] = number
        return groups

    def _cells(self) -> None:
        """Crimes by mode, flag and relationship together: every table of types is a sum over these."""
        groups = {
            group: known for group, known in self._grouped().items() if group[0] == RECORDED and group[2]
        }
        smallest: dict[str, list[tuple[str, str]]] = {}
        for quantity, basis, first, last in groups:
            if basis != "any" and any(
                "relationship" in dict(cond) and len(cond) == 1
                for cond in groups[quantity, basis, first, last]
            ):
                smallest.setdefault(basis, []).append((first, last))
        for basis, spans in smallest.items():
            smallest[basis] = [
                a for a in spans if not any(b != a and a[0] <= b[0] and b[1] <= a[1] for b in spans)
            ]
        for (quantity, basis, first, last), known in groups.items():
            inside = [
                (each, a)
                for each in smallest
                if basis in (each, "any")
                for a in smallest[each]
                if first <= a[0] and a[1] <= last
            ]
            is_covered = {
                min((a[0] for e, a in inside if e == each), default="") == first
                and max(a[1] for e, a in inside if e == each) == last
                for each in smallest
                if any(e == each for e, _ in inside)
            }
            if not inside or is_covered != {True} or (basis == "any" and len(smallest) != 2):
                continue
            if basis != "any" and len(inside) > 1:
                continue
            for cond, number in known.items():
                if not {name for name, _ in cond} <= TYPE_DIMENSIONS:
                    continue
                if basis == "any" and len(cond) < 2:
                    continue
                parts = [
                    (1.0, self.var((quantity, each, only(cell=" | ".join(cell)), *a)))
                    for each, a in inside
                    for cell in itertools.product(MODES, FLAGS, RELATIONSHIPS)
                    if all(_is_in(cell, one) for one in cond)
                ]
                self.add("types from mode × flag × relationship", [*parts, (-1, number)])

    def _pieces(self) -> None:
        """A period is the sum of the shorter ones in it."""
        spans: dict[tuple[str, str, Cond], dict[tuple[str, str], int]] = defaultdict(dict)
        for (quantity, basis, cond, first, last), number in list(self.index.items()):
            if first:
                spans[quantity, basis, cond][first, last] = number
        for (quantity, basis, cond), known in spans.items():
            if len(known) < 2:
                continue
            cuts = {first for first, _ in known} | {_next(last) for _, last in known}
            marks = sorted(cuts)
            at = {mark: i for i, mark in enumerate(marks)}
            for (first, last), number in known.items():
                inside = marks[at[first] : at[_next(last)] + 1]
                if len(inside) > 2:
                    parts = [
                        (1.0, self.var((quantity, basis, cond, a, _before(b))))
                        for a, b in itertools.pairwise(inside)
                    ]
                    self.add("periods add up", [*parts, (-1, number)])

    def _since(self) -> None:
        """Of crimes recorded since orders began, those with a suspect are all that have one."""
        # The first month that is given of what is held against orders is that in which their records begin.
        of = [self.keys[number] for number in self.seen]
        months = [
            key[3] for key in of if key[0] == "suspect in months of orders" and key[4][:7] == key[3][:7]
        ]
        begin = min(months, default=self.orders_begin)
        for (quantity, basis, cond, first, last), number in list(self.index.items()):
            if quantity == "suspect in months of orders" and first >= begin:
                self.add(
                    "same figure: with suspect",
                    [(1, number), (-1, self.var((SUSPECT, basis, cond, first, last)))],
                )
            if first < ORDERS_BEGAN:
                continue
            if quantity == "suspect since":
                self.add(
                    "same figure: with suspect",
                    [(1, number), (-1, self.var((SUSPECT, basis, cond, first, last)))],
                )
            if quantity == "step suspect identified" and first >= begin:
                self.add(
                    "same figure: pairs", [(1, number), (-1, self.var(("pairs", basis, cond, first, last)))]
                )
            for name, category in (("considered", "yes"), ("not considered", "not recorded")):
                other = (SUSPECT, basis, cond | only(spo_considered=category), first, last)
                if quantity == name and other in self.index:
                    self.add("same figure: considered", [(1, number), (-1, self.index[other])])

    def _types(self) -> None:
        """Types are sums of the eight atoms; those of two types at once as well."""
        for (quantity, basis, first, last), known in self._grouped().items():
            rests = defaultdict(list)
            for cond, number in known.items():
                typed = frozenset(each for each in cond if each in TYPES or each[0] == "atom")
                if typed:
                    rests[cond - typed].append((typed, number))
            for rest, typed_ones in rests.items():
                if not any(
                    ("typology", "none of these") in typed or dict(typed).get("atom")
                    for typed, _ in typed_ones
                ):
                    continue
                if any(name in TYPE_DIMENSIONS for name, _ in rest):
                    continue
                atoms = {
                    atom: self.var((quantity, basis, rest | only(atom=atom), first, last)) for atom in ATOMS
                }
                for typed, number in typed_ones:
                    if any(name == "atom" for name, _ in typed):
                        continue
                    parts = [
                        (1.0, at)
                        for atom, at in atoms.items()
                        if {TYPES[each] for each in typed} <= ATOMS[atom]
                    ]
                    self.add("types from atoms", [*parts, (-1, number)])
                for online, both in itertools.product(
                    [rest | only(mode="online")], [rest | only(mode="both")]
                ):
                    if online in known and both in known and rest | only(typology="online") in known:
                        self.add(
                            "online = mode online + both",
                            [
                                (1, known[online]),
                                (1, known[both]),
                                (-1, known[rest | only(typology="online")]),
                            ],
                        )

    def _partitions(self) -> None:
        """Categories of a dimension add up to the whole; some of them are never more than it."""
        categories: dict[tuple[str, str], set[str]] = defaultdict(set)
        for quantity, _, cond, _, _ in self.keys:
            for name, value in cond:
                categories[quantity, name].add(value)
        for (quantity, basis, first, last), known in self._grouped().items():
            parts: dict[tuple[Cond, str], dict[str, int]] = defaultdict(dict)
            for cond, number in known.items():
                for name, value in cond:
                    if name in PARTITIONS:
                        parts[cond - {(name, value)}, name][value] = number
                    elif name == "typology" and (whole := known.get(cond - {(name, value)})) is not None:
                        self.add("a category is within its whole", [(1, number), (-1, whole)], "<")
            for (rest, name), found in parts.items():
                is_all = len(found) > 1 and set(found) >= (
                    categories[quantity, name] | set(KNOWN.get(name, ()))
                )
                whole_key = (quantity, basis, rest, first, last)
                if whole_key not in self.index and not (is_all and rest):
                    continue
                whole = self.var(whole_key)
                self.add(
                    f"{name} adds up",
                    [*((1.0, each) for each in found.values()), (-1, whole)],
                    "=" if is_all else "<",
                )

    def _table(self) -> None:
        """The sums and containments of the tables at the head."""
        conds: dict[tuple[str, str, str], dict[str, dict[Cond, int]]] = defaultdict(lambda: defaultdict(dict))
        for (quantity, basis, cond, first, last), number in self.index.items():
            conds[basis, first, last][quantity][cond] = number
        for known in conds.values():
            for kind, terms, sense in SUMS:
                _, quantity, narrowed = terms[0]
                for cond in list(known.get(quantity, ())):
                    if not cond >= narrowed:
                        continue
                    rest = cond - narrowed
                    found = [(float(c), known.get(name, {}).get(rest | extra)) for c, name, extra in terms]
                    if any(
                        dict(rest).get(name, value) != value for _, _, extra in terms for name, value in extra
                    ):
                        continue
                    present = [(c, at) for c, at in found if at is not None]
                    # What is missing only makes the left side greater: without it the bound still holds.
                    is_looser = sense == "<" and all(c > 0 for c, at in found if at is None)
                    if len(present) == len(found) or (is_looser and len(present) > 1):
                        self.add(kind, present, sense)
            for inner, outer in WITHIN:
                for cond, number in known.get(inner, {}).items():
                    if (whole := known.get(outer, {}).get(cond)) is not None:
                        self.add(f"{inner} within {outer}", [(1, number), (-1, whole)], "<")
        for (quantity, basis, cond, first, last), number in list(self.index.items()):
            pairs = []
            if quantity == RECORDED and basis == "any":
                pairs = ["all crimes"]
            if quantity == RECORDED and basis == "included_only":
                pairs = ["all crimes", "with_included_share.n"]
            if quantity == "referred in order":
                pairs = []
                other = (VICTIMS, basis, cond | only(referral_status="referred"), first, last)
                if other in self.index:
                    self.add("referred in order within referred", [(1, number), (-1, self.index[other])], "<")
            if quantity == "specialist_allocation.n":
                other = (RECORDED, basis, cond | only(risk_grade="high"), first, last)
                if other in self.index:
                    self.add("specialist within high", [(1, number), (-1, self.index[other])], "<")
            if quantity == "platform blank":
                other = (RECORDED, basis, cond | only(typology="online"), first, last)
                if other in self.index:
                    self.add("platform within online", [(1, number), (-1, self.index[other])], "<")
            for outer in pairs:
                if (whole := self.index.get((outer, "", cond, first, last))) is not None:
                    self.add(f"stalking within {outer}", [(1, number), (-1, whole)], "<")

    def _bases(self) -> None:
        """Principal and included only make any."""
        for (quantity, basis, cond, first, last), number in list(self.index.items()):
            if basis != "any":
                continue
            principal = self.index.get((quantity, "principal", cond, first, last))
            included = self.index.get((quantity, "included_only", cond, first, last))
            found = [(1.0, each) for each in (principal, included) if each is not None]
            if found:
                self.add("bases add up", [*found, (-1, number)], "=" if len(found) == 2 else "<")
            if quantity == RECORDED and principal is not None:
                other = self.index.get((quantity, "any", cond | only(principal_class="8Q"), first, last))
                if other is not None and not any(name == "principal_class" for name, _ in cond):
                    self.add("principal = class 8Q", [(1, principal), (-1, other)])

    def _orders(self) -> None:
        """Orders in force are those granted so far less those ended; what ends soon has ended soon after."""
        groups: dict[Cond, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        for (quantity, _, cond, first, last), number in list(self.index.items()):
            if quantity in ("spo_active.n", "spo_expiring.n", "spo_granted_to_date.n"):
                groups[cond][quantity][last] = number
            elif quantity == ORDERS:
                groups[cond][quantity][f"{first} {last}"] = number
        for cond, of in groups.items():
            active, expiring, given = of["spo_active.n"], of["spo_expiring.n"], of["spo_granted_to_date.n"]
            days = sorted({*active, *expiring, *given})
            if not active:
                continue
            granted = {day: self.var(("spo_granted_to_date.n", "", cond, "", day)) for day in days}
            for name, at in of[ORDERS].items():
                first, last = name.split()
                before = _before(first)
                for day in (before, last):
                    if day not in granted:
                        granted[day] = self.var(("spo_granted_to_date.n", "", cond, "", day))
                self.add("granted so far adds up", [(1, granted[last]), (-1, granted[before]), (-1, at)])
            soon = {day: _later(day, 90) for day in expiring}
            marks = sorted({*days, *soon.values()})
            years = dict(cond).get("order_length", "").removesuffix(" years")
            old = {}
            if years.isdigit():
                old = {day: f"{int(day[:4]) - int(years)}{day[4:]}" for day in active if day[5:] != "02-29"}
            for day in sorted({*marks, *old.values()}):
                granted.setdefault(day, self.var(("spo_granted_to_date.n", "", cond, "", day)))
            for earlier, later in itertools.pairwise(sorted(granted)):
                self.add("granted so far never falls", [(1, granted[earlier]), (-1, granted[later])], "<")
            for day, at in granted.items():
                if day < ORDERS_BEGAN:
                    self.high[at] = 0
            ends = {day: self.var(("orders ended", "", cond, "", day)) for day in marks}
            for earlier, later in itertools.pairwise(marks):
                self.add("ended never falls", [(1, ends[earlier]), (-1, ends[later])], "<")
            for day, at in active.items():
                self.add("in force = granted − ended", [(1, at), (-1, granted[day]), (1, ends[day])])
            for day, before in old.items():
                since = [(-1.0, granted[day]), (1.0, granted[before])]
                self.add(
                    "orders of n years in force are of the last n years", [(1, active[day]), *since], "<"
                )
            for day, at in expiring.items():
                ended = [(-1.0, ends[soon[day]]), (1.0, ends[day])]
                self.add("what ends within 90 days has ended then", [(1, at), *ended], "<")
                # An order granted after the day may have ended as well.
                since = [(1.0, granted[day]), (-1.0, granted[soon[day]])]
                less = [(-c, n) for c, n in ended]
                self.add("what has ended 90 days later was to end or is new", [(-1, at), *less, *since], "<")

    def _outcomes_ever(self) -> None:
        """Over all years, crimes recorded with an outcome are those whose outcome was assigned."""
        years: dict[tuple[str, str, Cond], dict[tuple[str, str], int]] = defaultdict(dict)
        for (quantity, basis, cond, first, last), number in self.index.items():
            is_year = first[5:] == "04-01" and (last[5:] == "03-31" or last == self.as_at.isoformat())
            if is_year and last[:4] >= first[:4] and quantity in (RECORDED, CLOSED):
                years[quantity, basis, cond][first, last] = number
        for (quantity, basis, cond), closed in years.items():
            if quantity != CLOSED or ("outcome_group", "not yet assigned") in cond:
                continue
            terms = [(-1.0, number) for number in closed.values()]
            recorded = years.get((RECORDED, basis, cond), {})
            if recorded.keys() != closed.keys():
                continue
            terms += [(1.0, number) for number in recorded.values()]
            if "outcome_group" not in dict(cond):
                open_ones = years.get((RECORDED, basis, cond | only(outcome_group="not yet assigned")), {})
                if open_ones.keys() != closed.keys():
                    continue
                terms += [(-1.0, number) for number in open_ones.values()]
            self.add("outcomes of all years: recorded = closed", terms)

    # Solving.

    def propagate(self, rounds: int = 40) -> None:
        """Narrow the range of every count by one sum at a time until nothing changes."""
        rows, cols, data = [], [], []
        for i, row in enumerate(self.rows):
            for number, c in row.terms.items():
                rows.append(i)
                cols.append(number)
                data.append(c)
        r, k, size = np.array(rows), np.array(cols), np.array(data, dtype=float)
        low, high = np.array(self.low, dtype=float), np.array(self.high, dtype=float)
        right_low = np.array([row.low for row in self.rows])
        right_high = np.array([row.high for row in self.rows])
        count = len(self.rows)
        for _ in range(rounds):
            least = np.where(size > 0, size * low[k], size * high[k])
            most = np.where(size > 0, size * high[k], size * low[k])
            at_least = np.bincount(r, least, count)
            at_most = np.bincount(r, most, count)
            room_high = right_high[r] - (at_least[r] - least)
            room_low = right_low[r] - (at_most[r] - most)
            new_high = np.floor(np.where(size > 0, room_high, room_low) / size + 1e-6)
            new_low = np.ceil(np.where(size > 0, room_low, room_high) / size - 1e-6)
            before = low.copy(), high.copy()
            np.minimum.at(high, k, new_high)
            np.maximum.at(low, k, new_low)
            changed = (low > before[0]) | (high < before[1])
            for j in np.flatnonzero(
                changed[k]
                & (
                    (new_high == high[k]) & (high[k] < before[1][k])
                    | (new_low == low[k]) & (low[k] > before[0][k])
                )
            ):
                if k[j] in self.targets:
                    self.by[int(k[j])] = self.rows[r[j]].kind
            if not changed.any():
                break
            if (empty := np.flatnonzero(low > high + 1e-6)).size:
                for number in empty[:5]:
                    for j in np.flatnonzero(k == number):
                        if new_high[j] < before[0][number] or new_low[j] > before[1][number]:
                            print(
                                "contradiction:",
                                words(self.keys[number]),
                                before[0][number],
                                before[1][number],
                            )
                            print("    ", self.said(int(r[j]), before[0], before[1]))
                break
        self.low, self.high = low.tolist(), high.tolist()

    def contradictions(self) -> list[int]:
        """Counts whose range is empty: a relation is wrong."""
        return [i for i in range(len(self.keys)) if self.low[i] > self.high[i] + 1e-6]

    def system(self) -> tuple[sparse.csr_array, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The rows over counts that are not yet known: matrix, low, high, which counts, which rows."""
        low, high = np.array(self.low), np.array(self.high)
        is_open = high - low > 0.5
        place = np.cumsum(is_open) - 1
        rows, cols, data = [], [], []
        lows: list[float] = []
        highs: list[float] = []
        kept: list[int] = []
        for i, row in enumerate(self.rows):
            free = [(number, c) for number, c in row.terms.items() if is_open[number]]
            if not free:
                continue
            fixed = sum(c * low[number] for number, c in row.terms.items() if not is_open[number])
            least = sum(c * (low[n] if c > 0 else high[n]) for n, c in free)
            most = sum(c * (high[n] if c > 0 else low[n]) for n, c in free)
            if least >= row.low - fixed and most <= row.high - fixed:
                continue
            for number, c in free:
                rows.append(len(kept))
                cols.append(place[number])
                data.append(c)
            lows.append(row.low - fixed)
            highs.append(row.high - fixed)
            kept.append(i)
        numbers = np.flatnonzero(is_open)
        matrix = sparse.csr_array((data, (rows, cols)), shape=(len(kept), len(numbers)))
        return matrix, np.array(lows), np.array(highs), numbers, np.array(kept)

    def solve(self, seconds: float, say: bool = True) -> dict[str, int]:
        """Narrow each withheld count by linear programs, then in whole numbers; return what was not done."""
        end = time.monotonic() + seconds
        matrix, row_low, row_high, numbers, kept = self.system()
        if not numbers.size:
            return {"not finished": 0, "tried in whole numbers": 0}
        across = matrix.tocsc()
        low, high = np.array(self.low)[numbers], np.array(self.high)[numbers]
        place = {int(number): i for i, number in enumerate(numbers)}
        wanted = [place[t] for t in self.targets if t in place]
        seen_low, seen_high = np.full(len(numbers), np.inf), np.full(len(numbers), -np.inf)
        parts, label = sparse.csgraph.connected_components(
            sparse.bmat([[None, matrix], [matrix.T, None]]), directed=False
        )
        label = label[matrix.shape[0] :]
        if say:
            print(
                f"{matrix.shape[0]} rows, {len(numbers)} open counts, {len(wanted)} withheld, {parts} blocks",
                flush=True,
            )
        done, unfinished = set(), 0

        def is_safe(i: int) -> bool:
            return seen_high[i] - seen_low[i] >= WIDE - 1e-6 and seen_high[i] >= LEAST_UPPER - 1e-6

        def note(at: np.ndarray, x: np.ndarray) -> None:
            seen_low[at] = np.minimum(seen_low[at], x)
            seen_high[at] = np.maximum(seen_high[at], x)

        # Worlds that hold for everything at once: what moves in them is safe from these equations.
        rng = np.random.default_rng(7)
        for round_ in range(8):
            if time.monotonic() > end - seconds * 0.6:
                break
            todo = [i for i in wanted if not is_safe(i)]
            weights = np.zeros(len(numbers))
            weights[todo] = rng.uniform(0.2, 1, len(todo)) * (1 if round_ % 2 else -1)
            if round_ > 3:
                weights[todo] *= rng.choice([-1, 1], len(todo))
            world = self._program(matrix, row_low, row_high, low, high, weights, max(5.0, seconds * 0.5))
            if world is None:
                if say:
                    print("no world of everything found in its time", flush=True)
                break
            note(np.arange(len(numbers)), world[0])
            if say:
                free = sum(is_safe(i) for i in wanted)
                print(f"world {round_}: {free} of {len(wanted)} move freely", flush=True)
        # One at a time, near by first, then farther.
        for size in (60, 250, 1000, 4000):
            for i in sorted(
                (i for i in wanted if not is_safe(i) and i not in done), key=lambda i: high[i] - low[i]
            ):
                if time.monotonic() > end:
                    break
                near = _near(matrix, across, i, size)
                if not near.size:
                    seen_low[i], seen_high[i] = low[i], high[i]
                    done.add(i)
                    continue
                part = matrix[near]
                cols = np.unique(part.indices)
                small = part[:, cols]
                at = int(np.searchsorted(cols, i))
                is_whole = len(near) < size
                for sign in (1, -1):
                    weight = np.zeros(len(cols))
                    weight[at] = sign
                    found = self._program(
                        small, row_low[near], row_high[near], low[cols], high[cols], weight, 20
                    )
                    if found is None:
                        continue
                    x, duals = found
                    if is_whole:
                        note(cols, x)
                    bound = x[at]
                    if sign > 0 and np.ceil(bound - 1e-5) > low[i]:
                        low[i] = np.ceil(bound - 1e-5)
                        self._because(numbers[i], kept[near], duals)
                    if sign < 0 and np.floor(bound + 1e-5) < high[i]:
                        high[i] = np.floor(bound + 1e-5)
                        self._because(numbers[i], kept[near], duals)
                if is_whole or high[i] - low[i] < 0.5:
                    done.add(i)
        unfinished = sum(1 for i in wanted if not is_safe(i) and i not in done and high[i] - low[i] > 0.5)
        # Whole numbers tighten what is narrow.
        tried = 0
        for i in sorted(wanted, key=lambda i: high[i] - low[i]):
            if not 0.5 < high[i] - low[i] < 8 or time.monotonic() > end + seconds * 0.25:
                continue
            near = _near(matrix, across, i, 250)
            part = matrix[near]
            cols = np.unique(part.indices)
            if not near.size:
                continue
            at = int(np.searchsorted(cols, i))
            tried += 1
            for sign in (1, -1):
                weight = np.zeros(len(cols))
                weight[at] = sign
                answer = milp(
                    weight,
                    integrality=np.ones(len(cols)),
                    bounds=Bounds(low[cols], high[cols]),
                    constraints=LinearConstraint(part[:, cols], row_low[near], row_high[near]),
                    options={"time_limit": 3},
                )
                dual = answer.mip_dual_bound if answer.mip_dual_bound is not None else None
                if dual is None or not np.isfinite(dual):
                    continue
                if sign > 0 and np.ceil(dual - 1e-5) > low[i]:
                    low[i] = np.ceil(dual - 1e-5)
                    self.by[int(numbers[i])] = "whole numbers"
                if sign < 0 and np.floor(-dual + 1e-5) < high[i]:
                    high[i] = np.floor(-dual + 1e-5)
                    self.by[int(numbers[i])] = "whole numbers"
        for i, number in enumerate(numbers):
            self.low[number], self.high[number] = float(low[i]), float(high[i])
        return {"not finished": unfinished, "tried in whole numbers": tried}

    def _program(
        self,
        matrix: sparse.csr_array,
        row_low: np.ndarray,
        row_high: np.ndarray,
        low: np.ndarray,
        high: np.ndarray,
        weight: np.ndarray,
        limit: float,
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """A best solution and the duals of its rows, if one was found."""
        same = row_low == row_high
        inner = linprog(
            weight,
            A_eq=matrix[same],
            b_eq=row_high[same],
            A_ub=matrix[~same],
            b_ub=row_high[~same],
            bounds=np.column_stack([low, high]),
            method="highs",
            options={"time_limit": limit},
        )
        if inner.x is None or inner.status != 0:
            return None
        duals = np.zeros(matrix.shape[0])
        duals[same], duals[~same] = inner.eqlin.marginals, inner.ineqlin.marginals
        return inner.x, duals

    def _because(self, number: int, rows: np.ndarray, duals: np.ndarray) -> None:
        used = np.flatnonzero(np.abs(duals) > 1e-7)
        self.by[int(number)] = " & ".join(sorted({self.rows[rows[j]].kind for j in used}))

    def explain(self, number: int, most_terms: int = 12) -> list[str]:
        """The sums that bound a count from below and above, from what is published alone."""
        low, high = np.array(self.first[0]), np.array(self.first[1])
        is_open = high - low > 0.5
        if self.whole is None:
            places = [(i, n, c) for i, row in enumerate(self.rows) for n, c in row.terms.items()]
            at, of, size = zip(*places, strict=True)
            self.whole = sparse.csr_array((size, (at, of)), shape=(len(self.rows), len(self.keys)))
            self.across = self.whole.tocsc()
        near = _near(self.whole, self.across, number, 1500, is_open)
        part = self.whole[near]
        cols = np.unique(part.indices)
        small, weight = part[:, cols], (cols == number).astype(float)
        row_low = np.array([self.rows[i].low for i in near])
        row_high = np.array([self.rows[i].high for i in near])
        lines = []
        for sign, name in ((1, "least"), (-1, "most")):
            found = self._program(small, row_low, row_high, low[cols], high[cols], sign * weight, 20)
            if found is None:
                continue
            sums = sign * (found[1] @ small)
            order = sorted(
                np.flatnonzero(np.abs(sums) > 1e-6), key=lambda j: (cols[j] != number, is_open[cols[j]])
            )
            said = [
                f"{sums[j]:+g} {words(self.keys[cols[j]])}{self._mark(cols[j], low, is_open)}" for j in order
            ]
            rest = f" and {len(said) - most_terms} more" if len(said) > most_terms else ""
            lines.append(f"    {name} {found[0] @ weight:g}: {' '.join(said[:most_terms])}{rest}")
        return lines

    def _mark(self, number: int, low: np.ndarray, is_open: np.ndarray) -> str:
        if not is_open[number]:
            return f"={low[number]:g}"
        return " [c]" if number in self.targets else " (not published)"

    def said(self, at: int, low: np.ndarray, high: np.ndarray) -> str:
        """A row in words, with the ranges of its counts."""
        row = self.rows[at]
        terms = (
            f"{c:+g} {words(self.keys[n])}={low[n]:g}..{high[n]:g}" for n, c in list(row.terms.items())[:16]
        )
        return f"{row.kind}: {' '.join(terms)} {'=' if row.low == row.high else '≤'} {row.high:g}"

    def _value(self, number: int) -> str:
        low, high = self.low[number], self.high[number]
        low, high = low + 0.0, high + 0.0
        mark = "c" if number in self.targets else "" if number in self.seen else "?"
        return f"{mark}{low:g}" if low == high else f"{mark}{low:g}–{high:g}"

    def summary(self, truth: dict[int, float] | None = None) -> dict[str, int]:
        """How many withheld counts are narrow."""
        found: Counter[str] = Counter()
        for number in self.targets:
            low, high = self.low[number], self.high[number]
            narrow, small = high - low < WIDE, high < LEAST_UPPER
            found["withheld"] += 1
            found["narrower than 5"] += narrow
            found["upper below 6"] += small
            found["exact"] += high - low < 0.5
            if truth is not None and number in truth:
                true = truth[number]
                found["withheld, truly 1-4"] += 1 <= true <= 4
                found["narrower than 5, truly 1-4"] += narrow and 1 <= true <= 4
                found["exact, truly 1-4"] += high - low < 0.5 and 1 <= true <= 4
                found["truth outside its range"] += not low - 1e-6 <= true <= high + 1e-6
        return dict(found)


def _is_in(cell: tuple[str, str, str], each: tuple[str, str]) -> bool:
    mode, flag, relationship = cell
    types = set()
    if mode in ("online", "both"):
        types.add("online")
    if flag == "yes":
        types.add("domestic")
    if relationship == "stranger":
        types.add("stranger")
    if not types:
        types.add("not recorded" if "not recorded" in cell else "none of these")
    name, value = each
    if name == "typology":
        return value in types
    if name == "atom":
        return types == ATOMS[value]
    return value == {"mode": mode, "domestic": flag, "relationship": relationship}[name]


def _next(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def _near(
    matrix: sparse.csr_array,
    across: sparse.csc_array,
    start: int,
    size: int,
    is_open: np.ndarray | None = None,
) -> np.ndarray:
    """The rows nearest to a count, at most so many."""
    rows: dict[int, None] = {}
    seen, layer = {start}, [start]
    while layer and len(rows) < size:
        following = []
        fresh = {
            int(r) for i in layer for r in across.indices[across.indptr[i] : across.indptr[i + 1]]
        } - rows.keys()
        for r in sorted(fresh, key=lambda r: matrix.indptr[r + 1] - matrix.indptr[r]):
            if len(rows) >= size:
                break
            rows[r] = None
            for i in matrix.indices[matrix.indptr[r] : matrix.indptr[r + 1]]:
                if int(i) not in seen and (is_open is None or is_open[i]):
                    seen.add(int(i))
                    following.append(int(i))
        layer = following
    return np.array(sorted(rows), dtype=int)


def named(figures: pd.DataFrame, as_at: date, time_of: dict[str, str]) -> Iterator[tuple[str, str, str, Key]]:
    """Each figure of a table: its measure, its side, its text, and the count it is."""
    columns = ["measure_id", "basis", "grain", "period", "dimension", "category", "dimension_2", "category_2"]
    spans: dict[tuple[str, str, bool], tuple[str, str]] = {}
    is_year = (figures["grain"] == "financial_year") & (figures["measure_id"] == "field_not_recorded")
    years = figures.loc[is_year, "period"]
    settled = f"{int(years.min()[:4]) + 1}-04-01" if len(years) else ""
    for measure, basis, grain, period, dim, cat, dim_2, cat_2, over, under in figures[
        [*columns, "numerator", "denominator"]
    ].itertuples(index=False):
        is_stock = time_of.get(measure) in ("stock", "standing")
        at = (grain, period, is_stock)
        if at not in spans:
            spans[at] = span(grain, period, as_at, is_stock)
        first, last = spans[at]
        narrowed = {(d, c) for d, c in ((dim, cat), (dim_2, cat_2)) if d and d != "all"}
        for side, text in (("n", over), ("d", under)):
            if measure == "stalking_rate" and dim == "district" and over in ("0", "0.0"):
                continue
            quantity, extra, rest = (
                *ALIASES.get((measure, side), (f"{measure}.{side}", NOTHING)),
                set(narrowed),
            )
            if measure in ("spo_steps", "spo_step_reached"):
                step = STEPS.index(cat)
                quantity = f"step {STEPS[step if side == 'n' else max(step - 1, 0)]}"
                if measure == "spo_step_reached" and step == len(STEPS) - 1:
                    quantity = f"{measure}.{side} breached"
                rest = set()
            if measure == "field_not_recorded":
                quantity, extra = FIELDS.get(cat, ((f"blank {cat}", NOTHING), (f"asked {cat}", NOTHING)))[
                    side == "d"
                ]
                if cat in (
                    "team",
                    "type of place",
                    "time of report",
                    "motive",
                    "four markers",
                    "impact statement",
                ):
                    # In its first year a field may not have been recorded from the first month on.
                    base = RECORDED if first >= settled else f"asked {cat}"
                    quantity, extra = ((f"blank {cat}", NOTHING), (base, NOTHING))[side == "d"]
                rest = set()
            if "/" in quantity:
                quantity, chosen = quantity.split("/")
            else:
                chosen = "" if quantity in NO_BASIS else basis
            if quantity == "residents":
                rest = {each for each in rest if each[0] == "district"}
            if measure in AGES and side == "d" and last and _later(last, AGES[measure]) > as_at.isoformat():
                quantity = f"{measure}.d"
            if (
                measure in ("risk_assessed_24h", "risk_assessed_72h")
                and side == "d"
                and last
                and _later(last, 4) < as_at.isoformat()
            ):
                quantity = RECORDED
            yield measure, side, text, (quantity, chosen, canonical(extra | rest), first, last)


def true_counts(path: Path, as_at: date, time_of: dict[str, str]) -> dict[Key, float]:
    """The counts of an unprotected table; a row may have a day `until` which it is counted."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    found: dict[Key, float] = {}
    until = table["until"] if "until" in table else pd.Series("", index=table.index)
    for day, part in table.groupby(until.replace("", as_at.isoformat())):
        for _, _, text, key in named(part, date.fromisoformat(str(day)), time_of):
            if text and text[0].isdigit() and found.setdefault(key, float(text)) != float(text):
                print("one name, two numbers:", words(key), found[key], text)
    return found


def truth_of(attack: Attack, path: Path, time_of: dict[str, str]) -> dict[int, float]:
    """The true counts of an unprotected table, by number."""
    counts = true_counts(path, attack.as_at, time_of)
    return {attack.index[key]: value for key, value in counts.items() if key in attack.index}


def together(folders: list[Path], truths: list[Path]) -> Attack:
    """The attack on several snapshots at once, the newest last, each with its true counts.

    A count of an earlier one is that of the newest where it is truly the same: more than anybody could know.
    Any other stands for itself, tied to the counts of its own snapshot alone.
    """
    joint = Attack()
    joint.read(folders[-1])
    time_of = words_of(
        pd.read_csv(folders[-1] / "definitions.csv", dtype=str, keep_default_na=False).set_index(
            "measure_id"
        )["time"]
    )
    now = true_counts(truths[-1], joint.as_at, time_of)
    earlier = []
    for folder, truth in zip(folders[:-1], truths[:-1], strict=True):
        each = Attack()
        each.read(folder)
        then = true_counts(truth, each.as_at, time_of)
        known = len(each.keys)
        each.relate()
        same = {number for number, key in enumerate(each.keys) if key in then and then[key] == now.get(key)}
        for number in same:
            joint.var(each.keys[number])
        earlier.append((folder.name, each, known, same))
    joint.relate()
    for name, each, known, same in earlier:
        place = []
        for number, key in enumerate(each.keys):
            at = joint.var(key if number in same else (f"{name}: {key[0]}", *key[1:]))
            place.append(at)
            if number < known:
                joint.low[at] = max(joint.low[at], each.low[number])
                joint.high[at] = min(joint.high[at], each.high[number])
                if number in each.targets and joint.low[at] < joint.high[at]:
                    joint.targets.setdefault(at, each.targets[number])
        for row in each.rows:
            terms: dict[int, float] = defaultdict(float)
            for number, coefficient in row.terms.items():
                terms[place[number]] += coefficient
            joint.rows.append(Row(row.kind, dict(terms), row.low, row.high))
    joint.doubt()
    joint.first = (list(joint.low), list(joint.high))
    return joint


def wrong_rows(attack: Attack, truth: dict[int, float]) -> Counter[str]:
    """Kinds of relation that the true counts break, with how many; each kind's first is printed."""
    found: Counter[str] = Counter()
    for row in attack.rows:
        if all(n in truth for n in row.terms):
            total = sum(c * truth[n] for n, c in row.terms.items())
            if not row.low - 1e-6 <= total <= row.high + 1e-6:
                if not found[row.kind]:
                    print(
                        "wrong:",
                        row.kind,
                        total,
                        [(c, words(attack.keys[n]), truth[n]) for n, c in row.terms.items()][:20],
                    )
                found[row.kind] += 1
    return found


def main(arguments: list[str]) -> int:
    """Attack the snapshots named, print what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--truth", type=Path, action="append", help="Once a folder, in their order.")
    parser.add_argument("--examples", type=int, default=2)
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    if len(chosen.folders) > 1:
        attack = together(chosen.folders, chosen.truth)
    else:
        attack = Attack()
        attack.read(chosen.folders[0])
        attack.relate()
        print(f"{attack.doubt()} relations do not fit the figures")
    print(
        f"{len(attack.keys)} counts, {len(attack.rows)} relations, {len(attack.targets)} withheld", flush=True
    )
    truth = None
    if chosen.truth:
        definitions = pd.read_csv(chosen.folders[-1] / "definitions.csv", dtype=str, keep_default_na=False)
        truth = truth_of(attack, chosen.truth[-1], words_of(definitions.set_index("measure_id")["time"]))
        print("relations the truth breaks:", dict(wrong_rows(attack, truth)))
    attack.propagate()
    print(f"after sums one at a time ({time.monotonic() - began:.0f} s):", attack.summary(truth), flush=True)
    if wrong := attack.contradictions():
        print("contradictions:", len(wrong), [words(attack.keys[i]) for i in wrong[:10]])
        return 2
    told = attack.solve(chosen.seconds)
    print(f"after all ({time.monotonic() - began:.0f} s):", attack.summary(truth), told)
    kinds: Counter[str] = Counter()
    examples: dict[str, list[int]] = defaultdict(list)
    for number in attack.targets:
        if attack.high[number] - attack.low[number] < WIDE or attack.high[number] < LEAST_UPPER:
            kinds[attack.by.get(number, "")] += 1
            examples[attack.by.get(number, "")].append(number)
    for kind, count in kinds.most_common():
        print(f"{count:6}  {kind}")
        for number in examples[kind][: chosen.examples]:
            true = f", truly {truth[number]:g}" if truth and number in truth else ""
            print(f"        {words(attack.keys[number])}: {attack._value(number)}{true}")
            print("\n".join(attack.explain(number)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
