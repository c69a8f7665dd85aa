"""Target codes in other spellings: the certain is read, what became a date rejected, the rest noted."""

from pathlib import Path

import pytest

from profiles import checking, codes
from profiles.codes import Targets
from profiles.contracts import DEFAULT_TARGETS
from profiles.importing import faults, respelling
from profiles.warehouse import marts
from tests.desk import RawDesk

TARGETS = Targets(DEFAULT_TARGETS)
SEPARATORS = (";", "|", "\n")

CERTAIN = {
    "8Q": [
        "8q",
        " 8Q",
        "8Q\u00a0",
        "\ufeff8Q",
        "8\u200bQ",
        "8\u00adQ",
        "\u202a8Q\u202c",
        "08Q",
        "008Q",
        "8 Q",
        "8-Q",
        '="8Q"',
        "=8Q",
        "'8Q",
        '"8Q"',
        "(8Q)",
        "[8Q]",
        "8Q;",
        "8Q.",
        "８Ｑ",
        "8Q¹",
        "٨Q",
        "8Ԛ",
        "8Q - Stalking",
        "8Q Stalking",
        "8Q – Stalking",
        "8Q: Stalking",
        "8Q (Stalking)",
        "8q stalking",
        "8Q\tStalking",
        "8Q 195/12",
        "8Q/195/12",
    ],
    "8/65": [
        "008/65",
        "8/065",
        "8 / 65",
        "8/65.0",
        "8.65",
        "8-65",
        "8–65",
        "8⁄65",
        "8∕65",
        "8／65",
        "8\\65",
        "８/６５",
        "'8/65",
        '="8/65"',
        "8/65 - Stalking involving fear of violence",
        "8/65 Stalking",
        "8:65",
    ],
    "195/12": [
        "195 / 12",
        "195/012",
        "0195/12",
        "195.12",
        "195-12",
        "195/12 Pursue course of conduct in breach of s2A(1)",
        "195/12 - Stalking, section 2A PHA 1997",
    ],
}
NEAR = [
    "8.6500",
    "195.120",
    "8,65",
    "195,12",
    "8..65",
    "195//12",
    "/8Q",
    "8L//8Q",
    "8’65",
    "8QStalking",
    "8/65Stalking",
    "8Q/STALKING",
    "8L8Q",
    "8Q8L",
    "H8Q",
    "8/65/8/66",
    "105/1/8/65",
    "195/12/01",
    "8/65/",
    "/8/65",
    "19512.0",
    "8 65",
    "8 Q - Stalking",
    "8Q Stalking ruled out",
    "8Q - Stalking recorded in error",
    "see 8Q",
    "Stalking (8Q)",
    "8Q?",
    "8Q - not stalking",
    "8Q no crime",
    "8Q (formerly 8L)",
    "8L/8Q",
    "8L,8Q",
    "8L 8/65",
    "19512",
    "00865",
    "Harassment, 8Q",
    "8Q - Stalking, 8L - Harassment",
    "865",
    "008065",
    "195/12A",
    "16.25",
    "Stalking",
    "Stalking involving fear of violence",
]
LOST = [
    "08/1965",
    "1965-08",
    "1st August 1965",
    "August 1, 1965",
    "Sun 1 Aug 1965 00:00",
    "1965-08-01T00:00:00+00:00",
    "8/1/1965 12:00:00 AM",
    "23 955",
    "23.955",
    "0.12307692307692308",
    "0.1231",
    "#N/A",
    "#ref!",
    "########",
    "23955.0",
    "23,955",
    "2.3955E+04",
    "Aug-65",
    "aug 65",
    "Aug-1965",
    "01-Aug-65",
    "08-Jun",
    "8 June",
    "01/08/1965",
    "08/01/1965",
    "1/8/65",
    "01.08.1965",
    "1965-08-01",
    "1965-08-01 00:00:00",
    "1965-08-01T00:00:00",
    "01/08/1965 00:00",
    "23955",
    "24320",
    "22493",
    "août-65",
    "Awst-65",
    "Aug. 65",
    "ago-65",
    "sie-65",
    "8L, Aug-65",
]
OTHER = [
    "8QA",
    "18Q",
    "8Q1",
    "8/656",
    "195/120",
    "195/1",
    "8/6",
    "1195/12",
    "8L",
    "8L - Harassment",
    "125",
    "66/39",
    "3/01",
    "4.10",
    "866/5",
    "23956",
    "16.2",
    "0.1232",
    "Violence and sexual offences",
    "8L without stalking",
    "80",
    "9/65",
    "8O",
    "SPO 12",
    "s2A",
    "12 High Street",
]


def test_a_target_in_another_spelling_is_that_target() -> None:
    for code, spellings in CERTAIN.items():
        found = {text: TARGETS.reading(text).items for text in spellings}
        assert found == dict.fromkeys(spellings, (code,))
        assert {TARGETS.list_reading(text, SEPARATORS).items[0] for text in spellings} == {code}


def test_what_may_be_a_target_stays_as_it_is_and_is_near() -> None:
    found = {text: TARGETS.reading(text) for text in NEAR}
    assert found == {text: codes.Reading("near", (text,)) for text in NEAR}


def test_what_a_spreadsheet_made_of_a_code_is_lost() -> None:
    assert [text for text in LOST if TARGETS.reading(text).kind != "mangled"] == []
    assert [text for text in LOST if TARGETS.list_reading(f"8L;{text}", SEPARATORS).kind != "mangled"] == []


def test_a_number_behind_a_target_is_no_further_class() -> None:
    for text in ("8Q-1", "8/65 2", "8Q 2", "195/12A"):
        assert TARGETS.list_reading(text, SEPARATORS) == codes.Reading("near", (text,))


def test_a_target_torn_apart_in_a_list_or_without_its_slash_is_near() -> None:
    for text in ("8;65", "5D|195|12", "8L;865"):
        assert TARGETS.list_reading(text, SEPARATORS).kind == "near"
    for text in ("8;66;65", "18;65", "8L;8N"):
        assert (TARGETS.list_reading(text, SEPARATORS).kind == "near") == ("8;66" in text)


def test_another_code_is_another_code() -> None:
    found = {text: TARGETS.reading(text) for text in OTHER}
    assert found == {text: codes.Reading("plain", (text,)) for text in OTHER}


def test_codes_that_are_no_target_lose_their_padding_alone() -> None:
    spellings = {
        "8l": "8L",
        "008L": "8L",
        "066/39": "66/39",
        "3 / 01": "3/01",
        "8N - Assault": "8N - Assault",
    }
    assert {text: TARGETS.reading(text).items[0] for text in spellings} == spellings


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("8L,8Q", ("8L", "8Q")),
        ("8L, 8Q ,195/12", ("8L", "8Q", "195/12")),
        ("8L / 8Q", ("8L", "8Q")),
        ("8L/8Q", ("8L", "8Q")),
        ("8L & 8Q", ("8L", "8Q")),
        ("8L and 8Q", ("8L", "8Q")),
        ("8L+8Q", ("8L", "8Q")),
        ("8L\t8Q", ("8L", "8Q")),
        ("8L\r\n8Q", ("8L", "8Q")),
        ("8L 8Q", ("8L", "8Q")),
        ("8L;8Q - Stalking;", ("8L", "8Q")),
        ("8L - Harassment, 8Q - Stalking", ("8L - Harassment", "8Q")),
        ('["8L","8Q"]', ("8L", "8Q")),
        ('="8L, 8Q"', ("8L", "8Q")),
        ("(8L, 8Q)", ("8L", "8Q")),
        ("[1]", ("1",)),
        ("[]", ()),
        ("8L; - ;8Q", ("8L", "8Q")),
        ("8Q/195/12", ("8Q", "195/12")),
        ("8/30 8/65", ("8/30", "8/65")),
        # what is no list of codes stays one item
        ("Harassment, alarm or distress", ("Harassment, alarm or distress",)),
        ("8L", ("8L",)),
    ],
)
def test_several_codes_in_a_cell_are_several_whatever_stands_between(
    cell: str, items: tuple[str, ...]
) -> None:
    assert TARGETS.list_reading(cell, SEPARATORS).items == items


def test_any_set_of_targets_is_found_so() -> None:
    others = Targets(("8/12", "5D", "08/30", "hate crime"))
    assert others.reading("5d - Assault").items == ("5D",)
    assert others.reading("008/30").items == ("8/30",)
    assert others.reading("8/3").kind == others.reading("8Q").kind == "plain"
    assert others.reading("8.3").kind == "near"  # 8.30 as a number
    assert others.reading("Hate  Crime").items == ("hate crime",)
    # 8 December 2024 and 12 August 2024 as numbers of days
    assert {others.reading(text).kind for text in ("45634", "45516")} == {"mangled"}


def test_outcomes_are_numbers_whatever_stands_around_them() -> None:
    spellings = {
        "16": "16",
        "016": "16",
        "16.0": "16",
        '="16"': "16",
        "1A": "1a",
        "16 - Evidential difficulties": "16",
        "Outcome 16": "16",
        "18: no suspect": "18",
        "99": "99",
        "16X": "16X",
        "NFA": "NFA",
        "1 of 2": "1 of 2",
    }
    assert {text: codes.outcome(text) for text in spellings} == spellings


def test_a_message_shows_codes_and_no_words() -> None:
    assert codes.shown("8Q - Jane Smith, 07700 900123") == "8Q - …, 07700 …"
    assert codes.shown("8Q \x1b[31m[red]x") == "8Q (31M(…)X"
    assert codes.shown("Stalking by John Smith") == "STALKING …"
    assert codes.shown("Stalking 8Q") == "… 8Q"
    assert len(codes.shown("8Q" * 500)) <= 24


def test_hostile_cells_take_no_time() -> None:
    for text in (
        "8Q, " * 50_000,
        "8 " * 90,
        "8Q" + " ," * 99,
        "(" * 5000 + "8Q",
        "=" * 5000,
        "8/" * 90,
        "\u0301" * 10**5,
    ):
        TARGETS.reading(text)
        TARGETS.list_reading(text, SEPARATORS)


MAPPING = """
name = "nearmiss"
date_formats = ["%d/%m/%Y"]
extract_date = "2024-06-30"
[[table]]
into = "crimes"
files = ["crimes*"]
[table.columns]
crime_ref = "Ref"
recorded_date = "Day"
ho_class = "Class"
[[table.list]]
into = "included_classifications"
columns = ["Further"]
"""
CELLS = '''Ref,Day,Class,Further
K1,13/02/2024,8Q,
K2,14/02/2024,8Q - Stalking,
K3,15/02/2024,008/65,
K4,16/02/2024,8N,"8L,8Q"
K5,17/02/2024,8N,195 / 12
K6,18/02/2024,8N,"=""8Q"""
K7,19/02/2024,8N,see 8Q
K8,20/02/2024,23955,
K9,21/02/2024,8N,"8L,Aug-65"
L1,21/02/2024,865,8;65
L2,21/02/2024,#N/A,
L3,21/02/2024,8N,8L;#REF!
'''


@pytest.mark.slow
def test_an_import_counts_what_is_near_a_target_code(tmp_path: Path) -> None:
    desk = RawDesk(tmp_path)
    tally = desk.bring(MAPPING, crimes=CELLS)
    assert tally.notes == {
        f"{respelling.READ_AS_TARGET}: '008/65', '195 / 12', '8L,8Q', '8Q', '8Q - …'": 5,
        f"{respelling.NOT_A_TARGET}: '865', '8;65', '… 8Q'": 3,
    }
    assert desk.rejects() == [
        (9, "Class", "23955", faults.CODE_IS_DATE),
        (10, "Further", "8L,Aug-65", faults.CODE_IS_DATE),
        (12, "Class", "#N/A", faults.CODE_IS_ERROR),
        (13, "Further", "8L;#REF!", faults.CODE_IS_ERROR),
    ]
    assert desk.rows("select crime_ref, ho_class from raw.crimes where ho_class <> '8N' order by 1") == [
        ("K1", "8Q"),
        ("K2", "8Q"),
        ("K3", "8/65"),
        ("L1", "865"),
    ]
    assert desk.rows("select crime_ref, classification from raw.included_classifications order by all") == [
        ("K4", "8L"),
        ("K4", "8Q"),
        ("K5", "195/12"),
        ("K6", "8Q"),
        ("K7", "see 8Q"),
        ("L1", "65"),
        ("L1", "8"),
    ]
    marts.build(desk.con)
    assert desk.rows("select basis, count(*) from marts.stalking_crimes group by all order by 1") == [
        ("included_only", 3),
        ("principal", 3),
    ]
    # what is loaded, and near, is found there too: an older version may have taken it
    found = checking.near_codes(desk.con)
    assert found.to_dict("records") == [
        {"table": "crimes", "column": "ho_class", "cell": "865", "count": 1},
        {"table": "included_classifications", "column": "classification", "cell": "… 8Q", "count": 1},
    ]


@pytest.mark.slow
def test_a_code_spelt_in_two_ways_is_one_crime_with_two_victims_and_no_repeat(tmp_path: Path) -> None:
    mapping = MAPPING + '[[table.link]]\ninto = "crime_victims"\n[table.link.columns]\nvictim_id = "V"\n'
    rows = ["A1,13/02/2024,8Q,8L;8Q,V1", 'A1,13/02/2024,8Q - Stalking,"8L, 8Q",V2']
    desk = RawDesk(tmp_path)
    tally = desk.bring(mapping, crimes="\n".join(["Ref,Day,Class,Further,V", *rows]))
    assert (tally.accepted, tally.rejected) == (2, 0)
    assert desk.rows("select count(*) from raw.crime_victims") == [(2,)]


@pytest.mark.slow
def test_a_translation_of_the_mapping_comes_first(tmp_path: Path) -> None:
    mapping = MAPPING + '[table.list.values]\n"8Q - old"= "8L"\n[table.values.ho_class]\n"stalk" = "8Q"\n'
    mapping = mapping.replace("[table.list.values]", "[table.list.values]")
    desk = RawDesk(tmp_path)
    head, tail = mapping.split("[table.values.ho_class]")
    front, lists = head.split("[[table.list]]")
    desk.bring(
        f"{front}[table.values.ho_class]{tail}[[table.list]]{lists}",
        crimes="Ref,Day,Class,Further\nA1,13/02/2024,Stalk,8Q - Old;8N\n",
    )
    assert desk.rows("select ho_class from raw.crimes") == [("8Q",)]
    assert desk.rows("select classification from raw.included_classifications order by position") == [
        ("8L",),
        ("8N",),
    ]
