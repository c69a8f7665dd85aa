"""What is wrong, or looks wrong, in the records that are loaded."""

from collections import Counter

import pandas as pd

from profiles import codes, contracts
from profiles.warehouse import Connection, literal

CODES = (("crimes", "ho_class"), ("crimes", "ho_code"), ("included_classifications", "classification"))
"""Columns in which a target code may stand."""


def violations(con: Connection) -> pd.DataFrame:
    """Breaches of the contract in the raw tables: table, column, rule, count; none on a sound warehouse."""
    rows: list[tuple[str, str, str, int]] = []
    for table in contracts.TABLES.values():
        rules = []
        for column in table.columns:
            name = f'"{column.name}"'
            if column.required:
                rules.append((column.name, "required and blank", f"{name} is null"))
            if column.allowed:
                listed = ", ".join(literal(value) for value in column.allowed)
                rules.append((column.name, "not an allowed value", f"{name} not in ({listed})"))
            bound = "'{}'" if column.kind in ("date", "timestamp") else "{}"
            if column.minimum is not None:
                rules.append((column.name, "below its minimum", f"{name} < {bound.format(column.minimum)}"))
            if column.maximum is not None:
                rules.append((column.name, "above its maximum", f"{name} > {bound.format(column.maximum)}"))
        counts = ", ".join(f"count(*) filter (where {test})" for _, _, test in rules)
        found = con.cursor().execute(f"select {counts} from raw.{table.name}").fetchall()[0]
        rows += [(table.name, *rule[:2], count) for rule, count in zip(rules, found, strict=True) if count]
        key = ", ".join(f'"{name}"' for name in table.key)
        repeated = (
            con.cursor()
            .execute(
                f"select count(*) from ("
                f"select {key} from raw.{table.name} group by {key} having count(*) > 1)"
            )
            .fetchall()[0][0]
        )
        if repeated:
            rows.append((table.name, " and ".join(table.key), "key held by several rows", repeated))
    return pd.DataFrame(rows, columns=["table", "column", "rule", "count"])


def near_codes(con: Connection) -> pd.DataFrame:
    """Cells in which a target code can be seen without being counted: table, column, cell, count.

    Words of the cell, which may be anything, are shown as …
    """
    targets: dict[str, list[str]] = {}
    for source, code in con.cursor().execute("select source, classification from meta.targets").fetchall():
        targets.setdefault(source, []).append(code)
    counts: Counter[tuple[str, str, str]] = Counter()
    suspects = "|".join(sorted({codes.Targets(tuple(each)).suspects for each in targets.values()})) or "^$"
    for table, column in CODES:
        found = (
            con.cursor()
            .execute(
                f"select source, {column}, count(*) from raw.{table} "
                f"where not regexp_full_match({column}, $plain) or regexp_matches({column}, $suspects) "
                f"group by all",
                {"plain": codes.PLAIN_LIST, "suspects": suspects},
            )
            .fetchall()
        )
        for source, text, count in found:
            wanted = codes.Targets(tuple(sorted(targets.get(source, ()))))
            reading = wanted.list_reading(text, (";",))
            if reading.kind != "plain" or (
                text not in reading.items and any(map(wanted.holds, reading.items))
            ):
                counts[table, column, codes.shown(text)] += count
    rows = [(*place, count) for place, count in sorted(counts.items())]
    return pd.DataFrame(rows, columns=["table", "column", "cell", "count"])


def notes(con: Connection) -> pd.DataFrame:
    """What imports noted of a force's files of which records are still held: file, note, count."""
    held = " union ".join(f"select file_id from raw.{table}" for table in contracts.TABLES)
    return (
        con.cursor()
        .execute(
            f'select file, note, count_records as "count" from meta.notes join meta.files using (file_id) '
            f"where file_id in ({held}) and mapping <> 'reference' order by file_id, note"
        )
        .df()
    )


def marked(con: Connection) -> pd.DataFrame:
    """Accepted records marked for a second look: check, table, count (`marts.findings`)."""
    return (
        con.cursor()
        .execute(
            'select check_name as "check", table_name as "table", count(*) as "count" '
            "from marts.findings group by all order by all"
        )
        .df()
    )
