"""What follows from the definitions, said of each period and each word that there are counts of."""

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from profiles.disclosure import Floats, Places
from profiles.snapshot.identities import known, words_of
from profiles.snapshot.relations import Relations

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


@lru_cache(maxsize=64)
def _is_open(dimension: str) -> bool:
    """Whether a dimension may hold words that nobody has declared."""
    return dimension != "" and bool(words_of(dimension))


def _as_one(pattern: Places, line: Places, parts: Floats) -> NDArray[np.bool_]:
    """Which lines say that a count is no more than another, as which it is in each line of their pattern.

    They are one unless dates are out of order, or the like: whoever sees that they always are believes it.
    """
    sizes = np.bincount(_terms()["pattern"].to_numpy())[pattern]
    differs = np.bincount(line, parts, len(pattern)) != 0
    is_never = np.bincount(pattern, differs) == 0
    is_often = np.bincount(pattern, np.bincount(line, abs(parts), len(pattern))) >= 2 * OFTEN
    found: NDArray[np.bool_] = (sizes == 2) & (is_never & is_often)[pattern]
    return found


def _there(
    terms: pd.DataFrame, there: pd.DataFrame, pattern: Places, is_found: NDArray[np.bool_]
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
            *(pattern.since, term.kind in lacking),
        )
        for number, pattern in enumerate(patterns)
        for at, term in enumerate(pattern.terms)
    ]
    columns = ["pattern", "term", "kind", "sign", "is_each", "is_sum", "since", "may_lack"]
    return pd.DataFrame(rows, columns=columns)
