"""A drafted mapping imports the file it was drafted from, and tells nothing of the people in it."""

import datetime
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from profiles import contracts, importing, warehouse
from profiles.errors import BadFile
from profiles.importing import date_forms, suggesting
from profiles.importing.headings import SYNONYMS, words
from profiles.importing.mapping import read_mapping
from profiles.importing.reports import FileReport
from profiles.settings import ROOT

WIDE = """\
Investigation Ref;Date Recorded;HO Class;Offence;Offence 2;Offence 3;DA Flag;Cyber;Victim ID;Victim Gender;\
Suspect URN;Relationship;Officer;Date Recorded (text)
I-7001;25/03/2024;8L;Harassment;8Q;;Y;Y;PV-1;F;PS-1;Ex-Husband;PC Jane Doe;x
I-7002;26-Mar-2024;8Q;Stalking;;;N;N;PV-2;M;PS-2;Pen Pal;PC Jane Doe;x
I-7003;27/03/2024;5D;Wounding;8/65;8L;;;PV-3;F;;;PC John Roe;x
"""


def written(folder: Path, text: str, name: str = "crimes_2024-04-30.csv", encoding: str = "utf-8") -> Path:
    """A file of that text."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def drafted(path: Path) -> tuple[str, dict]:
    """The draft for a file, as text and as what it says."""
    text = suggesting.suggestion(path)
    return text, tomllib.loads(text)


def imported(folder: Path, path: Path, text: str) -> tuple[FileReport, warehouse.Connection]:
    """The report on the file imported by the draft, and the warehouse it is now in."""
    (folder / "draft.toml").write_text(text, encoding="utf-8")
    day = None if "extract_date =" in text else datetime.date(2024, 12, 31)
    report = importing.import_files([path], str(folder / "draft.toml"), folder / "warehouse", as_at=day)
    return report.files[0], warehouse.connect(warehouse.current(folder / "warehouse").path)


@pytest.mark.slow
def test_a_draft_places_what_it_knows_and_imports_the_file(tmp_path):
    path = written(tmp_path, WIDE)
    text, draft = drafted(path)
    (table,) = draft["table"]
    assert table["into"] == "crimes"
    assert table["columns"] == {
        "crime_ref": "Investigation Ref",
        "recorded_date": "Date Recorded",
        "ho_class": "HO Class",
        "offence_title": "Offence",
        "domestic_abuse_flag": "DA Flag",
        "mode": "Cyber",
    }
    assert table["list"][0]["columns"] == ["Offence 2", "Offence 3"]
    assert [link["into"] for link in table["link"]] == ["crime_victims", "crime_suspects"]
    assert table["link"][0]["columns"] == {"victim_id": "Victim ID", "sex": "Victim Gender"}
    assert table["link"][1]["columns"] == {
        "suspect_id": "Suspect URN",
        "victim_id": "Victim ID",
        "relationship": "Relationship",
    }
    assert draft["date_formats"] == ["%d/%m/%Y", "%d-%b-%Y"]
    assert '# not placed: "Officer" (text)' in text

    report, con = imported(tmp_path, path, text)
    assert (report.rows_in, report.accepted) == (3, 3)
    assert con.execute("select count(*) from raw.included_classifications").fetchall() == [(3,)]
    modes = con.execute("select mode, extract_date::varchar from raw.crimes order by crime_ref").fetchall()
    assert modes == [("online", "2024-04-30"), ("offline", "2024-04-30"), (None, "2024-04-30")]


def test_the_worked_example_of_the_guide_is_drafted_as_the_guide_prints_it(tmp_path):
    guide = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    example = re.search(r"^```csv\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    printed = re.search(r"^```toml\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    assert example
    assert printed
    _, draft = drafted(written(tmp_path, example[1], "crimes_20240930.csv"))
    (table,), (wanted,) = draft["table"], tomllib.loads(printed[1])["table"]
    for part, like in zip([table, *table["link"]], [wanted, *wanted["link"]], strict=True):
        assert (part["into"], part["columns"]) == (like["into"], like["columns"])
    assert table["list"] == wanted["list"]
    assert table["link"][1]["values"] == wanted["link"][1]["values"]


def test_a_draft_repeats_no_reference_name_or_other_text(tmp_path):
    text, _ = drafted(written(tmp_path, WIDE))
    for personal in ("I-700", "PV-", "PS-", "Jane", "Doe", "Roe", "Wounding", "2024-04-30"):
        assert personal not in text


def test_names_in_a_column_called_relationship_are_not_repeated(tmp_path):
    rows = "".join(f"A{n},2{n % 9}/03/2024,8Q,Person Name{n}\n" for n in range(10))
    text, draft = drafted(written(tmp_path, f"Crime Ref,Date Recorded,HO Class,Relationship\n{rows}"))
    assert "Person" not in text
    assert "relationship" not in draft["table"][0]["columns"]
    assert "# left out: relationship" in text


def test_words_to_translate_are_drafted_with_guesses_and_blanks(tmp_path):
    text, draft = drafted(written(tmp_path, WIDE))
    assert draft["table"][0]["link"][1]["values"]["relationship"] == {
        "Ex-Husband": "ex-partner",
        "Pen Pal": "",
    }
    assert '"Pen Pal" = ""  # fill in' in text
    assert "# one of: partner, ex-partner" in text
    assert draft["table"][0]["values"]["mode"] == {"Y": "online", "N": "offline"}
    assert "sex" not in draft["table"][0]["link"][0].get("values", {})


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("CRIME_REF,date-recorded,hoClass", ("CRIME_REF", "date-recorded", "hoClass")),
        ("Occurrence  No.,Created Date,HOCR", ("Occurrence No.", "Created Date", "HOCR")),
        ("urn,Recorded Date,Principal Classification", ("urn", "Recorded Date", "Principal Classification")),
        ("Crime Reference Number,Date of Record,Offense Code", None),
    ],
)
def test_synonyms_are_found_whatever_their_case_order_and_punctuation(tmp_path, names, expected):
    _, draft = drafted(written(tmp_path, f"{names}\nA,25/03/2024,8Q\n"))
    columns = draft["table"][0]["columns"]
    found = tuple(columns[name] for name in ("crime_ref", "recorded_date", "ho_class"))
    assert found == (expected or tuple(names.split(",")))


def test_every_synonym_is_of_a_column_of_the_contract():
    for name in SYNONYMS:
        table, _, column = name.rpartition(".")
        tables = [contracts.TABLES[table]] if table else contracts.TABLES.values()
        assert any(column in found.names for found in tables), name
        assert all(words(synonym)[0] for synonym in SYNONYMS[name].split(", ")), name


@pytest.mark.parametrize(
    ("cells", "formats", "note"),
    [
        (["25/12/2023", "01/02/2023"], ("%d/%m/%Y",), ""),
        (["12/25/2023", "01/02/2023"], ("%m/%d/%Y",), ""),
        (["12/25/2023", "12-25-23 4:05 PM"], ("%m-%d-%y %I:%M %p", "%m/%d/%Y"), ""),
        (["12/25/2023", "01-02-23 4:05 PM"], ("%m-%d-%y %I:%M %p", "%m/%d/%Y"), ""),
        (["01/02/2023", "03/04/2023"], ("%d/%m/%Y",), "undecided"),
        (["25/12/2023", "12/25/2023"], ("%d/%m/%Y", "%m/%d/%Y"), "rejected"),
        (["2023-12-25 10:00:00", "2023-12-26"], ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"), ""),
        (["2023-12-25T10:00:00Z"], ("%Y-%m-%dT%H:%M:%SZ",), ""),
        (["1 December 2023", "2 Dec 2023"], ("%d %B %Y", "%d %b %Y"), ""),
        (["20231225"], ("%Y%m%d",), ""),
        (["2023-12"], ("%Y-%m",), ""),
        (["25.12.2023 09:30", "n/k"], ("%d.%m.%Y %H:%M",), "1 of 2 sampled cells"),
    ],
)
def test_date_formats_are_recognised(cells, formats, note):
    found = date_forms.recognised({"day": cells})["day"]
    assert set(found.formats) == set(formats)
    assert note in "".join(found.notes)
    assert bool(note) == bool(found.notes)


def test_other_columns_decide_where_one_cannot_and_are_named():
    found = date_forms.recognised({"one": ["12/25/2023"], "other": ["01/02/2023"]})
    assert found["one"] == date_forms.Formats(("%m/%d/%Y",))
    assert found["other"].formats == ("%m/%d/%Y",)
    assert "taken as month first, as in 'one'" in found["other"].notes[0]


@pytest.mark.slow
def test_columns_that_disagree_get_formats_of_their_own(tmp_path):
    path = written(
        tmp_path, "Crime Ref,Date Recorded,Offence Start,HO Class\nA,25/03/2024,03/24/2024,8Q\n", "x.csv"
    )
    text, draft = drafted(path)
    columns = draft["table"][0]["columns"]
    assert columns["recorded_date"] == {"from": "Date Recorded", "date_formats": ["%d/%m/%Y"]}
    assert columns["committed_from"] == {"from": "Offence Start", "date_formats": ["%m/%d/%Y"]}
    _, con = imported(tmp_path, path, text)
    dates = con.execute("select recorded_date::varchar, committed_from::varchar from raw.crimes").fetchall()
    assert dates == [("2024-03-25", "2024-03-24")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "separators"), [("8L; 8Q", [";"]), ("8L|8Q", ["|"]), ('"8L\n8Q"', ["\n"]), ('"8L, 8Q"', [","])]
)
def test_the_separator_of_a_list_is_found(tmp_path, cell, separators):
    head = "Crime Ref,Date Recorded,HO Class,Included Classification(s)"
    path = written(tmp_path, f"{head}\nA,25/03/2024,5D,{cell}\nB,25/03/2024,5D,\n")
    text, draft = drafted(path)
    assert draft["table"][0]["list"][0]["separators"] == separators
    _, con = imported(tmp_path, path, text)
    items = con.execute("select classification from raw.included_classifications order by position")
    assert items.fetchall() == [("8L",), ("8Q",)]


@pytest.mark.slow
def test_codes_with_their_titles_are_drafted_with_a_pattern(tmp_path):
    head = "Crime Ref,Date Recorded,HO Class,Outcome Type,Finalised Date"
    path = written(tmp_path, f"{head}\nA,25/03/2024,8Q,16 - Victim does not support,26/03/2024\n")
    text, _ = drafted(path)
    _, con = imported(tmp_path, path, text)
    assert con.execute("select outcome_code from raw.outcomes").fetchall() == [("16",)]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (("8L", "5D"), "None of the sampled records is of 8Q"),
        (("8L", "Stalking (8Q)"), "is near a target code and not counted as one"),
        (("8L", "Aug-65"), "A spreadsheet made dates of some codes"),
        (("8L", "8Q - Stalking"), ""),
    ],
)
def test_a_draft_says_whether_the_sample_holds_stalking(tmp_path, cells, told):
    rows = "".join(f"A{n},13/02/2024,{cell}\n" for n, cell in enumerate(cells))
    text, _ = drafted(written(tmp_path, f"Crime Ref,Date Recorded,HO Class\n{rows}"))
    every = ("None of the sampled", "is near a target code", "A spreadsheet made dates")
    assert [part for part in every if part in text] == [part for part in every if told and part in told]


def test_a_missing_required_column_is_named_and_the_draft_stays_valid_toml(tmp_path):
    text, draft = drafted(written(tmp_path, "Crime Ref,HO Class,When,DOB\nA,8Q,Monday,25/03/1984\n"))
    assert draft["table"][0]["columns"] == {"crime_ref": "Crime Ref", "ho_class": "HO Class"}
    assert "# NOT YET A MAPPING" in text
    assert "date_formats" not in draft
    assert '# missing and required: recorded_date = ""' in text
    assert '# not placed: "When" (text)' in text
    assert '# not placed: "DOB" (dates)' in text


@pytest.mark.slow
def test_a_file_of_another_table_is_recognised(tmp_path):
    head = "Crime Number,Victim ID,Referral Status,Referral Date"
    path = written(tmp_path, f"{head}\nA,V1,Referred,25/03/2024\nA,V2,Opt Out,\n")
    text, draft = drafted(path)
    assert draft["table"][0]["into"] == "support"
    report, con = imported(tmp_path, path, text)
    assert report.accepted == 2
    statuses = con.execute("select referral_status from raw.support order by victim_id").fetchall()
    assert statuses == [("referred",), ("opted out",)]


@pytest.mark.slow
def test_records_without_a_reference_are_pointed_out(tmp_path):
    text, _ = drafted(ROOT / "sample_data" / "2024-01-kent-street-excerpt.csv")
    assert "# 328 sampled records bear no reference" in text
    assert '# missing_key = "file:line"' in text
    assert "stalking_class = false" in text


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tab", "cp1252", "xlsx", "parquet"])
def test_every_kind_of_file_is_drafted_and_imported(tmp_path, kind):
    frame = pd.DataFrame(
        {
            "Crime Ref": ["A", "B"],
            "Date Recorded": pd.to_datetime(["2024-03-25", "2024-03-26"]),
            "HO Class": ["8Q", "8L"],
            "District": ["Dover", "Thanét"],
        }
    )
    path = tmp_path / f"crimes.{kind if kind in ('xlsx', 'parquet') else 'csv'}"
    if kind == "xlsx":
        frame.to_excel(path, index=False, engine="xlsxwriter")
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        separator, encoding = {"tab": ("\t", "utf-8-sig"), "cp1252": (";", "cp1252")}[kind]
        frame.to_csv(path, index=False, sep=separator, encoding=encoding, date_format="%d %b %Y")
    text, _ = drafted(path)
    report, con = imported(tmp_path, path, text)
    assert report.accepted == 2
    found = con.execute("select recorded_date::varchar, district from raw.crimes order by 1").fetchall()
    assert found == [("2024-03-25", "Dover"), ("2024-03-26", "Thanét")]


@pytest.mark.parametrize(
    "head",
    [
        '"Crime ""Ref""",Date Recorded,HO Class',
        "Crime\\Ref,Date Recorded,HO Class",
        '"Crime\nRef",Date Recorded,HO Class',
        "Crime Ref\x1b,Date Recorded,HO Class",
        "Crime Ref,Date Recorded,HO Class,x,x",
        "Crime Ref,Date Recorded,HO Class,,=cmd()|'#",
        "a,b,c",
        "1,2,3",
        "é",
    ],
)
def test_hostile_column_names_give_valid_toml(tmp_path, head):
    cells = ["A", "25/03/2024", "8Q", "", ""]
    path = written(tmp_path, f"{head}\n{','.join(cells[: head.count(',') + 1])}\n")
    text, draft = drafted(path)
    if "HO Class" in head:
        (tmp_path / "draft.toml").write_text(text, encoding="utf-8")
        assert read_mapping(str(tmp_path / "draft.toml")).entries[0].main.table is contracts.CRIMES
    assert draft["table"][0]["into"] == "crimes"


def test_a_header_without_records_is_drafted(tmp_path):
    text, draft = drafted(written(tmp_path, "Crime Ref,Date Recorded,HO Class,Offence 2\n"))
    assert "Drafted from 4 columns and no record." in text
    assert draft["table"][0]["columns"]["recorded_date"] == "Date Recorded"


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(BadFile, match="is empty"):
        suggesting.suggestion(written(tmp_path, ""))
    with pytest.raises(BadFile, match="a quote is opened and not closed"):
        suggesting.suggestion(written(tmp_path, 'Crime Ref,HO Class\nA,"8Q\nB,8L\n'))


def test_a_few_slips_do_not_make_every_date_ambiguous(tmp_path):
    days = [f"{day:02}/06/2024" for day in range(13, 29)] * 10 + ["06/25/2024"]
    found = date_forms.recognised({"Recorded": days})["Recorded"]
    assert found.formats == ("%d/%m/%Y",)
    assert "1 of 161 dates are month first" in found.notes[0]
    found = date_forms.recognised({"Recorded": [*days[:20], "06/25/2024"]})["Recorded"]
    assert found.formats == ("%d/%m/%Y", "%m/%d/%Y")


@pytest.mark.slow
def test_a_draft_keeps_the_stamp_of_made_up_data_and_loses_no_more_than_the_faults(tmp_path):
    path = ROOT / "sample_data" / "synthetic" / "SYNTHETIC_athena_crimes_20260630.csv"
    draft = tmp_path / "draft.toml"
    draft.write_text(suggesting.suggestion(path), encoding="utf-8")
    assert 'marking = ["Marking"]' in draft.read_text(encoding="utf-8")
    report = importing.import_files(
        [path], str(draft), tmp_path / "warehouse", as_at=datetime.date(2026, 6, 30)
    )
    assert report.files[0].rejected < 30
    assert warehouse.current(tmp_path / "warehouse").is_synthetic
