"""The attack: what somebody who solves all published figures together can tell about a withheld count.

It starts from the released rows alone and knows what the figures mean: which are one count, which add up to
which, and that no count is below nought. It shares no relation with what protects the counts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from profiles.catalogue import Measure, catalogue, measure
from profiles.disclosure import BASE, SMALLEST, Floats, is_wide, reaches
from profiles.errors import BadSnapshot
from profiles.periods import ALL, MONTHS, month_number
from profiles.selection import DIMENSIONS

FARTHEST = 1e5
"""A count of which nothing is published is taken to be no more than this, or twice the highest published."""
CHUNK = 4000

SAME: dict[tuple[str, str], tuple[str, str, str, str]] = {
    ("included_only_share", "numerator"): ("stalking_crimes", "included_only", "", ""),
    ("included_only_share", "denominator"): ("stalking_crimes", "any", "", ""),
    ("included_uplift", "numerator"): ("stalking_crimes", "included_only", "", ""),
    ("included_uplift", "denominator"): ("stalking_crimes", "principal", "", ""),
    ("outcomes_recorded", "numerator"): ("stalking_crimes", "", "", ""),
    ("risk_grades", "numerator"): ("stalking_crimes", "", "", ""),
    ("charge_rate", "numerator"): ("stalking_crimes", "", "outcome_group", "charged"),
    ("charge_rate_closed", "numerator"): ("outcomes_closed", "", "outcome_group", "charged"),
    ("victim_does_not_support", "numerator"): (
        *("stalking_crimes", "", "outcome_group"),
        "evidential difficulties, victim does not support",
    ),
    ("online_share", "numerator"): ("stalking_crimes", "", "typology", "online"),
    ("domestic_share", "numerator"): ("stalking_crimes", "", "typology", "domestic"),
    ("stranger_share", "numerator"): ("stalking_crimes", "", "typology", "stranger"),
    ("specialist_allocation", "denominator"): ("stalking_crimes", "", "risk_grade", "high"),
    ("masip_referrals", "numerator"): ("multi_agency_referrals", "", "forum", "MASIP"),
    ("referral_rate", "numerator"): ("stalking_victims", "", "referral_status", "referred"),
    ("referral_rate_of_eligible", "numerator"): ("stalking_victims", "", "referral_status", "referred"),
    ("support_declined", "numerator"): ("stalking_victims", "", "referral_status", "opted out"),
    ("stalking_survey_responses", "numerator"): ("survey_responses", "", "survey", "stalking"),
    ("days_to_allocate", "denominator"): ("allocated_in_two_days", "out of", "", ""),
    ("referral_days", "denominator"): ("referred_in_two_days", "out of", "", ""),
    ("spo_days_to_application", "denominator"): ("spo_applied_in_28_days", "out of", "", ""),
}
"""Counts that are another measure's: that measure, its basis (empty: the same; `out of`: its denominator),
and the category of it that they are, if not the whole."""

WHOLES: dict[str, tuple[str, ...]] = {
    "stalking_crimes": (
        *("charge_rate", "charge_rate_90", "charge_rate_180", "charge_rate_365", "domestic_recorded_share"),
        *("domestic_share", "impact_statement_rate", "mode_recorded_share", "online_share"),
        *("relationship_recorded_share", "risk_assessed", "risk_assessed_24h", "risk_assessed_72h"),
        *("stranger_share", "time_limit_expired", "victim_does_not_support"),
    ),
    "outcomes_closed": ("charge_rate_closed", "days_to_outcome", "outcome_in_90_days"),
    "recorded_crimes": ("with_included_share",),
    "spo_granted": ("spo_breach_rate", "spo_days_to_order", "spo_granted_in_56_days"),
    "stalking_calls": ("calls_recorded_as_crime",),
    "stalking_victims": (
        *("care_card_rate", "needs_assessment_rate", "referral_rate", "referral_rate_specialist"),
        "support_declined",
    ),
    "crimes_with_suspect": ("spo_considered",),
}
"""Measures whose denominator is the count of another."""

SAME |= {(part, "denominator"): (whole, "", "", "") for whole, parts in WHOLES.items() for part in parts}

SINCE = {"spo_considered": month_number(date(2020, 2, 1))}
"""Month from which such a denominator is the other count: orders can be considered since 20 January 2020."""


EXCLUSIVE = (("charge_rate", "victim_does_not_support", "time_limit_expired"),)
"""Measures whose numerators never share a crime, and so are together no more than their denominator."""

FROM = " from month "
"""In the name of a count of a period that began before the data did."""


class Count(NamedTuple):
    """What tells a count: its name, basis, the categories it is of, and its first and last month."""

    name: str
    basis: str
    categories: tuple[tuple[str, str], ...]
    first: int
    last: int


@dataclass
class _Known:
    """Counts as numbers, what is published of them, and the relations collected."""

    number: dict[Count, int] = field(default_factory=dict)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    is_withheld: list[bool] = field(default_factory=list)
    rows: list[list[tuple[int, float]]] = field(default_factory=list)

    def place(self, count: Count) -> int:
        """The number of the count; of a new one nothing is known but that it is not below nought."""
        if count not in self.number:
            self.number[count] = len(self.low)
            self.low.append(0.0)
            self.high.append(np.inf)
            self.is_withheld.append(False)
        return self.number[count]

    def sums(self, parts: Iterable[Count], whole: Count) -> None:
        """Nothing; notes that the parts make the whole."""
        self.rows.append([*((self.place(part), 1.0) for part in parts), (self.place(whole), -1.0)])


@dataclass(frozen=True)
class Audit:
    """How many counts are withheld, and those that are not protected: a row each, with their range."""

    withheld: int
    exposed: pd.DataFrame


def audit(
    rows: pd.DataFrame,
    as_at: str,
    profile: str,
    say: Callable[[str], None] = lambda text: None,
) -> Audit:
    """What the released rows, in the form of `plan.COLUMNS`, give away of the counts they withhold.

    A count is exposed when its range is narrower than 5 or ends below it. Raises BadSnapshot when the figures
    contradict one another.
    """
    known = _known(rows, as_at, profile)
    say(f"{len(known.low):,} counts, {sum(known.is_withheld):,} withheld, {len(known.rows):,} relations")
    low, high = _ranges(known, say)
    names = list(known.number)
    is_bad = np.array(known.is_withheld) & ~is_wide(low, high)
    exposed = pd.DataFrame(
        [
            (
                *names[place][:2],
                "; ".join(f"{a}={b}" for a, b in names[place].categories),
                *(f"{month // 12}-{month % 12 + 1:02d}" for month in names[place][3:]),
                low[place],
                high[place],
            )
            for place in np.flatnonzero(is_bad).tolist()
        ],
        columns=["count", "basis", "categories", "first_month", "last_month", "lowest", "highest"],
    )
    return Audit(int(sum(known.is_withheld)), exposed)


def _months(grain: str, period: str, is_stock: bool, as_at: int) -> tuple[int, int]:
    if period == ALL:
        return -1, -1
    year, month, _ = map(int, period.split("-"))
    label = year * 12 + month - 1
    first, last = (label - 11, label) if grain == "rolling_year" else (label, label + MONTHS[grain] - 1)
    last = min(last, as_at)
    return (last, last) if is_stock else (first, last)


def _counted(measure_id: str, role: str, basis: str, cell: dict[str, str]) -> tuple[str, str, dict[str, str]]:
    """Name, basis and categories of the count that a figure of a measure is."""
    item = measure(measure_id)
    if item.ratio:
        part = measure(item.ratio[0 if role == "numerator" else 1])
        return _counted(part.measure_id, "numerator", basis if part.bases else "", cell)
    if (measure_id, role) not in SAME:
        return (measure_id if role == "numerator" else f"{measure_id}: {role}"), basis, cell
    name, other, dimension, category = SAME[measure_id, role]
    if other == "out of":
        return _counted(name, "denominator", basis, cell)
    wider = dict(cell)
    if dimension and wider.get(dimension, category) != category:
        # Two values of one dimension at once: types overlap, nothing else can be both.
        return f"{measure_id}: {role}", basis, cell
    if dimension:
        wider[dimension] = category
    return _counted(name, "numerator", other or basis, wider)


def _known(rows: pd.DataFrame, as_at: str, profile: str) -> _Known:
    known = _Known()
    month = month_number(pd.Timestamp(as_at).date())
    items = catalogue()
    columns = [rows[name].tolist() for name in ("measure_id", "basis", "grain", "period")]
    columns += [rows[name].tolist() for name in ("dimension", "category", "dimension_2", "category_2")]
    figures = [rows[name].tolist() for name in ("numerator", "denominator", "marker")]
    told: dict[tuple[str, ...], tuple[str, str, tuple[tuple[str, str], ...]]] = {}
    begins = _beginnings(rows)
    for name, basis, grain, period, *cell, numerator, denominator, marker in zip(
        *columns, *figures, strict=True
    ):
        item = items[name]
        # What is published elsewhere anyway is nobody's secret.
        if item.sensitivity == "open" or (marker == "[z]" and item.matures):
            continue
        first, last = _months(grain, period, item.time == "stock", month)
        is_cut = first < begins.get(name, first)
        at = {}
        for role, figure in (("numerator", numerator), ("denominator", denominator)):
            has = (
                item.shape != "distribution"
                if role == "numerator"
                else item.denominator or item.shape != "ratio"
            )
            if not has or (figure != figure and marker != "[c]"):
                continue
            if item.ratio and measure(item.ratio[role == "denominator"]).sensitivity == "open":
                continue
            key = (name, role, basis, *cell)
            if key not in told:
                pairs = zip(cell[::2], cell[1::2], strict=True)
                found = _counted(name, role, basis, {a: b for a, b in pairs if a not in (ALL, "")})
                told[key] = (found[0], found[1], tuple(sorted(found[2].items())))
            count = Count(*told[key], first, last)
            if is_cut or first < SINCE.get(name, first):
                # Its data begin within the period: it is less than what it is the same as otherwise.
                count = count._replace(name=f"{count.name}{FROM}{begins.get(name, 0)} in {name}")
            place = at[role] = known.place(count)
            if figure != figure:
                known.is_withheld[place] = known.low[place] != known.high[place]
                continue
            least, most = figure, figure
            if profile == "external" and not (role == "denominator" and _is_of_open(item)):
                least, most = _around(figure, 0.0 if item.sensitivity == "answers" else SMALLEST)
            known.low[place], known.high[place] = max(known.low[place], least), min(known.high[place], most)
            known.is_withheld[place] = False
        if len(at) == 2 and item.unit == "percent" and item.shape == "ratio" and not item.ratio:
            rest = Count(f"{name}: rest", basis, tuple(zip(cell[::2], cell[1::2], strict=True)), first, last)
            known.rows.append([(at["numerator"], 1.0), (known.place(rest), 1.0), (at["denominator"], -1.0)])
    _add_sums(known)
    _add_bases(known)
    _add_parts(known, told)
    _add_exclusive(known, told)
    return known


def _beginnings(rows: pd.DataFrame) -> dict[str, int]:
    """By measure, the first month of the first period that its data fill: months are filled or not there."""
    found: dict[str, int] = {}
    there = rows[~rows["marker"].isin(["[x]", "[z]"])]
    for name, mine in there.groupby("measure_id"):
        for grain in ("month", "quarter", "financial_year", "rolling_year", ALL):
            periods = mine.loc[mine["grain"] == grain, "period"]
            if len(periods):
                first = -1 if grain == ALL else month_number(pd.Timestamp(periods.min()).date())
                # A longer period may have begun before the data.
                found[str(name)] = first if grain in ("month", ALL) else first + MONTHS[grain]
                break
    return found


def _is_of_open(item: Measure) -> bool:
    """Whether what the measure divides by is public anyway, and given as it is."""
    return bool(item.part_of) and measure(item.part_of).sensitivity == "open"


def _around(figure: float, smallest: float) -> tuple[float, float]:
    """The whole numbers that are published as the figure, where none below the smallest is but nought."""
    half = (BASE - 1) / 2
    if figure == 0 and smallest:
        return 0.0, 0.0
    return max(figure - half, smallest), figure + half


def _add_sums(known: _Known) -> None:
    """Nothing; categories make the whole, overlaps make the types, and months make longer periods."""
    counts = [count for count in known.number if ": rest" not in count.name]
    one = defaultdict(set)
    for count in counts:
        for dimension, category in count.categories:
            others = tuple(pair for pair in count.categories if pair[0] != dimension)
            one[count.name.split(FROM)[0], count.basis, others, dimension].add(category)
    groups: dict[tuple[Count, str], set[str]] = defaultdict(set)
    for count in counts:
        for dimension, category in count.categories:
            others = tuple(pair for pair in count.categories if pair[0] != dimension)
            groups[count._replace(categories=others), dimension].add(category)
    for (whole, dimension), found in groups.items():
        if whole not in known.number or dimension in (
            "survey",
            "stage",
            "step",
            "field",
            "comparator",
            "area",
        ):
            continue
        every = one[whole.name.split(FROM)[0], whole.basis, whole.categories, dimension]

        def of(category: str, whole: Count = whole, dimension: str = dimension) -> Count:
            return whole._replace(categories=tuple(sorted((*whole.categories, (dimension, category)))))

        if dimension == "typology":
            atoms = [of(name, dimension="atom") for name in DIMENSIONS["atom"].categories]
            known.sums(atoms, whole)
            for name in found:
                parts = [
                    atom
                    for atom, text in zip(atoms, DIMENSIONS["atom"].categories, strict=True)
                    if name in text
                ]
                known.sums(parts, of(name))
        elif DIMENSIONS[dimension].categories:
            known.sums([of(name) for name in DIMENSIONS[dimension].categories], whole)
        elif len(every) > 1:
            # A category whose row was left out is there all the same.
            known.sums([of(name) for name in sorted(every)], whole)
    _add_times(known, counts)


def _add_times(known: _Known, counts: list[Count]) -> None:
    stocks = {name for name, item in catalogue().items() if item.time == "stock"}
    series: dict[tuple[object, ...], dict[tuple[int, int], Count]] = defaultdict(dict)
    for count in counts:
        if count.first >= 0 and count.name not in stocks:
            series[count[:3]][count.first, count.last] = count
    for periods in series.values():
        months = {first: count for (first, last), count in periods.items() if first == last}
        for (first, last), whole in periods.items():
            if last == first:
                continue
            begins = max(first, min(months, default=last + 1))
            if months and all(month in months for month in range(begins, last + 1)) and begins <= last:
                known.sums((months[month] for month in range(begins, last + 1)), whole)
                continue
            quarters = [
                each
                for (a, b), each in periods.items()
                if first <= a and b <= last and b - a < 3 < last - first
            ]
            covered = [month for each in quarters for month in range(each.first, each.last + 1)]
            # Each month once, from the first one or from where the data begin.
            begins = min(covered, default=last + 1)
            is_whole = sorted(covered) == list(range(begins, last + 1))
            if covered and is_whole and begins in (first, min(a for a, _ in periods)):
                known.sums(quarters, whole)
    for name, item in catalogue().items():
        if item.cumulates:
            _add_cumulated(known, name, item.cumulates)


def _add_cumulated(known: _Known, stock: str, flow: str) -> None:
    for count in [each for each in known.number if each.name == stock]:
        for came in [
            each for each in known.number if each.name == flow and each.categories == count.categories
        ]:
            before = count._replace(first=came.first - 1, last=came.first - 1)
            if came.last == count.last and before in known.number:
                known.sums((before, came), count)


def _add_bases(known: _Known) -> None:
    """Nothing; principal and included only make any."""
    for count in list(known.number):
        if count.basis == "any":
            parts = [count._replace(basis=basis) for basis in ("principal", "included_only")]
            if all(part in known.number for part in parts):
                known.sums(parts, count)


def _add_parts(
    known: _Known, told: dict[tuple[str, ...], tuple[str, str, tuple[tuple[str, str], ...]]]
) -> None:
    """Nothing; a part is no more than what its header says it is part of."""
    spans = defaultdict(list)
    for count in list(known.number):
        spans[count[:3]].append(count)
    for (name, role, basis, *cell), found in told.items():
        item = measure(name)
        if not item.part_of:
            continue
        whole = measure(item.part_of)
        if role != "numerator":
            continue
        target = told.get((item.part_of, "numerator", basis if whole.bases else "", *cell))
        if target is None or target == found:
            continue
        for count in spans[found]:
            above = Count(*target, count.first, count.last)
            if above in known.number:
                gap = Count(f"{name}: short of {item.part_of}", *count[1:])
                known.sums((count, gap), above)


def _add_exclusive(
    known: _Known, told: dict[tuple[str, ...], tuple[str, str, tuple[tuple[str, str], ...]]]
) -> None:
    spans = defaultdict(list)
    for count in known.number:
        spans[count[:3]].append(count)
    for first, *others in EXCLUSIVE:
        for (name, role, *rest), whole in list(told.items()):
            if (name, role) != (first, "denominator"):
                continue
            parts = [told.get((each, "numerator", *rest)) for each in (first, *others)]
            for count in spans[whole]:
                found = [Count(*part, *count[3:]) for part in parts if part]
                found = [part for part in found if part in known.number]
                known.sums((*found, Count(f"{first}: any other", *count[1:])), count)


def _ranges(known: _Known, say: Callable[[str], None]) -> tuple[Floats, Floats]:
    """Lowest and highest value of each withheld count; ranges that protect are not followed to their ends."""
    count = len(known.low)
    low, high = np.array(known.low), np.array(known.high)
    lines = [np.full(len(row), number) for number, row in enumerate(known.rows)]
    pairs = [pair for row in known.rows for pair in row]
    system = sparse.csr_matrix(
        (
            np.array([sign for _, sign in pairs]),
            (
                np.concatenate(lines) if lines else np.array([], dtype=int),
                np.array([place for place, _ in pairs], dtype=int),
            ),
        ),
        shape=(len(known.rows), count),
    )
    is_withheld = np.array(known.is_withheld)
    is_seen = ~is_withheld & np.isfinite(high)
    if (low > high).any():
        name = list(known.number)[int(np.flatnonzero(low > high)[0])]
        raise BadSnapshot(f"{name.name} is published with two values for the same months; build it anew.")
    high = np.minimum(high, max(FARTHEST, 2 * low.max(initial=0.0)))
    is_rounded = bool(((low != high) & is_seen).any())
    fixed_low, fixed_high, point = low, high, low
    if is_rounded:
        # One set of counts that fits all rounded figures: what it leaves open is open.
        say("finding counts that fit the rounded figures")
        point = _fitting(system, low, high)
        fixed_low, fixed_high = np.where(is_seen, point, low), np.where(is_seen, point, high)
    say("solving for the withheld counts")
    out_low, out_high = _solved_for(system, fixed_low, fixed_high, is_withheld)
    if is_rounded:
        left = np.flatnonzero(is_withheld & ~is_wide(out_low, out_high))
        say(f"looking at {len(left):,} of them with the figures around them as rounded")
        for place in left.tolist():
            out_low[place], out_high[place] = _widened(system, low, high, point, place)
    return out_low, out_high


def _solved_for(
    system: sparse.csr_matrix, low: Floats, high: Floats, is_target: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Lowest and highest value of each target, where the other counts are within their limits."""
    is_free = low != high
    right = -(system @ np.where(is_free, 0.0, low))
    free = sparse.csr_matrix(system[:, np.flatnonzero(is_free)])
    out_low, out_high = low.copy(), high.copy()
    targets = is_target[is_free]
    used = np.diff(free.indptr) > 0
    if (np.abs(right[~used]) > 1e-6).any():
        raise BadSnapshot("The published parts do not make their whole; build the snapshot anew.")
    places = np.flatnonzero(is_free)
    for columns, rows in _blocks(free[np.flatnonzero(used)], targets):
        chosen = np.flatnonzero(used)[rows]
        part = sparse.csr_matrix(free[chosen][:, columns])
        _, label = sparse.csgraph.connected_components(
            sparse.csr_matrix(abs(part).T @ abs(part)), directed=False
        )
        try:
            found = reaches(
                part, right[chosen], low[places[columns]], high[places[columns]], targets[columns], label
            )
        except ArithmeticError as error:
            raise BadSnapshot(
                f"The published figures contradict one another ({error}); build it anew."
            ) from error
        wanted = targets[columns]
        out_low[places[columns[wanted]]] = found[0][wanted]
        out_high[places[columns[wanted]]] = found[1][wanted]
    return out_low, out_high


def _widened(
    system: sparse.csr_matrix, low: Floats, high: Floats, point: Floats, place: int
) -> tuple[float, float]:
    """Lowest and highest value of one count, as ever more of those around it may be anything that fits."""
    pattern = abs(system)
    near = np.zeros(len(low), dtype=bool)
    near[place] = True
    while True:
        touched = pattern.T @ ((pattern @ near) > 0) > 0
        wider = near | (touched & (low != high))
        is_all = wider.sum() == near.sum()
        near = wider
        region, lines = np.flatnonzero(near), np.flatnonzero((pattern @ near) > 0)
        outside = np.where(near, 0.0, point)
        found = reaches(
            sparse.csr_matrix(system[lines][:, region]),
            -(system[lines] @ outside),
            low[region],
            high[region],
            region == place,
            np.zeros(len(region), dtype=np.int64),
        )
        least, most = (ends[region == place] for ends in found)
        if is_all or is_wide(least, most).all():
            return float(least[0]), float(most[0])


def _blocks(system: sparse.csr_matrix, targets: np.ndarray) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    """Columns and rows of independent blocks that hold a target, small ones together."""
    links = abs(system).sign()
    joint = sparse.bmat([[None, links], [links.T, None]]).tocsr()
    total, label = sparse.csgraph.connected_components(joint, directed=False)
    of_row, of_column = label[: system.shape[0]], label[system.shape[0] :]
    size = np.bincount(of_column, minlength=total)
    wanted = np.zeros(total, dtype=bool)
    wanted[of_column[targets]] = True
    wanted &= np.bincount(of_row, minlength=total) > 0
    bundle = np.full(total, -1)
    number, filled = 0, 0
    for each in np.flatnonzero(wanted).tolist():
        if filled and filled + size[each] > CHUNK:
            number, filled = number + 1, 0
        bundle[each] = number
        filled += size[each]
    for each in range(number + 1):
        columns, rows = np.flatnonzero(bundle[of_column] == each), np.flatnonzero(bundle[of_row] == each)
        if len(columns):
            yield columns, rows


def _fitting(system: sparse.csr_matrix, low: Floats, high: Floats) -> Floats:
    """Counts within their limits that fulfil all relations."""
    from scipy.optimize import linprog

    found = linprog(
        np.zeros(len(low)),
        A_eq=system,
        b_eq=np.zeros(system.shape[0]),
        bounds=np.column_stack([low, high]),
        method="highs",
    )
    if found.x is None:
        raise BadSnapshot(f"The published figures contradict one another ({found.message}); build it anew.")
    point: Floats = found.x
    return point
