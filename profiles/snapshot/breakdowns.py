"""The sums of breakdowns, where no definition is known to say them: parts and their whole."""

import pandas as pd

from profiles.periods import ALL
from profiles.selection import DIMENSIONS
from profiles.snapshot.relations import Relations, joined
from profiles.snapshot.signatures import Series

KEY = ["measure_id", "role", "basis", "grain", "period", "ends"]


def rests(table: pd.DataFrame, found: Relations) -> None:
    """Numerator and rest make the denominator."""
    rest = table[table["role"] == "rest"]
    parts = table[table["role"].isin(["numerator", "rest"]) & table["row"].isin(rest["row"])]
    whole = table[(table["role"] == "denominator") & table["row"].isin(rest["row"])]
    joined(found, "rest", parts, whole, ["row", "starts"])


def categories(table: pd.DataFrame, found: Relations) -> None:
    """The categories of a dimension make the whole."""
    overlaps = [name for name, item in DIMENSIONS.items() if item.overlaps]
    one_way = table[(table["dimension_2"] == "") & (table["role"] != "rest")]
    whole = one_way[one_way["dimension"] == ALL]
    for dimension, parts in one_way[~one_way["dimension"].isin([ALL, *overlaps])].groupby("dimension"):
        del dimension
        joined(found, "categories", parts, whole, KEY)


def atoms(table: pd.DataFrame, found: Relations) -> None:
    """A type is made of the overlaps it is in."""
    atoms = table[(table["dimension"] == "atom") & (table["dimension_2"] == "")]
    types = table[(table["dimension"] == "typology") & (table["dimension_2"] == "")]
    for name, whole in types.groupby("category"):
        is_in = atoms["category"].str.contains(str(name), regex=False)
        joined(found, "types", atoms[is_in], whole, KEY)


def crossings(table: pd.DataFrame, found: Relations) -> None:
    """A two-way breakdown sums to either of its one-way ones."""
    both = table[(table["dimension_2"] != "") & (table["role"] != "rest")]
    one_way = table[table["dimension_2"] == ""]
    whole = one_way[[*KEY, "dimension", "category", "place"]]
    turned = both.assign(
        dimension=both["dimension_2"],
        category=both["category_2"],
        dimension_2=both["dimension"],
        category_2=both["category"],
    )
    for _, parts in pd.concat([both, turned]).groupby("dimension_2"):
        joined(found, "crossing", parts, whole, [*KEY, "dimension", "category"])


def bases(table: pd.DataFrame, found: Relations) -> None:
    """Principal and included only make any."""
    on = [*Series._fields[:2], *Series._fields[3:], "grain", "period", "ends"]
    parts = table[table["basis"].isin(["principal", "included_only"])]
    whole = table[table["basis"] == "any"]
    pairs = parts.groupby(on)["basis"].transform("nunique")
    joined(found, "bases", parts[pairs == 2], whole, on)
