"""Why there is no figure: what is so, and not all that could be, wherever a reason is told."""

import math
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from profiles import cli, frames, measures, warehouse, windows, words
from profiles.blocks import breakdowns, headlines, over_time, overview
from profiles.blocks.block import Source, answers, lacking
from profiles.catalogue import measure
from profiles.charts import claims
from profiles.periods import periods
from profiles.reasons import Reason
from profiles.selection import Selection
from profiles.ui import markup
from tests.test_coverage import CRIMES, INCLUDED, MONTHS, Desk

MARCH = 2024 * 12 + 2
MISSING = "March 2024 is missing: no file covers it (see Data quality)"


def test_a_reason_says_what_is_so() -> None:
    told: dict[str, list[object]] = {
        MISSING: [Reason(months=(MARCH,)), Reason(months=(MARCH,))],
        "March 2024 and May 2024 to June 2024 are missing: no file covers them (see Data quality)": [
            Reason(months=(MARCH, MARCH + 2)),
            Reason(months=(MARCH + 3,)),
        ],
        "13 months are missing: no file covers them (see Data quality)": [
            Reason(months=tuple(range(MARCH, MARCH + 13)))
        ],
        "source a does not carry mode and risk grade; the data begin on 1 April 2019": [
            Reason(lacks=(("a", ("mode",)),)),
            Reason(lacks=(("a", ("risk_grade",)),)),
            Reason(begins=date(2019, 4, 1)),
        ],
        "the data end on 30 April 2024": [Reason(ends=date(2024, 4, 30))],
        "it can be told only 365 days later": [Reason(wait="365 days")],
        "": [Reason(), None, math.nan],
    }
    assert [words.why(reasons) for reasons in told.values()] == list(told)


def test_a_period_whose_records_are_too_young_says_how_long_they_take() -> None:
    april = periods("month", date(2024, 4, 1), date(2024, 4, 30))
    window = windows.Window(
        april[0].starts, april[0].ends, date(2023, 1, 1), date(2024, 3, 31), wait="365 days"
    )
    (reason,) = windows.reasons(april, window, is_rolling=False, is_stock=False)
    assert reason == Reason(wait="365 days")


def test_where_one_reason_is_not_known_all_that_may_be_is_said() -> None:
    frame = pd.DataFrame({"marker": ["[x]", "[x]", ""], "why": [Reason(months=(MARCH,)), None, None]})
    assert claims.marker_words(frame)["[x]"] == words.marker("[x]")
    assert claims.marker_words(frame.iloc[[0, 2]]) == {"[x]": f"[x] not available: {MISSING}"}


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> warehouse.Connection:
    """Crimes without included classifications from December 2023 to April 2024; the file of March is lost."""
    desk = Desk(tmp_path_factory.mktemp("reasons"), CRIMES)
    desk.bring(*(desk.crimes(day) for day in MONTHS if day != "2024-03-31"))
    return warehouse.connect(warehouse.current(desk.warehouse).path)


@pytest.fixture(scope="module")
def source(con: warehouse.Connection) -> Source:
    return Source(
        frame=partial(measures.run, con),
        breaks=lambda name, basis: frames.breaks(measures.breaks_for(con, name, basis)),
        lacking=lambda name, selection: measures.lacking(measure(name), selection, measures.facts_of(con)),
        as_at="2024-04-30",
        version="1",
        marking="OFFICIAL-SENSITIVE",
        is_synthetic=True,
        reasons=partial(measures.reasons, con),
    )


PERIOD = Selection("principal", since=date(2023, 12, 1), until=date(2024, 4, 30))


@pytest.mark.slow
def test_each_figure_that_is_not_available_has_its_reason(con: warehouse.Connection) -> None:
    def told(measure_id: str, **chosen: object) -> dict[str, str]:
        found = measures.reasons(con, measure_id, Selection(**chosen))  # type: ignore[arg-type]
        return {period: words.why([reason]) for (_, period), reason in found.items()}

    assert told("stalking_crimes", basis="principal") == {"2024-03-01": MISSING}
    assert told("stalking_crimes", basis="principal", grain="quarter") == {"2024-01-01": MISSING}
    early = told("stalking_crimes", basis="principal", grain="rolling_year")
    assert set(early.values()) == {"the data begin on 1 December 2023"}
    late = told("stalking_crimes", basis="principal", since=date(2024, 5, 1), until=date(2024, 5, 31))
    assert late == {"2024-05-01": "the data end on 30 April 2024"}
    assert set(told("stalking_crimes", basis="included_only").values()) == {
        "source gap does not carry included classifications"
    }
    # The parts of a ratio have their own reasons.
    assert told("stalking_rate", basis="principal", grain="financial_year") == {"2023-04-01": MISSING}
    assert told("survey_responses", grain="all") == {"all": "no file of survey answers was imported"}


@pytest.mark.slow
def test_headlines_cards_and_blocks_say_that_the_month_is_missing_and_say_it_once(source: Source) -> None:
    (headline, *_), block = headlines.headlines(source, ["stalking_crimes"], PERIOD)
    assert (headline.value, headline.lines[0]) == ("[x]", f"{MISSING}.")
    assert [note for note in block.notes if "[x]" in note] == [f"[x] not available: {MISSING}."]
    crimes = over_time.series(source, "stalking_crimes", replace(PERIOD, grain="all"))
    assert crimes.sentence == f"There is no figure to show: {MISSING}."
    assert "missing" not in markup.notes(crimes)
    assert "why" not in crimes.csv().decode().splitlines()[0]
    (volume, hidden, types, change), _ = overview.cards(source, PERIOD)
    assert (volume.figure, volume.sentence) == ("[x]", f"{MISSING}.")
    assert hidden.sentence == "Source gap does not carry included classifications."
    assert types.sentence == "Source gap does not carry mode, domestic abuse flag and relationship."
    assert change.sentence == f"{MISSING}; the data begin on 1 December 2023."
    fields = answers(source, [("field_not_recorded", replace(PERIOD, grain="all", by="field"))])
    assert claims.missing(fields[fields["category"] == "motive"]) == (
        "There is no figure to show: source gap does not carry motive."
    )


@pytest.mark.slow
def test_each_basis_is_the_same_alone_and_beside_the_other(
    con: warehouse.Connection, source: Source, tmp_path: Path
) -> None:
    def figures(found: warehouse.Connection, **chosen: object) -> dict[tuple[str, str], object]:
        frame = measures.run(found, "stalking_crimes", Selection(**chosen))  # type: ignore[arg-type]
        values = frame["value"].where(frame["value"].notna(), frame["marker"].astype(object))
        return dict(zip(zip(frame["category"], frame["period"], strict=True), values, strict=True))

    def alone(found: warehouse.Connection, grain: str) -> dict[tuple[str, str], object]:
        told = {name: figures(found, basis=name, grain=grain) for name in ("principal", "included_only")}
        return {(name, period): value for name, each in told.items() for (_, period), value in each.items()}

    for grain in ("month", "quarter", "all"):
        assert figures(con, by="basis", grain=grain) == alone(con, grain)
    beside = figures(con, by="basis", grain="month")
    assert (beside["principal", "2024-04-01"], beside["included_only", "2024-04-01"]) == (2, "[x]")
    assert figures(con, basis="any")["all", "2024-04-01"] == 2
    assert list(figures(con, by="basis", where=(("basis", "principal"),)).values()) == [2, 2, 2, "[x]", 2]
    for asked in (Selection("any"), Selection("any", by="basis")):
        assert lacking(source, measure("stalking_crimes"), asked) == (
            "gap does not carry: included classifications.",
            "Of a source without included classifications only the principal crime tells stalking.",
        )
    # A month that only the lists of included classifications leave out is whole for principal crimes.
    desk = Desk(tmp_path, CRIMES, INCLUDED)
    lists = [desk.write("included", day, [f"{day[:4]}{day[5:7]}-1,1,8Q"]) for day in MONTHS[1:4:2]]
    desk.bring(*(desk.crimes(day) for day in MONTHS), *lists)
    other = warehouse.connect(warehouse.current(desk.warehouse).path)
    assert figures(other, by="basis", grain="month") == alone(other, "month")
    other.close()


@pytest.mark.slow
def test_the_command_line_says_why(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.bring(*(desk.crimes(day) for day in MONTHS if day != "2024-03-31"))
    for asked in (["--basis", "any"], ["--by", "basis"]):
        told = CliRunner().invoke(
            cli.main, ["measure", "stalking_crimes", *asked, "--warehouse", str(desk.warehouse)]
        )
        assert told.exit_code == 0
        assert told.stderr.splitlines() == [
            f"stalking-profiles: Source gap does not carry included classifications; {MISSING}.",
            "stalking-profiles: Of a source without included classifications only the principal crime tells "
            "stalking.",
        ]


@pytest.mark.slow
def test_a_count_of_zero_is_said_in_words(source: Source) -> None:
    block = breakdowns.ranking(
        source, "records_rejected", Selection(), by="reason", none="Nothing was rejected"
    )
    assert (block.title, block.sentence, block.figure) == (
        "Nothing was rejected",
        "Nothing was rejected.",
        None,
    )
