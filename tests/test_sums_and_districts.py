"""Published figures that share a key, and districts outside the force's list."""

from pathlib import Path

import pytest

from profiles.importing import districts, storing, totals
from tests.desk import RawDesk

FIGURES = """
name = "probe"
extract_date = "2024-06-30"
[[table]]
into = "comparators"
files = ["figures*"]
ADD
columns = { area = "Area", value = "N", unit = "Unit" }
[table.constants]
series = "s"
class = "8Q"
period = "2022/23"
period_end = "2023-03-31"
published_by = "probe"
"""
ROWS = """Area,Part,N,Unit
Kent,East,10,crimes
Kent,West,10,crimes
Kent,West,10,crimes
Kent,North,5,crimes
Surrey,All,7,crimes
Essex,East,40,per cent
Essex,West,60,per cent
"""


@pytest.fixture
def desk(tmp_path: Path) -> RawDesk:
    return RawDesk(tmp_path)


def figures(desk: RawDesk) -> list[tuple[str, float]]:
    return desk.rows("select area, value from raw.comparators order by area")


def test_figures_that_share_a_key_are_added_where_the_mapping_says_so(desk: RawDesk) -> None:
    tally = desk.bring(FIGURES.replace("ADD", "add_up = true"), figures=ROWS)
    # the row that came twice to the letter is no further part; rates are no sum
    assert figures(desk) == [("Kent", 25), ("Surrey", 7)]
    assert (tally.rows_in, tally.accepted, tally.unchanged, tally.rejected) == (7, 4, 1, 2)
    assert tally.reasons == {totals.SEVERAL: 2}


def test_otherwise_none_of_them_counts_and_it_is_said(desk: RawDesk) -> None:
    tally = desk.bring(FIGURES.replace("ADD", ""), figures=ROWS)
    assert figures(desk) == [("Surrey", 7)]
    assert (tally.rows_in, tally.accepted, tally.rejected) == (7, 1, 6)
    assert tally.reasons == {totals.SEVERAL: 6}
    assert desk.rejects()[0] == (2, "N", "10.0", totals.SEVERAL)


CRIMES = """
name = "probe"
date_formats = ["%d/%m/%Y"]
extract_date = "2024-06-30"
[[table]]
into = "crimes"
files = ["crimes*"]
columns = { crime_ref = "Ref", recorded_date = "Day", ho_class = "Class", district = "Place" }
"""


def test_a_district_outside_the_list_is_asked_about_with_the_nearest_name(desk: RawDesk) -> None:
    desk.con.execute("insert into raw.population (district) values ('Dover'), ('Folkestone and Hythe')")
    places = ["Dover", "Dovr", "dover", "folkestone & hythe", "Bexley", "Bexley", "", "<b>7</b>"]
    rows = "\n".join(f"A{number},13/02/2024,8Q,{place}" for number, place in enumerate(places))
    tally = desk.bring(CRIMES, crimes=f"Ref,Day,Class,Place\n{rows}")
    assert tally.notes == {
        f"{districts.OUTSIDE}: 'Bexley', '…', 'Dovr' (is it Dover?), 'dover' (is it Dover?), "
        f"'folkestone & hythe' (is it Folkestone and Hythe?); translate it under values.district": 6
    }


def test_without_a_list_no_district_is_outside_it(desk: RawDesk) -> None:
    tally = desk.bring(CRIMES, crimes="Ref,Day,Class,Place\nA1,13/02/2024,8Q,Dovr")
    assert not tally.notes
    assert storing.NEGATIVE not in tally.notes
