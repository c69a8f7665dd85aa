"""Every record of every file ends as accepted, unchanged, superseded or rejected, and is named if not."""

import datetime
import re
from pathlib import Path

import pandas as pd
import pytest

from profiles import importing, warehouse
from profiles.errors import BadFile, NoWarehouse, ProfilesError
from profiles.importing import faults, replacing, storing
from profiles.importing.reports import FileReport, ImportReport
from profiles.settings import ROOT
from profiles.warehouse import publishing

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_reference_tables")]

DAY = datetime.date(2024, 6, 30)

MAPPING = r"""
name = "toy"
date_formats = ["%d/%m/%Y", "%Y-%m-%d"]
extract_date = { pattern = '_(\d{8})', format = "%Y%m%d" }
blanks = ["Not Recorded"]
[[table]]
into = "crimes"
files = ["crimes*"]
header = ["Ref", "Recorded"]
[table.columns]
crime_ref = ["Ref", "Crime Number"]
recorded_date = "Recorded"
ho_class = "Class"
ho_code = "Code"
domestic_abuse_flag = "DA"
district = "District"
[[table.list]]
into = "included_classifications"
columns = ["Included"]
[[table.link]]
into = "crime_victims"
[table.link.columns]
victim_id = "Victim"
age = "Age"
[[table.link]]
into = "crime_suspects"
[table.link.columns]
suspect_id = "Suspect"
relationship = "Relationship"
[table.link.values.relationship]
"Former  spouse" = "ex-partner"
[[table]]
into = "outcomes"
files = ["outcomes*"]
[table.columns]
crime_ref = "Ref"
outcome_date = "Date"
outcome_code = "Outcome"
"""

HEADER = "Ref,Recorded,Class,Code,DA,District,Included,Victim,Age,Suspect,Relationship"
PLAIN = "C1,03/06/2024,8L,,Y,Dover,8Q;8R,V1,30,S1,Former Spouse"


@pytest.fixture
def reference_tables(no_reference_tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped reference tables after all, for what is about them."""
    monkeypatch.setattr(importing, "SHIPPED", replacing.SHIPPED)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    path = tmp_path / "toy.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


class Desk:
    """A folder of exports and a warehouse, with the few calls a test makes of them."""

    def __init__(self, folder: Path, mapping: Path) -> None:
        self.folder, self.mapping, self.warehouse = folder, mapping, folder / "warehouse"

    def write(self, text: str | bytes, name: str = "crimes_20240630.csv") -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def bring(self, *lines: str, name: str = "crimes_20240630.csv", header: str = HEADER) -> FileReport:
        path = self.write("\n".join([header, *lines]) + "\n", name)
        return self.bring_files(path).files[0]

    def bring_files(self, *paths: Path, as_at: datetime.date | None = None) -> ImportReport:
        report = importing.import_files(paths, str(self.mapping), self.warehouse, as_at=as_at)
        for item in report.files:
            assert item.rows_in == item.accepted + item.unchanged + item.superseded + item.rejected
            assert sum(item.reasons.values()) == item.rejected
        return report

    def rows(self, sql: str) -> list[tuple]:
        con = warehouse.connect(warehouse.current(self.warehouse).path)
        try:
            return con.execute(sql).fetchall()
        finally:
            con.close()

    def rejects(self) -> list[tuple]:
        return self.rows("select line, column_name, value, reason from meta.rejects order by line")


@pytest.fixture
def desk(tmp_path: Path, toy: Path) -> Desk:
    return Desk(tmp_path, toy)


def test_one_wide_row_becomes_crime_victim_suspect_and_included_classifications(desk: Desk) -> None:
    report = desk.bring(PLAIN)
    assert (report.rows_in, report.accepted) == (1, 1)
    assert desk.rows("select crime_ref, recorded_date, ho_class, domestic_abuse_flag from raw.crimes") == [
        ("C1", datetime.date(2024, 6, 3), "8L", "yes")
    ]
    assert desk.rows("select position, classification from raw.included_classifications order by 1") == [
        (1, "8Q"),
        (2, "8R"),
    ]
    assert desk.rows("select victim_id, age from raw.crime_victims") == [("V1", 30)]
    assert desk.rows("select suspect_id, relationship from raw.crime_suspects") == [("S1", "ex-partner")]


def test_a_crime_with_two_victims_is_one_crime(desk: Desk) -> None:
    report = desk.bring(PLAIN, PLAIN.replace("V1,30", "V2,31"))
    assert report.accepted == 2
    assert desk.rows("select count(*) from raw.crimes") == [(1,)]
    assert desk.rows("select victim_id from raw.crime_victims order by 1") == [("V1",), ("V2",)]
    assert desk.rows("select count(*) from raw.included_classifications") == [(2,)]


def test_an_exact_repeat_is_unchanged(desk: Desk) -> None:
    report = desk.bring(PLAIN, PLAIN)
    assert (report.accepted, report.unchanged, report.rejected) == (1, 1, 0)


def test_a_reference_repeated_with_other_values_keeps_the_first_and_names_the_others(desk: Desk) -> None:
    report = desk.bring(PLAIN, PLAIN.replace("Dover", "Swale"))
    assert (report.accepted, report.reasons) == (1, {faults.REPEATED: 1})
    assert desk.rejects() == [(3, "Ref", "C1", faults.REPEATED)]
    assert desk.rows("select district from raw.crimes") == [("Dover",)]


def test_a_victim_repeated_with_another_age_is_rejected(desk: Desk) -> None:
    report = desk.bring(PLAIN, PLAIN.replace("V1,30", "V1,31"))
    assert report.reasons == {faults.REPEATED: 1}
    assert desk.rejects() == [(3, "Victim", "V1 / C1", faults.REPEATED)]


@pytest.mark.parametrize(
    ("broken", "column", "value", "reason"),
    [
        (PLAIN.replace("C1,", ","), "Ref", None, faults.MISSING),
        (PLAIN.replace("03/06/2024", ""), "Recorded", None, faults.MISSING),
        (PLAIN.replace("03/06/2024", "Not Recorded"), "Recorded", None, faults.MISSING),
        (PLAIN.replace("03/06/2024", "06/13/2024"), "Recorded", "06/13/2024", faults.NOT_A_DATE),
        (PLAIN.replace("03/06/2024", "31/02/2024"), "Recorded", "31/02/2024", faults.NOT_A_DATE),
        (PLAIN.replace("03/06/2024", "03/06/24"), "Recorded", "03/06/24", faults.OUT_OF_RANGE),
        (PLAIN.replace("03/06/2024", "01/07/2024"), "Recorded", "01/07/2024", faults.AFTER_EXTRACT),
        (PLAIN.replace("8L,,", "8Q,Aug-65,"), "Code", "Aug-65", faults.CODE_IS_DATE),
        (
            PLAIN.replace("8L,,", "8Q,1965-08-01 00:00:00,"),
            "Code",
            "1965-08-01 00:00:00",
            faults.CODE_IS_DATE,
        ),
        (PLAIN.replace("8Q;8R", "8L;08-Aug"), "Included", "8L;08-Aug", faults.CODE_IS_DATE),
        (PLAIN.replace(",Y,", ",perhaps,"), "DA", "perhaps", faults.NOT_ALLOWED),
        (PLAIN + ",more", None, "12 cells", faults.WRONG_CELLS),
        ("C1,03/06/2024", None, "2 cells", faults.WRONG_CELLS),
    ],
)
def test_a_fault_rejects_its_record_by_line_column_value_and_reason(
    desk: Desk, broken: str, column: str | None, value: str | None, reason: str
) -> None:
    other = PLAIN.replace("C1", "C2")
    report = desk.bring(other, broken, PLAIN.replace("C1", "C3"))
    assert (report.rows_in, report.accepted, report.reasons) == (3, 2, {reason: 1})
    ((line, found, shown, why),) = desk.rejects()
    assert (line, found, why) == (3, column, reason)
    if value is None or column:
        assert shown == value
    assert desk.rows("select crime_ref, line from raw.crimes order by 1") == [("C2", 2), ("C3", 4)]


def test_the_edges_of_a_range_are_inside_it(desk: Desk) -> None:
    report = desk.bring(
        PLAIN.replace("03/06/2024", "30/06/2024").replace(",30,", ",120,"),
        PLAIN.replace("C1", "C2").replace("03/06/2024", "01/01/2000").replace(",30,", ",0,"),
    )
    assert report.accepted == 2


def test_a_blank_cell_is_null_and_never_no(desk: Desk) -> None:
    desk.bring("C1,03/06/2024,8L,,,,,,,,")
    assert desk.rows("select domestic_abuse_flag, district from raw.crimes") == [(None, None)]
    assert desk.rows("select count(*) from raw.crime_victims") == [(0,)]


def test_codes_nobody_has_heard_of_survive(desk: Desk) -> None:
    desk.bring(PLAIN.replace("8L,,", "ZZ9,999/99,").replace("8Q;8R", "XX | 195/12"))
    assert desk.rows("select ho_class, ho_code from raw.crimes") == [("ZZ9", "999/99")]
    assert desk.rows("select classification from raw.included_classifications order by position") == [
        ("XX",),
        ("195/12",),
    ]


def test_two_declared_formats_that_disagree_about_a_day_reject_it(desk: Desk) -> None:
    both = desk.mapping.read_text().replace('["%d/%m/%Y", "%Y-%m-%d"]', '["%d/%m/%Y", "%m/%d/%Y"]')
    desk.mapping.write_text(both)
    report = desk.bring(
        PLAIN,  # 3 June or 6 March
        PLAIN.replace("C1", "C2").replace("03/06", "05/05"),  # the same day either way
        PLAIN.replace("C1", "C3").replace("03/06", "06/25"),  # only month-first can read it
    )
    assert report.reasons == {faults.AMBIGUOUS: 1}
    assert desk.rejects() == [(2, "Recorded", "03/06/2024", faults.AMBIGUOUS)]
    assert desk.rows("select crime_ref, recorded_date::varchar from raw.crimes order by 1") == [
        ("C2", "2024-05-05"),
        ("C3", "2024-06-25"),
    ]


def test_the_same_import_twice_is_all_unchanged_and_makes_no_new_version(desk: Desk) -> None:
    path = desk.write(f"{HEADER}\n{PLAIN}\n{PLAIN.replace('C1', '')}\n")
    first = desk.bring_files(path)
    second = desk.bring_files(path)
    assert (first.files[0].accepted, first.files[0].rejected) == (1, 1)
    assert (second.files[0].unchanged, second.files[0].rejected) == (1, 1)
    assert first.warehouse_version == second.warehouse_version


def test_the_same_records_in_a_later_extract_are_unchanged_and_move_the_date(desk: Desk) -> None:
    desk.bring(PLAIN)
    later = desk.bring(PLAIN, name="crimes_20240731.csv")
    assert (later.accepted, later.unchanged) == (0, 1)
    assert warehouse.current(desk.warehouse).as_at == "2024-07-31"


def test_a_newer_extract_supersedes_a_crime_with_its_links(desk: Desk) -> None:
    desk.bring(PLAIN, PLAIN.replace("V1", "V2"))
    report = desk.bring(PLAIN.replace("8Q;8R", "8M").replace("V1", "V3"), name="crimes_20240731.csv")
    assert report.accepted == 1
    assert desk.rows("select victim_id from raw.crime_victims") == [("V3",)]
    assert desk.rows("select classification from raw.included_classifications") == [("8M",)]


def test_an_older_extract_changes_nothing(desk: Desk) -> None:
    desk.bring(PLAIN)
    report = desk.bring(
        PLAIN.replace("Dover", "Swale").replace("03/06", "03/05"),
        PLAIN.replace("C1", "C2").replace("03/06", "03/05"),
        name="crimes_20240530.csv",
    )
    assert (report.superseded, report.accepted) == (1, 1)
    assert desk.rows("select crime_ref, district from raw.crimes order by 1") == [
        ("C1", "Dover"),
        ("C2", "Dover"),
    ]


def test_extracts_of_one_import_are_taken_in_the_order_of_their_dates(desk: Desk) -> None:
    newer = desk.write(f"{HEADER}\n{PLAIN.replace('Dover', 'Swale')}\n", "crimes_20240731.csv")
    older = desk.write(f"{HEADER}\n{PLAIN}\n{PLAIN.replace('C1', 'C2')}\n", "crimes_20240630.csv")
    report = desk.bring_files(newer, older)
    by_name = {item.file: item for item in report.files}
    assert (by_name[older.name].accepted, by_name[older.name].superseded) == (1, 1)
    assert by_name[newer.name].accepted == 1
    assert desk.rows("select district from raw.crimes where crime_ref = 'C1'") == [("Swale",)]


def test_a_corrected_export_of_the_same_day_replaces_the_first(desk: Desk) -> None:
    desk.bring(PLAIN)
    report = desk.bring(PLAIN.replace("Dover", "Swale"), name="crimes_20240630_corrected.csv")
    assert report.accepted == 1
    assert desk.rows("select district from raw.crimes") == [("Swale",)]


def test_a_full_extract_removes_what_it_lacks_but_not_what_it_holds_badly(desk: Desk) -> None:
    desk.mapping.write_text(
        desk.mapping.read_text().replace('into = "crimes"\n', 'into = "crimes"\nextract = "full"\n', 1)
    )
    desk.bring(PLAIN, PLAIN.replace("C1", "C2"), PLAIN.replace("C1", "C3"))
    report = desk.bring(
        PLAIN, PLAIN.replace("C1", "C2").replace("03/06", "33/06"), name="crimes_20240731.csv"
    )
    assert (report.unchanged, report.rejected, report.removed) == (1, 1, 1)
    assert desk.rows("select crime_ref from raw.crimes order by 1") == [("C1",), ("C2",)]
    assert desk.rows("select count(*) from raw.crime_victims") == [(2,)]


def test_a_full_extract_without_a_record_is_refused(desk: Desk) -> None:
    desk.mapping.write_text(
        desk.mapping.read_text().replace('into = "crimes"\n', 'into = "crimes"\nextract = "full"\n', 1)
    )
    desk.bring(PLAIN)
    with pytest.raises(BadFile, match="would remove all"):
        desk.bring(name="crimes_20240731.csv")
    assert desk.rows("select count(*) from raw.crimes") == [(1,)]


def test_lines_are_right_after_bad_records_blank_lines_and_line_breaks_in_quotes(desk: Desk) -> None:
    lines = [
        HEADER,
        PLAIN,  # line 2
        "",
        PLAIN.replace("C1", "C2").replace("Dover", '"Dover\nand Deal"'),  # lines 4 and 5
        "too,few",  # line 6
        PLAIN.replace("C1", "C3"),  # line 7
        PLAIN.replace("C1", "C4").replace("03/06/2024", "never"),  # line 8
    ]
    report = desk.bring_files(desk.write("\n".join(lines) + "\n")).files[0]
    assert (report.rows_in, report.accepted) == (5, 3)
    assert desk.rows("select crime_ref, line from raw.crimes order by 1") == [("C1", 2), ("C2", 4), ("C3", 7)]
    assert [(row[0], row[3]) for row in desk.rejects()] == [(6, faults.WRONG_CELLS), (8, faults.NOT_A_DATE)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_and_line_ends_are_found(desk: Desk, delimiter: str, end: str) -> None:
    lines = [HEADER, PLAIN.replace("8Q;8R", "8Q|8R"), PLAIN.replace("C1", "C2").replace("8Q;8R", "8Q|8R")]
    text = end.join(line.replace(",", delimiter) for line in lines)
    report = desk.bring_files(desk.write(text)).files[0]
    assert (report.rows_in, report.accepted) == (2, 2)
    assert desk.rows("select count(*) from raw.included_classifications") == [(4,)]


@pytest.mark.parametrize(
    ("encoding", "lead"),
    [("utf-8", b""), ("utf-8-sig", b""), ("cp1252", b""), ("utf-16", b"")],
)
def test_encodings_are_recognised(desk: Desk, encoding: str, lead: bytes) -> None:
    text = f"{HEADER}\n{PLAIN.replace('Dover', 'Château – café')}\n"
    report = desk.bring_files(desk.write(lead + text.encode(encoding))).files[0]
    assert report.accepted == 1
    assert desk.rows("select district from raw.crimes") == [("Château – café",)]


def test_a_workbook_gives_the_same_as_its_csv(desk: Desk) -> None:
    path = desk.folder / "crimes_20240630.xlsx"
    frame = pd.DataFrame([PLAIN.split(",")], columns=HEADER.split(","))
    frame["Recorded"] = [datetime.datetime(2024, 6, 3)]
    frame["Age"] = [30.0]
    frame.to_excel(path, index=False, engine="xlsxwriter")
    assert desk.bring_files(path).files[0].accepted == 1
    assert desk.rows("select recorded_date::varchar, line from raw.crimes") == [("2024-06-03", 2)]
    assert desk.rows("select age from raw.crime_victims") == [(30,)]


def test_a_code_that_a_workbook_made_a_date_is_rejected(desk: Desk) -> None:
    path = desk.folder / "crimes_20240630.xlsx"
    frame = pd.DataFrame([PLAIN.replace("8L,", "8Q,").split(",")], columns=HEADER.split(","))
    frame["Code"] = [datetime.datetime(1965, 8, 1)]
    frame.to_excel(path, index=False, engine="xlsxwriter")
    with pytest.raises(BadFile, match="1 code became a date, column 'Code', first on line 2"):
        desk.bring_files(path)


def test_a_parquet_file_may_hold_dates_and_lists(desk: Desk) -> None:
    path = desk.folder / "crimes_20240630.parquet"
    frame = pd.DataFrame([PLAIN.split(",")], columns=HEADER.split(","))
    frame["Recorded"] = [datetime.date(2024, 6, 3)]
    frame["Included"] = [["8Q", "8R"]]
    frame.to_parquet(path)
    assert desk.bring_files(path).files[0].accepted == 1
    assert desk.rows("select recorded_date::varchar from raw.crimes") == [("2024-06-03",)]
    assert desk.rows("select count(*) from raw.included_classifications") == [(2,)]


def test_swapped_columns_go_where_their_names_say(desk: Desk) -> None:
    cells = dict(zip(HEADER.split(","), PLAIN.split(","), strict=True))
    names = sorted(cells)
    desk.bring(",".join(cells[name] for name in names), header=",".join(names))
    assert desk.rows("select crime_ref, ho_class from raw.crimes") == [("C1", "8L")]


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "'; drop table raw.crimes; --",
    "<script>alert(1)</script>",
    "${x} $basis {0}",
    "\u202egnp",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_text(desk: Desk, text: str) -> None:
    desk.bring(PLAIN.replace("Dover", text))
    assert desk.rows("select district from raw.crimes") == [(text,)]


def refused(desk: Desk, content: str | bytes, *words: str, name: str = "crimes_20240630.csv") -> None:
    """The import is refused in one sentence with these words, and nothing is left behind."""
    before = sorted(path.name for path in desk.warehouse.rglob("*")) if desk.warehouse.exists() else []
    with pytest.raises(ProfilesError) as error:
        desk.bring_files(desk.write(content, name))
    for word in (name, *words):
        assert word in str(error.value)
    assert "\n" not in str(error.value)
    after = sorted(path.name for path in desk.warehouse.rglob("*"))
    assert [name for name in after if name not in ("LOCK", "versions", *before)] == []


def test_a_missing_file_is_named(desk: Desk) -> None:
    with pytest.raises(BadFile, match=r"gone\.csv does not exist"):
        desk.bring_files(desk.folder / "gone.csv")


def test_empty_binary_and_foreign_files_are_refused(desk: Desk) -> None:
    refused(desk, b"", "is empty")
    refused(desk, b"  \n\n", "nothing but blanks")
    refused(desk, HEADER.encode() + b"\nC1,\x00\x01\n", "line 2", "binary")
    refused(desk, b"PK\x03\x04rest", "workbook or archive")
    refused(desk, b"PK\x03\x04rest", "not a readable workbook", name="crimes_20240630.xlsx")
    refused(desk, b"PAR1rest", "not a readable Parquet", name="crimes_20240630.parquet")
    refused(desk, HEADER + "\n" + PLAIN, "nothing to import", name="crimes_20240630.doc")


def test_a_file_cut_off_in_the_middle_is_refused(desk: Desk) -> None:
    refused(desk, f"{HEADER}\n{PLAIN}\nC2,03/06/2024,8L", "line 3", "cut off")


def test_an_unclosed_quote_is_refused_by_line_and_column(desk: Desk) -> None:
    broken = PLAIN.replace("Dover", '"Dover')
    refused(desk, f"{HEADER}\n{PLAIN}\n{broken}\n{PLAIN}\n", "line 3", "'District'", "quote")
    later = PLAIN.replace("C1", "C3").replace("Dover", '"Swale, Kent"')
    refused(desk, f"{HEADER}\n{PLAIN}\n{broken}\n{PLAIN}\n{later}\n", "line 3", "'District'", "quote")


def test_mixed_encodings_are_refused_by_line(desk: Desk) -> None:
    good, bad = PLAIN.replace("Dover", "Café").encode(), PLAIN.replace("Dover", "Café").encode("cp1252")
    refused(desk, b"\n".join([HEADER.encode(), good, bad, b""]), "line 3", "one encoding")
    refused(
        desk,
        HEADER.encode() + b"\n" + PLAIN.replace("Dover", "\x81").encode("latin-1") + b"\n",
        "neither UTF-8",
    )


def test_a_header_that_does_not_match_is_refused_before_a_row_is_read(desk: Desk) -> None:
    refused(desk, "Nummer;Datum\n1;2\n", "line 1", "no column for crime_ref", "'Ref' or 'Crime Number'")
    refused(desk, "Nummer;Datum\n1;2\n", "fits no [[table]]", "suggest", name="other_20240630.csv")
    refused(desk, f"{HEADER},Ref\n{PLAIN},x\n", "line 1", "'Ref' appears 2 times")


def test_an_extract_without_a_date_is_refused(desk: Desk) -> None:
    refused(desk, f"{HEADER}\n{PLAIN}\n", "--as-at", name="crimes.csv")
    refused(desk, f"{HEADER}\n{PLAIN}\n", "20249999", name="crimes_20249999.csv")
    report = desk.bring_files(desk.folder / "crimes.csv", as_at=DAY)
    assert report.as_at == "2024-06-30"


def test_one_bad_file_among_good_ones_changes_nothing(desk: Desk) -> None:
    desk.bring(PLAIN)
    version = warehouse.current(desk.warehouse).name
    good = desk.write(f"{HEADER}\n{PLAIN.replace('C1', 'C2')}\n", "crimes_20240701.csv")
    bad = desk.write("", "crimes_20240702.csv")
    with pytest.raises(BadFile):
        desk.bring_files(good, bad)
    assert warehouse.current(desk.warehouse).name == version


def test_files_of_other_kinds_are_skipped_and_said_to_be(desk: Desk) -> None:
    truth = desk.write("{}", "truth.json")
    report = desk.bring_files(desk.write(f"{HEADER}\n{PLAIN}\n"), truth)
    assert [name for name, _ in report.skipped] == ["truth.json"]
    assert len(report.files) == 1


def test_a_cell_longer_than_any_cell_is_refused_and_a_long_one_is_kept(desk: Desk) -> None:
    long = "x" * 300_000
    assert desk.bring(PLAIN.replace("Dover", long)).accepted == 1
    assert desk.rows("select length(district) from raw.crimes") == [(300_000,)]
    refused(
        desk, f"{HEADER}\n{PLAIN.replace('Dover', 'x' * 3_000_000)}\n", "line 2", name="crimes_20240701.csv"
    )


@pytest.mark.usefixtures("reference_tables")
def test_a_new_warehouse_holds_the_reference_tables(desk: Desk) -> None:
    desk.bring(PLAIN)
    for table, count in [("action_plan", 39), ("breaks", 11), ("comparators", 30), ("population", 13)]:
        assert desk.rows(f"select count(*) from raw.{table}") == [(count,)]


def test_a_source_can_only_carry_what_its_files_have(desk: Desk) -> None:
    desk.bring(PLAIN)
    assert ("suspects", True) in desk.rows("select capability, is_available from meta.capabilities")
    narrow = "Ref,Recorded,Class"
    desk.bring("C9,03/06/2024,8Q", header=narrow, name="crimes_20240731.csv")
    found = dict(desk.rows("select capability, is_available from meta.capabilities where source = 'toy'"))
    assert found["stalking_class"]
    assert not found["suspects"]
    assert not found["included_classifications"]


def test_marked_records_make_the_warehouse_synthetic(desk: Desk) -> None:
    desk.mapping.write_text('marking = ["Marking"]\n' + desk.mapping.read_text())
    desk.bring(PLAIN + ",", header=HEADER + ",Marking")
    assert not warehouse.current(desk.warehouse).is_synthetic
    desk.bring(
        PLAIN.replace("C1", "C2") + ",Synthetic data", header=HEADER + ",Marking", name="crimes_20240731.csv"
    )
    assert warehouse.current(desk.warehouse).is_synthetic


def test_only_a_set_number_of_versions_is_kept(desk: Desk) -> None:
    for day in range(1, 7):
        desk.bring(PLAIN.replace("C1", f"C{day}"), name=f"crimes_2024070{day}.csv")
    names = sorted(path.name for path in (desk.warehouse / "versions").iterdir())
    assert [name[:4] for name in names] == ["0004", "0005", "0006"]
    assert warehouse.current(desk.warehouse).name == names[-1]
    assert re.fullmatch(r"0006-2024-07-06-[0-9a-f]{8}", names[-1])


def test_a_missing_corrupt_or_foreign_warehouse_is_one_sentence(desk: Desk) -> None:
    with pytest.raises(NoWarehouse, match="There is no warehouse"):
        warehouse.current(desk.warehouse)
    desk.bring(PLAIN)
    served = warehouse.current(desk.warehouse)
    (desk.warehouse / warehouse.POINTER).write_text("0009-gone\n")
    with pytest.raises(NoWarehouse, match="0009-gone"):
        warehouse.current(desk.warehouse)
    (desk.warehouse / warehouse.POINTER).write_text(f"{served.name}\n")
    content = served.path.read_bytes()
    served.path.write_bytes(b"not a database" * 1000)
    with pytest.raises(NoWarehouse, match="cannot be opened"):
        warehouse.current(desk.warehouse)
    served.path.write_bytes(content)
    con = warehouse.connect(served.path, read_only=False)
    warehouse.set_meta(con, schema_version="0", product_version="0.0.1")
    con.close()
    with pytest.raises(NoWarehouse, match=r"has tables of form 0"):
        warehouse.current(desk.warehouse)


def test_a_second_import_waits_and_then_says_so(desk: Desk) -> None:
    from profiles.settings import Settings

    desk.bring(PLAIN)
    with publishing.writing(desk.warehouse):
        path = desk.write(f"{HEADER}\n{PLAIN.replace('C1', 'C2')}\n", "crimes_20240701.csv")
        with pytest.raises(NoWarehouse, match="Another import"):
            importing.import_files(
                [path], str(desk.mapping), desk.warehouse, settings=Settings(lock_seconds=0.1)
            )
        assert desk.rows("select count(*) from raw.crimes") == [(1,)]


def test_readers_cannot_reach_outside_the_warehouse(desk: Desk) -> None:
    desk.bring(PLAIN)
    con = warehouse.connect(warehouse.current(desk.warehouse).path)
    beside = warehouse.connect(warehouse.current(desk.warehouse).path)
    for sql in (
        "select * from read_csv('/etc/passwd')",
        "copy raw.crimes to 'out.csv'",
        "attach 'other.duckdb'",
        "set enable_external_access = true",
        "install httpfs",
        "delete from raw.crimes",
    ):
        for each in (con, beside):
            with pytest.raises(warehouse.DatabaseError):
                each.execute(sql)
    beside.close()
    con.close()


TWO_VICTIMS = """
[[table.link]]
into = "crime_victims"
[table.link.columns]
victim_id = "Victim 2"
"""


def test_a_person_named_twice_in_one_record_is_one_row(desk: Desk) -> None:
    text = desk.mapping.read_text().replace(
        '[[table]]\ninto = "outcomes"', f'{TWO_VICTIMS}[[table]]\ninto = "outcomes"'
    )
    desk.mapping.write_text(text)
    desk.bring(PLAIN + ",V1", PLAIN.replace("C1", "C2") + ",V2", header=HEADER + ",Victim 2")
    assert desk.rows("select crime_ref, victim_id from raw.crime_victims order by all") == [
        ("C1", "V1"),
        ("C2", "V1"),
        ("C2", "V2"),
    ]


HALF = """
[[table.link]]
into = "outcomes"
[table.link.columns]
outcome_code = "Outcome"
outcome_date = "Outcome Date"
"""


def test_a_half_filled_link_is_noted_and_not_lost_in_silence(desk: Desk) -> None:
    text = desk.mapping.read_text().split('[[table]]\ninto = "outcomes"')[0] + HALF
    desk.mapping.write_text(text)
    header = HEADER + ",Outcome,Outcome Date"
    report = desk.bring(
        PLAIN + ",16,",
        PLAIN.replace("C1", "C2") + ",16,05/06/2024",
        PLAIN.replace("C1", "C3") + ",,",
        header=header,
    )
    assert report.accepted == 3
    assert report.notes == {"outcome_date or outcome_code blank: no row of outcomes": 1}
    assert desk.rows("select crime_ref from raw.outcomes") == [("C2",)]


def test_a_change_in_a_crime_with_two_victims_is_seen(desk: Desk) -> None:
    rows = [PLAIN, PLAIN.replace("V1", "V2")]
    desk.bring(*rows)
    report = desk.bring(*(row.replace("8L", "8Q") for row in rows), name="crimes_20240731.csv")
    assert (report.accepted, report.unchanged) == (2, 0)
    assert desk.rows("select ho_class from raw.crimes") == [("8Q",)]


def test_a_separator_at_the_end_of_a_line_is_no_further_cell(desk: Desk) -> None:
    quoted = PLAIN.replace("C1", "C2").replace("Dover", '"Dover\nand Deal"')
    assert desk.bring(PLAIN + ",").accepted == 1
    assert desk.bring(PLAIN + ",", quoted, name="crimes_20240731.csv").rejected == 0


def test_a_record_over_two_lines_that_lacks_a_cell_is_rejected_as_such(desk: Desk) -> None:
    short = PLAIN.replace("C1", "C2").replace("Dover", '"Dover\nand Deal"').replace(",V1", "")
    report = desk.bring(PLAIN, short, PLAIN.replace("C1", "C3"))
    assert report.reasons == {faults.WRONG_CELLS: 1}
    assert desk.rows("select crime_ref, line from raw.crimes order by 1") == [("C1", 2), ("C3", 5)]
    assert desk.rejects() == [(3, None, "10 cells, the header has 11", faults.WRONG_CELLS)]


def test_odd_figures_are_read_and_noted(tmp_path: Path) -> None:
    head = "Financial Year,Financial Quarter,Force Name,Offence Code,Number of Offences"
    lines = [
        "2017/18,1,Kent,8Q, 1 011",
        "2017/18,2,Kent,8Q,  12",
        "2017/18,3,Kent,8Q,-00",
        "2017/18,4,Kent,8Q,-1",
    ]
    lines += ['2018/19,1,Kent,8Q,"1,011"', "2018/19,2,Kent,8Q,7", "2018/19,2,Total,8Q,7"]
    path = tmp_path / "prc_pfa_2019-07-18.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    item = importing.import_files([path], "home_office", tmp_path / "warehouse").files[0]
    assert item.reasons == {faults.NOT_A_NUMBER: 1, "total row": 1}
    assert item.notes == {storing.RESPELT: 3, storing.NEGATIVE: 1}


def test_a_file_named_synthetic_makes_the_warehouse_so_whatever_its_columns(desk: Desk) -> None:
    desk.bring(PLAIN, name="crimes_synthetic_20240630.csv")
    assert warehouse.current(desk.warehouse).is_synthetic


# ---- reports on the lines of the action plan

REPORTS = "ref,updated_on,status,percent_complete,note"


def report_of(desk: Desk, *lines: str, header: str = REPORTS) -> FileReport:
    """The account of an import of reports, with the shipped mapping."""
    path = desk.write("\n".join([header, *lines]) + "\n", "action_plan_updates.csv")
    (found,) = importing.import_files([path], "reference", desk.warehouse).files
    assert found.rows_in == found.accepted + found.unchanged + found.superseded + found.rejected
    return found


@pytest.mark.usefixtures("reference_tables")
def test_every_version_of_a_report_stays(desk: Desk) -> None:
    desk.bring(PLAIN)
    first = report_of(desk, "13.2,2025-03-01,in progress,60,Begun")
    assert (first.table, first.accepted) == ("action_plan_updates", 1)
    again = report_of(
        desk,
        "13.2,2025-03-01,in progress,60,Begun",
        "13.2,2025-03-01,in progress,70,Begun",
        "13.2,2025-06-01,complete,100,",
    )
    assert (again.accepted, again.unchanged, again.removed) == (2, 1, 0)
    # A line that was taken out of the file was reported all the same; a spreadsheet writes days its own way.
    less = report_of(desk, "13.2,01/06/2025,complete,100.0,")
    assert (less.unchanged, less.removed) == (1, 0)
    assert desk.rows(
        "select report_number, reported_status, percent_complete, note "
        "from staging.stg_action_plan_updates order by report_number"
    ) == [(1, "in progress", 60.0, "Begun"), (2, "in progress", 70.0, "Begun"), (3, "complete", 100.0, "")]


@pytest.mark.usefixtures("reference_tables")
def test_a_report_that_cannot_be_taken_is_rejected_with_its_reason(desk: Desk) -> None:
    wrong = [
        ("99.9,2025-03-01,complete,100,", "ref", "not in action_plan"),
        ("13.2,2025-03-01,nearly,90,", "status", "not an allowed value"),
        ("13.2,2025-03-01,complete,110,", "percent_complete", "out of range"),
        ("13.2,2025-03-01,,10,", "status", "missing value"),
        ("13.2,03/2025,complete,100,", "updated_on", "not a date"),
        (f"13.2,2025-03-01,complete,100,{'x' * 301}", "note", "too long"),
        ("13.2,2025-03-01,complete,100,Ask someone@example.org", "note", faults.PERSONAL),
        ("13.2,2025-03-01,complete,100,Ring 01622 690690", "note", faults.PERSONAL),
        ("13.2,2025-03-01,complete,100,As in 46/012345/26", "note", faults.PERSONAL),
        ("13.2,2025-03-01,complete,100,The office at ME15 9BZ", "note", faults.PERSONAL),
    ]
    right = [
        "7.1,2025-03-01,complete,100,Rec 7 by 27 March 2025: 2 of 13 districts",
        f"13.2,2025-03-01,complete,100,{'x' * 300}",
    ]
    desk.bring(PLAIN)
    found = report_of(desk, *(line for line, *_ in wrong), *right)
    assert (found.accepted, found.rejected) == (len(right), len(wrong))
    assert [(each[0], each[1], each[3]) for each in desk.rejects()] == [
        (number, column, reason) for number, (_, column, reason) in enumerate(wrong, start=2)
    ]


@pytest.mark.usefixtures("reference_tables")
def test_the_shipped_reports_are_taken_whole_and_say_that_they_are_synthetic(desk: Desk) -> None:
    path = ROOT / "sample_data" / "SYNTHETIC_action_plan_updates.csv"
    desk.bring(PLAIN)
    (found,) = importing.import_files([path], "reference", desk.warehouse).files
    assert (found.rejected, found.accepted) == (0, found.rows_in)
    assert found.accepted > 30
    assert warehouse.current(desk.warehouse).is_synthetic
    text = path.read_text(encoding="utf-8").splitlines()
    assert all(line.endswith(",SYNTHETIC") for line in text[1:])
