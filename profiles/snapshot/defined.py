"""What follows from the definitions, said of each period and each word that there are counts of."""

from functools import lru_cache

import numpy as np
import pandas as pd

from profiles.disclosure import Flags, Floats, Places
from profiles.snapshot.identities import ANY, known, words_of
from profiles.snapshot.relations import Relations

CHAIN = 2
"""How many further counts that are not there a limit may go by way of."""
OFTEN = 100
"""Two counts that never differ among so many cases are believed to be one."""


def patterned(table: pd.DataFrame, found: Relations) -> None:
    """What follows from the definitions, for each period and word that it can be said of."""
    cells = table[table["is_known"]].sort_values("value", ascending=False, kind="stable")
    both_of = (cells["dimension"], cells["dimension_2"])
    is_open = np.any([each.map(_is_open).to_numpy(dtype=bool) for each in both_of], axis=0)
    cells = cells.assign(is_open=is_open)
    key = ["kind", "word", "starts", "ends"]
    cells["is_open"] = cells.groupby(key)["is_open"].transform("any")
    cells = cells.drop_duplicates(key)[[*key, "place", "is_open"]]
    words = cells.loc[cells["word"] != "", ["word"]].drop_duplicates()
    terms = _terms()
    both = terms.merge(cells, on="kind")
    both = both[both["starts"] >= both["since"]]
    # What is said of each word stands there once a word, and what it has no word for with each of them.
    both["of"] = np.where(both["is_each"], both["word"], "")
    spread = both[both["is_each"] & (both["word"] == "")].drop(columns="of")
    spread = spread.merge(words.rename(columns={"word": "of"}), how="cross")
    both = pd.concat([both[~(both["is_each"] & (both["word"] == ""))], spread], ignore_index=True)
    line = both.groupby(["pattern", "of", "starts", "ends"], sort=False).ngroup().to_numpy()
    count = line.max(initial=-1) + 1
    pattern = np.zeros(count, dtype=np.int64)
    pattern[line] = both["pattern"].to_numpy()
    # A sum of which parts are not counted is what the parts that are counted are no more than.
    # Of a dimension that may hold any word only those are there that were found: of the others there is none.
    there = both.assign(line=line).drop_duplicates(["line", "term"])
    is_found = np.bincount(there["line"], there["may_lack"] & there["is_open"], count) > 0
    plus, lacks_plus = _there(terms[terms["sign"] > 0], there[there["sign"] > 0], pattern, is_found)
    minus, lacks_minus = _there(terms[terms["sign"] < 0], there[there["sign"] < 0], pattern, is_found)
    is_sum = terms.drop_duplicates("pattern").sort_values("pattern")["is_sum"].to_numpy()[pattern]
    is_told = (plus > 0) & (minus > 0)
    exact = is_told & is_sum & (lacks_plus == 0) & (lacks_minus == 0)
    more = is_told & (lacks_minus == 0) & ~exact
    fewer = is_told & is_sum & (lacks_plus == 0) & (lacks_minus > 0)
    place, sign = both["place"].to_numpy().astype(np.int64), both["sign"].to_numpy().astype(float)
    exact |= more & _as_one(pattern, line.astype(np.int64), sign * found.values[place])
    more &= ~exact
    found.add("definitions", line[exact[line]], place[exact[line]], sign[exact[line]])
    for kept, side in ((more, 1.0), (fewer, -1.0)):
        found.limit(line[kept[line]], place[kept[line]], sign[kept[line]] * side)
    _through_others(both.assign(line=line), terms, is_found, found)


def _through_others(both: pd.DataFrame, terms: pd.DataFrame, is_found: Flags, found: Relations) -> None:
    """Limits by way of a count that is not there: of what is no more than it, and of what holds it.

    Such as the outcomes of one kind of a month, where they are counted by quarter alone.
    """
    of = ["line", "pattern", "of", "starts", "ends"]
    whole = both[of].drop_duplicates("line").merge(terms, on="pattern")
    there = pd.MultiIndex.from_frame(both[["line", "term"]])
    has = pd.MultiIndex.from_frame(whole[["line", "term"]]).isin(there)
    lacks = ~has & ~(whole["may_lack"].to_numpy() & is_found[whole["line"]])
    whole = whole.assign(has=has, lacks=lacks, word=whole["of"].where(whole["kind"].isin(_worded()), ""))
    # A sum says two things: that it is no less than 0, and no more.
    sides = pd.concat([whole.assign(side=1), whole[whole["is_sum"]].assign(side=-1)], ignore_index=True)
    sides["sign"] *= sides["side"]
    sides["at"] = sides.groupby(["line", "side"], sort=False).ngroup()
    counted = {
        (name, sign): np.bincount(sides["at"], sides[name] & (sides["sign"] == sign))[sides["at"]]
        for name in ("has", "lacks")
        for sign in (1, -1)
    }
    is_other = sides["lacks"] & ~sides["is_every"]
    is_above = is_other & (sides["sign"] < 0) & (counted["lacks", -1] == 1)
    is_within = is_other & (sides["sign"] > 0) & (counted["has", -1] > 0) & (counted["lacks", -1] == 0)
    key = ["kind", "word", "starts", "ends"]
    above = sides.loc[is_above & (counted["has", 1] > 0), [*key, "at"]]
    within = sides.loc[is_within, [*key, "at"]]
    pairs = _pairs(terms)[["kind", "kind_above", "since"]]
    for _ in range(CHAIN):
        further = above.merge(pairs, on="kind")
        further = further[further["starts"] >= further["since"]]
        further = further.assign(
            kind=further["kind_above"], word=further["word"].where(further["kind_above"].isin(_worded()), "")
        )
        above = pd.concat([above, further[above.columns]], ignore_index=True).drop_duplicates()
    joint = above.merge(within, on=key, suffixes=("", "_within"))[["at", "at_within"]].drop_duplicates()
    joint["number"] = np.arange(len(joint))
    ends = sides.drop_duplicates("at")[["at", "line", "side"]]
    parts = pd.concat(
        [joint[["number", name]].set_axis(["number", "at"], axis=1) for name in ("at", "at_within")]
    )
    parts = parts.merge(ends, on="at").merge(both[["line", "place", "sign"]], on="line")
    found.limit(
        parts["number"].to_numpy(),
        parts["place"].to_numpy().astype(np.int64),
        (parts["sign"] * parts["side"]).to_numpy().astype(float),
    )


def _pairs(terms: pd.DataFrame) -> pd.DataFrame:
    """Kinds of which one is never more than the other: `kind`, `kind_above`, and `since` which month."""
    of_two = terms[~terms["is_sum"] & terms.groupby("pattern")["term"].transform("size").eq(2)]
    below, above = (of_two[of_two["sign"] == sign] for sign in (1, -1))
    return below.merge(above[["pattern", "kind"]], on="pattern", suffixes=("", "_above"))


@lru_cache(maxsize=64)
def _is_open(dimension: str) -> bool:
    """Whether a dimension may hold words that nobody has declared."""
    return dimension != "" and bool(words_of(dimension))


def _as_one(pattern: Places, line: Places, parts: Floats) -> Flags:
    """Which lines say that a count is no more than another, as which it is in each line of their pattern.

    They are one unless dates are out of order, or the like: whoever sees that they always are believes it.
    """
    sizes = np.bincount(_terms()["pattern"].to_numpy())[pattern]
    differs = np.bincount(line, parts, len(pattern)) != 0
    is_never = np.bincount(pattern, differs) == 0
    is_often = np.bincount(pattern, np.bincount(line, abs(parts), len(pattern))) >= 2 * OFTEN
    found: Flags = (sizes == 2) & (is_never & is_often)[pattern]
    return found


def _there(
    terms: pd.DataFrame, there: pd.DataFrame, pattern: Places, is_found: Flags
) -> tuple[Places, Places]:
    """How many terms of one sign each line has, and how many it lacks.

    Where a word of the dimension `is_found`, what `may_lack` is not lacking.
    """
    count = pattern.max(initial=-1) + 1
    every = np.bincount(terms["pattern"], minlength=count)[pattern]
    must = np.bincount(terms.loc[~terms["may_lack"], "pattern"], minlength=count)[pattern]
    found = np.bincount(there["line"], minlength=len(pattern))
    held = np.bincount(there.loc[~there["may_lack"], "line"], minlength=len(pattern))
    return found, np.where(is_found, must - held, every - found)


@lru_cache(maxsize=1)
def _worded() -> frozenset[int]:
    """Kinds of which there is one for each word."""
    kinds, _ = known()
    return frozenset(
        number for series, number in kinds.items() if ANY in (series.category, series.category_2)
    )


@lru_cache(maxsize=1)
def _terms() -> pd.DataFrame:
    """A row a term of each pattern: its number, `kind`, `sign` and `may_lack`, and what the pattern says.

    What `may_lack` is a category that nobody must have, such as *not recorded* among districts.
    """
    kinds, patterns = known()
    # A field that is blank may be told of elsewhere as well.
    lacking = {kind for series, kind in kinds.items() if words_of(series.dimension)}
    rows = [
        (
            *(number, at, term.kind, term.sign, pattern.is_each, pattern.is_sum),
            *(pattern.since, term.kind in lacking, term.is_every),
        )
        for number, pattern in enumerate(patterns)
        for at, term in enumerate(pattern.terms)
    ]
    columns = ["pattern", "term", "kind", "sign", "is_each", "is_sum", "since", "may_lack", "is_every"]
    return pd.DataFrame(rows, columns=columns)
