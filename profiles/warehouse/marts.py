"""Views and marts, built from the files of `sql/` in the order in which they read one another."""

import re
from datetime import date
from functools import lru_cache
from pathlib import Path

from profiles import disk
from profiles.errors import BadSql
from profiles.warehouse import NO_INPUT_ERRORS, SQL, Connection, DatabaseError, first_line, transaction
from profiles.warehouse.feeds import describe

FIRST_HOLIDAYS, LAST_HOLIDAYS = 2000, 2060
"""Years whose bank holidays a warehouse holds; the contract accepts no report from before them."""


def build(con: Connection, sql: Path = SQL) -> None:
    """Set feeds, capabilities, as-at date, bank holidays, then build views and marts from `sql`.

    Raises BadSql naming the file whose SQL does not run, or the marts that wait for one another.
    """
    with transaction(con):
        describe(con)
        con.execute("delete from meta.bank_holidays")
        days, names = zip(*bank_holidays(), strict=True)
        con.execute(
            "insert into meta.bank_holidays select unnest($days), unnest($names)",
            {"days": list(days), "names": list(names)},
        )
        for path in sorted((sql / "staging").glob("*.sql")):
            _run(con, path, f"create or replace view staging.{path.stem} as")
    for path in mart_order(sql):
        _run(con, path, f"create or replace table marts.{path.stem} as")


@lru_cache(maxsize=1)
def bank_holidays() -> tuple[tuple[date, str], ...]:
    """Day and name of each bank holiday of England, by day; at a weekend only its substitute counts."""
    import holidays  # only a build needs it, and it takes a tenth of a second

    found = holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST_HOLIDAYS, LAST_HOLIDAYS + 1))
    return tuple((day, name) for day, name in sorted(found.items()) if day.weekday() < 5)


def mart_order(sql: Path = SQL) -> list[Path]:
    """Mart files, each after the marts it reads. Raises BadSql when they wait for one another."""
    paths = {path.stem: path for path in sorted((sql / "marts").glob("*.sql"))}
    waits = {
        name: set(re.findall(r"\bmarts\.(\w+)", path.read_text(encoding="utf-8"))) - {name}
        for name, path in paths.items()
    }
    ordered: list[Path] = []
    while waits:
        ready = [name for name, needs in waits.items() if not needs & waits.keys()]
        if not ready:
            raise BadSql(f"sql/marts: {', '.join(sorted(waits))} read one another; break the circle.")
        ordered += [paths[name] for name in ready]
        for name in ready:
            del waits[name]
    return ordered


def _run(con: Connection, path: Path, head: str) -> None:
    try:
        con.execute(f"{head}\n{path.read_text(encoding='utf-8')}")
    except NO_INPUT_ERRORS:
        raise
    except DatabaseError as error:
        if disk.is_full(error):
            raise
        raise BadSql(f"{path.parent.name}/{path.name} does not run: {first_line(error)}.") from error
