"""Lists: records with their references, for the analyst's own screen; never in an export or an address.

Whoever shows a page of one logs it: `audit.viewed(…, shown.references)`.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import pandas as pd

from profiles.catalogue import LISTS, body, header, marts, required, split
from profiles.cells import needs_of
from profiles.errors import BadSelection, BadSql
from profiles.facts import columns_of, facts_of
from profiles.selection import (
    BASES,
    EARLIEST,
    LATEST,
    Parameters,
    Rows,
    Selection,
    joined,
    nearest,
    selected,
)
from profiles.warehouse import SQL, Connection

KEYS = ("title", "note", "reads", "date", "bases", "needs", "columns", "order", "search", "reference")


@dataclass(frozen=True)
class Listing:
    """One list as its header declares it.

    `columns` are pairs of a column and its name for readers, in the order shown. Without `date` the
    list knows no days. `order` is SQL; `search` are the columns a search looks in, and those of
    `reference` together name a row in the log of views.
    """

    list_id: str
    title: str
    note: str
    reads: str
    feed: str
    date: str
    bases: tuple[str, ...]
    needs: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    order: str
    search: tuple[str, ...]
    reference: tuple[str, ...]
    dimensions: tuple[str, ...]
    sql: str


@dataclass(frozen=True)
class Listed:
    """One page of a list: its rows under readable names, the references in them, and how many rows in all."""

    frame: pd.DataFrame
    total: int
    references: tuple[str, ...]


@lru_cache(maxsize=8)
def listings(folder: Path = SQL) -> dict[str, Listing]:
    """Lists by name, read from `folder`/lists. Raises BadSql naming the file and the remedy."""
    return {path.stem: _listing(path, folder) for path in sorted((folder / "lists").glob("*.sql"))}


def listing(name: str, folder: Path = SQL) -> Listing:
    """The list of that name. Raises BadSelection with the nearest names when there is none."""
    known = listings(folder)
    if name not in known:
        raise BadSelection(f"There is no list {name[:80]!r}; {nearest(name, known)}")
    return known[name]


def page(
    con: Connection,
    name: str,
    selection: Selection,
    search: str = "",
    first: int = 0,
    count: int = 50,
    *,
    folder: Path = SQL,
) -> Listed:
    """Rows `first` to `first` + `count` of a list under a selection, the newest first; blanks are None.

    `search` is looked for, whatever its case, anywhere in any of the columns that the list's header
    names. A list has neither breakdown nor grain: those of the selection are left aside. Raises
    BadSelection when the list does not know the basis, the days or a filter.
    """
    item = listing(name, folder)
    text, parameters = _selected(con, item, _fitted(item, selection))
    text = f"from ({joined(text, item.sql)}) as listed"
    # Half a character, as a hostile client may send one, is found nowhere.
    search = search.strip().encode(errors="backslashreplace").decode()
    if search:
        found = (f"contains(lower(listed.{column}), lower($search))" for column in item.search)
        text += f" where ({' or '.join(found)})"
        parameters["search"] = search
    total = con.execute(f"select count(*) {text}", parameters).fetchall()[0][0]
    names = [column for column, _ in item.columns]
    rows = con.execute(
        f"select {', '.join(names)} {text} order by {item.order} limit $count offset $first",
        parameters | {"first": max(first, 0), "count": max(count, 0)},
    ).fetchall()
    places = [names.index(column) for column in item.reference]
    return Listed(
        pd.DataFrame(rows, columns=[title for _, title in item.columns], dtype=object),
        total,
        tuple(":".join(f"{row[place]}" for place in places) for row in rows),
    )


def _fitted(item: Listing, selection: Selection) -> Selection:
    """The selection with the list's default basis. Raises BadSelection when it does not fit."""
    basis = selection.basis or (item.bases[0] if item.bases else None)
    if basis and basis not in item.bases:
        remedy = f"choose {' or '.join(item.bases)}" if item.bases else "leave the basis out"
        raise BadSelection(f"The list {item.list_id} is not kept on the basis {basis!r}; {remedy}.")
    if (selection.since or selection.until) and not item.date:
        raise BadSelection(f"The list {item.list_id} is of all that is loaded, whatever its days; give none.")
    fitted = replace(selection, basis=basis, by=None, grain=None)
    for name in fitted.dimensions:
        if name not in item.dimensions:
            raise BadSelection(
                f"The list {item.list_id} has no dimension {name!r}; {nearest(name, item.dimensions)}"
            )
    return fitted


def _selected(con: Connection, item: Listing, selection: Selection) -> tuple[str, Parameters]:
    """What goes in front of the list's SQL: the rows that a measure of the same mart would count."""
    facts = facts_of(con)
    every = facts.sources(item.feed)
    needs = needs_of(item.needs, selection)
    able = tuple(source for source in every if not facts.lacking(source, *needs))
    words = set(re.findall(r"\w+", item.sql))
    return selected(
        Rows(
            selection,
            item.reads,
            tuple(name for name in columns_of(con, facts, item.reads) if name in words),
            item.date if selection.since or selection.until else "",
            None if able == every else able,
            selection.since or EARLIEST,
            selection.until or LATEST,
        )
    )


def _listing(path: Path, folder: Path) -> Listing:
    where = f"lists/{path.name}"
    text = path.read_text(encoding="utf-8")
    found = header(text, where)
    required(found, (key for key in KEYS if key not in ("date", "needs")), KEYS, where)
    known_marts = marts(folder)
    columns = []
    for part in split(found["columns"]):
        name, equals, title = (each.strip() for each in part.partition("="))
        if not (equals and title and re.fullmatch(r"[a-z_]+", name)):
            raise BadSql(f"{where}: columns holds {part!r}; write `column = Name for readers`.")
        columns.append((name, title))
    order = [re.fullmatch(r"([a-z_]+)( desc)?", part) for part in split(found["order"])]
    names = [name for name, _ in columns]
    for key, values, known in (
        ("reads", [found["reads"]], known_marts),
        ("bases", split(found["bases"]), LISTS["bases"]),
        ("needs", split(found.get("needs", "")), LISTS["needs"]),
        ("order", [part[1] if part else found["order"] for part in order], names),
        ("search", split(found["search"]), names),
        ("reference", split(found["reference"]), names),
    ):
        for value in values:
            if value not in known:
                raise BadSql(f"{where}: {key} may not be {value!r}; {nearest(value, known)}")
    if not body(text):
        raise BadSql(f"{where}: a list is one SELECT over `selected`; add it.")
    mart = known_marts[found["reads"]]
    return Listing(
        list_id=path.stem,
        title=found["title"],
        note=found["note"],
        reads=mart.name,
        feed=mart.feed,
        date=found.get("date", ""),
        bases=tuple(value for value in split(found["bases"]) if value in BASES),
        needs=split(found.get("needs", "")),
        columns=tuple(columns),
        order=", ".join(f"{part[0]} nulls last" for part in order if part),
        search=split(found["search"]),
        reference=split(found["reference"]),
        dimensions=mart.dimensions,
        sql=body(text),
    )
