"""A release after others: what was told and withheld then still tells of the counts of now."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from profiles import disclosure
from profiles.disclosure import Counts, Flags, Floats, Places
from profiles.snapshot.contents import UNTIL, months_of
from profiles.snapshot.counts import SINCE, Cells, spans_of
from profiles.snapshot.files import KEY, Release

MISSED = 1000.0
"""What it costs for a relation of then to be missed by one."""


def after(cells: Cells, counts: Counts, day: str, profile: str) -> tuple[Counts, Flags]:
    """The counts as they stand after releases, the newest as at `day`, and those that stay withheld.

    What they told and is the same now is told for good. Whether what they withheld has changed since
    cannot be told from them, so it stays withheld, and goes on to fulfil the relations that held then: among
    themselves, with what was told then, and with counts that nobody was told of, each of which stands here
    a second time, as it was then.
    """
    now = disclosure.rounded(cells.values) if profile == "external" else cells.values
    told, was_hidden = _earlier(cells, now)
    is_asked = _asked_then(cells.table, was_hidden)
    last = np.zeros(len(now), dtype=np.int64)
    last[cells.table["place"].to_numpy()] = cells.table["ends"].to_numpy()
    is_same = told == now
    none = np.zeros(len(counts.values) - len(cells.values), dtype=bool)
    # Where nothing is left of what was withheld it has changed: zero is told, and what it was stands apart.
    gone = was_hidden & (now == 0)
    hidden, known = np.append(was_hidden & ~gone, none), np.append(~np.isnan(told), none)
    fixed = np.append(is_same, none)
    is_unseen = counts.is_unseen & ~fixed
    is_primary = (counts.is_primary & np.append(is_asked, none)) | (hidden & is_unseen)
    # The relations that could be made then: of no later month, and with something withheld.
    pattern = abs(counts.relations).sign()
    late = np.append(last > months_of("month", f"{day[:8]}01")[0], none)
    is_of = hidden | np.append(gone, none)
    is_then = (pattern @ late.astype(float) == 0) & (pattern @ is_of.astype(float) > 0)
    # What held on its day alone is said apart.
    alone = sparse.csr_matrix(cells.then)
    alone.resize((alone.shape[0], len(counts.values)))
    then = sparse.csr_matrix(sparse.vstack([counts.relations[np.flatnonzero(is_then)], alone]))
    then = then[_not_the_same(then, ~hidden & ~known, known & ~(fixed & ~is_primary))]
    is_there = np.diff(sparse.csc_matrix(then).indptr) > 0
    others, kept = np.flatnonzero(~hidden & ~known & is_there), np.flatnonzero(hidden & is_there)
    free = np.concatenate([others, kept])
    were = _nearest(
        sparse.csr_matrix(then[:, free]),
        -(then @ np.append(np.nan_to_num(told), none)),
        np.maximum(counts.values, np.append(gone, none))[free],
        # The later a month the more is still corrected in it; of what nobody was told nothing is known.
        np.concatenate([np.full(len(others), 0.01), 1.0 + 0.02 * (last.max() - np.append(last, none)[kept])]),
        abs(then).sign() @ known.astype(float) * (disclosure.BASE / 2 if profile == "external" else 0.0),
    )
    # What was withheld was at least 1.
    room = np.where(
        hidden, np.minimum(counts.max_decrease, np.maximum(counts.values - 1, 0)), counts.max_decrease
    )
    room[kept] = np.minimum(room[kept], np.maximum(were[len(others) :] - 1, 0))
    shared = then @ sparse.diags(hidden.astype(float))
    extra = np.zeros(len(others), dtype=bool)
    was = np.append(gone, none)[others]
    after = Counts(
        values=np.concatenate([counts.values, were[: len(others)]]),
        relations=sparse.csr_matrix(
            sparse.bmat([[counts.relations, None], [shared, sparse.csr_matrix(then[:, others])]])
        ),
        costs=np.concatenate([np.where(fixed, np.inf, counts.costs), np.full(len(others), np.inf)]),
        is_primary=np.concatenate([is_primary, was]),
        is_unseen=np.concatenate([is_unseen, ~extra]),
        suppress_last=np.concatenate([counts.suppress_last, extra]),
        max_decrease=np.concatenate([room, np.maximum(were[: len(others)] - was, 0)]),
    )
    return after, np.concatenate([hidden & ~is_unseen, extra])


def _nearest(
    relations: sparse.csr_matrix, right: Floats, near: Floats, weights: Floats, given: Floats
) -> Floats:
    """Values not below zero that fulfil `relations @ values = right` and differ least from `near`.

    Each difference counts by its weight. A relation may miss by what is `given` for nothing, and by more
    at a price above all others: what is wrong in it is then none of the values.
    """
    from scipy.optimize import linprog

    lines, count = relations.shape
    if not count:
        return near
    miss = sparse.identity(lines)
    # What a value is more, and less; what is missed for nothing, and more, and less than that.
    system = sparse.csr_matrix(sparse.hstack([relations, -relations, miss, miss, -miss]))
    found = linprog(
        np.concatenate([weights, weights, np.zeros(lines), np.full(2 * lines, MISSED)]),
        A_eq=system,
        b_eq=right - relations @ near,
        bounds=np.column_stack(
            [
                np.concatenate([np.zeros(2 * count), -given, np.zeros(2 * lines)]),
                np.concatenate([np.full(count, np.inf), near, given, np.full(2 * lines, np.inf)]),
            ]
        ),
        method="highs",
    )
    if found.x is None:
        raise ArithmeticError(found.message)
    values: Floats = near + found.x[:count] - found.x[count : 2 * count]
    return values


def _not_the_same(then: sparse.csr_matrix, untold: Flags, changed: Flags) -> Places:
    """Which relations of then are not those of now: one that hangs together with them has changed.

    They hang together through what nobody was told of. Where all that was told is the same now, the
    relation of now says it already.
    """
    links = abs(then[:, np.flatnonzero(untold)]).sign()
    joint = sparse.bmat([[None, links], [links.T, None]]).tocsr()
    total, label = sparse.csgraph.connected_components(joint, directed=False)
    label = label[: then.shape[0]]
    is_changed = np.zeros(total, dtype=bool)
    is_changed[label[abs(then) @ changed.astype(float) > 0]] = True
    return np.flatnonzero(is_changed[label])


def _asked_then(table: pd.DataFrame, was_hidden: Flags) -> Flags:
    """Of each count, whether it is to be protected: not if it is only of a period as it was cut short then.

    Nobody is told of it now. Where it was withheld then, or what it was out of was, it is protected still.
    """
    is_now = (table[UNTIL] == table[UNTIL].max()).to_numpy()
    place = table["place"].to_numpy()
    touched = np.zeros(table["row"].max() + 1, dtype=bool)
    touched[table["row"].to_numpy()[was_hidden[place] & (table["role"] != "rest").to_numpy()]] = True
    asked = np.zeros(len(was_hidden), dtype=bool)
    asked[place[is_now]] = True
    asked[place[(table["role"] == "rest").to_numpy() & touched[table["row"].to_numpy()]]] = True
    return asked | was_hidden


def then(rows: pd.DataFrame, releases: Sequence[Release], profile: str) -> pd.DataFrame:
    """Numerator and denominator of each row in the releases before, newest first, as `cells_of` wants them.

    What one of them told and is the same now is told; else the newest that has the row says what it was.
    """
    found = pd.DataFrame(np.nan, index=rows.index, columns=["numerator", "denominator"])
    for release in releases:
        told = _then(rows, release.rows, release.as_at)
        for role in found:
            now = (
                disclosure.rounded(rows[role].to_numpy()) if profile == "external" else rows[role].to_numpy()
            )
            is_same = (told[role] >= 0) & (told[role].to_numpy() == now)
            found[role] = np.where(found[role].isna() | is_same, told[role], found[role])
    return found


def _then(rows: pd.DataFrame, released_then: pd.DataFrame, day: str) -> pd.DataFrame:
    """Numerator and denominator of each row in a release: nan where it told none, -1 where it withheld it."""
    old = released_then.assign(**{UNTIL: day})
    old_keys = pd.MultiIndex.from_frame(old[list(KEY)].assign(ends=spans_of(old)[1]))
    at = old_keys.get_indexer(pd.MultiIndex.from_frame(rows[list(KEY)].assign(ends=spans_of(rows)[1])))
    found = {}
    for role in ("numerator", "denominator"):
        figure = old[role].to_numpy()
        is_withheld = np.isnan(figure) & (old["marker"] == "[c]").to_numpy()
        figure = np.append(np.where(is_withheld, -1.0, figure), np.nan)
        found[role] = figure[at]
    return pd.DataFrame(found)


def _earlier(cells: Cells, now: Floats) -> tuple[Floats, Flags]:
    """Of each count: what the release before told of it or nan, and whether it withheld it."""
    place, then = cells.table["place"].to_numpy(), cells.table["then"].to_numpy()
    told, was_hidden = np.full(len(now), np.nan), np.zeros(len(now), dtype=bool)
    is_told = then >= 0
    # Of two figures that are one count now, one that is the same now comes last.
    order = np.flatnonzero(is_told)
    order = order[np.argsort(then[order] == now[place[order]], kind="stable")]
    told[place[order]] = then[order]
    was_hidden[place[then < 0]] = True
    return told, was_hidden


def withheld(cells: Cells, rows: pd.DataFrame, beside: pd.DataFrame) -> Flags:
    """Of each count, whether a release of the same day withholds it."""
    there = pd.MultiIndex.from_frame(beside[list(KEY)])
    at = there.get_indexer(pd.MultiIndex.from_frame(rows[list(KEY)]))
    table = cells.table
    found = np.zeros(len(cells.values), dtype=bool)
    for role in ("numerator", "denominator"):
        is_none = (beside[role].isna() & beside["marker"].eq("[c]")).to_numpy()
        is_role = (table["role"].eq(role) & table["grain"].ne(SINCE)).to_numpy()
        of = at[table.loc[is_role, "row"].to_numpy()]
        found[table.loc[is_role, "place"].to_numpy()[(of >= 0) & is_none[of]]] = True
    return found
