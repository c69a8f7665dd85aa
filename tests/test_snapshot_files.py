"""Files of a snapshot: CSV, Parquet and workbook say the same, alike each time, and as they are described."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from frictionless import Package, system
from pyarrow import parquet
from python_calamine import CalamineWorkbook

from profiles import contracts
from profiles.catalogue import catalogue
from profiles.errors import BadSnapshot, ProfilesError
from profiles.snapshot import files, workbooks
from profiles.snapshot.files import COLUMNS, FIGURES, KEY, Field
from tests.snapshot_rows import ROWS, STAMP, definitions, release, row, rows
from tests.tables import asked, filled

STAMPED = {"as_at": "2024-12-31", "marking": "OFFICIAL-SENSITIVE", "synthetic": "SYNTHETIC"}


def in_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def of(measure_id: str, period: str = "2024-01-01") -> dict[str, str]:
    """The figures and the marker of a month, as they stand in the file."""
    lines = in_csv(files.csv_bytes(files.measures_table(ROWS), STAMP))
    (line,) = [
        line
        for line in lines
        if (line["measure_id"], line["grain"], line["period"]) == (measure_id, "month", period)
    ]
    return {name: line[name] for name in (*FIGURES, "marker")}


def texts(*cells: str) -> dict[str, str]:
    return dict(zip((*FIGURES, "marker"), cells, strict=True))


def test_a_marker_stands_where_a_figure_of_the_measure_is_missing_and_only_there() -> None:
    assert of("stalking_crimes") == texts("40", "", "40", "20", "80", "")
    assert of("stalking_crimes", "2024-03-01") == texts("12", "", "12", "6", "24", "[p]")
    assert of("online_share") == texts("1", "3", repr(100 / 3), "6.149", "79.23", "")
    assert of("online_share", "2024-02-01") == texts("0", "0", "[z]", "[z]", "[z]", "[z]")
    assert of("online_share", "2024-03-01") == texts("[c]", "30", "[c]", "[c]", "[c]", "[c]")
    assert of("online_share", "2024-04-01") == texts("[x]", "[x]", "[x]", "[x]", "[x]", "[x]")
    assert of("satisfied_overall") == texts("6", "8", "[u]", "[u]", "[u]", "[u]")
    assert of("spo_days_to_application") == texts("", "12", "10.5", "0.30000000000000004", "1e-07", "")
    assert of("spo_days_to_application", "2024-02-01") == texts("", "4", "[c]", "[c]", "[c]", "[c]")


def test_of_a_measure_without_interval_the_limits_stay_blank() -> None:
    item = next(item for item in catalogue().values() if item.interval == "none" and item.shape == "ratio")
    assert set(files.figures_of(item)) & {"lower", "upper"} == set()
    frame = files.measures_table(rows(row(item.measure_id, marker="[x]"))).frame
    assert frame["value"].tolist() == ["[x]"]
    assert frame[["lower", "upper"]].isna().all(axis=None)


def test_a_missing_figure_without_a_marker_that_explains_it_is_blank() -> None:
    frame = files.measures_table(rows(row("stalking_crimes"), row("stalking_crimes", marker="[p]"))).frame
    assert frame[list(FIGURES)].isna().all(axis=None)


def test_every_csv_ends_with_its_stamp_and_runs_no_formula() -> None:
    for table in (files.measures_table(ROWS), definitions()):
        content = files.csv_bytes(table, STAMP)
        lines = in_csv(content)
        assert list(lines[0]) == [*(field.name for field in table.fields), *STAMPED]
        assert all({name: line[name] for name in STAMPED} == STAMPED for line in lines)
        assert b"\n" not in content.replace(b"\r\n", b"")
        assert b",=" not in content
    assert "'=Thanet" in [
        line["category"] for line in in_csv(files.csv_bytes(files.measures_table(ROWS), STAMP))
    ]


def test_a_column_that_no_field_declares_is_refused_by_name() -> None:
    table = definitions()
    for frame in (
        table.frame.assign(crime_ref="A"),
        table.frame.drop(columns="least"),
        table.frame.iloc[:, ::-1],
    ):
        with pytest.raises(ProfilesError, match=r"definitions has ('crime_ref'|another order)"):
            files.csv_bytes(replace(table, frame=frame), STAMP)
    with pytest.raises(ProfilesError, match="least of definitions is 'money'"):
        files.csv_bytes(replace(table, fields=(*table.fields[:2], Field("least", "money", ""))), STAMP)


def test_no_column_of_the_measures_is_one_of_the_records() -> None:
    records = {
        column.name
        for table in contracts.TABLES.values()
        if not table.is_reference
        for column in table.columns
    }
    assert records & {*COLUMNS, *STAMPED} == set()


def test_parquet_is_typed_stamped_and_reads_back_as_the_same_rows(tmp_path: Path) -> None:
    path = tmp_path / "measures.parquet"
    path.write_bytes(files.parquet_bytes(ROWS, STAMP))
    schema = parquet.read_schema(path)
    assert schema.names == list(COLUMNS)
    assert {str(schema.field(name).type) for name in FIGURES} == {"double"}
    assert {str(schema.field(name).type) for name in COLUMNS if name not in FIGURES} == {"string"}
    assert {key.decode(): value.decode() for key, value in schema.metadata.items()} == vars(STAMP)
    nulls = parquet.read_table(path).column("value").null_count
    assert nulls == int(ROWS["value"].isna().sum()) > 0
    named = ROWS.replace({"category": {"=Thanet": "'=Thanet"}})
    pd.testing.assert_frame_equal(files.read_rows(tmp_path), rows(*named.to_dict("records")))


@pytest.mark.parametrize(
    "content",
    [b"", b"PAR1", b"not parquet at all", None],
    ids=["empty", "cut", "text", "missing"],
)
def test_a_damaged_parquet_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "measures.parquet").write_bytes(content)
    with pytest.raises(BadSnapshot, match=re.escape(str(tmp_path / "measures.parquet"))):
        files.read_rows(tmp_path)


def test_a_parquet_with_other_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "measures.parquet"
    ROWS.drop(columns="break").to_parquet(path)
    with pytest.raises(BadSnapshot, match="other columns"):
        files.read_rows(tmp_path)


def test_the_same_rows_give_the_same_bytes_and_other_rows_others() -> None:
    def made(frame: pd.DataFrame, stamp: files.Stamp = STAMP) -> list[bytes]:
        table = files.measures_table(frame)
        return [
            files.csv_bytes(table, stamp),
            files.parquet_bytes(frame, stamp),
            workbooks.workbook_bytes(table, stamp, [definitions()]),
            json.dumps(files.datapackage([table, definitions()], stamp)).encode(),
        ]

    first = made(ROWS)
    assert made(ROWS.copy()) == first
    # Whether texts are kept by pandas or by Arrow is no difference.
    texts = [name for name in COLUMNS if name not in FIGURES]
    assert made(ROWS.astype(dict.fromkeys(texts, pd.StringDtype("pyarrow", na_value=float("nan"))))) == first
    other = ROWS.assign(value=ROWS["value"] + 1)
    assert all(a != b for a, b in zip(made(other), first, strict=True))
    assert all(a != b for a, b in zip(made(ROWS, replace(STAMP, as_at="2025-01-31")), first, strict=True))


# ---- the workbook


def book(frame: pd.DataFrame = ROWS, stamp: files.Stamp = STAMP) -> bytes:
    return workbooks.workbook_bytes(files.measures_table(frame), stamp, [definitions()])


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    found = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {
        name: found.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in found.sheet_names
    }


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def test_the_workbook_begins_with_cover_contents_and_notes_then_a_sheet_a_table() -> None:
    found = sheets(book())
    measures = list(dict.fromkeys(ROWS["measure_id"]))
    assert list(found) == ["Cover", "Contents", "Notes", "definitions", *measures]
    cover = dict(map(tuple, found["Cover"][2:]))
    assert cover["Force data as at"] == "31 December 2024"
    assert cover["Handling marking"] == "OFFICIAL-SENSITIVE"
    assert cover["Synthetic data"].startswith("SYNTHETIC")
    assert cover["Disclosure profile"].startswith("Internal")
    assert [line[0] for line in found["Contents"][2:]] == ["definitions", *measures]
    assert found["Contents"][2 + 1] == ["stalking_crimes", "Stalking-involved crimes", "number", 5.0]
    terms = {line[1] for line in found["Notes"][2:]}
    assert {"[c]", "[p]", "[u]", "[x]", "[z]", "any", "included_only", "rolling_year", *COLUMNS} <= terms


def test_every_sheet_is_one_marked_up_table_under_a_title_without_an_empty_or_merged_row() -> None:
    content = book()
    packed = parts(content)
    for number, (name, lines) in enumerate(sheets(content).items(), start=1):
        assert re.fullmatch(
            r".+\. Figures as at 31 December 2024\. OFFICIAL-SENSITIVE\. SYNTHETIC\. .*", lines[0][0]
        )
        assert all(cell == "" for cell in lines[0][1:])
        assert all(isinstance(cell, str) and cell for cell in lines[1])
        assert all(any(cell != "" for cell in line) for line in lines)
        table, sheet = packed[f"xl/tables/table{number}.xml"], packed[f"xl/worksheets/sheet{number}.xml"]
        assert re.findall('tableColumn id="\\d+" name="([^"]+)"', table) == lines[1]
        reach = re.search(r'ref="A2:[A-Z]+(\d+)" totalsRowShown', table)
        assert reach, name
        assert int(reach[1]) == len(lines)
        assert "mergeCell" not in sheet
        assert 'hidden="' not in sheet
        assert '<pane ySplit="2" topLeftCell="A3"' in sheet
        assert '<col min="1"' in sheet
        assert "<oddHeader>&amp;COFFICIAL-SENSITIVE</oddHeader>" in sheet
        assert "<oddFooter>&amp;COFFICIAL-SENSITIVE" in sheet
        assert "<f>" not in sheet


def test_the_workbook_holds_what_the_csv_holds_numbers_as_numbers_and_markers_as_text() -> None:
    table = files.measures_table(ROWS)
    lines = in_csv(files.csv_bytes(table, STAMP))
    found = sheets(book())
    for measure_id in dict.fromkeys(ROWS["measure_id"]):
        _, head, *cells = found[measure_id]
        wanted = [line for line in lines if line["measure_id"] == measure_id]
        assert len(cells) == len(wanted)
        for line, given in zip(wanted, cells, strict=True):
            shown = dict(zip(head, given, strict=True))
            for name in set(COLUMNS) - set(workbooks.SAID):
                cell = shown.get(name, "")
                if isinstance(cell, float):
                    assert name in FIGURES
                    assert float(line[name]) == cell
                else:
                    assert line[name] == cell
                    assert name not in FIGURES or cell in ("", *files.STANDING)
    assert "denominator" not in found["stalking_crimes"][1]
    assert "numerator" not in found["spo_days_to_application"][1]
    assert found["definitions"][2][1] == "'=online"


def test_the_workbook_is_dated_by_the_as_at_date_and_its_links_stay_inside() -> None:
    packed = parts(book())
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", packed["docProps/core.xml"])) == {
        "2024-12-31T00:00:00Z"
    }
    with zipfile.ZipFile(io.BytesIO(book())) as read:
        assert {entry.date_time for entry in read.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    links = re.findall("<hyperlink [^>]*>", "".join(packed.values()))
    assert len(links) == 5
    assert all('location="' in link and "r:id" not in link for link in links)


def test_names_of_sheets_are_short_and_unlike() -> None:
    long = "considered_for_a_protection_order_in_28_days"
    names = workbooks.sheet_names([long, long + "_2", "Cover", "cover", long[:31].upper()])
    assert names[0] == long[:31]
    assert len({name.lower() for name in names}) == 5
    assert max(map(len, names)) == 31
    real = workbooks.sheet_names(catalogue())
    assert len({name.lower() for name in real}) == len(catalogue())
    assert not [name for name in real if len(name) > 31 or re.search(r"[\[\]:*?/\\']", name)]


def test_the_marking_of_real_data_says_so_and_a_table_without_a_line_says_none() -> None:
    empty = replace(definitions(), frame=definitions().frame.iloc[:0])
    content = workbooks.workbook_bytes(files.measures_table(ROWS), replace(STAMP, synthetic="no"), [empty])
    found = sheets(content)
    assert found["definitions"][2:] == [["none", "", ""]]
    assert "SYNTHETIC" not in "".join(parts(content).values())


# ---- the description of the files


def package(folder: Path) -> Any:
    with system.use_context(trusted=False):
        return Package(str(folder / "datapackage.json")).validate()


def table_of(folder: Path, name: str) -> list[Any]:
    resource: Any = Package(str(folder / "datapackage.json")).get_resource(name)
    return list(resource.read_rows())


def test_the_data_package_is_valid_and_describes_every_column(tmp_path: Path) -> None:
    folder = release(tmp_path / "a")
    report = package(folder)
    assert report.valid, report.flatten(["type", "message"])
    found = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert found["profile"] == "tabular-data-package"
    measures, others = found["resources"]
    assert measures["schema"]["primaryKey"] == list(KEY)
    assert measures["schema"]["missingValues"] == ["", "[c]", "[x]", "[z]", "[u]"]
    assert others["schema"]["primaryKey"] == ["measure_id"]
    for resource in (measures, others):
        head = next(csv.reader(io.StringIO((folder / resource["path"]).read_bytes().decode(), newline="")))
        assert [field["name"] for field in resource["schema"]["fields"]] == head
        assert all(field["description"] for field in resource["schema"]["fields"])
    assert set(re.findall(r"\d{4}-\d\d-\d\d", json.dumps(found))) == {"2024-12-31"}
    assert "licen" not in json.dumps(found)


def test_frictionless_reads_figures_as_numbers_and_markers_as_text(tmp_path: Path) -> None:
    folder = release(tmp_path / "a")
    lines = table_of(folder, "measures")
    hidden = [line for line in lines if line["marker"] == "[c]"]
    assert len(hidden) == 3
    assert all(line["value"] is None for line in hidden)
    assert float(lines[0]["value"]) == 40


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b",40,,40,", b",41,,40,", "hash-count"),
        (b",40,,40,", b",many,,40,", "type-error"),
        (b"2024-02-01,all", b"2024-01-01,all", "primary-key"),
        (b"title,unit", b"unit,title", "incorrect-label"),
        (b"2024-02-01,all,all,", b"2024-02-01,all,", "missing-cell"),
    ],
)
def test_a_broken_csv_fails_the_validation(tmp_path: Path, old: bytes, new: bytes, fault: str) -> None:
    folder = release(tmp_path / "a")
    path = folder / "measures.csv"
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    report = package(folder)
    assert not report.valid
    assert fault in {kind for (kind,) in report.flatten(["type"])}


def test_the_description_of_files_made_already_is_that_of_new_ones() -> None:
    tables = (files.measures_table(ROWS), definitions())
    made = {f"{table.name}.csv": files.csv_bytes(table, STAMP) for table in tables}
    assert files.datapackage(tables, STAMP, made) == files.datapackage(tables, STAMP)


# ---- from a warehouse to the files


@pytest.mark.slow
def test_figures_of_a_measure_stand_unrounded_in_all_three_files(tmp_path: Path) -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | mode
        A         | 2024-01-05    | 8Q       | online
        B         | 2024-01-06    | 8Q       | offline
        C         | 2024-01-07    | 8Q       |
        """
    )
    found = asked(con, "online_share", since="2024-01-01", until="2024-03-31")
    frame = rows(*({**row("online_share"), **line} for line in found.to_dict("records")))
    folder = release(tmp_path / "a", frame)
    line = in_csv((folder / "measures.csv").read_bytes())[0]
    (read,) = files.read_rows(folder).to_dict("records")[:1]
    _, head, cells, *_ = sheets((folder / "measures.xlsx").read_bytes())["online_share"]
    for name in FIGURES:
        assert float(line[name]) == read[name] == cells[head.index(name)] == found[name].iloc[0]
    assert line["value"] == repr(100 * 1 / 3)


def test_names_are_the_same_in_csv_and_parquet_and_join(tmp_path: Path) -> None:
    found = rows(
        *(row("stalking_crimes", category=name) for name in ("Dover", "=cmd()", "＋1", "\xa0@x", "'=y"))
    )
    csv = files.csv_bytes(files.measures_table(found), STAMP).decode()
    (tmp_path / "measures.parquet").write_bytes(files.parquet_bytes(found, STAMP))
    read = files.read_rows(tmp_path)
    assert read["category"].tolist() == ["Dover", "'=cmd()", "'＋1", "'\xa0@x", "'=y"]
    assert pd.read_csv(io.StringIO(csv))["category"].tolist() == read["category"].tolist()
    # Written again, as a later release does, they stay as they are.
    assert files.parquet_bytes(read, STAMP) == files.parquet_bytes(found, STAMP)
