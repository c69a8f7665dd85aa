"""What the raw tables hold of each source: feeds, capabilities, the as-at date, the days that are covered."""

from datetime import date

from profiles import contracts
from profiles.spans import Extract, covered
from profiles.warehouse import Connection, quoted, set_meta


def describe(con: Connection) -> None:
    """Work out feeds, capabilities, the as-at date and whether anything is made up."""
    held = " union all ".join(
        f"select source, '{table.name}' as table_name, "
        f"{f'min({quoted(table.date)})::date' if table.date else 'null::date'} as first_date, "
        f"max(extract_date) as as_at, count(*) as count_rows from raw.{table.name} group by source"
        for table in contracts.TABLES.values()
    )
    # A file without rows still says that nothing happened up to its date.
    con.execute(
        f"delete from meta.feeds; insert into meta.feeds with held as ({held}), "
        f"delivered as (select source, feeding.table_name, max(covers_until) as as_at "
        f"from meta.files join meta.feeding using (file_id) group by all) "
        f"select source, table_name, first_date, coalesce(delivered.as_at, held.as_at), "
        f"coalesce(count_rows, 0) "
        f"from held full join delivered using (source, table_name) order by source, table_name"
    )
    _describe_coverage(con)
    feeds = ", ".join(f"('{item.name}', '{item.feed}')" for item in contracts.CAPABILITIES.values())
    con.execute(
        f"delete from meta.capabilities; insert into meta.capabilities "
        f"select declared.source, capability, is_declared and coalesce(count_rows, 0) > 0 "
        f"from meta.declared join (values {feeds}) wanted(capability, feed) using (capability) "
        f"left join meta.feeds on feeds.source = declared.source and feeds.table_name = wanted.feed "
        f"order by all"
    )
    records = [table.name for table in contracts.TABLES.values() if not table.is_reference]
    as_at, any_as_at, is_synthetic = con.execute(
        "select max(day) filter (where list_contains($records, table_name)), max(day), "
        "coalesce(bool_or(is_synthetic), false) from ("
        "select table_name, as_at as day, false as is_synthetic from meta.feeds union all "
        "select table_name, extract_date, is_synthetic from meta.files)",
        {"records": records},
    ).fetchall()[0]
    newest = as_at or any_as_at
    set_meta(
        con,
        as_at=newest.isoformat() if newest else "",
        is_synthetic="yes" if is_synthetic else "no",
    )


def _describe_coverage(con: Connection) -> None:
    """Write into meta.coverage the spans of days that the extracts of each source cover of each feed."""
    con.execute("delete from meta.coverage")
    for (source, name), (extracts, days) in extracts_of(con).items():
        for span in covered(extracts, days):
            con.execute("insert into meta.coverage values (?, ?, ?, ?)", [source, name, *span])


def extracts_of(con: Connection) -> dict[tuple[str, str], tuple[list[Extract], dict[date, int]]]:
    """The extracts of each source and table, with its records by day.

    Not of reference tables, nor of a table whose rows hold until newer ones, nor of what has no day of its
    own and came with other records: it is covered as they are. Where every extract is certain of what it
    covers, no record is looked at.
    """
    found: dict[tuple[str, str], list[Extract]] = {}
    is_file: set[tuple[str, str]] = set()
    for source, name, is_main, *extract in con.execute(
        "select source, feeding.table_name, files.table_name = feeding.table_name, extract_date, "
        "covers_from, covers_until, coalesce(is_certain, false), rows_in = 0 "
        "from meta.feeding join meta.files using (file_id) order by all"
    ).fetchall():
        found.setdefault((source, name), []).append(Extract(*extract))
        is_file |= {(source, name)} if is_main else set()
    told = {}
    for (source, name), extracts in found.items():
        table = contracts.TABLES[name]
        is_dated = table.date or (table.is_dated_by_crime and (source, name) in is_file)
        if table.is_reference or table.stands or not is_dated:
            continue
        days = {} if all(each.is_certain for each in extracts) else _by_day(con, source, table)
        told[source, name] = extracts, days
    return told


def _by_day(con: Connection, source: str, table: contracts.Table) -> dict[date, int]:
    """Records of the table by the day on which they, or the crimes they belong to, fall."""
    day, rows = f"held.{quoted(table.date or '')}", f"raw.{table.name} as held"
    if not table.date:
        day = "crimes.recorded_date"
        rows += " join raw.crimes on crimes.source = held.source and crimes.crime_ref = held.crime_ref"
    found = con.execute(
        f"select {day}::date as day, count(*) from {rows} "
        f"where held.source = $source and {day} is not null group by day",
        {"source": source},
    ).fetchall()
    return dict(found)
