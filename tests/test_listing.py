"""Lists of records, by example: which rows, in which order, found by which words."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from profiles import listing, warehouse
from profiles.errors import BadSelection, BadSql
from profiles.selection import Selection
from tests.tables import asked, empty, filled, loaded

CRIMES = """
crime_ref | recorded_date | ho_class | offence_title | district | relationship | mode   | domestic_abuse_flag
42/1/24   | 2024-01-05    | 19C      | Rape          | Dover    | stranger     | online | no
42/2/24   | 2024-03-05    | 28E      | Burglary 10%  | Thanet   |              |        |
42/3/24   | 2024-03-05    | 28E      | Burglary      | Dover    | ex-partner   | both   | yes
42/4/24   | 2024-04-01    | 8Q       | Stalking      | Dover    | ex-partner   | both   | yes
42/5/24   | 2024-04-01    | 8L       | Harassment    | Dover    | ex-partner   | both   | yes
"""
INCLUDED = """
crime_ref | position | classification
42/1/24   | 1        | 58D
42/1/24   | 2        | 8/66
42/2/24   | 1        | 8Q
42/2/24   | 2        | 195/12
42/2/24   | 3        | 8/65
42/3/24   | 1        | 8q
42/3/24   | 2        | 8/65
42/4/24   | 1        | 8/65
42/5/24   | 1        | 58D
"""
RISK = """
crime_ref | assessed_at         | risk_grade
42/1/24   | 2024-01-05 10:00:00 | medium
"""


@pytest.fixture(scope="module")
def con() -> warehouse.Connection:
    return filled(
        crimes=CRIMES,
        included_classifications=INCLUDED,
        risk_assessments=RISK,
        allocations="""
        crime_ref | allocated_date | team
        42/1/24   | 2024-01-06     | CID
        """,
        files="""
        file_id | file   | import_number
        1       | c.csv  | 1
        2       | c2.csv | 2
        """,
        rejects="""
        file_id | file   | line | column_name | value  | reason
        1       | c.csv  | 7    | Victim Age  | -3     | out of range
        2       | c2.csv | 10   | DA Flag     | Maybe  | not an allowed value
        2       | c2.csv | 9    |             | 3      | wrong number of cells
        """,
    )


def references(
    con: warehouse.Connection, name: str = "included_only", search: str = "", **chosen: Any
) -> list[str]:
    """The references of the whole list, each without what stands before a colon."""
    shown = listing.page(con, name, Selection(**chosen), search)
    assert shown.total == len(shown.frame) == len(shown.references)
    return [reference.split(":")[-1] for reference in shown.references]


@pytest.mark.slow
def test_the_list_of_hidden_stalking_shows_each_crime_under_readable_names_newest_first(
    con: warehouse.Connection,
) -> None:
    shown = listing.page(con, "included_only", Selection())
    assert shown.references == ("42/2/24", "42/3/24", "42/1/24")
    assert shown.frame.to_dict("records")[2] == {
        "Crime reference": "42/1/24",
        "Recorded": date(2024, 1, 5),
        "District": "Dover",
        "Team": "CID",
        "Principal class": "19C",
        "Principal offence": "Rape",
        "Stalking classifications": "8/66",
        "Relationship": "stranger",
        "Online or offline": "online",
        "Domestic abuse flag": "no",
        "Risk grade": "medium",
        "Source": "athena",
    }
    assert shown.frame["Stalking classifications"].tolist() == ["195/12, …, 8Q", "8/65, 8q", "8/66"]
    assert shown.frame["Relationship"].tolist() == ["not recorded", "ex-partner", "stranger"]


@pytest.mark.slow
def test_a_list_shows_as_many_crimes_as_the_measure_counts_under_the_same_selection(
    con: warehouse.Connection,
) -> None:
    filters: list[tuple[tuple[str, str], ...]] = [
        (),
        (("district", "Dover"),),
        (("typology", "online"), ("typology", "stranger")),
        (("relationship", "not recorded"),),
        (("principal_class", "28E"), ("mode", "both")),
    ]
    for where in filters:
        for days in ({}, {"since": date(2024, 3, 5)}, {"until": date(2024, 3, 4)}):
            chosen: dict[str, Any] = {"basis": "included_only", "where": where, **days}
            counted = asked(con, "stalking_crimes", grain="all", **chosen)["value"].sum()
            assert len(references(con, **chosen)) == counted
    assert references(con, until=date(2024, 3, 5), since=date(2024, 3, 5)) == ["42/2/24", "42/3/24"]


def test_a_breakdown_and_a_grain_leave_a_list_as_it_is(con: warehouse.Connection) -> None:
    assert references(con, by="typology", grain="quarter") == references(con)


def test_pages_follow_one_another_and_the_total_is_of_all(con: warehouse.Connection) -> None:
    pages = [listing.page(con, "included_only", Selection(), first=first, count=2) for first in (0, 2, 4)]
    assert [page.references for page in pages] == [("42/2/24", "42/3/24"), ("42/1/24",), ()]
    assert [page.total for page in pages] == [3, 3, 3]
    assert [len(page.frame) for page in pages] == [2, 1, 0]
    assert all(page.frame.columns.equals(pages[0].frame.columns) for page in pages)
    assert listing.page(con, "included_only", Selection(), first=-1, count=-1).references == ()


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("42/3", ["42/3/24"]),
        ("bURGlary", ["42/2/24", "42/3/24"]),
        (" thanet ", ["42/2/24"]),
        ("8/66", ["42/1/24"]),
        ("%", ["42/2/24"]),
        ("0%", ["42/2/24"]),
        ("_", []),
        ("ex-partner", []),
        ("' or true --", []),
        ("$search", []),
        ("\x00", []),
        ("\ud800", []),
        ("   ", ["42/2/24", "42/3/24", "42/1/24"]),
    ],
)
def test_a_search_finds_its_letters_in_any_searched_column_and_nothing_else(
    search: str, found: list[str], con: warehouse.Connection
) -> None:
    assert references(con, search=search) == found


def test_a_search_narrows_the_selection(con: warehouse.Connection) -> None:
    assert references(con, search="burglary", where=(("district", "Dover"),)) == ["42/3/24"]


def test_rejected_records_are_listed_by_file_and_line_newest_import_first(con: warehouse.Connection) -> None:
    shown = listing.page(con, "rejects", Selection())
    assert shown.references == ("c2.csv:9", "c2.csv:10", "c.csv:7")
    assert list(shown.frame) == ["Import", "File", "Line", "Table", "Column", "Value", "Reason"]
    assert shown.frame.iloc[0].tolist() == [
        *("0002", "c2.csv", 9, "crimes", "whole record", "3", "wrong number of cells")
    ]
    assert references(con, "rejects", where=(("reason", "out of range"),)) == ["7"]
    assert references(con, "rejects", where=(("table_name", "crimes"), ("file", "c2.csv"))) == ["9", "10"]
    assert references(con, "rejects", search="maybe") == ["10"]


@pytest.mark.slow
def test_marked_records_are_listed_with_where_their_crime_belongs() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | record_status | district | team
        A         | 2024-01-05    | 8Q       | cancelled     | Dover    | CID
        B         | 2024-02-05    | 8Q       |               | Thanet   |
        """,
        crime_victims="""
        crime_ref | victim_id | victim_type
        B         | V1        | organisation
        """,
        spo_events="""
        order_id | event_date | event
        O1       | 2024-01-01 | breached
        """,
    )
    shown = listing.page(con, "marked", Selection())
    frame = shown.frame.astype(object).where(shown.frame.notna(), None)
    assert frame.drop(columns=["Column", "Source"]).to_numpy().tolist() == [
        [
            *("organisation as victim", "crime_victims", "B", "B / V1", "organisation"),
            *(date(2024, 2, 5), "Thanet", "not recorded"),
        ],
        ["cancelled record", "crimes", "A", "A", "cancelled", date(2024, 1, 5), "Dover", "CID"],
        [
            *("breach before grant", "spo_events", None, "O1 / 2024-01-01", "2024-01-01"),
            *(None, "not recorded", "not recorded"),
        ],
    ]
    assert shown.references == ("crime_victims:B / V1", "crimes:A", "spo_events:O1 / 2024-01-01")
    assert references(con, "marked", where=(("team", "CID"),)) == ["A"]
    # Chosen by days, what has no crime has no day.
    assert references(con, "marked", since=date(2024, 1, 1)) == ["B / V1", "A"]


@pytest.mark.slow
def test_crimes_of_a_source_that_cannot_answer_a_filter_are_not_listed() -> None:
    con = loaded(
        empty(),
        {
            "crimes": """
            source | crime_ref | recorded_date | ho_class | mode
            athena | A         | 2024-01-05    | 19C      |
            niche  | N         | 2024-01-05    | 19C      |
            """,
            "included_classifications": """
            source | crime_ref | position | classification
            athena | A         | 1        | 8Q
            niche  | N         | 1        | 8Q
            """,
        },
        lacks={"athena": ["mode"]},
    )
    assert references(con) == ["A", "N"]
    assert references(con, where=(("mode", "not recorded"),)) == ["N"]
    assert references(con, where=(("mode", "not recorded"), ("source", "athena"))) == []


@pytest.mark.parametrize(
    ("name", "chosen", "message"),
    [
        ("reject", {}, "There is no list 'reject'; did you mean rejects"),
        ("rejects", {"where": (("district", "Dover"),)}, "The list rejects has no dimension 'district'"),
        ("marked", {"where": (("relationship", "stranger"),)}, "The list marked has no dimension"),
        ("rejects", {"since": date(2024, 1, 1)}, "whatever its days; give none"),
        ("marked", {"basis": "any"}, "not kept on the basis 'any'; leave the basis out"),
        ("included_only", {"basis": "principal"}, "choose included_only"),
    ],
)
def test_what_a_list_does_not_know_is_refused_with_a_remedy(
    name: str, chosen: dict[str, Any], message: str, con: warehouse.Connection
) -> None:
    with pytest.raises(BadSelection) as refused:
        listing.page(con, name, Selection(**chosen))
    assert message in str(refused.value)


GOOD = {
    "title": "T",
    "note": "n",
    "reads": "stalking_crimes",
    "bases": "none",
    "columns": "crime_ref = Reference",
    "order": "crime_ref desc",
    "search": "crime_ref",
    "reference": "crime_ref",
}


def written(
    folder: Path, changed: dict[str, str | None], sql: str = "select crime_ref from selected"
) -> Path:
    """A folder with the product's marts and one list whose header is changed."""
    (folder / "marts").symlink_to(warehouse.SQL / "marts")
    (folder / "lists").mkdir()
    lines = {key: value for key, value in (GOOD | changed).items() if value is not None}
    text = "\n".join(f"-- {key}: {value}" for key, value in lines.items())
    (folder / "lists" / "a.sql").write_text(f"{text}\n{sql}\n", encoding="utf-8")
    return folder


def test_a_list_is_read_from_its_header(con: warehouse.Connection, tmp_path: Path) -> None:
    shown = listing.page(con, "a", Selection(), folder=written(tmp_path, {}))
    expected = pd.DataFrame({"Reference": ["42/4/24", "42/3/24", "42/2/24", "42/1/24"]}, dtype=object)
    pd.testing.assert_frame_equal(shown.frame, expected)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"reference": None}, "the header lacks `-- reference: …`"),
        ({"titel": "x"}, "unknown header key 'titel'; did you mean title"),
        ({"reads": "stalking"}, "reads may not be 'stalking'; did you mean stalking_"),
        ({"bases": "principle"}, "bases may not be 'principle'; did you mean principal"),
        ({"needs": "stalking"}, "needs may not be 'stalking'"),
        ({"columns": "crime_ref"}, "columns holds 'crime_ref'; write `column = Name for readers`"),
        ({"order": "crime_ref descending"}, "order may not be 'crime_ref descending'"),
        ({"order": "recorded_date"}, "order may not be 'recorded_date'"),
        ({"search": "district"}, "search may not be 'district'"),
        ({"reference": "crime"}, "reference may not be 'crime'; did you mean crime_ref"),
    ],
)
def test_a_bad_header_of_a_list_is_refused(
    changed: dict[str, str | None], message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadSql) as refused:
        listing.listings(written(tmp_path, changed))
    assert message in str(refused.value)
    assert "lists/a.sql" in str(refused.value)


def test_a_list_without_a_select_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSql, match="a list is one SELECT"):
        listing.listings(written(tmp_path, {}, sql=""))
