"""Drafts of mappings: days are read off the cells, and nothing is drafted that the sample contradicts."""

import datetime
import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles import importing
from profiles.errors import BadFile
from profiles.importing import date_forms, suggesting, trying
from profiles.importing.mapping import read_mapping
from tests.test_suggest import drafted, imported, written

ENTRY_STAMP = """\
Incident Number,Month,Entry Stamp,Offence Code
B1,2,02/13/2024 10:00:00 AM,8Q
B2,3,03/04/2024 11:30:00 PM,8L
"""


def test_a_day_is_read_off_the_cells_whatever_the_column_is_called(tmp_path):
    text, draft = drafted(written(tmp_path, ENTRY_STAMP, "export.csv"))
    assert draft["date_formats"] == ["%m/%d/%Y %I:%M:%S %p"]
    assert draft["table"][0]["columns"] == {
        "crime_ref": "Incident Number",
        "recorded_date": "Entry Stamp",
        "ho_class": "Offence Code",
    }
    assert '# recorded_date = "Entry Stamp" is a guess from its cells' in text
    assert '# not placed: "Month" (numbers)' in text
    assert "# Tried on these records: none would be rejected." in text


@pytest.mark.slow
def test_the_draft_of_such_a_file_imports_it(tmp_path):
    path = written(tmp_path, ENTRY_STAMP, "export.csv")
    text, _ = drafted(path)
    report, con = imported(tmp_path, path, text)
    assert (report.rows_in, report.accepted) == (2, 2)
    days = con.execute("select recorded_date::varchar from raw.crimes order by crime_ref").fetchall()
    assert days == [("2024-02-13",), ("2024-03-04",)]


@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        ("02/13/2024 10:00:00 AM", "%d/%m/%Y %I:%M:%S %p"),
        ("2/13/24 9:05 pm", "%d/%m/%y %I:%M %p"),
        ("13.02.24 9:05", "%d.%m.%y %H:%M"),
        ("13Feb2024", "%d%b%Y"),
        ("13-FEB-24", "%d-%b-%y"),
        ("Tue 13 Feb 2024", "%a %d %b %Y"),
        ("Tuesday, 13 February 2024 10:00", "%A, %d %B %Y %H:%M"),
        ("20240213T100000", "%Y%m%dT%H%M%S"),
        ("13/02/2024 1000", "%d/%m/%Y %H%M"),
        ("13/02/2024 10.00", "%d/%m/%Y %H.%M"),
        ("10:00 13/02/2024", "%H:%M %d/%m/%Y"),
        ("Feb 13, 2024 02:05 PM", "%b %d, %Y %I:%M %p"),
        ("2024-13-02", "%Y-%d-%m"),
        ("99/02/13", "%y/%m/%d"),
        ("2024-02-13T10:00:00.000Z", "%Y-%m-%dT%H:%M:%S.%fZ"),
        ("2024-02-13T10:00:00+01:00", "%Y-%m-%dT%H:%M:%S%z"),
        ("13/02/2024 10:00 GMT", "%d/%m/%Y %H:%M GMT"),
        ("Feb-24", "%b-%y"),
    ],
)
def test_the_shape_of_a_date_is_told(cell, shape):
    found = date_forms.form(cell)
    assert found
    assert found[0] == shape


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "2",
        "8/65",
        "195/12",
        "2024",
        "2017/18",
        "46/012345/26",
        "192.168.10.12",
        "07700 900123",
        "13/02/2024 14:30 PM",
        "32/01/2024",
        "13/13/2024",
        "x" * 100_000,
        "1" * 100_000,
        "13/02/2024 " + "1:" * 20,
    ],
)
def test_what_is_no_date_is_not_taken_for_one(cell):
    assert date_forms.form(cell) is None


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (["01/02/2024"], "undecided: no day above 12 tells day from month in %d/%m/%Y"),
        (["24/01/05", "24/02/09", "24/03/12"], "undecided: years of two digits may come first"),
        (["1 May 2024", "2 May 2024"], "May alone"),
        (["25/12/2023", "12/25/2023"], "both day first and month first"),
    ],
)
def test_what_the_cells_leave_open_is_said(tmp_path, cells, note):
    rows = "".join(f"A{n},{cell},8Q\n" for n, cell in enumerate(cells))
    text, draft = drafted(written(tmp_path, f"Crime Ref,Date Recorded,HO Class\n{rows}"))
    assert re.search(f'^# "Date Recorded": {re.escape(note)}', text, re.MULTILINE)
    assert draft["table"][0]["columns"]["recorded_date"] == "Date Recorded"


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (
            ("29th August 2024", "1st May 2024"),
            "4th October 2024: no format reads them; export the column as",
        ),
        (("241004", "240531"), '241004 (year first): say { from = "Recorded", date_formats = ["%y%m%d"] }'),
        (("041024", "310524"), '041024 (day first): say { from = "Recorded", date_formats = ["%d%m%y"] }'),
        (
            ("20241004101500", "20240531235959"),
            '20241004101500: say { from = "Recorded", date_formats = ["%Y%m%d%H%M%S"] }',
        ),
        (("45569", "45570.5"), "45569 (a spreadsheet's count of days): format the cells as dates"),
        (("1728036900", "1728036901"), "1728036900 (seconds since 1970): no format reads them"),
        (("4 octobre 2024", "5 mars 2024"), "4 octobre 2024: no format reads them"),
    ],
)
def test_days_in_a_form_that_no_draft_writes_are_told_with_what_to_do(tmp_path, cells, told):
    rows = "".join(f"A{n},{cell},8Q\n" for n, cell in enumerate(cells))
    text, _ = drafted(written(tmp_path, f"Crime Ref,Recorded,HO Class\n{rows}", "export.csv"))
    missing, hint = text[text.index("# missing and required: recorded_date") :].splitlines()[:2]
    assert hint.startswith('#   "Recorded" looks like days written as ')
    assert told in hint, missing
    # The draft's remedy reads the column.
    if found := re.search(r"say (\{ from .* \})", hint):
        mended = text.replace(missing, f"recorded_date = {found[1]}")
        with trying.sample(tmp_path / "export.csv", tmp_path) as sample:
            assert "none would be rejected" in trying.told(mended, sample)[0]


def test_numbers_under_another_name_are_no_days(tmp_path):
    text, _ = drafted(written(tmp_path, "Crime Ref,Beat No,HO Class\nA,241004,8Q\nB,240531,8L\n"))
    assert "days written" not in text


def test_a_column_that_is_not_placed_tells_month_from_day_too(tmp_path):
    rows = "A,01/02/2024,8Q,12/25/2023\nB,03/04/2024,8L,11/30/2023\n"
    text, draft = drafted(written(tmp_path, f"Crime Ref,Date Recorded,HO Class,Printed\n{rows}"))
    assert draft["date_formats"] == ["%m/%d/%Y"]
    assert "taken as month first, as in 'Printed'" in text


def test_several_columns_that_may_be_the_day_are_all_named(tmp_path):
    rows = "A,13/02/2024,14/02/2024,8Q,01/01/1980\n"
    text, draft = drafted(written(tmp_path, f"Crime Ref,Seen,Logged On,HO Class,Date of Birth\n{rows}"))
    assert draft["table"][0]["columns"]["recorded_date"] == "Logged On"
    assert 'so is that of "Seen"' in text
    assert '# not placed: "Date of Birth" (dates)' in text


def test_whole_days_come_before_months(tmp_path):
    rows = "A,2024-02,13/02/2024,8Q\nB,2024-03,14/03/2024,8L\n"
    text, draft = drafted(written(tmp_path, f"Crime Ref,Month,Stamp,HO Class\n{rows}"))
    assert draft["table"][0]["columns"]["recorded_date"] == "Stamp"
    assert '"Month"' in text


def test_a_column_whose_cells_contradict_its_name_is_left_out_and_said(tmp_path):
    head = "Crime Ref,Date Recorded,HO Class,Offence Date,Victim ID,Victim Age,Stamp"
    text, draft = drafted(written(tmp_path, f"{head}\nA,Monday,8Q,soon,V1,25 to 34,13/02/2024\n"))
    (table,) = draft["table"]
    assert table["columns"] == {"crime_ref": "Crime Ref", "recorded_date": "Stamp", "ho_class": "HO Class"}
    assert table["link"][0]["columns"] == {"victim_id": "Victim ID"}
    assert '# left out: recorded_date = "Date Recorded", whose cells are not a date' in text
    assert '# left out: committed_from = "Offence Date", whose cells are not a date' in text
    assert '# left out: age = "Victim Age", whose cells are not a integer' not in text
    assert '# left out: age = "Victim Age", whose cells are not a whole number' in text


def test_words_that_a_required_column_does_not_take_are_said(tmp_path):
    rows = "".join(f"R{n},A{n},forum number {n:03},13/02/2024\n" for n in range(40))
    text, _ = drafted(written(tmp_path, f"Referral ID,Crime Ref,Forum,Referral Date\n{rows}"))
    assert '# "Forum": 40 sampled words are none that forum takes (MASIP, MARAC, MATAC, MAPPA)' in text
    assert "# TRIED ON THESE RECORDS: 40 of 40 would be rejected:" in text
    assert '#   40: not an allowed value (forum from "Forum")' in text
    assert "forum number" not in text


def test_rows_that_an_import_would_reject_for_their_reference_are_told(tmp_path):
    rows = "".join(f"A{n // 2},{13 + n}/02/2024,{'8L' if n % 2 == 0 else '8Q'}\n" for n in range(6))
    text, _ = drafted(written(tmp_path, f"Crime Ref,Date Recorded,HO Class\n{rows}A0,13/02/2024,8L\n"))
    assert "# TRIED ON THESE RECORDS: 3 of 7 would be rejected:\n#   3: repeated reference (crime_ref" in text
    assert "if the file has a row an offence, say so under\n#   [table.offences]" in text
    rows = "Kent,2022/23,5,crimes,ONS,F\nKent,2022/23,6,crimes,ONS,M\nEssex,2022/23,6,crimes,ONS,M\n"
    text, _ = drafted(written(tmp_path, f"Area Name,Period,Value,Unit,Publisher,Sex\n{rows}"))
    assert "# TRIED ON THESE RECORDS: 2 of 3 would be rejected:\n#   2: several figures under one key" in text


def test_days_as_a_spreadsheet_counts_them_are_named(tmp_path):
    text, _ = drafted(written(tmp_path, "Crime Ref,Date Recorded,HO Class\nA,45335,8Q\nB,45336.5,8L\n"))
    assert "count of days): format the cells as dates and export again" in text


def test_a_long_file_is_sampled_all_over(tmp_path, monkeypatch):
    monkeypatch.setattr(trying, "SAMPLE", 10)
    rows = "".join(f"A{n},0{1 + n % 9}/0{1 + n % 7}/2024,8Q\n" for n in range(95)) + "B,25/03/2024,8Q\n" * 5
    text, draft = drafted(written(tmp_path, f"Crime Ref,Date Recorded,HO Class\n{rows}"))
    assert "Drafted from 3 columns and 10 of 100 records, spread over the file." in text
    assert "Rows that share a reference show in a whole file only." in text
    assert "undecided" in text
    rows = "".join(f"A{n},0{1 + n % 9}/0{1 + n % 7}/2024,8Q\n" for n in range(90)) + "B,03/25/2024,8Q\n" * 10
    text, draft = drafted(written(tmp_path, f"Crime Ref,Date Recorded,HO Class\n{rows}"))
    assert "undecided" not in text
    assert draft["date_formats"] == ["%m/%d/%Y"]


@pytest.mark.parametrize("name", ["x_20241399.csv", "x_20240230.csv", "x_12345678_20240930.csv"])
def test_a_number_in_the_name_that_is_no_day_is_no_extract_date(tmp_path, name):
    text, draft = drafted(written(tmp_path, "Crime Ref,Date Recorded,HO Class\nA,25/03/2024,8Q\n", name))
    assert "extract_date" not in draft
    assert "give it with --as-at" in text


PUBLISHED = """\
Police Force,Year,Offence Type,Offence Code,Number of Offences
Kent,2022/23,Stalking,8Q,5000
Essex,2022/23,Stalking,8Q,"6,100"
"""


@pytest.mark.slow
def test_a_table_of_published_figures_is_drafted_and_imported(tmp_path):
    path = written(tmp_path, PUBLISHED, "stalking_2023-10-19.csv")
    text, draft = drafted(path)
    (table,) = draft["table"]
    assert table["into"] == "comparators"
    assert table["columns"] == {
        "series": "Offence Type",
        "area": "Police Force",
        "class": "Offence Code",
        "period": "Year",
        "value": "Number of Offences",
        "period_start": {"from": "Year", "period": "start"},
        "period_end": {"from": "Year", "period": "end"},
    }
    assert table["constants"]["unit"] == "offences"
    assert "# published_by: the file does not say it" in text
    report, con = imported(tmp_path, path, text)
    assert (report.rows_in, report.accepted) == (2, 2)
    found = con.execute(
        "select area, period_end::varchar, value from raw.comparators where source = 'my_force' order by area"
    )
    assert found.fetchall() == [("Essex", "2023-03-31", 6100.0), ("Kent", "2023-03-31", 5000.0)]


def test_the_shipped_comparators_and_tables_of_the_home_office_are_drafted():
    for name in ("published_comparators.csv", "prc_pfa_2017_18_stalking_harassment.csv"):
        text = suggesting.suggestion(Path(__file__).parent.parent / "sample_data" / name)
        assert tomllib.loads(text)["table"][0]["into"] == "comparators"
        assert "none would be rejected" in text


def test_periods_as_columns_are_named(tmp_path):
    text, _ = drafted(written(tmp_path, "Force,2021/22,2022/23\nKent,4000,5000\n"))
    assert '# "2021/22" to "2022/23" are columns named by periods: no mapping takes them' in text


# How days are written, and whether a reader can tell each day written so.
WRITTEN = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y-%m-%d",
    "%d-%b-%Y",
    "%d %B %Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%d.%m.%y",
    "%Y%m%d",
    "%Y-%m-%dT%H:%M:%SZ",
    "%b %d, %Y",
    "%a %d %b %Y",
    "%H:%M %d/%m/%Y",
    "%Y-%m-%dT%H:%M:%S+00:00",
)
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cn", "Zs"), exclude_characters="\0"), max_size=8)
DAYS = st.lists(
    st.datetimes(datetime.datetime(2015, 1, 1), datetime.datetime(2024, 12, 1)), min_size=2, max_size=5
).map(lambda days: [datetime.datetime(2023, 11, 25, 13, 5), *days])


@st.composite
def exports(draw: st.DrawFn) -> tuple[list[str], list[list[str]], list[str]]:
    """A header, its records and the days recorded, in the order of the records."""
    days = draw(DAYS)
    count = len(days)
    form = draw(st.sampled_from(WRITTEN))
    columns = {
        draw(st.sampled_from(["Crime Ref", "URN", "Incident No."])): [f"A{n}" for n in range(count)],
        draw(st.sampled_from(["Date Recorded", "Entry Stamp", "Month", "Zeit", "When"])): [
            day.strftime(form) for day in days
        ],
        draw(st.sampled_from(["HO Class", "Offence Code"])): ["8Q", "8L", "5D", "8Q", "8R", "8L"][:count],
    }
    others = st.sampled_from(["", "x", "12", "yes", "=1+1", "2024-01", '"', "a\nb", "31/12/1999", "8/65"])
    for name in draw(st.lists(NAMES, max_size=4)):
        # A blank cell first: no other column is as likely to be the day.
        columns.setdefault(name, ["", *draw(st.lists(others, min_size=count - 1, max_size=count - 1))])
    order = draw(st.permutations(list(columns)))
    if form.endswith(("Z", "+00:00")):
        days = [day.replace(tzinfo=datetime.UTC).astimezone(ZoneInfo("Europe/London")) for day in days]
    recorded = [f"{day:%Y-%m-%d}" for day in days]
    return order, [[columns[name][n] for name in order] for n in range(count)], recorded


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(exports())
def test_every_draft_is_a_mapping_that_reads_its_own_file(tmp_path, export):
    header, rows, days = export
    path = tmp_path / "export.csv"
    quoted = ['"' + cell.replace('"', '""') + '"' for row in (header, *rows) for cell in row]
    width = len(header)
    lines = [",".join(quoted[n : n + width]) for n in range(0, len(quoted), width)]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")
    text = suggesting.suggestion(path)
    (tmp_path / "draft.toml").write_text(text, encoding="utf-8")
    read_mapping(str(tmp_path / "draft.toml"))
    with trying.sample(path, tmp_path) as sample:
        tried = trying.layout_of(text, sample)
        assert tried
        layout, _ = tried
        found = sample.con.execute(
            f"select fault, m_recorded_date::varchar from ({layout.select})"
        ).fetchall()
    assert found == [(0, day) for day in days], text


@pytest.mark.parametrize("suffix", [".csv", ".xls", ".xlsx", ".parquet"])
@pytest.mark.parametrize(
    "content",
    [
        b"<html><body><table><tr><td>Crime Ref</td></tr></table></body></html>",
        b"\xef\xbb\xbf\r\n  <!DOCTYPE html>\n<html>",
        b"<!-- exported -->\n<TABLE border=1><TR><TH>Crime Ref</TH></TR></TABLE>",
        "\ufeff<table><tr><td>Crime Ref".encode("utf-16-le"),
        b'<meta http-equiv="Content-Type" content="text/html"><table>',
        b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">',
    ],
)
def test_a_web_page_is_called_that_by_suggest_and_import(tmp_path, content, suffix):
    path = tmp_path / f"export{suffix}"
    path.write_bytes(content)
    told = re.escape(f"a web page saved as {suffix}; export the table as CSV or XLSX")
    with pytest.raises(BadFile, match=told):
        suggesting.suggestion(path)
    with pytest.raises(BadFile, match=told):
        importing.import_files([path], "athena", tmp_path / "warehouse")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "is a workbook of the old form (.xls, Excel 97"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600,
            "is a workbook of the old form (.xls, Excel 97",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a workbook of the old form (.xls, Excel 97"),
        (b"\x09\x04\x06\x00\x00\x00\x10\x00", "is a workbook of the old form (.xls, before Excel 97)"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>', "is XML saved as .xls"),
        (b"%PDF-1.7 x", "is a PDF"),
        (b"PK\x03\x04 x", "name it .xlsx"),
        (b"Crime Ref\tHO Class\nA\t8Q\n", "is text, not a workbook; name it .csv"),
        (b"MIME-Version: 1.0\r\n", "is a web page saved as one file"),
    ],
)
def test_a_file_called_xls_is_named_for_what_it_is(tmp_path, content, told):
    path = tmp_path / "export.xls"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=re.escape(told)):
        suggesting.suggestion(path)


def test_a_locked_workbook_is_called_that(tmp_path):
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 22 + b"\x09\x00" + b"\0" * 16 + b"\x00\x00\x00\x00"
    path = tmp_path / "export.xlsx"
    path.write_bytes(head.ljust(512, b"\0") + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(BadFile, match="is locked with a password"):
        suggesting.suggestion(path)


def test_cells_that_begin_with_an_angle_bracket_are_text(tmp_path):
    _, draft = drafted(written(tmp_path, "<ref>,Date Recorded,HO Class\nA,25/03/2024,8Q\n"))
    assert draft["table"][0]["columns"]["recorded_date"] == "Date Recorded"
