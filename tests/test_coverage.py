"""Months that no extract covers: found at import, named, and never shown as months without crime."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner

from profiles import cli, importing, warehouse
from profiles.blocks import imports
from profiles.errors import BadFile, BadMapping
from profiles.facts import Gap, doubtful, facts_of
from profiles.importing.coverage import LATER
from profiles.importing.mapping import read_mapping
from profiles.importing.reports import ImportReport
from profiles.measures import run
from profiles.periods import first_day
from profiles.selection import Selection

pytestmark = pytest.mark.usefixtures("no_reference_tables")

HEAD = """
name = "gap"
date_formats = ["%d/%m/%Y"]
extract_date = { pattern = '(\\d{8})', format = "%Y%m%d" }
"""
CRIMES = """
[[table]]
into = "crimes"
files = ["crimes_*.csv"]
[table.columns]
crime_ref = "Ref"
recorded_date = "Day"
ho_class = "Class"
"""
INCLUDED = """
[[table]]
into = "included_classifications"
files = ["included_*.csv"]
[table.columns]
crime_ref = "Ref"
position = "Place"
classification = "Code"
"""
ORDERS = """
[[table]]
into = "spo_orders"
files = ["orders_*.csv"]
columns = { order_id = "Order" }
[[table]]
into = "spo_events"
files = ["events_*.csv"]
columns = { order_id = "Order", event_date = "Day", event = "Step" }
"""
SURVEY = """
[[table]]
into = "survey_answers"
files = ["survey_*.csv"]
columns = { response_id = "Response", surveyed_date = "Day", stage = "Stage", score = "Score" }
constants = { survey = "stalking" }
"""
MONTHS = ("2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30")
LOST = "2024-03-31"


class Desk:
    """A folder of exports with a mapping, and a warehouse that they go into."""

    def __init__(self, folder: Path, *tables: str) -> None:
        self.folder, self.warehouse = folder, folder / "warehouse"
        self.mapping = folder / "gap.toml"
        self.map(HEAD, *(tables or (CRIMES,)))

    def map(self, *parts: str) -> None:
        """Write the mapping."""
        self.mapping.write_text("".join(parts))

    def write(self, kind: str, taken: str, lines: Iterable[str]) -> Path:
        heads = {
            "crimes": "Ref,Day,Class",
            "included": "Ref,Place,Code",
            "orders": "Order",
            "events": "Order,Day,Step",
            "survey": "Response,Day,Stage,Score",
        }
        path = self.folder / f"{kind}_{taken.replace('-', '')}.csv"
        path.write_text("\n".join([heads[kind], *lines]) + "\n")
        return path

    def crimes(self, taken: str, count: int = 4, *more: str) -> Path:
        """An extract with so many crimes of the month of that day, every second one stalking."""
        year, month, _ = taken.split("-")
        days = [1 + 27 * place // (count - 1) for place in range(count)]
        lines = [
            f"{year}{month}-{place},{day:02d}/{month}/{year},{'8L' if place % 2 else '8Q'}"
            for place, day in enumerate(days)
        ]
        return self.write("crimes", taken, [*lines, *more])

    def bring(self, *paths: Path) -> ImportReport:
        return importing.import_files(paths, str(self.mapping), self.warehouse)

    def asked(self, measure: str = "stalking_crimes", **selected: object) -> dict[str, float | str]:
        """The figure of each period, or its marker where there is none."""
        con = warehouse.connect(warehouse.current(self.warehouse).path)
        try:
            frame = run(con, measure, Selection(**selected))  # type: ignore[arg-type]
        finally:
            con.close()
        by = selected.get("by")
        told = zip(frame["category"], frame["period"], frame["value"], frame["marker"], strict=True)
        return {
            f"{category} {period}" if by else period: marker if value != value else value
            for category, period, value, marker in told
        }

    def gaps(self) -> list[tuple[str, str]]:
        """Each table with the months left out."""
        con = warehouse.connect(warehouse.current(self.warehouse).path)
        try:
            return [_named(gap) for gap in facts_of(con).left_out()]
        finally:
            con.close()


def _named(gap: Gap) -> tuple[str, str]:
    return gap.table, " ".join(first_day(month).isoformat()[:7] for month in gap.months)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.slow
def test_a_month_whose_extract_never_came_is_not_available_in_it_and_in_any_sum(desk: Desk) -> None:
    desk.bring(*(desk.crimes(day) for day in MONTHS if day != LOST))
    assert desk.asked(basis="principal") == {
        "2023-12-01": 2,
        "2024-01-01": 2,
        "2024-02-01": 2,
        "2024-03-01": "[x]",
        "2024-04-01": 2,
    }
    # October and November 2023 lie before the data, and May and June after them: part quarters.
    assert desk.asked(basis="principal", grain="quarter") == {
        "2023-10-01": 2,
        "2024-01-01": "[x]",
        "2024-04-01": 2,
    }
    assert desk.asked(basis="principal", grain="all") == {"all": "[x]"}
    since = Selection(basis="principal", grain="all", since=first_day(2024 * 12 + 3)).since
    assert desk.asked(basis="principal", grain="all", since=since) == {"all": 2}
    assert desk.asked(basis="principal", by="source")["gap 2024-03-01"] == "[x]"
    assert desk.asked("recorded_crimes")["2024-03-01"] == "[x]"
    told = CliRunner().invoke(cli.main, ["check", "--warehouse", str(desk.warehouse)])
    assert told.exit_code == 0
    assert "gap, crimes: March 2024" in told.output


@pytest.mark.slow
def test_the_lost_extract_closes_the_gap_whenever_it_comes_and_so_does_a_full_one(desk: Desk) -> None:
    desk.bring(*(desk.crimes(day) for day in MONTHS if day != LOST))
    assert desk.gaps() == [("crimes", "2024-03")]
    desk.bring(*(desk.crimes(day) for day in MONTHS if day != LOST))  # the same again changes nothing
    assert desk.gaps() == [("crimes", "2024-03")]
    desk.bring(desk.crimes(LOST))
    assert desk.gaps() == []
    assert desk.asked(basis="principal")["2024-03-01"] == 2


@pytest.mark.slow
def test_a_full_extract_after_deltas_covers_its_whole_time(desk: Desk) -> None:
    paths = [desk.crimes(day) for day in MONTHS if day != LOST]
    desk.bring(*paths)
    lines = [line for path in paths for line in path.read_text().splitlines()[1:]]
    desk.map(HEAD, 'extract = "full"', CRIMES)
    desk.bring(desk.write("crimes", "2024-05-31", lines))
    assert desk.gaps() == []
    # The source has said that there was none.
    assert desk.asked(basis="principal")["2024-03-01"] == 0


@pytest.mark.slow
def test_a_corrected_crime_of_long_ago_does_not_hide_that_a_month_is_lost(desk: Desk) -> None:
    desk.bring(desk.crimes(MONTHS[0]), desk.crimes(MONTHS[1]), desk.crimes(MONTHS[2]))
    desk.bring(desk.crimes(MONTHS[4], 4, "202312-1,10/12/2023,8Q"))
    assert desk.gaps() == [("crimes", "2024-03")]
    assert desk.asked(basis="principal")["2023-12-01"] == 3


@pytest.mark.slow
def test_one_late_crime_does_not_hide_a_lost_month_and_where_it_may_be_told_check_asks(desk: Desk) -> None:
    desk.bring(*(desk.crimes(day, 12) for day in MONTHS[:3]), desk.crimes(MONTHS[4], 12, "L,02/03/2024,8Q"))
    assert desk.gaps() == [("crimes", "2024-03")]
    assert desk.asked(basis="principal")["2024-03-01"] == "[x]"
    shutil.rmtree(desk.warehouse)
    # Of two crimes a month one may be the whole of a quiet month.
    desk.bring(*(desk.crimes(day, 2) for day in MONTHS[:3]), desk.crimes(MONTHS[4], 2, "L,02/03/2024,8Q"))
    assert (desk.gaps(), desk.asked(basis="principal")["2024-03-01"]) == ([], 1)
    told = CliRunner().invoke(cli.main, ["check", "--warehouse", str(desk.warehouse)])
    assert "months that an export may not cover: 1\ngap, crimes: March 2024: so few records" in told.output
    con = warehouse.connect(warehouse.current(desk.warehouse).path)
    (line,) = imports.doubtful(doubtful(con, facts_of(con)))
    con.close()
    assert line.startswith("Does an export of gap cover March 2024 in crimes? So few records lie there")


@pytest.mark.slow
def test_files_taken_on_one_day_leave_out_a_month_that_chance_would_not_empty(desk: Desk) -> None:
    paths = [desk.crimes(day, 20) for day in MONTHS if day != LOST]
    desk.map(HEAD.replace("extract_date", "# "), CRIMES)
    importing.import_files(
        paths, str(desk.mapping), desk.warehouse, as_at=first_day(2024 * 12 + 4).replace(day=2)
    )
    assert desk.gaps() == [("crimes", "2024-03")]


@pytest.mark.slow
def test_a_gap_in_included_classifications_alone_leaves_principal_crimes_as_they_are(tmp_path: Path) -> None:
    desk = Desk(tmp_path, CRIMES, INCLUDED)
    lists = [desk.write("included", day, [f"{day[:4]}{day[5:7]}-1,1,8Q"]) for day in MONTHS if day != LOST]
    desk.bring(*(desk.crimes(day) for day in MONTHS), *lists)
    assert desk.gaps() == [("included_classifications", "2024-03")]
    assert desk.asked(basis="principal")["2024-03-01"] == 2
    assert desk.asked(basis="included_only") == {
        "2023-12-01": 1,
        "2024-01-01": 1,
        "2024-02-01": 1,
        "2024-03-01": "[x]",
        "2024-04-01": 1,
    }
    assert desk.asked(basis="any")["2024-03-01"] == "[x]"


@pytest.mark.slow
def test_a_feed_that_ends_before_the_crimes_leaves_out_what_follows(tmp_path: Path) -> None:
    desk = Desk(tmp_path, CRIMES, INCLUDED)
    lists = [desk.write("included", day, [f"{day[:4]}{day[5:7]}-1,1,8Q"]) for day in MONTHS[1:3]]
    desk.bring(*(desk.crimes(day) for day in MONTHS), *lists)
    # December: the lists had not begun. March and April: they have ended.
    assert list(desk.asked(basis="included_only").values()) == ["[x]", 1, 1, "[x]", "[x]"]


@pytest.mark.slow
def test_orders_are_few_and_yet_a_lost_extract_is_told_from_a_month_without_any(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ORDERS)
    events = {
        "2023-12-31": ["A,05/12/2023,considered", "A,20/12/2023,granted"],
        "2024-01-31": [],
        "2024-02-29": ["B,27/02/2024,granted"],
        "2024-03-31": ["B,03/03/2024,served"],
        # The whole history of an order comes with each of its steps.
        "2024-04-30": ["B,27/02/2024,granted", "B,09/04/2024,breached", "C,11/04/2024,granted"],
    }
    paths = {day: desk.write("events", day, lines) for day, lines in events.items()}
    ids = [desk.write("orders", "2024-04-30", ["A", "B", "C"])]
    whole = [path for day, path in paths.items() if day != LOST]
    desk.bring(*ids, *whole)
    assert desk.gaps() == [("spo_events", "2024-03")]
    assert list(desk.asked("spo_granted").values()) == [1, 0, 1, "[x]", 1]
    # What was granted in March is missing from all that follows.
    assert list(desk.asked("spo_active").values()) == [1, 1, 2, "[x]", "[x]"]
    desk.bring(paths[LOST])
    assert desk.gaps() == []
    assert list(desk.asked("spo_active").values()) == [1, 1, 2, 2, 3]


@pytest.mark.slow
def test_a_survey_goes_by_its_own_extracts(tmp_path: Path) -> None:
    desk = Desk(tmp_path, SURVEY)
    for day in MONTHS:
        year, month, _ = day.split("-")
        lines = [f"R{month},15/{month}/{year},whole experience,6"]
        if day != LOST:
            desk.bring(desk.write("survey", day, lines))
    assert desk.gaps() == [("survey_answers", "2024-03")]
    assert list(desk.asked("stalking_survey_responses").values()) == [1, 1, 1, "[x]", 1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("covers", "taken", "expected"),
    [
        ('"month before"', ("2024-01-03", "2024-02-02", "2024-03-04", "2024-05-03"), [("crimes", "2024-03")]),
        ('"month"', ("2024-01-28", "2024-02-28", "2024-04-28"), [("crimes", "2024-03")]),
        ("{ days = 92 }", ("2024-01-31", "2024-04-30"), []),
    ],
)
def test_a_declared_period_is_taken_at_its_word(
    desk: Desk, covers: str, taken: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    desk.map(HEAD, f"covers = {covers}", CRIMES)
    lines = {day: [f"{day},02/{day[5:7]}/{day[:4]},8Q"] for day in taken}
    desk.bring(*(desk.write("crimes", day, lines[day]) for day in taken))
    assert desk.gaps() == expected


@pytest.mark.slow
def test_a_declared_period_that_is_not_the_files_is_refused_and_a_later_record_is_noted(desk: Desk) -> None:
    desk.map(HEAD, 'covers = "month before"', CRIMES)
    with pytest.raises(
        BadFile, match=r"covers 2024-01-01 to 2024-01-31, and 4 of its 4 records are later; correct `covers`"
    ):
        desk.bring(desk.crimes("2024-02-29"))
    march = desk.write("crimes", "2024-03-02", ["A,05/02/2024,8Q", "B,20/02/2024,8Q", "C,01/03/2024,8Q"])
    (account,) = desk.bring(march).files
    assert account.notes == {LATER: 1}
    # It is counted as soon as a file covers its day.
    assert desk.asked(basis="principal") == {"2024-02-01": 2}
    desk.bring(desk.write("crimes", "2024-04-02", ["D,15/03/2024,8Q"]))
    assert desk.asked(basis="principal") == {"2024-02-01": 2, "2024-03-01": 2}


@pytest.mark.slow
def test_a_month_that_one_of_two_sources_leaves_out_is_left_out_of_their_sum(desk: Desk) -> None:
    desk.bring(*(desk.crimes(day) for day in MONTHS if day != LOST))
    other = desk.folder / "other.toml"
    other.write_text(HEAD.replace('"gap"', '"other"') + CRIMES.replace('"Ref"', '{ template = "O-{Ref}" }'))
    importing.import_files([desk.crimes(day) for day in MONTHS], str(other), desk.warehouse)
    assert desk.asked(basis="principal")["2024-03-01"] == "[x]"
    by_source = desk.asked(basis="principal", by="source")
    assert (by_source["gap 2024-03-01"], by_source["other 2024-03-01"]) == ("[x]", 2)
    only = desk.asked(basis="principal", where=(("source", "other"),))
    assert only["2024-03-01"] == 2


def test_what_is_left_out_is_said_in_words() -> None:
    march, june = 2024 * 12 + 2, 2024 * 12 + 5
    gaps = (Gap("gap", "crimes", (march,)), Gap("spo", "spo_events", (march, june, june + 1)))
    assert imports.left_out(gaps) == [
        "No export of gap covers March 2024 in crimes.",
        "No export of spo covers March 2024 and June 2024 to July 2024 in spo events.",
    ]
    assert imports.left_out(()) == []


@pytest.mark.parametrize("covers", ['"fortnight"', "{ days = 0 }", "{ weeks = 2 }", "7", "[]", "true"])
def test_a_period_that_is_none_is_refused_with_those_there_are(desk: Desk, covers: str) -> None:
    desk.map(HEAD, f"covers = {covers}", CRIMES)
    with pytest.raises(
        BadMapping, match=r'covers = .*; write "month", "month before", "all" or \{ days = 7 \}'
    ):
        read_mapping(str(desk.mapping))
