"""Published figures of which several rows share a key: added up where the mapping says so, else left out."""

from collections.abc import Callable

from profiles.importing.faults import ACCEPTED
from profiles.importing.layouts import Entry
from profiles.warehouse import Connection

SEVERAL = "several figures under one key"


def add_up(con: Connection, entry: Entry, reject_found: Callable[[str, str, str, str], None]) -> None:
    """Gives rows that share a key their sum, or rejects all of them: one alone would be too small.

    Rows that repeat another to the letter are no further figure. Rates are never added.
    """
    table = entry.main.table
    held = {item.column.name: item for item in entry.main.fields}
    figures = [f"m_{name}" for name in table.adds_up if name in held]
    if not figures or entry.links:
        return
    key = f"hash({', '.join(f'm_{name}' for name in table.key if name in held)})"
    is_rate = "bool_or(regexp_matches(lower(m_unit), 'per|%|rate'))" if "unit" in held else "false"
    con.execute(
        f"create or replace temp table shared as select {key} as key, coalesce({is_rate}, false) as is_rate "
        f"from records where state = {ACCEPTED} group by 1 having count(distinct whole) > 1"
    )
    added = "not is_rate" if entry.add_up else "false"
    source = (held[table.adds_up[0]].sources or (table.adds_up[0],))[0]
    lost = f"{key} in (select key from temp.shared where not ({added}))"
    reject_found(lost, figures[0], source, SEVERAL)
    sums = ", ".join(f"sum({name}) as {name}" for name in figures)
    news = ", ".join(f"total.{name}" for name in figures)
    totals = ", ".join(f"{name} = total.{name}" for name in figures)
    con.execute(
        f"update records set {totals}, fingerprint = hash(whole, {news}), "
        f"whole = null from ("
        f"select key, {sums} from (select distinct on ({key}, whole) {key} as key, {', '.join(figures)} "
        f"from records where state = {ACCEPTED} and {key} in (select key from temp.shared where {added})) "
        f"group by key) total where {key} = total.key and state = {ACCEPTED}"
    )
