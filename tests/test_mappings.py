"""The shipped mappings bring files in as a recount by hand says, and a wrong mapping says what is wrong."""

import csv
import datetime
import inspect
import re
import tomllib
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from profiles import contracts, importing, warehouse
from profiles.errors import BadFile, BadMapping
from profiles.importing import expressions, faults, formats, mapping, mapping_tables, values
from profiles.importing.reports import FileReport
from profiles.settings import ROOT

STREET = ROOT / "sample_data" / "2024-01-kent-street-excerpt.csv"
TABLES = ROOT / "sample_data" / "prc_pfa_2017_18_stalking_harassment.csv"
GUIDE = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")

MINIMAL = """
name = "minimal"
date_formats = ["%d/%m/%Y"]

[[table]]
into = "crimes"
files = ["*.csv"]

[table.columns]
crime_ref = "Ref"
recorded_date = "Recorded"
ho_class = "Class"
"""

LINK = '\n[[table.link]]\ninto = "crime_victims"\n[table.link.columns]\nvictim_id = "Victim"\n'


def imported(
    folder: Path, name: str, text: str | bytes, using: str, as_at: str | None = "2024-12-31"
) -> tuple[FileReport, warehouse.Connection]:
    """The report on a file of that content, and the warehouse it is now in.

    `using` is the name of a shipped mapping or the text of one.
    """
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return brought(folder, path, using, as_at)


def brought(
    folder: Path, path: Path, using: str, as_at: str | None = "2024-12-31"
) -> tuple[FileReport, warehouse.Connection]:
    """The report on a file, and the warehouse it is now in."""
    if "\n" in using:
        (folder / "own.toml").write_text(using, encoding="utf-8")
        using = str(folder / "own.toml")
    day = datetime.date.fromisoformat(as_at) if as_at else None
    report = importing.import_files([path], using, folder / "warehouse", as_at=day)
    (found,) = report.files
    assert found.rows_in == found.accepted + found.unchanged + found.superseded + found.rejected
    return found, warehouse.connect(warehouse.current(folder / "warehouse").path)


def rows(con: warehouse.Connection, sql: str) -> list[tuple]:
    """The rows a query answers."""
    return con.execute(sql).fetchall()


def refusal(folder: Path, text: str, data: str = "Ref,Recorded,Class\nA,01/02/2024,8Q\n") -> str:
    """The sentence with which a mapping of that text is refused."""
    with pytest.raises((BadMapping, BadFile)) as refused:
        imported(folder, "crimes.csv", data, text)
    assert not (folder / "warehouse" / warehouse.POINTER).exists()
    return str(refused.value)


@pytest.mark.parametrize("name", mapping.shipped())
def test_a_shipped_mapping_is_sound_and_says_what_it_is_for(name):
    found = mapping.read_mapping(name)
    formats.check_formats(found)
    assert found.name == name
    assert found.about


def test_the_four_promised_mappings_are_shipped():
    assert {"athena", "niche", "police_uk", "home_office"} <= set(mapping.shipped())


@pytest.mark.slow
def test_the_street_excerpt_is_accounted_for_as_a_plain_recount_says(tmp_path):
    report, con = brought(tmp_path, STREET, "police_uk", "2024-02-28")
    with STREET.open(encoding="utf-8", newline="") as file:
        raw = list(csv.DictReader(file))
    seen: dict[str, dict[str, str]] = {}
    repeats = []
    for line, row in enumerate(raw, start=2):
        if row["Crime ID"] and seen.setdefault(row["Crime ID"], row) != row:
            repeats.append((line, row["Crime ID"]))
    assert len(repeats) == 3
    assert (report.rows_in, report.accepted, report.rejected) == (len(raw), len(raw) - 3, 3)
    assert report.reasons == {"repeated reference": 3}
    assert rows(con, "select line, value from meta.rejects order by line") == repeats

    rejected = {line for line, _ in repeats}
    kept = [row for line, row in enumerate(raw, start=2) if line not in rejected]
    places = Counter(row["LSOA name"][:-5] or None for row in kept)
    assert dict(rows(con, "select district, count(*) from raw.crimes group by all")) == places
    assert (places["Bexley"], places["Bromley"], places[None] > 0) == (2, 1, True)

    nameless = [line for line, row in enumerate(raw, start=2) if not row["Crime ID"]]
    own_names = [f"{STREET.name}:{line}" for line in nameless]
    found = rows(con, "select crime_ref from raw.crimes where crime_ref like '%.csv:%' order by line")
    assert [ref for (ref,) in found] == own_names
    (available,) = rows(con, "select is_available from meta.capabilities where capability = 'stalking_class'")
    assert available == (False,)


@pytest.mark.slow
def test_home_office_tables_add_up_to_a_plain_recount_by_force_and_class(tmp_path):
    report, con = brought(tmp_path, TABLES, "home_office", "2018-07-19")
    frame = pd.read_csv(TABLES)
    assert (report.rows_in, report.accepted, report.rejected) == (len(frame), len(frame), 0)
    expected = frame.groupby(["Force Name", "Offence Code"])["Number of Offences"].sum().to_dict()
    found = rows(
        con, "select area, class, sum(value) from raw.comparators where source = 'home_office' group by all"
    )
    assert {(area, code): value for area, code, value in found} == expected

    quarters = rows(
        con,
        "select distinct period, period_start::varchar, period_end::varchar, basis, unit "
        "from raw.comparators where source = 'home_office' order by all",
    )
    assert quarters == [
        ("2017/18 Q1", "2017-04-01", "2017-06-30", "principal", "crimes"),
        ("2017/18 Q2", "2017-07-01", "2017-09-30", "principal", "crimes"),
        ("2017/18 Q3", "2017-10-01", "2017-12-31", "principal", "crimes"),
        ("2017/18 Q4", "2018-01-01", "2018-03-31", "principal", "crimes"),
    ]


@pytest.mark.slow
def test_home_office_totals_are_rejected_and_odd_numbers_read(tmp_path):
    head = "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Code,Number of Offences\n"
    report, con = imported(
        tmp_path,
        "prc_pfa_2019-10-17.csv",
        head
        + "2018/19,1,Kent,Stalking,8Q, 00065 \n"
        + "2018/19,2,Kent,Stalking,8Q,-00\n"
        + "2018/19,3,Kent,Stalking,8Q,-3\n"
        + '2018/19,4,Kent,Stalking,8Q,"1,204"\n'
        + "2018/19,4,Total,Stalking,8Q,99\n"
        + "2018/19,4,ENGLAND AND WALES,Stalking,8Q,99\n"
        + "2018/19,4,Kent,Total recorded crime,,99\n"
        + "2018/19,All,Kent,Stalking,8Q,99\n"
        + "2018/19,5,Kent,Stalking,8Q,99\n"
        + "2018/19,4,Surrey,Stalking,8Q,1e3\n",
        "home_office",
        as_at=None,
    )
    assert (report.rows_in, report.accepted) == (10, 4)
    assert report.reasons == {"total row": 4, "not a date": 1, "not a number": 1}
    found = rows(
        con, "select period, value::varchar from raw.comparators where source = 'home_office' order by 1"
    )
    assert found == [
        ("2018/19 Q1", "65.0"),
        ("2018/19 Q2", "0.0"),
        ("2018/19 Q3", "-3.0"),
        ("2018/19 Q4", "1204.0"),
    ]


@pytest.mark.slow
def test_a_revised_home_office_year_replaces_that_year_only(tmp_path):
    head = "Financial Year,Financial Quarter,Force Name,Offence Code,Number of Offences\n"
    imported(tmp_path, "prc_pfa_2018-07-19.csv", head + "2017/18,1,Kent,8Q,10\n", "home_office", None)
    imported(tmp_path, "prc_pfa_2019-07-18.csv", head + "2018/19,1,Kent,8Q,20\n", "home_office", None)
    report, con = imported(
        tmp_path, "prc_pfa_2020-07-16.csv", head + "2018/19,1,Kent,8Q,21\n", "home_office", None
    )
    assert report.accepted == 1
    found = rows(con, "select period, value from raw.comparators where source = 'home_office' order by all")
    assert found == [("2017/18 Q1", 10), ("2018/19 Q1", 21)]


@pytest.mark.slow
def test_a_niche_like_export_lands_in_the_right_tables(tmp_path):
    head = (
        "Occurrence No,Created Date,Offence Start,HOCR,HO Code,Classification,Secondary Offence 1,"
        "Secondary Offence 2,Secondary Offence 3,Occurrence Status,Cyber Flag,DV Flag,Victim ID,Victim Sex,"
        "Victim Age,Suspect ID,Relationship to Victim,Finalised Date,Outcome Type"
    )
    first = "N/1,05/03/2024,01-Mar-2024,8Q,8/65,Stalking,8L,,195/12,Active,Y,Y"
    last = "S1,Ex-Husband,30-Apr-2024,16 - Evidential difficulties"
    lines = [
        head,
        f"{first},V1,F,30,{last}",
        f"{first},V2,F,12,{last}",
        "N/2,06-Mar-2024 10:15,,5D,,Wounding,,,,No Crime,N,,,,,,,30-Apr-2024,1a",
        "N/3,2024-03-06,,5D,,Wounding,,,,No Crime,N,,,,,,,,",
    ]
    report, con = imported(tmp_path, "Occurrences_20240930.csv", "\n".join(lines), "niche", None)
    assert (report.rows_in, report.accepted, report.rejected) == (4, 3, 1)
    assert report.reasons == {"not a date": 1}
    crimes = rows(
        con,
        "select crime_ref, recorded_date::varchar, ho_class, ho_code, record_status, mode, "
        "domestic_abuse_flag, extract_date::varchar from raw.crimes order by 1",
    )
    assert crimes == [
        ("N/1", "2024-03-05", "8Q", "8/65", "recorded", "online", "yes", "2024-09-30"),
        ("N/2", "2024-03-06", "5D", None, "cancelled", "offline", None, "2024-09-30"),
    ]
    included = rows(
        con, "select crime_ref, position, classification from raw.included_classifications order by 2"
    )
    assert included == [("N/1", 1, "8L"), ("N/1", 2, "195/12")]
    assert rows(con, "select victim_id, sex, age from raw.crime_victims order by 1") == [
        ("V1", "female", 30),
        ("V2", "female", 12),
    ]
    assert rows(con, "select suspect_id, victim_id, relationship from raw.crime_suspects order by 2") == [
        ("S1", "V1", "ex-partner"),
        ("S1", "V2", "ex-partner"),
    ]
    assert rows(
        con, "select crime_ref, outcome_date::varchar, outcome_code from raw.outcomes order by 1"
    ) == [
        ("N/1", "2024-04-30", "16"),
        ("N/2", "2024-04-30", "1a"),
    ]


@pytest.mark.slow
def test_a_niche_like_order_list_becomes_an_order_and_its_steps(tmp_path):
    tracker = (
        "SPO Ref,Occurrence No,Suspect ID,Applied Date,Interim Granted Date,Granted Date,Expiry Date,"
        "Contested\n"
        "SPO1,N/1,S1,01-May-2024,,02/06/2024,02/06/2027,N\n"
    )
    _, con = imported(tmp_path, "spo tracker.csv", tracker, "niche")
    assert rows(con, "select order_id, crime_ref, expiry_date::varchar, contested from raw.spo_orders") == [
        ("SPO1", "N/1", "2027-06-02", "no")
    ]
    assert rows(con, "select event_date::varchar, event from raw.spo_events order by 1") == [
        ("2024-05-01", "applied"),
        ("2024-06-02", "granted"),
    ]


FOREIGN = r"""
name = "elsewhere"
about = "County records: several statutes a report, no descriptions"
targets = ["646.9", "422.1(b)"]
date_formats = ["%m/%d/%Y", "%m-%d-%y %I:%M %p"]
extract_date = { pattern = '(\d{4}-\d{2}-\d{2})', format = "%Y-%m-%d" }
encoding = "cp1252"

[[table]]
into = "crimes"
header = ["DR_NO", "Statute"]

[table.columns]
crime_ref = { template = "LA-{DR_NO}" }
recorded_date = "Rptd"
reported_at = "Rptd"
committed_from = "Occ"
ho_class = "Statute"
district = "Area"

[[table.list]]
into = "included_classifications"
columns = ["Statute 2", "Statute 3", "Statute 4"]

[[table.link]]
into = "crime_victims"
[table.link.columns]
victim_id = "Vict"
sex = "V Sx"
[table.link.values.sex]
"X" = ""
"H" = "male"
"""


@pytest.mark.slow
def test_an_unseen_foreign_export_needs_nothing_but_a_mapping(tmp_path):
    head = "DR_NO;Rptd;Occ;Area;Statute;Statute 2;Statute 3;Statute 4;Vict;V Sx"
    lines = [
        "10001;12/25/2023;12-24-23 11:30 PM;Cañon Park;646.9;;242;;9001;F",
        "10002;12-25-23 4:05 PM;;Cañon Park;211;646.9;;422.1(b);9002;H",
        "10003;01-05-24 9:15 AM;1/4/2024;;624;;;;9003;X",
        "10004;25/12/2023;;;624;;;;;",
    ]
    text = "\r\n".join([head, *lines, ""]).encode("cp1252")
    report, con = imported(tmp_path, "reports 2024-02-01.csv", text, FOREIGN, as_at=None)
    assert (report.rows_in, report.accepted, report.rejected) == (4, 3, 1)
    assert rows(con, "select line, column_name, value, reason from meta.rejects") == [
        (5, "Rptd", "25/12/2023", "not a date")
    ]
    assert rows(
        con,
        "select crime_ref, recorded_date::varchar, reported_at::varchar, committed_from::varchar, "
        "district, ho_class from raw.crimes order by 1",
    ) == [
        ("LA-10001", "2023-12-25", "2023-12-25 00:00:00", "2023-12-24", "Cañon Park", "646.9"),
        ("LA-10002", "2023-12-25", "2023-12-25 16:05:00", None, "Cañon Park", "211"),
        ("LA-10003", "2024-01-05", "2024-01-05 09:15:00", "2024-01-04", None, "624"),
    ]
    assert rows(
        con, "select crime_ref, position, classification from raw.included_classifications order by all"
    ) == [
        ("LA-10001", 1, "242"),
        ("LA-10002", 1, "646.9"),
        ("LA-10002", 2, "422.1(b)"),
    ]
    assert rows(con, "select victim_id, sex from raw.crime_victims order by 1") == [
        ("9001", "female"),
        ("9002", "male"),
        ("9003", None),
    ]
    # Its own targets decide: 646.9 as the principal crime, then among the further statutes.
    found = rows(con, "select crime_ref, basis from marts.stalking_crimes order by crime_ref")
    assert found == [("LA-10001", "principal"), ("LA-10002", "included_only")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("formats", "cell", "expected"),
    [
        ('["%d/%m/%Y", "%d/%m/%y"]', "25/12/23", "2023-12-25"),
        ('["%d/%m/%Y", "%d/%m/%y"]', "25/12/2023", "2023-12-25"),
        ('["%d/%m/%y", "%m/%d/%Y"]', "12/25/2023", "2023-12-25"),
        ('["%d/%m/%Y", "%m/%d/%Y"]', "03/04/2023", "ambiguous date"),
        ('["%d/%m/%Y", "%m/%d/%Y"]', "04/04/2023", "2023-04-04"),
        ('["%d/%m/%Y", "%m/%d/%Y"]', "12/25/2023", "2023-12-25"),
        ('["%d/%m/%Y"]', "12/25/2023", "not a date"),
        ('["%d/%m/%Y"]', "25/12/23", "out of range"),
    ],
)
def test_a_date_is_read_by_the_declared_formats_or_rejected(tmp_path, formats, cell, expected):
    text = MINIMAL.replace('["%d/%m/%Y"]', formats)
    report, con = imported(
        tmp_path, "crimes.csv", f"Ref,Recorded,Class\nA,{cell},8Q\nB,01/01/2022,8Q\n", text
    )
    found = rows(con, "select recorded_date::varchar from raw.crimes where crime_ref = 'A'")
    dates = [day for (day,) in found]
    assert [*dates, *report.reasons] == [expected]


@pytest.mark.slow
def test_a_separator_of_several_letters_does_not_split_at_each_of_them(tmp_path):
    text = (
        MINIMAL
        + '[[table.list]]\ninto = "included_classifications"\ncolumns = ["Inc"]\nseparators = [" - "]\n'
    )
    _, con = imported(tmp_path, "crimes.csv", "Ref,Recorded,Class,Inc\nA,01/02/2024,5D,8Q - ABC 1-2\n", text)
    found = rows(con, "select classification from raw.included_classifications order by position")
    assert found == [("8Q",), ("ABC 1-2",)]


@pytest.mark.slow
def test_every_word_declared_blank_is_not_recorded(tmp_path):
    words = [f"Not {name}" for name in ("Asked", "Known", "Seen", "Told", "Given", "Held", "Kept", "Sent")]
    text = f"blanks = {words}\n{MINIMAL}offence_title = 'Title'\n"
    lines = [f"{place},01/02/2024,8Q,{word.upper()}\n" for place, word in enumerate(words)]
    _, con = imported(
        tmp_path, "crimes.csv", f"Ref,Recorded,Class,Title\n{''.join(lines)}9,01/02/2024,8Q,Not\n", text
    )
    assert rows(con, "select offence_title, count(*) from raw.crimes group by all order by all") == [
        ("Not", 1),
        (None, len(words)),
    ]


@pytest.mark.slow
def test_a_change_of_a_crime_with_two_victims_is_noticed(tmp_path):
    head = "Ref,Recorded,Class,Victim\n"
    rows_of = "A,01/02/2024,{0},V1\nA,01/02/2024,{0},V2\n".format
    imported(tmp_path, "first.csv", head + rows_of("8L"), MINIMAL + LINK, "2024-03-01")
    report, con = imported(tmp_path, "second.csv", head + rows_of("8Q"), MINIMAL + LINK, "2024-04-01")
    assert (report.accepted, report.unchanged) == (2, 0)
    assert rows(con, "select ho_class, extract_date::varchar from raw.crimes") == [("8Q", "2024-04-01")]


def test_a_mapping_saved_by_windows_powershell_is_read(tmp_path):
    path = tmp_path / "wide.toml"
    path.write_bytes(MINIMAL.encode("utf-16"))
    assert mapping.read_mapping(str(path)).name == "minimal"


@pytest.mark.parametrize(
    ("change", "named", "remedy"),
    [
        (lambda text: text.replace('"crimes"', '"crime"'), "into = 'crime'", "did you mean crimes?"),
        (
            lambda text: text.replace("ho_class", "ho_clas"),
            "'ho_clas' is no column",
            "did you mean ho_class?",
        ),
        (lambda text: text + "favourite = 'x'", "'favourite' is no column of crimes", "use one of crime_ref"),
        (lambda text: text.replace("files", "file"), "unknown key 'file'", "did you mean files?"),
        (lambda text: "date_format = []" + text, "unknown key 'date_format'", "did you mean date_formats?"),
        (lambda text: text.replace('ho_class = "Class"', ""), "maps no ho_class", "it is required"),
        (lambda text: text.replace('"Class"', "7"), "ho_class", "give a source column"),
        (
            lambda text: text.replace('"Class"', '{ template = "8Q-{Class" }'),
            "ho_class template = '8Q-{Class'",
            "as {Name}",
        ),
        (lambda text: text.replace('["*.csv"]', "7"), "files is no text", "in quotes"),
        (
            lambda text: text.replace("%d/%m/%Y", "%d/%m/%Q"),
            "'%d/%m/%Q' is not understood",
            "such as %d/%m/%Y",
        ),
        (lambda text: text.replace("%d/%m/%Y", "dd/mm/yyyy"), "it has no year", "such as %d/%m/%Y"),
        (lambda text: text.replace("%d/%m/%Y", "%Y-%m-%d %Q"), "%Q is not known", "such as %d/%m/%Y"),
        (
            lambda text: text.replace('"Class"', "{ from = 'Class', pattern = '(8' }"),
            "'(8' is no regular expression",
            "mend it",
        ),
        (
            lambda text: text.replace('"Class"', "{ from = 'Class', pattern = '(8{99999999999})' }"),
            "is no regular expression (the repetition number is too large)",
            "mend it",
        ),
        (
            lambda text: text.replace('"Class"', "{ from = 'Class', pattern = '8' }"),
            "pattern = '8'",
            "brackets",
        ),
        (
            lambda text: text.replace('"Class"', "{ from = 'Class', pattern = '(8(?!L))' }"),
            "'(8(?!L))' cannot be used",
            "without looking ahead",
        ),
        (lambda text: text + "[[table.reject]]\ncolumn = 'x'\n", "reject", "give column, matches and reason"),
        (lambda text: text + "[table.values.mode]\nY = 'online'\n", "maps no mode", "source column"),
        (
            lambda text: text + "mode = 'M'\n[table.values.mode]\nY = 'virtual'\n",
            "translates to 'virtual'",
            "use one of online, both, offline",
        ),
        (
            lambda text: text + "[table.constants]\nrecord_status = 'closed'\n",
            "record_status = 'closed'",
            "use one of recorded, cancelled, transferred",
        ),
        (
            lambda text: "capabilities = { stalking = true }" + text,
            "unknown key 'stalking'",
            "stalking_class",
        ),
        (lambda text: "extract_date = { pattern = 'x' }" + text, "extract_date", "both pattern and format"),
        (lambda text: "extract = 'all'" + text, "'all'", '"delta", "full" or "replace"'),
        (lambda text: "encoding = 'latin'" + text, "'latin'", "auto, utf-8 or cp1252"),
        (lambda text: text.replace("[[table]]", "[table]"), "no [[table]]", "add one"),
        (
            lambda text: text[: text.index("[table.columns]")] + "columns = 1",
            "columns is no table of keys",
            "pairs below",
        ),
        (lambda text: text + LINK.replace("victim_id", "sex"), "maps no victim_id", "it is required"),
        (
            lambda text: (
                text
                + LINK
                + LINK.replace("table.link", "table")
                .replace("into", "files = ['v*']\ninto")
                .replace("[table.columns]", "[table.columns]\ncrime_ref = 'Ref'")
            ),
            "both feed crime_victims",
            "take it from one of them",
        ),
        (lambda text: text.replace('"Ref"', '"Ref'), "is not valid TOML", "line 10"),
        (lambda text: text.replace('"Class"', '"Klass"'), "'Klass'", "add the column's name to the mapping"),
    ],
)
def test_a_wrong_mapping_is_refused_in_one_sentence_with_the_remedy(tmp_path, change, named, remedy):
    said = refusal(tmp_path, "\n" + change(MINIMAL).strip() + "\n")
    assert re.search(r"own\.toml|crimes\.csv", said)
    assert named in said
    assert remedy in said
    assert "\n" not in said


def test_an_unknown_mapping_is_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(BadMapping, match=r"no mapping called 'atena'; did you mean athena\?"):
        mapping.read_mapping("atena")
    with pytest.raises(BadMapping, match=r"missing\.toml cannot be read"):
        mapping.read_mapping(str(tmp_path / "missing.toml"))


# The guide


def block(kind: str) -> str:
    """The first block of that kind in the guide."""
    found = re.search(rf"^```{kind}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.mark.slow
def test_the_worked_example_of_the_guide_imports_as_the_guide_says(tmp_path):
    report, con = imported(tmp_path, "crimes_20240930.csv", block("csv"), block("toml"), as_at=None)
    account = block("text").splitlines()
    told = [int(word) for word in account[1].split() if word.isdigit()]
    assert told == [
        report.rows_in,
        report.accepted,
        report.unchanged,
        report.superseded,
        report.rejected,
        report.removed,
    ]
    assert account[2:] == [
        f"{report.file}: {count} rejected: {reason}" for reason, count in report.reasons.items()
    ]
    counts = {
        table: rows(con, f"select count(*) from raw.{table}")[0][0]
        for table in ("crimes", "included_classifications", "crime_victims", "crime_suspects")
    }
    assert counts == {
        "crimes": 2,
        "included_classifications": 2,
        "crime_victims": 3,
        "crime_suspects": 1,
    }
    assert "two crimes, two\nincluded classifications, three victims and one suspect" in GUIDE
    assert rows(con, "select relationship from raw.crime_suspects") == [("ex-partner",)]


def documented() -> set[str]:
    """What stands in code in the guide, whole and word by word."""
    spans = re.findall(r"`([^`\n]+)`", GUIDE)
    return {part for span in spans for part in (span, *re.findall(r"\w+", span))}


def test_the_guide_describes_every_key():
    keys = {*mapping._TOP, *mapping_tables._ENTRY, *mapping_tables._LINK}
    keys |= {"from", "template", "pattern", "period", "date_formats"}
    keys |= {"columns", "separators", "values", "column", "matches", "reason", "constant", "format"}
    source = inspect.getsource(mapping) + inspect.getsource(mapping_tables)
    told = re.findall(r"self\.known\(\s*\w+, [^,]+, \(([^)]*)\)", source)
    keys |= {key for listing in told for key in re.findall(r'"(\w+)"', listing)}
    assert len(keys) > 30
    assert keys - documented() == set()
    for heading in ("[[table]]", "[[table.list]]", "[[table.link]]", "[capabilities]"):
        assert heading in GUIDE


@pytest.mark.parametrize("name", contracts.CAPABILITIES)
def test_the_guide_gives_every_capability_its_sentence(name):
    assert f"| `{name}` | {contracts.CAPABILITIES[name].about} |" in GUIDE


def test_the_guide_names_every_reason_for_a_rejection():
    source = inspect.getsource(faults)
    reasons = re.findall(r'^[A-Z_]+ = "([a-z ]+)"$', source, re.MULTILINE)
    assert len(reasons) == 13
    assert [reason for reason in reasons if f"\n| {reason} |" not in GUIDE] == []


def test_the_guide_names_every_mark_of_a_date_format():
    assert [mark for mark in expressions.DATE_MARKS if f"`%{mark}`" not in GUIDE] == []


def test_the_guide_tells_what_is_understood_without_a_translation():
    screened = contracts.CRIMES.column("screened")
    words = set(values.understood(screened)) | set(values.understood(contracts.VICTIMS.column("sex")))
    assert words - set(contracts.SEX) <= documented()


def test_the_mappings_printed_in_the_guide_are_valid_toml():
    for text in re.findall(r"^```toml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL):
        assert tomllib.loads(text)
