"""What became of imported records and which fields are blank, by example."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from profiles import importing, listing, warehouse
from profiles.blocks import imports
from profiles.errors import BadSelection
from profiles.importing import respelling
from profiles.selection import FIELDS, Selection
from profiles.settings import PREFIX
from tests import desk, pages
from tests.tables import asked, by_category, empty, filled, loaded, only, stalking

pytestmark = pytest.mark.slow

FILES = """
file_id | source | file  | table_name | import_number | rows_in | accepted | unchanged | superseded | rejected
1       | athena | c.csv | crimes     | 1             | 10      | 7        | 0         | 2          | 1
2       | athena | c.csv | crimes     | 2             | 6       | 1        | 5         | 0          | 0
3       | spo    | o.csv | spo_orders | 10            | 4       | 2        | 0         | 0          | 2
"""
REJECTS = """
file_id | file  | line | table_name    | column_name | value | reason
1       | c.csv | 3    | crime_victims | Victim Age  | 3O    | not a number
3       | o.csv | 2    | spo_orders    |             | 3     | wrong number of cells
3       | o.csv | 4    | spo_orders    | Expiry      | never | not a date
"""


# --- records read and rejected ---


def test_every_record_read_has_one_fate_and_the_four_add_up_to_what_was_read() -> None:
    con = filled(files=FILES)
    assert by_category(asked(con, "records_read", by="fate")) == {
        "accepted": 7 + 1 + 2,
        "unchanged": 5,
        "superseded": 2,
        "rejected": 1 + 2,
    }
    assert only(asked(con, "records_read"), category="all")["value"] == 10 + 6 + 4
    assert by_category(asked(con, "records_read", by="import_number")) == {"0001": 10, "0002": 6, "0010": 4}
    assert by_category(asked(con, "records_read", by="table_name")) == {"crimes": 16, "spo_orders": 4}
    assert by_category(asked(con, "records_read", by="file")) == {"c.csv": 16, "o.csv": 4}
    assert by_category(asked(con, "records_read", by="source")) == {"athena": 16, "spo": 4}
    assert by_category(asked(con, "records_read", by="fate", where={"import_number": "0002"})) == {
        "accepted": 1,
        "unchanged": 5,
        "superseded": 0,
        "rejected": 0,
    }


def test_rejected_records_are_told_by_reason_column_and_the_table_of_their_file() -> None:
    con = filled(files=FILES, rejects=REJECTS)
    assert by_category(asked(con, "records_rejected", by="reason")) == {
        "not a date": 1,
        "not a number": 1,
        "wrong number of cells": 1,
    }
    assert by_category(asked(con, "records_rejected", by="column_name")) == {
        "Expiry": 1,
        "Victim Age": 1,
        "whole record": 1,
    }
    read = asked(con, "records_read", by="table_name", where={"fate": "rejected"})
    assert by_category(asked(con, "records_rejected", by="table_name")) == by_category(read)
    assert by_category(asked(con, "records_rejected", by="source", where={"source": "spo"})) == {"spo": 2}


def test_no_rejected_record_is_zero_and_no_import_at_all_is_not_available() -> None:
    nothing_rejected = only(asked(filled(files=FILES), "records_rejected"), category="all")
    assert (nothing_rejected["value"], nothing_rejected["marker"]) == (0, "")
    nothing_imported = only(asked(loaded(empty(), {}), "records_read"), category="all")
    assert nothing_imported["marker"] == "[x]"


def test_a_standing_total_is_whole_however_old_the_extract() -> None:
    con = filled(
        crimes=stalking("A"),
        files="""
        file_id | source | file  | extract_date | rows_in | accepted
        1       | athena | c.csv | 2024-12-31   | 1       | 1
        2       | spo    | o.csv | 2023-12-31   | 4       | 4
        """,
    )
    by_source = asked(con, "records_read", by="source")
    assert by_category(by_source) == {"athena": 1, "spo": 4}
    alone = asked(con, "records_read", where={"source": "spo"})
    assert alone["value"].tolist() == [4]
    assert {*by_source["marker"], *alone["marker"]} == {""}


@pytest.mark.parametrize("measure_id", ["records_read", "records_rejected", "records_marked"])
def test_a_standing_total_is_of_all_that_is_loaded_and_refuses_days_and_grains(measure_id: str) -> None:
    con = filled(crimes=stalking("A"), files=FILES, rejects=REJECTS)
    assert asked(con, measure_id)["period"].tolist() == ["all"]
    assert asked(con, measure_id)["marker"].tolist() == [""]
    with pytest.raises(BadSelection, match="whatever its days; give no days"):
        asked(con, measure_id, since="2024-01-01")
    with pytest.raises(BadSelection, match="not given by month; choose all"):
        asked(con, measure_id, grain="month")


EXPORT = "Investigation Ref,Date Recorded,HO Class,Included Classifications\n"


def test_the_account_of_an_import_is_there_when_the_marts_are_built(tmp_path: Path) -> None:
    first, second = tmp_path / "athena_crimes_20240131.csv", tmp_path / "athena_crimes_20240229.csv"
    first.write_text(f"{EXPORT}A,05/01/2024,8Q,\nB,06/01/2024,19C,8Q\n\nC,soon,8Q,\n", encoding="utf-8")
    second.write_text(f"{EXPORT}A,05/01/2024,8Q,\nB,06/01/2024,19C,8Q;8/66\n", encoding="utf-8")
    for path in (first, second):
        importing.import_files([path], "athena", tmp_path / "warehouse")
    con = warehouse.connect(warehouse.current(tmp_path / "warehouse").path)
    where = {"source": "athena"}
    read = {
        number: by_category(
            asked(con, "records_read", by="fate", where=where | {"import_number": f"000{number}"})
        )
        for number in (1, 2)
    }
    assert read[1] == {"accepted": 2, "unchanged": 0, "superseded": 0, "rejected": 1}
    assert read[2] == {"accepted": 1, "unchanged": 1, "superseded": 0, "rejected": 0}
    assert by_category(asked(con, "records_rejected", by="reason")) == {"not a date": 1}
    shown = listing.page(con, "rejects", Selection())
    assert shown.frame[["Import", "File", "Column", "Value"]].to_numpy().tolist() == [
        ["0001", first.name, "Date Recorded", "soon"]
    ]
    [crime] = listing.page(con, "included_only", Selection()).frame.to_dict("records")
    assert (crime["Crime reference"], crime["Stalking classifications"]) == ("B", "8/66, 8Q")
    con.close()


# --- marked records ---


def test_marked_records_are_told_by_check_table_and_the_place_and_team_of_their_crime() -> None:
    con = filled(
        crimes="""
        source | crime_ref | recorded_date | ho_class | record_status | district | team
        athena | A         | 2024-01-05    | 8Q       | cancelled     | Dover    | CID
        athena | B         | 2024-01-06    | 8Q       |               | Thanet   |
        athena | SHARED    | 2024-01-07    | 8Q       |               | Dover    |
        niche  | SHARED    | 2024-01-08    | 8Q       | transferred   | Medway   |
        """,
        allocations="""
        crime_ref | allocated_date | team
        B         | 2024-01-06     | Area
        B         | 2024-01-09     | Stalking unit
        """,
        spo_orders="""
        source  | order_id | crime_ref | expiry_date
        tracker | O1       | B         | 2023-01-01
        tracker | O2       | SHARED    | 2023-01-01
        tracker | O3       |           | 2023-01-01
        """,
        spo_events="""
        source  | order_id | event_date | event
        tracker | O1       | 2024-02-01 | granted
        tracker | O2       | 2024-02-01 | granted
        tracker | O3       | 2024-02-01 | granted
        """,
    )
    assert by_category(asked(con, "records_marked", by="check_name")) == {
        "cancelled record": 1,
        "order ends before it starts": 3,
        "order without a crime": 1,
        "transferred record": 1,
    }
    assert by_category(asked(con, "records_marked", by="table_name")) == {"crimes": 2, "spo_orders": 4}
    assert by_category(asked(con, "records_marked", by="source", where={"source": "tracker"})) == {
        "tracker": 4
    }
    assert by_category(asked(con, "records_marked", by="team")) == {
        "CID": 1,
        "Stalking unit": 1,
        "not recorded": 4,
    }
    # Two sources use the reference SHARED, so which crime the order is meant for is not known; O3 names none.
    assert by_category(asked(con, "records_marked", by="district")) == {
        "Dover": 1,
        "Medway": 1,
        "Thanet": 1,
        "not recorded": 3,
    }


# --- fields not recorded ---

CRIMES = """
crime_ref | recorded_date | ho_class | mode   | domestic_abuse_flag | relationship | district | team
FULL      | 2024-01-05    | 8Q       | online | no                  | unknown      | Dover    | CID
BLANK     | 2024-01-06    | 8Q       |        |                     |              |          |

crime_ref | recorded_date | ho_class | mode   | relationship | district
ONLINE    | 2024-01-07    | 8Q       | both   | stranger     | Dover

crime_ref | recorded_date | ho_class | location_type | platform | motive   | reported_at
OTHER     | 2024-01-08    | 8L       | Street        | Chat     | rejected | 2024-01-08 10:00:00

crime_ref | recorded_date | ho_class | four_markers | spo_considered | impact_statement
REST      | 2024-01-09    | 8Q       | no           | no             | no
"""
MORE = {
    "crime_suspects": """
    crime_ref | suspect_id | relationship
    FULL      | S1         |
    REST      | S1         | family
    """,
    "risk_assessments": """
    crime_ref | assessed_at         | risk_grade
    FULL      | 2024-01-05 10:00:00 | high
    ONLINE    | 2024-01-07 10:00:00 |
    """,
}


def january(con: warehouse.Connection, **chosen: Any) -> dict[str, tuple[float, float]]:
    """Blanks and crimes that should have the field, by category, of January 2024."""
    frame = asked(con, "field_not_recorded", since="2024-01-01", until="2024-01-31", **chosen)
    told = frame[frame["marker"].isin(["", "[p]"])]
    pairs = zip(told["numerator"], told["denominator"], strict=True)
    return dict(zip(told["category"], pairs, strict=True))


def test_a_field_counts_the_crimes_that_should_have_it_and_those_in_which_it_is_blank() -> None:
    found = january(filled(crimes=CRIMES, **MORE), by="field")
    assert found == {
        "online or offline": (len(["BLANK", "REST"]), 4),
        "domestic abuse flag": (len(["BLANK", "ONLINE", "REST"]), 4),
        # Unknown is recorded, and a suspect's relationship is the crime's.
        "relationship": (len(["BLANK"]), 4),
        # An assessment without a grade is none.
        "risk grade": (len(["BLANK", "ONLINE", "REST"]), 4),
        "district": (len(["BLANK", "REST"]), 4),
        "team": (len(["BLANK", "ONLINE", "REST"]), 4),
        "type of place": (4, 4),
        "time of report": (4, 4),
        "platform": (2, len(["FULL", "ONLINE"])),
        "motive": (4, 4),
        "four markers": (len(["FULL", "BLANK", "ONLINE"]), 4),
        "order considered": (len(["FULL"]), len(["FULL", "REST"])),
        "impact statement": (len(["FULL", "BLANK", "ONLINE"]), 4),
    }
    assert tuple(found) == FIELDS


def test_whether_a_field_is_recorded_is_known_of_each() -> None:
    con = filled(crimes=CRIMES, **MORE)
    assert con.execute("select count(*) from marts.stalking_fields where is_recorded is null").fetchall() == [
        (0,)
    ]


def test_fields_are_never_pooled() -> None:
    con = filled(crimes=CRIMES, **MORE)
    unfiltered: list[dict[str, Any]] = [{}, {"by": "district"}]
    for chosen in unfiltered:
        assert set(asked(con, "field_not_recorded", **chosen)["marker"]) == {"[z]"}
    where = (("field", "district"), ("field", "team"))
    assert set(asked(con, "field_not_recorded", where=where)["marker"]) == {"[z]"}
    assert january(con, by="field", where=where) == {"district": (2, 4), "team": (3, 4)}


def test_of_one_field_districts_and_bases_add_up() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | mode   | district
        A         | 2024-01-05    | 8Q       |        | Dover
        B         | 2024-01-06    | 19C      |        | Thanet
        C         | 2024-01-07    | 8Q       | online | Dover
        """,
        included_classifications="""
        crime_ref | position | classification
        B         | 1        | 8Q
        """,
    )
    where = {"field": "online or offline"}
    assert january(con, where=where) == {"all": (2, 3)}
    assert january(con, where=where, by="district") == {"Dover": (1, 2), "Thanet": (1, 1)}
    assert january(con, where=where, basis="included_only") == {"all": (1, 1)}
    recorded = only(asked(con, "mode_recorded_share", grain="all"), category="all")["value"]
    blank = only(asked(con, "field_not_recorded", grain="all", where=where), category="all")["value"]
    assert recorded + blank == 100


def test_a_field_that_a_source_does_not_keep_is_not_available_and_not_blank() -> None:
    con = loaded(
        empty(),
        {
            "crimes": """
            source | crime_ref | recorded_date | ho_class | mode
            athena | A         | 2024-01-05    | 8Q       |
            niche  | N1        | 2024-01-05    | 8Q       | online
            niche  | N2        | 2024-01-06    | 8Q       |
            """
        },
        lacks={"athena": ["mode"]},
    )
    assert january(con, where={"field": "online or offline"}) == {"all": (1, len(["N1", "N2"]))}
    of_athena = asked(con, "field_not_recorded", by="field", grain="all", where={"source": "athena"})
    markers = dict(zip(of_athena["category"], of_athena["marker"], strict=True))
    assert markers["online or offline"] == "[x]"
    # Declared and always blank is blank; never declared and never filled is taken as not kept.
    assert of_athena.set_index("category")["value"]["impact statement"] == 100
    assert markers["motive"] == "[x]"
    assert markers["risk grade"] == "[x]", "there is no feed of assessments"
    assert markers["order considered"] == "[x]", "suspects are not known"
    by_source = asked(
        con, "field_not_recorded", by="source", grain="all", where={"field": "online or offline"}
    )
    assert by_category(by_source) == {"niche": 50}
    alone = asked(
        con, "field_not_recorded", grain="all", where={"field": "online or offline", "source": "athena"}
    )
    assert alone["marker"].tolist() == ["[x]"]


LATE = {
    "crimes": """
    crime_ref | recorded_date | ho_class | motive
    A         | 2024-01-05    | 8Q       |
    B         | 2024-02-06    | 8Q       |
    C         | 2024-03-01    | 8Q       |
    D         | 2024-03-07    | 8Q       | rejected
    E         | 2024-04-08    | 8Q       |
    """,
    "risk_assessments": """
    crime_ref | assessed_at         | risk_grade
    C         | 2024-02-20 10:00:00 | high
    """,
}


@pytest.mark.parametrize(
    ("field", "shares", "crimes"),
    [
        ("risk grade", {"2024-02-01": 100, "2024-03-01": 50, "2024-04-01": 100}, len("BCDE")),
        ("motive", {"2024-03-01": 50, "2024-04-01": 100}, len("CDE")),
    ],
)
def test_a_field_that_begins_late_is_not_available_before_the_month_it_begins(
    field: str, shares: dict[str, float], crimes: int
) -> None:
    con = filled(**LATE)
    for chosen in ({"by": "field"}, {"where": {"field": field}}):
        frame = asked(con, "field_not_recorded", since="2024-01-01", until="2024-04-30", **chosen)
        own = frame[frame["category"].isin([field, "all"])]
        told = own[own["marker"] != "[x]"]
        assert dict(zip(told["period"], told["value"], strict=True)) == shares
        assert len(own) == 4
    year = asked(con, "field_not_recorded", by="field", grain="year", where={"field": field})
    assert year["marker"].tolist() == ["[p]"], "the field holds for a part of the year"
    assert year["denominator"].tolist() == [crimes]
    rolling = asked(
        con,
        "field_not_recorded",
        by="field",
        grain="rolling_year",
        where={"field": field},
        until="2024-12-31",
    )
    assert set(rolling["marker"]) == {"[x]"}, "no rolling year lies within the data yet"


def test_an_order_can_only_be_considered_since_there_are_orders() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | spo_considered
        A         | 2020-01-19    | 8Q       |
        B         | 2020-01-20    | 8Q       |
        C         | 2020-02-01    | 8Q       | yes
        """,
        crime_suspects="""
        crime_ref | suspect_id
        A         | S1
        B         | S1
        C         | S1
        """,
    )
    frame = asked(con, "field_not_recorded", grain="all", where={"field": "order considered"})
    row = only(frame, category="all")
    assert (row["numerator"], row["denominator"]) == (len(["B"]), len(["B", "C"]))


def test_a_team_may_come_with_the_allocation() -> None:
    con = filled(
        crimes=stalking("A B"),
        allocations="""
        crime_ref | allocated_date | team
        A         | 2024-01-06     | Area
        """,
    )
    assert january(con, where={"field": "team"}) == {"all": (len(["B"]), 2)}


def test_the_day_a_field_begins_is_that_of_its_month() -> None:
    con = filled(**LATE)
    found = con.execute("select field, begins_date from marts.fields order by begins_date desc").fetchall()
    assert found[:2] == [("motive", date(2024, 3, 1)), ("risk grade", date(2024, 2, 1))]
    assert {day for _, day in found[2:]} == {date(2024, 1, 1)}


# --- what imports noted ---

NEAR = f"{respelling.NOT_A_TARGET}: '… 8Q'"


def test_notes_are_one_row_each_first_what_may_be_stalking(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        ("a.csv", "district not in the population", 9),
        ("b.csv", "district not in the population", 4),
        ("b.csv", NEAR, 2),
        ("<b>.csv", "age of crime_victims left blank: out of range", 1),
    ]
    frame = pd.DataFrame(rows, columns=["file", "note", "count"])
    cells = re.findall("<t[hd][^>]*>(.*?)</t[hd]>", imports.noted(frame))[3:]
    assert [tuple(cells[place : place + 3]) for place in (0, 3, 6)] == [
        ("Something close to a target code, not counted as one: &#x27;… 8Q&#x27;.", "2", "b.csv"),
        ("District not in the population.", "13", "2 files"),
        ("Age of crime_victims left blank: out of range.", "1", "&lt;b&gt;.csv"),
    ]
    monkeypatch.setattr(imports, "MAX_NOTES", 1)
    assert "<p>2 more: run <code>stalking-profiles check</code>.</p>" in imports.noted(frame)


def test_the_page_shows_the_notes_of_the_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "warehouse"
    text = "Ref,Day,Class,Place\nA1,13/02/2024,8Q,Dover\nA2,13/02/2024,see 8Q,Dover\n"
    mapping, paths = desk.laid(tmp_path, desk.PROBE, crimes=text)
    importing.import_files(paths, mapping, folder)
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(folder))
    shown = pages.opened("data_quality")
    assert "What imports noted: 1 cell or record" in shown.text
    assert "not counted as one: &#x27;… 8Q&#x27;" in shown.text
