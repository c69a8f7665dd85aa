"""Protecting: the rows of a snapshot as they are released, made from the counts that may be shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd
from scipy import sparse

from profiles import disclosure
from profiles.catalogue import Measure, measure
from profiles.disclosure import Counts, Flags
from profiles.measures import figures
from profiles.periods import ALL, first_day, month_number
from profiles.snapshot import coarsening, following
from profiles.snapshot.contents import COLUMNS, UNTIL
from profiles.snapshot.counts import SINCE, Cells, begun, cells_of, first_months, is_share, spans_of
from profiles.snapshot.files import KEY, TOGETHER, Release
from profiles.snapshot.headlines import HEADLINES, LASTING
from profiles.snapshot.series import bases_of

PROFILES = ("internal", "external")
"""For partners under a sharing agreement, and for publication."""

LEAST_BASE = 10
"""No rate, and no median, is given on fewer."""

WEIGHTS = {"month": 1.0, "quarter": 2.0, "financial_year": 5.0, "rolling_year": 1.5, "all": 5.0}
"""How dear a figure of each length is when one has to be withheld."""
WHOLE_WEIGHT = 6.0
"""How much dearer a figure of the force as a whole is than one of a part of it."""
APART = 3.0
APART_WEIGHT = 6.0
"""How much dearer a share is that stands out from that of the force: it is what a reader looks for."""
COMPARABLE = month_number(date(2020, 4, 1))
"""Former partners are presumed to stalk from this month on (ONS), and no series can be compared with what was
before. Of the other headlines what begins then or later is spared as well."""


@dataclass(frozen=True)
class Released:
    """The rows as released, and what protection cost: counts shown, withheld and lost.

    Where they are rounded, `exact` are the same rows with what is told as it was counted. `begins` has the
    first day (ISO) of the first month of data of each measure.
    """

    rows: pd.DataFrame
    cost: dict[str, float]
    exact: pd.DataFrame | None = None
    begins: dict[str, str] = field(default_factory=dict)


def released(
    rows: pd.DataFrame,
    shown: pd.Series,
    profile: str,
    earlier: Sequence[Release] = (),
    beside: pd.DataFrame | None = None,
    say: Callable[[str], None] = lambda text: None,
    without: pd.DataFrame | None = None,
) -> Released:
    """The rows that are shown, protected; `earlier` are the releases before, newest first.

    `beside` are the rows of the internal release of the same day: what that withholds or leaves out is
    withheld or left out, so that nobody who has both is told more. `without` are breakdowns (`TOGETHER`) that
    are left out.
    A row with a count that cannot be protected, such as one of three people of whom all is published
    elsewhere, is left out; one of a breakdown with all others of that breakdown. So is what a force with few
    crimes gives for years alone.
    """
    asked = int(shown.sum())
    then = following.then(rows, earlier, profile) if earlier else None
    starts, ends = spans_of(rows)
    cells = cells_of(rows, shown, then, (starts, ends))
    begins = {
        name: first_day(month).isoformat()
        for name, month in begun(cells.table, first_months(rows)).items()
        if month >= 0
    }
    is_short, is_fine = coarsening.too_fine(rows, shown, cells.table, problem(cells, profile).is_primary)
    if is_short.any():
        shown = shown & ~is_short & ~is_fine
        # What was told before, or withheld, still ties what is told now.
        kept = ~is_short if then is None else ~is_short | then.notna().any(axis=1).to_numpy()
        rows, shown = rows[kept].reset_index(drop=True), shown[kept].reset_index(drop=True)
        then = None if then is None else then[kept].reset_index(drop=True)
        starts, ends = starts[kept], ends[kept]
    if beside is not None:
        keys = pd.MultiIndex.from_frame(rows[list(KEY)])
        shown = shown & keys.isin(pd.MultiIndex.from_frame(beside[list(KEY)]))
    if without is not None:
        shown = shown & ~pd.MultiIndex.from_frame(rows[list(TOGETHER)]).isin(
            pd.MultiIndex.from_frame(without)
        )
    if is_short.any() or beside is not None or without is not None:
        cells = cells_of(rows, shown, then, (starts, ends))
    counts = alone = problem(cells, profile)
    table, count = cells.table, len(cells.values)
    seen, start = ~counts.is_unseen[:count], None
    if earlier:
        counts, start = following.after(cells, counts, earlier[0].as_at, profile)
    if beside is not None:
        is_hidden = following.withheld(cells, rows, beside) & seen
        start = np.append(is_hidden, np.zeros(len(counts.values) - count, dtype=bool)) | (
            start if start is not None else False
        )
    found = disclosure.protection(counts, start, say)
    lost = found.exposed[:count]
    if start is not None:
        # What releases before withheld, and now give away, is no better kept by leaving it out.
        lost = lost & ~start[:count]
    if earlier:
        # Whatever those give away, this one gives nothing away by itself; what they told is known for good.
        alone = replace(alone, costs=counts.costs[: len(alone.values)])
        found = disclosure.protection(alone, found.withheld[: len(alone.values)], say)
        lost = lost | found.exposed[:count]
    hidden = found.withheld[:count]
    place = table["place"].to_numpy()
    flags = {}
    for role in ("numerator", "denominator"):
        flags[role] = np.zeros(len(rows), dtype=bool)
        is_role = (table["role"].eq(role) & table["grain"].ne(SINCE)).to_numpy()
        flags[role][table["row"].to_numpy()[is_role]] = hidden[place[is_role]]
    is_left_out = np.zeros(len(rows), dtype=bool)
    is_left_out[table["row"].to_numpy()[lost[place]]] = True
    # Of a breakdown it goes with all the others: the one that is missing would be the one that is not zero.
    groups = rows.groupby([UNTIL, *TOGETHER], sort=False).ngroup()
    is_left_out |= groups.isin(set(groups[is_left_out])).to_numpy()
    kept = shown.to_numpy(dtype=bool) & ~is_left_out
    out = _rendered(rows[list(COLUMNS)], flags["numerator"], flags["denominator"], profile)
    out = out[kept].reset_index(drop=True)
    total = float(cells.values[seen].sum())
    cost = {
        "counts": int(seen.sum()),
        "primary": int((counts.is_primary[:count] & seen & hidden).sum()),
        "secondary": int((~counts.is_primary[:count] & seen & hidden).sum()),
        "rows": len(out),
        "rows_with_a_withheld_count": int((out["marker"] == "[c]").sum()),
        "rows_left_out": asked - len(out),
        "share_of_total_lost": round(float(cells.values[seen & hidden].sum()) / total, 6) if total else 0.0,
    }
    exact = None
    if profile == "external":
        exact = _rendered(rows[list(COLUMNS)], flags["numerator"], flags["denominator"], "internal")
        exact = exact[kept].reset_index(drop=True)
    return Released(out, cost, exact, begins)


def cost_sentences(cost: Mapping[str, float]) -> tuple[str, ...]:
    """What protection cost, in words: of the counts and of the rows by their number, and of all by size."""
    hidden, rows = cost["primary"] + cost["secondary"], cost["rows_with_a_withheld_count"]
    return (
        f"{cost['rows']:,} rows of figures, made from {cost['counts']:,} different counts",
        f"withheld: {cost['primary']:,} small counts (primary) and {cost['secondary']:,} that "
        f"would give them away (secondary); by number {hidden / max(cost['counts'], 1):.1%} of the counts, "
        f"by size {cost['share_of_total_lost']:.2%} of all that is counted",
        f"{rows:,} rows hold a withheld count, {rows / max(cost['rows'], 1):.1%} of all rows; "
        f"{cost['rows_left_out']:,} rows are left out, for they cannot be "
        "protected or are too fine for so few crimes",
    )


def problem(cells: Cells, profile: str) -> Counts:
    """The counts as disclosure control sees them: which are small, which may be withheld, which never are.

    After them come the differences between a part and what it is part of: never shown, never below zero.
    """
    table, count = cells.table, len(cells.values)
    items = {name: measure(name) for name in table["measure_id"].unique()}

    def by_measure(values: dict[str, object]) -> Flags:
        return table["measure_id"].map(values).to_numpy()

    is_below = (table["role"] == "denominator").to_numpy()
    kind = by_measure({name: item.sensitivity for name, item in items.items()})
    apart = {name: {each for group in item.apart for each in group} for name, item in items.items()}
    pairs = zip(table["measure_id"].tolist(), table["dimension"].tolist(), strict=True)
    is_whole = np.array([each == ALL or each in apart[name] for name, each in pairs], dtype=bool)
    is_open = (kind == "open") | (
        is_below & by_measure({name: _below(item) == "open" for name, item in items.items()})
    )
    is_process = (kind == "process") & is_whole & (profile == "internal")
    # What a process is held against may be people, counted by a measure of their own.
    is_process &= ~(is_below & by_measure({name: _below(item) == "person" for name, item in items.items()}))
    is_shown = table["is_shown"].to_numpy(dtype=bool)
    value, base = table["value"].to_numpy(), table["base"].to_numpy()
    is_answer = kind == "answers"
    least = by_measure({name: item.least or LEAST_BASE for name, item in items.items()})
    is_small = np.where(
        is_answer & ~np.isnan(base), (base > 0) & (base < least), (value > 0) & (value < disclosure.SMALLEST)
    )
    is_small &= ~(is_answer & np.isnan(base))

    def any_of(flags: Flags) -> Flags:
        out = np.zeros(count, dtype=bool)
        out[table["place"].to_numpy()[flags.astype(bool)]] = True
        return out

    is_seen = any_of(is_shown)
    fixed = any_of(is_process & is_shown) | any_of(is_open)
    is_primary = any_of(is_small & ~is_process & ~is_open) & ~fixed
    suppress_last = any_of(_suppress_last(table, items)) & is_seen
    weight = (
        np.where(is_whole, WHOLE_WEIGHT, 1.0) * table["grain"].map(WEIGHTS).fillna(1.0).to_numpy() * is_shown
    )
    weight = weight * np.where(_stands_out(table, items), APART_WEIGHT, 1.0)
    costs = np.bincount(table["place"].to_numpy(), weight, count) * (1 + np.log1p(cells.values) / 4)
    # A count of 0 is published.
    costs = np.where(fixed | (is_seen & (cells.values == 0)), np.inf, np.maximum(costs, 0.1))
    below = cells.limits
    slack = -(below @ cells.values)
    relations = sparse.bmat([[cells.relations, None], [below, sparse.identity(len(slack))]])
    none = np.zeros(len(slack), dtype=bool)
    return Counts(
        values=np.concatenate([cells.values, slack]),
        relations=sparse.csr_matrix(relations),
        costs=np.concatenate([costs, np.full(len(slack), np.inf)]),
        is_primary=np.concatenate([is_primary, none]),
        is_unseen=np.concatenate([~is_seen, ~none]),
        suppress_last=np.concatenate([suppress_last, none]),
        # A count of 0 is published, so one that is withheld, or may still be, is at least 1.
        max_decrease=np.concatenate(
            [np.where(is_seen, np.maximum(cells.values - 1, 0), cells.values), slack]
        ),
    )


def _suppress_last(table: pd.DataFrame, items: Mapping[str, Measure]) -> Flags:
    """What is withheld for the sake of another figure only where nothing else protects that one."""
    usual = {name: bases_of(item)[0] for name, item in items.items()}
    names = [
        (name, dimension, category) in HEADLINES and basis == usual[name]
        for name, dimension, category, basis in table[
            ["measure_id", "dimension", "category", "basis"]
        ].itertuples(index=False)
    ]
    is_lasting = (table["measure_id"] == LASTING[0]) & (table["basis"] == LASTING[1])
    flags: Flags = np.array(names, dtype=bool) & (is_lasting | (table["starts"] >= COMPARABLE)).to_numpy()
    return flags


def _stands_out(table: pd.DataFrame, items: Mapping[str, Measure]) -> Flags:
    """Of each count, whether it belongs to a share of a part of the force that differs from the force's own.

    It does when it is `APART` standard errors away or further, which chance hardly makes. Only of shares
    that have a better side.
    """
    shares = [name for name, item in items.items() if is_share(item) and item.direction != "neutral"]
    is_top = (table["role"] == "numerator") & table["measure_id"].isin(shares)
    of = ["measure_id", "basis", "grain", "period", UNTIL]
    tops = table[is_top & ~table["dimension"].eq(ALL)]
    whole = table.loc[is_top & table["dimension"].eq(ALL), [*of, "value", "base"]].drop_duplicates(of)
    both = tops.merge(whole, on=of, suffixes=("", "_whole"))
    average = both["value_whole"] / both["base_whole"]
    spread = np.sqrt(average * (1 - average) / both["base"])
    with np.errstate(invalid="ignore", divide="ignore"):
        is_apart = ((both["value"] / both["base"] - average).abs() / spread > APART) & (spread > 0)
    flags: Flags = table["row"].isin(both.loc[is_apart, "row"]).to_numpy()
    return flags


def _below(item: Measure) -> str:
    """The sensitivity of what a measure divides by, where a measure of its own counts it; else empty."""
    if item.ratio:
        return measure(item.ratio[1]).sensitivity
    return measure(item.part_of).sensitivity if item.part_of else ""


def _rendered(rows: pd.DataFrame, is_top_hidden: Flags, is_base_hidden: Flags, profile: str) -> pd.DataFrame:
    """The rows with every withheld count taken out, and with it what could be worked back to it."""
    out = rows.copy()
    numerator, denominator = out["numerator"].to_numpy(copy=True), out["denominator"].to_numpy(copy=True)
    value, lower, upper = (out[name].to_numpy(copy=True) for name in ("value", "lower", "upper"))
    marker = out["marker"].to_numpy(dtype=object, copy=True)
    items = {name: measure(name) for name in out["measure_id"].unique()}
    is_median = (
        out["measure_id"].map({name: item.shape == "distribution" for name, item in items.items()}).to_numpy()
    )
    if profile == "external":
        is_open = (
            out["measure_id"]
            .map({name: item.sensitivity == "open" for name, item in items.items()})
            .to_numpy()
        )
        numerator = np.where(is_open, numerator, disclosure.rounded(numerator))
        below_open = (
            out["measure_id"].map({name: _below(item) == "open" for name, item in items.items()}).to_numpy()
        )
        denominator = np.where(is_open | below_open, denominator, disclosure.rounded(denominator))
        for name, place in out.groupby("measure_id").indices.items():
            at = place[~is_open[place] & ~is_median[place] & ~np.isnan(value[place])]
            value[at], lower[at], upper[at] = figures(items[str(name)], numerator[at], denominator[at])
    is_hidden = is_top_hidden | is_base_hidden
    is_few = (
        (denominator < LEAST_BASE) & (denominator > 0) & ~is_hidden & (marker != "[x]") & (marker != "[z]")
    )
    numerator = np.where(is_top_hidden, np.nan, numerator)
    denominator = np.where(is_base_hidden, np.nan, denominator)
    marker[is_few] = np.where(is_median[is_few], "[c]", "[u]")
    marker[is_hidden] = "[c]"
    is_blank = is_hidden | is_few
    return out.assign(
        numerator=numerator,
        denominator=denominator,
        value=np.where(is_blank, np.nan, value),
        lower=np.where(is_blank, np.nan, lower),
        upper=np.where(is_blank, np.nan, upper),
        marker=pd.Series(marker, index=out.index, dtype="str"),
    )
