"""One import by the command line, in this process, and what may be expected of whatever file it is given."""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner, Result

from profiles import importing, warehouse
from profiles.cli import main
from profiles.cli.command import USER_FAULT
from profiles.errors import MAX_LETTERS
from profiles.settings import PREFIX
from tests.fuzz.light import light
from tests.fuzz.running import ACCEPTED, REFUSED, Broken

AS_AT = "2026-09-30"
BUILT_SHARE = 0.04
"""Share of the imports that go the whole way: they take several times as long as the others."""

MOST_LETTERS = 6 * MAX_LETTERS + 100
"""Letters of a sentence on the terminal: each may be one that is spelt out there."""


@dataclass(frozen=True)
class Imported:
    """How an import ended: the accounts of its files, none where it was refused, and what was said."""

    outcome: str
    files: tuple[dict[str, Any], ...]
    said: str

    @property
    def counts(self) -> tuple[int, int]:
        """Records read and records accepted, of all files."""
        return sum(each["rows_in"] for each in self.files), sum(each["accepted"] for each in self.files)


def imported(
    files: Sequence[Path], mapping: str | Path, folder: Path, *, is_built: bool, as_at: str = AS_AT
) -> Imported:
    """How the import into a new warehouse in `folder` ended. Raises Broken, or what it let through."""
    arguments = ["import", *map(str, files), "--mapping", str(mapping), "--warehouse", str(folder), "--json"]
    with _whole() if is_built else light(folder.parents[1]):
        result = asked([*arguments, "--as-at", as_at])
    if result.exit_code == USER_FAULT:
        _check_refused(result, folder)
        return Imported(REFUSED, (), result.stderr)
    if result.exit_code != 0:
        raise Broken(f"exit status {result.exit_code}: {result.output[:300]}")
    accounts = tuple(json.loads(result.stdout)["files"])
    for each in accounts:
        total = each["accepted"] + each["unchanged"] + each["superseded"] + each["rejected"]
        if each["rows_in"] != total:
            raise Broken(f"rows in {each['rows_in']}, accounted for {total}")
        if sum(each["reasons"].values()) != each["rejected"]:
            raise Broken(f"{each['rejected']} rejected, reasons {each['reasons']}")
    if is_built and sum(each["accepted"] for each in accounts) > 0 and not _held(folder):
        raise Broken("records were accepted and none is held")
    check_text("".join(f"{name}\n" for each in accounts for name in (*each["reasons"], *each["notes"])))
    return Imported(ACCEPTED, accounts, result.output)


def asked(arguments: Sequence[str]) -> Result:
    """How the command ended. Raises what it let through."""
    result = CliRunner(env={f"{PREFIX}THREADS": "1"}).invoke(main, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def check_text(said: str) -> None:
    """Raise Broken when a terminal would not show the text as text."""
    for each in said:
        if each != "\n" and unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp"):
            raise Broken(f"the terminal is sent {each!r} in {said[:200]!r}")


def check_sentence(result: Result) -> None:
    """Raise Broken when a refusal is not one sentence of the product."""
    said = result.stderr.strip()
    last = said.splitlines()[-1] if said else ""
    if not last.startswith(("stalking-profiles: ", "Error: ")) or len(last) > MOST_LETTERS:
        raise Broken(f"refused without a sentence: {said[-300:]!r}")
    check_text(result.stderr)


def _check_refused(result: Result, folder: Path) -> None:
    check_sentence(result)
    left = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    if "CURRENT" not in left and set(left) - {"LOCK", "versions"}:
        raise Broken(f"a refused import left {', '.join(left)}")


def _held(folder: Path) -> int:
    """Records in the raw tables of the served version."""
    con = warehouse.connect(warehouse.current(folder).path)
    try:
        found = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw' and database_name != 'system'"
        ).fetchall()
        counts = [con.execute(f"select count(*) from raw.{name}").fetchall()[0][0] for (name,) in found]
        return sum(counts)
    finally:
        con.close()


@contextmanager
def _whole() -> Iterator[None]:
    """A new warehouse begins without reference tables, which take as long as all the rest."""
    with patch.object(importing, "SHIPPED", ()):
        yield
