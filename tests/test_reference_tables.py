"""A force's own population, plan, breaks and comparators: what they take the place of, and what is said."""

import datetime
from pathlib import Path

import pytest

from profiles import contracts, importing, warehouse
from profiles.errors import BadFile, BadMapping
from profiles.importing import replacing
from profiles.importing.mapping import read_mapping
from profiles.importing.replacing import SAMPLE_DATA, SHIPPED, Change
from profiles.importing.reports import FileReport
from profiles.measures import run
from profiles.selection import Selection

POPULATION = "district,lad_code,year,population\nNorthtown,X1,2023,100000\nSouthtown,X2,2023,150000\n"

CRIMES = """
name = "ownref"
covers = "all"
date_formats = ["%d/%m/%Y"]
extract_date = "2024-04-01"
[[table]]
into = "crimes"
files = ["crimes_*.csv"]
[table.columns]
crime_ref = "Ref"
recorded_date = "Day"
ho_class = "Class"
district = "District"
"""

OWN = """
name = "ours"
extract_date = "2020-01-01"
date_formats = ["%Y-%m-%d"]
[[table]]
into = "{table}"
header = ["{header}"]
{extract}
[table.columns]
{columns}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "warehouse"


def bring(
    folder: Path, text: str, mapping: str = "reference", name: str = "ours.csv", day: str = ""
) -> FileReport:
    """The account of an import of a file with that text."""
    path = folder.parent / name
    path.write_text(text, encoding="utf-8")
    as_at = datetime.date.fromisoformat(day) if day else None
    (found,) = importing.import_files([path], mapping, folder, as_at=as_at).files
    return found


def rows(folder: Path, sql: str) -> list[tuple]:
    con = warehouse.connect(warehouse.current(folder).path)
    try:
        return con.execute(sql).fetchall()
    finally:
        con.close()


def own_mapping(
    folder: Path, table: str, header: str, columns: str, extract: str = "", name: str = "ours.toml"
) -> str:
    path = folder.parent / name
    path.write_text(OWN.format(table=table, header=header, columns=columns, extract=extract), "utf-8")
    return str(path)


@pytest.mark.slow
def test_a_forces_population_takes_the_place_of_the_shipped_one_and_is_what_a_rate_is_divided_by(
    folder: Path,
) -> None:
    found = bring(folder, POPULATION, name="population_ours.csv")
    assert (found.accepted, found.removed) == (2, 13)
    assert found.replacement == "population: 13 shipped rows went, 2 came"
    mapping = folder.parent / "m.toml"
    mapping.write_text(CRIMES, encoding="utf-8")
    places = ["Northtown"] * 340 + ["Southtown"] * 260
    lines = [f"Q{number},15/06/2023,8Q,{place}" for number, place in enumerate(places)]
    bring(folder, "\n".join(["Ref,Day,Class,District", *lines]) + "\n", str(mapping), "crimes_1.csv")
    con = warehouse.connect(warehouse.current(folder).path)
    rate = run(con, "stalking_rate", Selection(grain="year")).iloc[0]
    con.close()
    assert (rate["numerator"], rate["denominator"], rate["value"]) == (600, 250_000, 2.4)
    # The same file again changes nothing, and makes no version.
    before = warehouse.current(folder)
    again = bring(folder, POPULATION, name="population_ours.csv")
    assert (again.unchanged, again.accepted, again.replacement) == (2, 0, "")
    assert warehouse.current(folder) == before
    # One's own can be corrected, by a file of whatever date.
    corrected = bring(folder, POPULATION.replace("150000", "160000"), name="b.csv", day="1999-12-31")
    assert corrected.replacement == "population: 1 of your own went, 1 of your own stays, 1 came"
    assert rows(folder, "select district, residents from raw.population order by all") == [
        ("Northtown", 100_000),
        ("Southtown", 160_000),
    ]
    # The shipped file brings the shipped rows back.
    shipped = SAMPLE_DATA / "kent_district_population.csv"
    (back,) = importing.import_files([shipped], "reference", folder).files
    assert back.replacement == "population: 2 of your own went, 13 came"
    assert rows(folder, "select count(*) from raw.population where district = 'Dover'") == [(1,)]


@pytest.mark.slow
def test_a_population_through_a_mapping_of_ones_own_replaces_whole_and_a_rejected_row_keeps_no_shipped_one(
    folder: Path,
) -> None:
    mapping = own_mapping(
        folder, "population", "Place", 'district = "Place"\nyear = "Year"\nresidents = "People"'
    )
    # Dover is held as shipped with the same figure, Ashford is unreadable.
    same = rows_of_shipped()["Dover"]
    text = f"Place,Year,People\nDover,2019,{same}\nAshford,2019,many\nNorthtown,2019,5\n"
    found = bring(folder, text, mapping)
    assert (found.accepted, found.rejected) == (2, 1)
    assert found.replacement == "population: 13 shipped rows went, 2 came"
    assert rows(folder, "select source, district from raw.population order by all") == [
        ("ours", "Dover"),
        ("ours", "Northtown"),
    ]
    # What is held of the force's own stays where its new record cannot be read.
    again = bring(folder, "Place,Year,People\nDover,2019,7\nNorthtown,2019,many\n", mapping)
    assert again.replacement == "population: 1 of your own went, 1 of your own stays, 1 came"
    # No record that can be used would leave nothing to divide by.
    told = (
        r"ours\.csv holds no record that can be used \(1 not a number, column 'People', first on line 2\), "
    )
    with pytest.raises(BadFile, match=f"{told}which would leave population empty"):
        bring(folder, "Place,Year,People\nDover,2019,few\n", mapping)
    assert rows(folder, "select count(*) from raw.population") == [(2,)]


def rows_of_shipped() -> dict[str, str]:
    lines = (SAMPLE_DATA / "kent_district_population.csv").read_text(encoding="utf-8").splitlines()[1:]
    return {cells[1]: cells[2] for cells in (line.split(",") for line in lines)}


BREAKS = """date,effect,applies_to,title,explanation,source,verified
2023-05-01,rebase,all,New records system,We moved,Northshire Police,yes
2023-09-01,annotate,all,Screening tool,,Northshire Police,yes
2024-01-01,annotate,all,New assessment,,Northshire OPCC,yes
"""


@pytest.mark.slow
def test_a_forces_breaks_add_to_the_shipped_ones_and_each_publishers_are_replaced_together(
    folder: Path,
) -> None:
    found = bring(folder, BREAKS, name="breaks_ours.csv")
    assert found.replacement == "breaks: 11 shipped rows stay, 3 came"
    # A row less of one publisher, in a file of another name: the other publisher's stays.
    less = BREAKS.splitlines()[:2]
    second = bring(folder, "\n".join(less) + "\n", name="breaks_new.csv")
    assert second.replacement == (
        "breaks: 1 of your own went, 11 shipped rows and 2 of your own stay, 0 came"
    )
    # A file of the same name takes the place of what it brought before, also under another publisher.
    renamed = BREAKS.replace("Northshire OPCC", "OPCC")
    third = bring(folder, renamed, name="breaks_ours.csv")
    assert third.replacement == ("breaks: 1 of your own went, 11 shipped rows and 1 of your own stay, 2 came")
    # One that names a publisher of shipped rows, in capitals or not, replaces these.
    line = "2014-05-01,annotate,all,Counted apart,,ONS  Footnotes,yes\n"
    fourth = bring(folder, BREAKS.splitlines()[0] + "\n" + line, name="ons.csv")
    assert fourth.replacement == (
        "breaks: 5 shipped rows went, 6 shipped rows and 3 of your own stay, 1 came"
    )
    (back,) = importing.import_files([SAMPLE_DATA / "breaks.csv"], "reference", folder).files
    assert back.replacement == "breaks: 4 of your own went, 6 shipped rows stay, 5 came"
    assert rows(folder, "select count(*), count(distinct source) from raw.breaks") == [(11, 1)]


@pytest.mark.slow
def test_a_mapping_that_says_replace_replaces_all_breaks_and_all_comparators(folder: Path) -> None:
    columns = 'date = "Day"\neffect = "Effect"\napplies_to = "Series"\ntitle = "Title"'
    adds = own_mapping(folder, "breaks", "Effect", columns)
    text = "Day,Effect,Series,Title\n2023-05-01,rebase,all,Moved\n"
    assert bring(folder, text, adds).replacement == "breaks: 11 shipped rows stay, 1 came"
    replaces = own_mapping(folder, "breaks", "Effect", columns, 'extract = "replace"')
    assert bring(folder, text, replaces).replacement == (
        "breaks: 11 shipped rows went, 1 of your own stays, 0 came"
    )
    columns = (
        'series = "S"\narea = "Area"\nperiod = "Year"\nperiod_end = "End"\nvalue = "N"\nunit = "U"\n'
        'published_by = "By"\nclass = "Class"'
    )
    text = (
        "S,Area,Year,End,N,U,By,Class\nrecorded stalking,Northshire,2023,2023-12-31,5,crimes,Northshire,8Q\n"
    )
    adds = own_mapping(folder, "comparators", "Area", columns)
    assert bring(folder, text, adds).replacement == "comparators: 30 shipped rows stay, 1 came"
    replaces = own_mapping(folder, "comparators", "Area", columns, 'extract = "replace"')
    assert bring(folder, text.replace(",5,", ",6,"), replaces).replacement == (
        "comparators: 30 shipped rows and 1 of your own went, 1 came"
    )
    assert rows(folder, "select value from raw.comparators") == [(6.0,)]


@pytest.mark.slow
def test_reports_wait_for_the_plan_they_come_with_and_those_of_lines_that_went_are_kept_and_noted(
    folder: Path,
) -> None:
    updates = folder.parent / "action_plan_updates_20240101.csv"
    updates.write_text("ref,updated_on,status\n99.1,2024-01-01,complete\n7.1,2024-01-01,complete\n")
    plan = folder.parent / "action_plan_20240601.csv"
    plan.write_text("ref,requirement\n7.1,Search\n99.1,Ours\n", encoding="utf-8")
    mapping = folder.parent / "plan.toml"
    shipped = read_mapping("reference").path.read_text(encoding="utf-8")
    mapping.write_text(
        shipped.replace(
            'extract_date = "2024-11-22"', "extract_date = { pattern = '(\\d{8})', format = \"%Y%m%d\" }"
        ),
        encoding="utf-8",
    )
    reports, lines = importing.import_files([updates, plan], str(mapping), folder).files
    assert (reports.accepted, reports.rejected) == (2, 0)
    assert lines.replacement == "action_plan: 39 shipped rows went, 2 came"
    found = bring(folder, "ref,requirement\n7.1,Search\n8.1,Other\n", name="action_plan_b.csv")
    assert found.replacement == "action_plan: 1 of your own went, 1 of your own stays, 1 came"
    assert found.notes == {replacing.STRANDED: 1}
    assert rows(folder, "select count(*) from raw.action_plan_updates") == [(2,)]
    # The plan of another day again: the report is shown once more, for it was kept.
    assert bring(folder, "ref,requirement\n99.1,Ours\n", name="action_plan_c.csv").notes == {
        replacing.STRANDED: 1
    }


def test_only_a_reference_table_can_be_replaced_and_none_is_fed_by_a_link(folder: Path) -> None:
    columns = 'crime_ref = "Ref"\nrecorded_date = "Day"\nho_class = "Class"'
    with pytest.raises(BadMapping, match='write "full"; only reference tables can be replaced'):
        read_mapping(own_mapping(folder, "crimes", "Ref", columns, 'extract = "replace"'))
    with pytest.raises(BadMapping, match='write "delta", "full" or "replace"'):
        read_mapping(own_mapping(folder, "crimes", "Ref", columns, 'extract = "all"'))
    link = '\n[[table.link]]\ninto = "population"\n[table.link.columns]\ndistrict = "D"\nyear = "Y"'
    with pytest.raises(BadMapping, match=r"'population'; give it a \[\[table\]\] of its own"):
        read_mapping(own_mapping(folder, "crimes", "Ref", columns + link))


def test_every_shipped_file_feeds_a_table_that_can_be_replaced() -> None:
    mapping = read_mapping("reference")
    replaced = [table.name for table in contracts.TABLES.values() if table.replaced_by]
    fed = {entry.main.table.name for entry in mapping.entries} - {"action_plan_updates"}
    assert sorted(replaced) == sorted(fed)
    assert len(replaced) == len(SHIPPED) == len(replacing.shipped_hashes())


@pytest.mark.parametrize(
    ("change", "came", "told"),
    [
        (Change(0, 0, 0, 0, 0), 2, "breaks: 2 came"),
        (
            Change(1, 1, 0, 1, 2),
            0,
            "breaks: 1 shipped row and 1 of your own went, 1 of your own stays, 0 came",
        ),
        (Change(0, 0, 1000, 2, 0), 3, "breaks: 1,000 shipped rows and 2 of your own stay, 3 came"),
    ],
)
def test_the_sentence_says_what_went_what_stays_and_what_came(change: Change, came: int, told: str) -> None:
    assert change.sentence(contracts.BREAKS, came) == told


TWO_LAYOUTS = (
    OWN.format(
        table="population",
        header="Place",
        columns='district = "Place"\nyear = "Year"\nresidents = "People"',
        extract="",
    )
    + """
[[table]]
into = "population"
header = ["Area"]
[table.columns]
district = "Area"
year = "Year"
residents = "Count"
"""
)


@pytest.mark.slow
def test_files_of_two_layouts_in_one_import_are_one_set(folder: Path) -> None:
    mapping = folder.parent / "two.toml"
    mapping.write_text(TWO_LAYOUTS, encoding="utf-8")
    north, south = folder.parent / "north.csv", folder.parent / "south.csv"
    north.write_text("Place,Year,People\nNorthtown,2023,5\nEasttown,2023,4\n", encoding="utf-8")
    south.write_text("Area,Year,Count\nSouthtown,2023,7\nNorthtown,2023,5\n", encoding="utf-8")
    both = [("Easttown", 4), ("Northtown", 5), ("Southtown", 7)]
    told = [file.replacement for file in importing.import_files([south, north], str(mapping), folder).files]
    assert told == [
        "population: 2 of your own stay, 1 came",
        "population: 13 shipped rows went, 2 came",
    ]
    assert rows(folder, "select district, residents from raw.population order by all") == both
    # Together again they are no news; the second alone is the whole table, as any file of it.
    before = warehouse.current(folder)
    importing.import_files([north, south], str(mapping), folder)
    assert rows(folder, "select district, residents from raw.population order by all") == both
    assert warehouse.current(folder) == before
    south.write_text("Area,Year,Count\nNorthtown,2023,6\n", encoding="utf-8")
    with pytest.raises(
        BadFile, match=r"south.csv and north.csv give 1 row of population with the same district"
    ):
        importing.import_files([north, south], str(mapping), folder)
