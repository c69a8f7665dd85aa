"""What is wrong, or looks wrong, in the records that are loaded."""

import pandas as pd

from profiles import contracts
from profiles.warehouse import Connection, literal


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
