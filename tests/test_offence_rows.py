"""Exports with a row an offence: which is the principal, and what becomes of the others."""

from pathlib import Path

import pytest

from profiles import importing, warehouse
from profiles.errors import BadFile, BadMapping
from profiles.importing import faults, offences
from profiles.warehouse import marts
from tests.desk import RawDesk, laid

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_reference_tables")]

MAPPING = """
name = "longform"
date_formats = ["%d/%m/%Y"]
extract_date = { pattern = '(\\d{8})', format = "%Y%m%d" }
[[table]]
into = "crimes"
files = ["offences*"]
[table.columns]
crime_ref = "Incident"
recorded_date = "Recorded"
ho_class = "Offence Code"
RULE
"""
BY_SEQUENCE = MAPPING.replace("RULE", '[table.offences]\nsequence = "Seq"')
HEADER = "Incident,Recorded,Seq,Offence Code\n"
ROWS = """X1,03/02/2024,1,8N
X1,03/02/2024,2,8Q
X2,04/02/2024,1,8Q
X3,05/02/2024,1,125
X3,05/02/2024,2,8L
X3,05/02/2024,3,8Q
"""


@pytest.fixture
def desk(tmp_path: Path) -> RawDesk:
    return RawDesk(tmp_path)


def crimes(desk: RawDesk) -> list[tuple[object, ...]]:
    """Each crime with its class and its included classifications in order."""
    return desk.rows(
        "select crimes.crime_ref, ho_class, list(classification order by position) "
        "filter (where classification is not null) from raw.crimes "
        "left join raw.included_classifications using (crime_ref) group by all order by all"
    )


def bases(desk: RawDesk) -> dict[str, int]:
    marts.build(desk.con)
    return dict(desk.rows("select basis, count(*) from marts.stalking_crimes group by all"))


def test_the_lowest_number_is_the_principal_and_the_others_are_included(desk: RawDesk) -> None:
    tally = desk.bring(BY_SEQUENCE, offences_20240630=HEADER + ROWS)
    assert (tally.rows_in, tally.accepted, tally.rejected, tally.notes) == (6, 6, 0, {})
    expected = [("X1", "8N", ["8Q"]), ("X2", "8Q", None), ("X3", "125", ["8L", "8Q"])]
    assert crimes(desk) == expected
    assert bases(desk) == {"principal": 1, "included_only": 2}
    # the same rows in a later extract, in another order, are no news; 10 comes after 9
    again = "".join(sorted(ROWS.splitlines(keepends=True), reverse=True))
    assert desk.bring(BY_SEQUENCE, offences_20240731=HEADER + again).unchanged == 6
    assert crimes(desk) == expected
    newer = "X1,03/02/2024,10,8N\nX1,03/02/2024,9,8Q\n"
    tally = desk.bring(BY_SEQUENCE, offences_20240831=HEADER + newer)
    assert (tally.accepted, crimes(desk)[0]) == (2, ("X1", "8Q", ["8N"]))


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("[table.offences]", ("A1", "8L", ["8Q", "30"])),
        ('[table.offences]\nsequence = "Seq"', ("A1", "30", ["8Q", "8L"])),
        ('[table.offences]\nprincipal = "Main"', ("A1", "8Q", ["8L", "30"])),
        ('[table.offences]\nprincipal = "Main"\nyes = ["-"]\nsequence = "Seq"', ("A1", "30", ["8L", "8Q"])),
        ('[table.offences]\nranking = ["66", "8q", "30"]', ("A1", "8Q", ["30", "8L"])),
        ('[table.offences]\nranking = ["8L"]\nsequence = "Seq"', ("A1", "8L", ["30", "8Q"])),
    ],
)
def test_a_flag_a_ranking_a_number_or_the_first_row_tells_the_principal(
    desk: RawDesk, rule: str, first: tuple[object, ...]
) -> None:
    rows = "A1,03/02/2024,3,8L,-\nA1,03/02/2024,2,8Q - Stalking,Y\nA1,03/02/2024,1,30,-\n"
    header = HEADER.strip() + ",Main\n"
    desk.bring(MAPPING.replace("RULE", rule), offences_20240630=header + rows)
    assert crimes(desk) == [first]


WIDE = BY_SEQUENCE.replace(
    "[table.offences]",
    'ho_code = "Sub"\ndistrict = "Place"\n'
    '[[table.list]]\ninto = "included_classifications"\ncolumns = ["More"]\n'
    '[[table.link]]\ninto = "crime_victims"\n[table.link.columns]\nvictim_id = "V"\nage = "Age"\n'
    "[table.offences]",
)


def test_a_row_an_offence_and_victim_gives_one_crime_its_victims_codes_and_lists(desk: RawDesk) -> None:
    rows = """A1,03/02/2024,1,5D,5/13,Dover,V1,30,66
A1,03/02/2024,1,5D,5/13,Dover,V2,31,66
A1,03/02/2024,2,8Q,8/65,Deal,V1,30,66
A1,03/02/2024,2,8Q,8/65,Deal,V2,31,66
A1,03/02/2024,2,8Q,8/65,Deal,V2,31,66
"""
    tally = desk.bring(WIDE, offences_20240630=f"{HEADER.strip()},Sub,Place,V,Age,More\n{rows}")
    assert (tally.accepted, tally.unchanged, tally.rejected) == (4, 1, 0)
    assert crimes(desk) == [("A1", "5D", ["8Q", "8/65", "66"])]
    assert desk.rows("select ho_code, district from raw.crimes") == [("5/13", "Dover")]
    assert desk.rows("select victim_id, age from raw.crime_victims order by 1") == [("V1", 30), ("V2", 31)]
    assert tally.notes == {
        "district differs between the offences of a crime: that of the principal is taken": 1
    }


def test_offences_of_one_crime_may_lie_in_two_files_of_an_extract(desk: RawDesk) -> None:
    files = {"offences_a_20240630": "X1,03/02/2024,2,8Q\n", "offences_b_20240630": "X1,03/02/2024,1,8N\n"}
    tally = desk.bring(BY_SEQUENCE, **{name: HEADER + rows for name, rows in files.items()})
    assert (tally.accepted, crimes(desk)) == (2, [("X1", "8N", ["8Q"])])


def test_without_its_principal_row_a_crime_is_rejected_whole(desk: RawDesk) -> None:
    rows = (
        "X1,33/02/2024,1,8N\nX1,03/02/2024,2,8Q\nX2,03/02/2024,1,8N\nX2,33/02/2024,2,8Q\nX3,03/02/2024,x,8Q\n"
    )
    tally = desk.bring(BY_SEQUENCE, offences_20240630=HEADER + rows)
    assert (tally.rows_in, tally.accepted, tally.rejected) == (5, 1, 4)
    assert desk.rejects() == [
        (2, "Recorded", "33/02/2024", faults.NOT_A_DATE),
        (3, "Incident", "X1", offences.PRINCIPAL_REJECTED),
        (5, "Recorded", "33/02/2024", faults.NOT_A_DATE),
        (6, "Seq", "x", faults.NOT_A_NUMBER),
    ]
    assert crimes(desk) == [("X2", "8N", None)]
    assert tally.notes == {offences.OFFENCE_REJECTED: 1}  # X2 has lost its 8Q


def test_crimes_with_no_flag_or_several_are_noted(desk: RawDesk) -> None:
    rows = "A,03/02/2024,1,8N,Y\nA,03/02/2024,2,8Q,Y\nB,03/02/2024,1,8N,\nB,03/02/2024,2,8Q,N\n"
    rows += "C,03/02/2024,1,8Q,Y\n"
    rule = '[table.offences]\nprincipal = "Main"\nsequence = "Seq"'
    tally = desk.bring(MAPPING.replace("RULE", rule), offences_20240630=f"{HEADER.strip()},Main\n{rows}")
    assert tally.notes == {offences.NONE_FLAGGED: 1, offences.SEVERAL_FLAGGED: 1}
    assert crimes(desk) == [("A", "8N", ["8Q"]), ("B", "8N", ["8Q"]), ("C", "8Q", None)]


def test_words_of_the_flag_that_the_mapping_does_not_list_are_named(desk: RawDesk) -> None:
    rule = '[table.offences]\nprincipal = "Main"'
    rows = "A,03/02/2024,1,8N,Main\nA,03/02/2024,2,8Q,Second\nA,03/02/2024,2,8L,no\nB,03/02/2024,1,8Q,Y\n"
    tally = desk.bring(MAPPING.replace("RULE", rule), offences_20240630=f"{HEADER.strip()},Main\n{rows}")
    assert tally.notes == {offences.NONE_FLAGGED: 1, f"{offences.UNLISTED_FLAG}: 'main', 'second'": 2}
    # A column of anything else is not shown.
    tally = desk.bring(
        MAPPING.replace("RULE", rule),
        offences_20240731=f"{HEADER.strip()},Main\nC,03/02/2024,1,8N,jo@example.org\nC,03/02/2024,2,8Q,Y\n",
    )
    assert tally.notes == {f"{offences.UNLISTED_FLAG}: 1 different": 1}


def test_a_mapping_without_the_words_is_told_of_them(desk: RawDesk) -> None:
    tally = desk.bring(MAPPING.replace("RULE", ""), offences_20240630=HEADER + ROWS)
    assert tally.reasons == {faults.REPEATED: 3}
    assert tally.notes == {offences.LOOKS_LONG: 3}


def test_rules_that_cannot_be_used_are_refused(desk: RawDesk) -> None:
    link = (
        '[[table.link]]\ninto = "included_classifications"\n'
        '[table.link.columns]\nclassification = "Offence Code"\nposition = "Seq"\n'
    )
    for rule, words in (
        (f'[table.offences]\nsequence = "Seq"\n{link}', "both feed included_classifications"),
        ('[table.offences]\nsequenz = "Seq"', "did you mean sequence"),
        ('[table.offences]\nyes = ["Y"]', "name the column of the flag"),
        ("[table.offences]\nranking = []", "ranking is blank"),
        ("[table.offences]\nsequence = 3", "no text or list of texts"),
    ):
        with pytest.raises(BadMapping, match=words):
            desk.bring(MAPPING.replace("RULE", rule), offences_20240630=HEADER + ROWS)
    with pytest.raises(BadFile, match="no column 'No', which tells the principal"):
        desk.bring(
            MAPPING.replace("RULE", '[table.offences]\nsequence = "No"'), offences_20240630=HEADER + ROWS
        )


def test_a_crime_that_loses_an_offence_to_a_later_extract_is_noted(desk: RawDesk) -> None:
    desk.bring(BY_SEQUENCE, offences_20240630=HEADER + ROWS)
    tally = desk.bring(BY_SEQUENCE, offences_20240731=HEADER + "X1,03/02/2024,3,8L\nX2,04/02/2024,1,8Q\n")
    assert tally.notes == {offences.LOST_OFFENCE: 1}  # X1 was 8N and 8Q; X2 is as it was
    tally = desk.bring(BY_SEQUENCE, offences_20240831=HEADER + "X1,03/02/2024,1,8L\nX1,03/02/2024,2,8Q\n")
    assert tally.notes == {}


A, B = "X1,03/02/2024,2,8Q\n", "X1,03/02/2024,1,8N\n"


@pytest.mark.parametrize("order", [(A, B), (B, A)])
def test_files_of_one_day_never_take_each_others_offences(tmp_path: Path, order: tuple[str, str]) -> None:
    files = {f"offences_{'ab'[place]}_20240630": HEADER + rows for place, rows in enumerate(order)}
    mapping, paths = laid(tmp_path, BY_SEQUENCE, **files)
    folder, (first, second) = tmp_path / "warehouse", paths
    importing.import_files([first], mapping, folder)
    with pytest.raises(
        BadFile, match=r"b_20240630.csv line 2: 1 crime would lose .*\(offences_a_20240630.csv"
    ):
        importing.import_files([second], mapping, folder)
    # All files of the day at once are the remedy, and any of them again is no news.
    importing.import_files(paths, mapping, folder)
    version = warehouse.current(folder)
    for again in ([first], [second], paths):
        assert all(file.unchanged == 1 for file in importing.import_files(again, mapping, folder).files)
    assert warehouse.current(folder) == version
    con = warehouse.connect(version.path)
    assert con.execute("select ho_class, ho_code from raw.crimes").fetchall() == [("8N", None)]
    assert con.execute("select classification from raw.included_classifications").fetchall() == [("8Q",)]
    con.close()


def test_another_layout_of_the_same_day_takes_no_offence_either(desk: RawDesk) -> None:
    plain = MAPPING[MAPPING.index("[[table]]") :].replace("offences*", "crimes*").replace("RULE", "")
    files = {"offences_20240630": HEADER + A + B, "crimes_20240630": HEADER + B}
    with pytest.raises(BadFile, match=r"crimes_20240630.csv line 2: .*through one \[\[table\]\]"):
        desk.bring(BY_SEQUENCE + plain, **files)
