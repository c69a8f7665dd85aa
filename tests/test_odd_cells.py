"""Figures, times with a zone and odd cells of linked rows: what is read, left blank or rejected."""

from pathlib import Path

import pytest

from profiles.importing import faults, storing
from tests.desk import RawDesk

FIGURES = """
name = "probe"
extract_date = "2024-06-30"
[[table]]
into = "comparators"
files = ["figures*"]
[table.columns]
area = "Area"
value = "Figure"
unit = "Unit"
[table.constants]
series = "s"
class = "8Q"
period = "2022/23"
period_end = "2023-03-31"
published_by = "probe"
"""

CRIMES = """
name = "probe"
date_formats = ["%d/%m/%Y", "%Y-%m-%d %H:%M"]
extract_date = "2024-06-30"
[[table]]
into = "crimes"
files = ["crimes*"]
[table.columns]
crime_ref = "Ref"
recorded_date = "Day"
reported_at = { from = "At", date_formats = ["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M%z"] }
committed_from = "From"
ho_class = "Class"
[[table.link]]
into = "crime_victims"
[table.link.columns]
victim_id = "V"
age = "Age"
sex = "Sex"
[[table.link]]
into = "outcomes"
[table.link.columns]
outcome_date = "Closed"
outcome_code = "Outcome"
"""


@pytest.fixture
def desk(tmp_path: Path) -> RawDesk:
    return RawDesk(tmp_path)


def test_a_comma_stands_before_three_digits_or_it_is_no_figure(desk: RawDesk) -> None:
    right = {
        "1,234": 1234, "1,234,567": 1234567, "-1,234.5": -1234.5, "12": 12, "0.5": 0.5, ".5": 0.5, "+7": 7,
        "1234567890": 1234567890, "00012": 12, "5.": 5,
    }  # fmt: skip
    wrong = [
        "12,5", "0,5", "1.234,5", "1,23", ",5", "1,2345", "1234,567", "1,,234", "1,234,", "12,34,567",
        "1e300", "nan", "inf", "-inf", "1e5", "0x1F", "9" * 400, "1_000", "45%",
    ]  # fmt: skip
    lines = [f'A{place},"{text}",crimes' for place, text in enumerate([*right, *wrong])]
    tally = desk.bring(FIGURES, figures="Area,Figure,Unit\n" + "\n".join(lines))
    assert [value for (value,) in desk.rows("select value from raw.comparators order by line")] == list(
        right.values()
    )
    assert tally.reasons == {faults.NOT_A_NUMBER: len(wrong)}


def test_a_sign_of_per_cent_is_read_where_the_unit_is_per_cent(desk: RawDesk) -> None:
    lines = ["A,45%,per cent", "B,45.5 %,Percent", "C,45%,crimes", "D,45,per cent", "E,45%%,per cent"]
    desk.bring(FIGURES, figures="Area,Figure,Unit\n" + "\n".join(lines))
    assert desk.rows("select area, value from raw.comparators order by area") == [
        ("A", 45),
        ("B", 45.5),
        ("D", 45),
    ]
    assert [row[:3] for row in desk.rejects()] == [(4, "Figure", "45%"), (6, "Figure", "45%%")]


HEADER = "Ref,Day,At,From,Class,V,Age,Sex,Closed,Outcome\n"


def test_an_odd_cell_of_a_linked_person_is_left_blank_and_the_crime_counts(desk: RawDesk) -> None:
    lines = [
        "A1,13/02/2024,,,8Q,V1,-1,F,,",
        "A2,13/02/2024,,,8Q,V2,34,Unknown,,",
        "A3,13/02/2024,,,8Q,V3,34,F,,",
        "A4,13/02/2024,,,8Q,V4,9999999999999999999999999,M,,",
        "A5,13/02/2024,,,8Q,V5,1e300,M,,",
        "A6,13/02/2024,,,8Q,V6,nan,M,,",
        "A7,13/02/2024,,,8Q,V7,121,,,",
        # what identifies a linked row is no optional cell
        "A8,13/02/2024,,,8Q,V8,34,F,13/13/2024,16",
        # nor is one of the crime itself
        "A9,13/02/2024,,tomorrow,8Q,V9,34,F,,",
    ]
    tally = desk.bring(CRIMES, crimes=HEADER + "\n".join(lines))
    assert desk.rows("select crime_ref, age, sex from raw.crime_victims order by crime_ref") == [
        ("A1", None, "female"),
        ("A2", 34, None),
        ("A3", 34, "female"),
        ("A4", None, "male"),
        ("A5", None, "male"),
        ("A6", None, "male"),
        ("A7", None, None),
    ]
    assert tally.notes == {
        "age of crime_victims left blank: out of range": 2,
        "age of crime_victims left blank: not a number": 3,
        "sex of crime_victims left blank: not an allowed value": 1,
    }
    assert desk.rejects() == [
        (9, "Closed", "13/13/2024", faults.NOT_A_DATE),
        (10, "From", "tomorrow", faults.NOT_A_DATE),
    ]
    assert (tally.rows_in, tally.accepted, tally.rejected) == (9, 7, 2)


def test_a_cell_that_was_left_blank_and_then_mended_is_a_change(desk: RawDesk) -> None:
    desk.bring(CRIMES, crimes=HEADER + "A1,13/02/2024,,,8Q,V1,-1,F,,")
    mended = CRIMES.replace("2024-06-30", "2024-07-31")
    tally = desk.bring(mended, crimes_2=HEADER + "A1,13/02/2024,,,8Q,V1,31,F,,")
    assert (tally.accepted, tally.unchanged) == (1, 0)
    assert desk.rows("select age from raw.crime_victims") == [(31,)]


@pytest.mark.parametrize(
    ("day", "at", "recorded", "reported"),
    [
        # summer: 23:30 of universal time is half past midnight here
        ("2024-05-31T23:30:00Z", "2024-05-31T23:30:00Z", "2024-06-01", "2024-06-01 00:30:00"),
        ("2024-05-31 23:30:00.123+00:00", "2024-05-31T23:30Z", "2024-06-01", "2024-06-01 00:30:00"),
        # winter: the same
        ("2024-01-31T23:30:00z", "2024-01-31T23:30:00+0000", "2024-01-31", "2024-01-31 23:30:00"),
        # what is London's already stays
        ("2024-05-31T23:30:00+01:00", "2024-05-31T23:30:00+0100", "2024-05-31", "2024-05-31 23:30:00"),
        # the hour that comes twice, and the one that does not come
        ("2023-10-29T00:30:00Z", "2023-10-29T01:30:00Z", "2023-10-29", "2023-10-29 01:30:00"),
        ("2024-03-31T00:59:00Z", "2024-03-31T01:00:00Z", "2024-03-31", "2024-03-31 02:00:00"),
        # another zone, and a format that declares one
        ("2024-05-31T20:30:00-05:00", "31/05/2024 23:30Z", "2024-06-01", "2024-06-01 00:30:00"),
        ("31/05/2024", "31/05/2024 23:30+0200", "2024-05-31", "2024-05-31 22:30:00"),
        # a name that only one offset has, or an offset, behind a time that a format reads without it
        ("2024-05-31 23:30 UTC", "2024-05-31 23:30 +0000", "2024-06-01", "2024-06-01 00:30:00"),
        ("2024-05-31 23:30 BST", "2024-05-31 23:30 GMT", "2024-05-31", "2024-06-01 00:30:00"),
        ("31/05/2024", "2024-05-31 23:30:00.1234567 Z", "2024-05-31", "2024-06-01 00:30:00.123456"),
        # no zone: local, as police times are
        ("2024-05-31 23:30", "2024-05-31 23:30", "2024-05-31", "2024-05-31 23:30:00"),
    ],
)
def test_a_time_with_a_zone_is_put_into_london_time(
    desk: RawDesk, day: str, at: str, recorded: str, reported: str
) -> None:
    desk.bring(CRIMES, crimes=HEADER + f"A1,{day},{at},,8Q,V1,31,F,,")
    assert desk.rows("select recorded_date::varchar, reported_at::varchar from raw.crimes") == [
        (recorded, reported)
    ]


def test_days_beyond_any_calendar_are_no_dates(desk: RawDesk) -> None:
    texts = [
        "13/02/20240",
        "2024-02-30T10:00:00Z",
        "2024-02-13T10:00:00+99:00",
        "31/05/2024 23:30+99:00",
        "99999-01-01T00:00Z",
        "2024-02-13 10:00 EST",
        "2024-02-13 10:00 UTC+1",
    ]
    desk.bring(CRIMES, crimes=HEADER + "\n".join(f"A1,{text},,,8Q,V1,31,F,," for text in texts))
    assert [row[2:] for row in desk.rejects()] == [(text, faults.NOT_A_DATE) for text in texts]


def test_a_format_that_names_universal_time_is_taken_at_its_word(desk: RawDesk) -> None:
    for number, zone in enumerate(("Z", " UTC", " GMT"), start=1):
        mapping = CRIMES.replace('"%d/%m/%Y", ', f'"%d/%m/%Y %H.%M{zone}", ')
        desk.bring(
            mapping, **{f"crimes_{number}": HEADER + f"A{number},31/05/2024 23.30{zone},,,8Q,V1,31,F,,"}
        )
    assert desk.rows("select distinct recorded_date::varchar from raw.crimes") == [("2024-06-01",)]


def test_figures_in_odd_spellings_are_noted_however_large(desk: RawDesk) -> None:
    lines = ['A,"1,000",n', f"B,{'9' * 30},n", "C, 7,n", "D,8,n"]
    tally = desk.bring(FIGURES, figures="Area,Figure,Unit\n" + "\n".join(lines))
    assert tally.accepted == 4
    assert tally.notes[storing.RESPELT] == 3


INVISIBLE = ["\u200b", "\ufeff", "\u00ad", "\u200e", "\u202c", "\u2060", "\x1f"]


@pytest.mark.parametrize("mark", INVISIBLE, ids=[f"U+{ord(mark):04X}" for mark in INVISIBLE])
def test_what_nobody_sees_in_a_reference_makes_no_second_crime(desk: RawDesk, mark: str) -> None:
    lines = [f"A{mark}1,13/02/2024,,,8Q,{mark}V1,31,F,,", f"A1{mark},13/02/2024,,,8Q,V2{mark},31,F,,"]
    desk.bring(CRIMES, crimes=HEADER + "\n".join([*lines, "A1,13/02/2024,,,8Q,V1,31,F,,"]))
    assert desk.rows("select crime_ref from raw.crimes") == [("A1",)]
    assert desk.rows("select crime_ref, victim_id from raw.crime_victims order by 2") == [
        ("A1", "V1"),
        ("A1", "V2"),
    ]


def test_odd_blanks_and_wrapping_in_a_reference_make_no_second_crime(desk: RawDesk) -> None:
    refs = ["AB 1", "AB\u00a01", "\u2003AB\u20071\u3000", '"=""AB 1"""', '="AB 1"', "\tAB 1\t"]
    lines = [f"{ref},13/02/2024,,,8Q,V1,31,F,," for ref in refs]
    tally = desk.bring(CRIMES, crimes=HEADER + "\n".join(lines))
    assert desk.rows("select crime_ref from raw.crimes") == [("AB 1",)]
    assert (tally.accepted, tally.unchanged) == (1, 5)


def test_the_case_of_a_reference_and_free_text_stay_as_they_are(desk: RawDesk) -> None:
    lines = ["a1,13/02/2024,,,8Q,V1,31,F,,", "A1,13/02/2024,,,8Q,V1,31,F,,"]
    desk.bring(CRIMES, crimes=HEADER + "\n".join(lines))
    assert desk.rows("select crime_ref from raw.crimes order by 1") == [("A1",), ("a1",)]
