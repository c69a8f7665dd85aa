"""The date of an extract: not after today, not before its own records, and no figure hangs on the clock."""

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from profiles import importing, warehouse
from profiles.errors import BadFile, ProfilesError
from profiles.importing import clock, extract_dates
from profiles.importing.layouts import Entry
from profiles.importing.mapping import read_mapping
from profiles.settings import DEFAULTS, ROOT
from profiles.warehouse import SQL
from tests.tables import empty

TAKEN = date(2024, 4, 30)
FUTURE = """
name = "future"
date_formats = ["%d/%m/%Y"]
[[table]]
into = "crimes"
files = ["crimes*.csv"]
[table.columns]
crime_ref = "Ref"
recorded_date = "Day"
ho_class = "Class"
"""


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    path = tmp_path / "future.toml"
    path.write_text(FUTURE)
    return read_mapping(str(path)).entries[0]


def refused(entry: Entry, days: list[date], taken: date = TAKEN) -> str:
    """What is said of an extract with records of these days; empty when its date is taken."""
    con = empty()
    con.execute("create or replace temp table typed (m_recorded_date date)")
    con.execute("insert into typed select unnest($days)", {"days": days})
    try:
        extract_dates.refuse_early(con, entry, "typed", Path("crimes.csv"), taken)
    except BadFile as error:
        return str(error)
    finally:
        con.execute("drop table typed")
    return ""


def daily(first: str, last: str, a_day: int = 1) -> list[date]:
    begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    return [begins + timedelta(days=place) for place in range((ends - begins).days + 1) for _ in range(a_day)]


def test_a_date_before_most_records_is_refused_with_both_days(entry: Entry) -> None:
    assert refused(entry, [date(2024, 2, 13), date(2024, 2, 14)], date(2024, 1, 31)) == (
        "crimes.csv: the extract is dated 2024-01-31, and 2 of its 2 records are later, the newest of "
        "2024-02-14; give the day on which it was taken, by its name or with --as-at."
    )


@pytest.mark.parametrize(
    ("days", "is_refused"),
    [
        (daily("2014-05-01", "2024-05-31"), True),  # ten years of records, 31 days too early: 0.8 in 100
        (daily("2014-05-01", "2024-05-01", 4), True),  # one day too early: 4 of 4 a day
        (daily("2014-05-01", "2024-04-30", 8) + [date(2024, 5, 1)] * 3, False),  # some written in the night
        (daily("2024-04-01", "2024-04-30") + [date(2042, 4, 1)] * 3, False),  # 3 of 33, a year mistyped
        (daily("2024-04-01", "2024-04-30") + [date(2042, 4, 1)] * 4, True),  # 4 of 34: more than one in ten
        ([date(2024, 4, 3), date(2024, 5, 3)], False),  # one record is a typing error
        ([date(2024, 5, 3)], False),
        ([], False),
    ],
)
def test_a_few_odd_records_are_typing_errors_and_a_run_of_them_is_a_wrong_date(
    entry: Entry, days: list[date], is_refused: bool
) -> None:
    assert bool(refused(entry, days)) == is_refused


def test_the_clock_can_be_set_and_says_when_it_is_set_wrongly() -> None:
    assert clock.today(replace(DEFAULTS, today="2024-04-29")) == date(2024, 4, 29)
    assert abs((clock.today(DEFAULTS) - datetime.now(clock.FORCES).date()).days) <= 1
    with pytest.raises(ProfilesError, match="STALKING_PROFILES_TODAY is 'tomorrow'"):
        clock.today(replace(DEFAULTS, today="tomorrow"))


@pytest.mark.slow
def test_an_extract_of_a_day_to_come_is_refused_and_the_corrected_export_then_comes_in(
    tmp_path: Path, entry: Entry
) -> None:
    folder, mapping = tmp_path / "warehouse", str(tmp_path / "future.toml")
    first, second = tmp_path / "crimes.csv", tmp_path / "crimes_corrected.csv"
    first.write_text("Ref,Day,Class\nZ1,13/02/2024,8Q\nZ2,14/02/2024,8L\n")
    second.write_text("Ref,Day,Class\nZ1,13/02/2024,8Q\nZ2,14/02/2024,8Q\nZ3,15/03/2024,8Q\n")
    day = replace(DEFAULTS, today="2024-05-01")
    with pytest.raises(BadFile, match="dated 2042-03-31, and today is 2024-05-01; correct its date"):
        importing.import_files([first], mapping, folder, as_at=date(2042, 3, 31), settings=day)
    assert not (folder / warehouse.POINTER).exists()
    # Today itself is not a day to come.
    report = importing.import_files([second], mapping, folder, as_at=date(2024, 5, 1), settings=day)
    assert report.files[0].accepted == 3


READERS = {
    "profiles/importing/clock.py",  # the day it is, for import
    "profiles/audit.py",  # when a line of the log was written
    "profiles/sessions.py",  # how long a log-in holds
    "profiles/snapshot/programs.py",  # how many seconds an attack has taken, whatever the day
    "profiles/snapshot/ranges.py",
    "profiles/importing/workbook_parts.py",  # how many seconds a workbook has taken, whatever the day
}
CALLS = {
    *("now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime", "monotonic", "perf_counter"),
    *("strftime_now", "ctime"),
}
IN_SQL = re.compile(
    r"\b(current_date|current_time\w*|localtime\w*|now\(|today\(|get_current\w*)", re.IGNORECASE
)


def clock_readers() -> set[str]:
    """Files of the product that ask what day or time it is, in Python or in SQL."""
    found = set()
    for path in [*ROOT.glob("profiles/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"]:
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            asks = (
                is_call
                and node.func.attr in CALLS  # type: ignore[attr-defined]
                and isinstance(node.func.value, ast.Name | ast.Attribute)  # type: ignore[attr-defined]
                and ast.unparse(node.func.value).split(".")[-1] in ("date", "datetime", "time")  # type: ignore[attr-defined]
            )
            is_sql = (
                isinstance(node, ast.Constant) and isinstance(node.value, str) and IN_SQL.search(node.value)
            )
            if asks or is_sql:
                found.add(path.relative_to(ROOT).as_posix())
    for path in SQL.glob("**/*.sql"):
        if IN_SQL.search(path.read_text(encoding="utf-8")):
            found.add(path.relative_to(ROOT).as_posix())
    return found


def test_import_alone_reads_the_clock_beside_the_log_and_the_log_ins() -> None:
    # In a thread of its own: a browser of other tests leaves this one as the parser cannot count it.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(clock_readers).result() == READERS
