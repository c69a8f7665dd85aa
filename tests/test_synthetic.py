"""The made-up force: its files recounted with pandas, its faults looked up line by line.

Nothing here reads the generator's own arrays: what is counted is what the files say.
"""

import csv
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from faker.providers.person.en_GB import Provider as Persons

from profiles import contracts
from profiles.errors import BadFile, BadSelection
from profiles.importing.layouts import MappingFile, entry_for, squeezed
from profiles.importing.mapping import read_mapping
from profiles.settings import ROOT
from profiles.synthetic import write_sample, writing

UNTIL = pd.Timestamp("2026-09-30")
EXTRACTS = ("20260630", "20260731", "20260831", "20260930")
STALKING = {"8Q", "195/12", "8/65", "8/66"}
DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})( \d{2}:\d{2})?|\d{4}-\d{2}-\d{2}")
REJECTIONS = {
    "missing value", "not a date", "not a number", "not an allowed value", "out of range",
    "date after the extract", "code became a date", "repeated reference", "wrong number of cells",
    "total row",
}  # fmt: skip
FINDINGS = {
    "included list repeats the principal", "domestic-abuse flag against relationship", "dates out of order",
    "historic offence", "cancelled record", "transferred record", "organisation as victim",
    "unknown outcome code", "unknown district", "no such crime", "order without a crime",
    "order ends before it starts", "breach before grant", "referral before report",
}  # fmt: skip
ACCEPTED = {"row sent twice", "padded reference", "date in another declared form", "odd age of a victim"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A twentieth of the force over the whole period."""
    folder = tmp_path_factory.mktemp("small")
    write_sample(folder, scale=0.05)
    return folder


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole force."""
    folder = tmp_path_factory.mktemp("force")
    write_sample(folder)
    return folder


@pytest.fixture(scope="module")
def mapping() -> MappingFile:
    return read_mapping("athena")


def truth(folder: Path) -> dict:
    return json.loads((folder / "truth.json").read_text())


def rows(path: Path) -> list[list[str]]:
    """The header and the records of a file, physical line by physical line."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def newest(folder: Path, name: str, unit: str) -> pd.DataFrame:
    """The records of one kind of file that stand in the end: of each unit those of its newest extract."""
    rejected = {
        (row["file"], row["line"])
        for kind, fault in truth(folder)["faults"].items()
        if kind in REJECTIONS
        for row in fault["rows"]
    }
    frames = []
    for path in sorted(folder.glob(f"SYNTHETIC_athena_{name}_2*.csv")):
        header, *records = rows(path)
        good = [cells for line, cells in enumerate(records, start=2) if (path.name, line) not in rejected]
        frame = pd.DataFrame(good, columns=header).drop_duplicates()
        frame["extract"] = path.stem[-8:]
        frames.append(frame)
    found = pd.concat(frames, ignore_index=True)
    found[unit] = found[unit].str.strip()
    found = found[found["extract"] == found.groupby(unit)["extract"].transform("max")]
    return found.drop(columns="Marking").drop_duplicates().reset_index(drop=True)


def dates(column: pd.Series) -> pd.Series:
    """Days and moments in either declared form; blank is missing."""
    day_first = pd.to_datetime(column.str.slice(0, 10), format="%d/%m/%Y", errors="coerce")
    return day_first.fillna(pd.to_datetime(column, format="%Y-%m-%d", errors="coerce"))


def crimes_of(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The wide rows, and the crimes that count, one a row, with what this module asks of them."""
    wide = newest(folder, "crimes", "Investigation Ref")
    one = wide.drop_duplicates("Investigation Ref").copy()
    one["day"] = dates(one["Date Recorded"])
    one["month"] = one["day"].dt.strftime("%Y-%m")
    one["principal"] = one["HO Class"].eq("8Q")
    listed = one["Included Classifications"].str.split(";").map(set)
    one["included_only"] = ~one["principal"] & listed.map(lambda items: bool(items & STALKING))
    one["any"] = one["principal"] | one["included_only"]
    return wide, one[one["Status"] == "Recorded"].copy()


@pytest.fixture(scope="module")
def whole(force: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    return crimes_of(force)


@pytest.fixture(scope="module")
def stalking(whole: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    return whole[1][whole[1]["any"]]


@pytest.mark.slow
def test_every_record_table_of_the_contract_is_fed(small: Path, mapping: MappingFile) -> None:
    fed = set()
    for path in small.glob("*.csv"):
        entry = entry_for(mapping, path.name, rows(path)[0])
        assert entry is not None, path.name
        fed |= {table.name for table in entry.tables}
    assert fed == {name for name, table in contracts.TABLES.items() if not table.is_reference}


def test_the_mapping_places_every_column_and_every_contract_column_but_none_twice(
    small: Path, mapping: MappingFile
) -> None:
    for path in sorted(small.glob("*_20260630.csv")):
        header = rows(path)[0]
        entry = entry_for(mapping, path.name, header)
        assert entry is not None
        sources = [source for item in entry.main.fields for source in item.sources]
        sources += [source for link in entry.links for item in link.fields for source in item.sources]
        sources += [source for item in entry.lists for source in item.sources]
        known = {squeezed(source) for source in sources}
        assert [name for name in header if squeezed(name) not in known] == ["Marking"], path.name
        for fragment in (entry.main, *entry.links):
            mapped = {item.column.name for item in fragment.fields}
            inherited = set(fragment.table.key) & {item.column.name for item in entry.main.fields}
            assert mapped | inherited == set(fragment.table.names), fragment.table.name


def test_every_file_has_four_extracts_and_truth_counts_their_lines(small: Path) -> None:
    accounts = truth(small)["files"]
    assert {path.name for path in small.iterdir()} == {*accounts, "truth.json"}
    assert {name[-12:-4] for name in accounts} == set(EXTRACTS)
    for name, account in accounts.items():
        lines = (small / name).read_bytes().count(b"\n")
        assert account["rows_in"] == lines - 1, name
        fates = [account[fate] for fate in ("accepted", "unchanged", "superseded", "rejected")]
        assert sum(fates) == account["rows_in"], name
        assert sum(account["reasons"].values()) == account["rejected"], name
        assert set(account["reasons"]) <= REJECTIONS


@pytest.mark.slow
def test_every_row_of_every_file_is_marked_synthetic(small: Path) -> None:
    short = {(row["file"], row["line"]) for row in truth(small)["faults"]["wrong number of cells"]["rows"]}
    for path in small.glob("*.csv"):
        assert path.name.startswith("SYNTHETIC_")
        header, *records = rows(path)
        assert header[-1] == "Marking"
        for line, cells in enumerate(records, start=2):
            assert cells[-1] == "SYNTHETIC" or (path.name, line) in short, f"{path.name} line {line}"


@pytest.mark.slow
def test_people_are_numbers_and_no_cell_holds_a_name(small: Path) -> None:
    names = {str(name).lower() for name in (*Persons.first_names, *Persons.last_names)}
    places = "Dartford Gravesham Medway Swale Ashford Canterbury Dover Folkestone Hythe Thanet Maidstone "
    places += (
        "Sevenoaks Tonbridge Malling Tunbridge Wells Bexley Rother North East West Street Vehicle Victim"
    )
    allowed = set(places.lower().split())
    for path in small.glob("*_20260630.csv"):
        header, *records = rows(path)
        assert not [name for name in header if "name" in name.lower()]
        frame = pd.DataFrame([cells for cells in records if len(cells) == len(header)], columns=header)
        for column in header:
            values = frame[column].str.strip()
            if column.endswith(("Ref", "ID")):
                assert values.str.fullmatch(
                    r"|SYN/46/\d{6,}/\d\d|(V|S|O|C|PR|SPO)-\d+|R-[A-Z]{2}-[\d-]+"
                ).all(), column
                continue
            texts = values[~values.str.fullmatch(r"[\d/: -]*")].unique()
            assert len(texts) < 400, f"{path.name} {column} looks like free text"
            spoken = {word for text in texts for word in re.findall(r"[a-z]+", text.lower())}
            assert spoken & names <= allowed, f"{path.name} {column}: {sorted(spoken & names - allowed)}"


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.mark.slow
@pytest.mark.parametrize(
    "surroundings",
    [
        {"TZ": "Asia/Kolkata", "LC_ALL": "C", "PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1"},
        {"TZ": "America/St_Johns", "LC_ALL": "C.utf8", "PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "7",
         "ARROW_USER_SIMD_LEVEL": "NONE", "ARROW_IO_THREADS": "3", "PYTHONUTF8": "1"},
    ],
)  # fmt: skip
def test_the_same_seed_gives_the_same_bytes_in_other_surroundings(
    small: Path, tmp_path: Path, surroundings: dict[str, str]
) -> None:
    command = (
        "import pathlib, sys; from profiles.synthetic import write_sample; "
        "write_sample(pathlib.Path(sys.argv[1]), scale=0.05)"
    )
    environment = {**os.environ, **surroundings, "PYTHONPATH": str(ROOT)}
    out = tmp_path / "again"
    subprocess.run([sys.executable, "-c", command, str(out)], env=environment, cwd=tmp_path, check=True)
    assert digests(out) == digests(small)


@pytest.mark.slow
def test_another_seed_gives_other_people(small: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, seed=8, scale=0.05)
    mine, theirs = digests(small), digests(tmp_path)
    assert set(mine) == set(theirs)
    assert not [name for name in mine if mine[name] == theirs[name]]


def test_a_sample_written_again_over_itself_is_the_same_and_beside_another_is_refused(tmp_path: Path) -> None:
    until = datetime.date(2025, 3, 31)
    first = datetime.date(2024, 7, 1)
    write_sample(tmp_path, first=first, until=until, scale=0.02)
    before = digests(tmp_path)
    write_sample(tmp_path, first=first, until=until, scale=0.02)
    assert digests(tmp_path) == before
    with pytest.raises(BadFile, match="other dates"):
        write_sample(tmp_path, first=first, until=datetime.date(2025, 4, 30), scale=0.02)
    assert digests(tmp_path) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scale": 0}, "scale"),
        ({"scale": 1000}, "scale"),
        ({"scale": 1e-6}, "scale"),
        ({"seed": -1}, "seed"),
        ({"until": datetime.date(2019, 8, 31)}, "too short"),
        ({"until": datetime.date(2018, 8, 31)}, "too short"),
        ({"first": datetime.date(1999, 1, 1)}, "outside"),
    ],
)
def test_a_period_or_scale_that_cannot_be_used_is_refused_in_a_sentence(
    tmp_path: Path, options: dict, said: str
) -> None:
    with pytest.raises(BadSelection, match=said):
        write_sample(tmp_path / "none", **options)
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(BadFile, match="taken"):
        write_sample(tmp_path / "taken", scale=0.02)


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_line_numbers_count_the_lines_put_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(writing, "CHUNK", chunk)
    numbers = np.arange(5)
    sheet = writing.Sheet(("A", "B"), ((writing.words("abcde", numbers), None),) * 2, numbers, numbers)
    inserts = [writing.Insert(after, f"x,{after}", "", "", "") for after in (0, 0, 2, 4)]
    edits = (writing.Edit(3, "D,d", "", ""),)
    blemishes = writing.Blemishes(tuple(inserts), edits)
    assert writing.write_sheet(tmp_path / "a.csv", sheet, blemishes) == 9
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines == ["A,B", "a,a", "x,0", "x,0", "b,b", "c,c", "x,2", "D,d", "e,e", "x,4"]
    assert [lines[line - 1] for line in blemishes.lines_of(numbers)] == ["a,a", "b,b", "c,c", "D,d", "e,e"]
    assert [lines[line - 1] for line in blemishes.insert_lines()] == ["x,0", "x,0", "x,2", "x,4"]


def test_progress_names_each_file(tmp_path: Path) -> None:
    said: list[str] = []
    written = write_sample(tmp_path, first=datetime.date(2026, 1, 1), scale=0.02, progress=said.append)
    assert [path.name for path in written[:-1]] == [text.split(":")[0] for text in said[1:]]
    assert all(path.exists() for path in written)


# --- faults -------------------------------------------------------------------------------------


def is_date(text: str) -> bool:
    found = DATE.fullmatch(text)
    if not found:
        return False
    try:
        if found[3]:
            datetime.date(int(found[3]), int(found[2]), int(found[1]))
        return not found[4] or int(found[4][4:]) < 60
    except ValueError:
        return False


def looks_faulty(kind: str, cell: str, record: dict[str, str], extract: str) -> bool:
    """Whether the fault is as it says, judged by the line alone; kinds that need more are tested apart."""
    if kind == "missing value":
        return cell in ("", "Not Recorded")
    if kind == "not a date":
        return not is_date(cell)
    if kind == "not a number":
        return not re.fullmatch(r"-?\d+", cell)
    if kind == "out of range":
        year = cell[-4:]
        return int(year) < 2000 if "/" in cell else not 0 < int(cell) <= 120 or int(cell) > 7
    if kind == "date after the extract":
        return datetime.datetime.strptime(cell, "%d/%m/%Y") > datetime.datetime.strptime(extract, "%Y%m%d")
    if kind == "code became a date":
        return re.search(r"Aug-6[56]|01/08/196[56]", cell) is not None
    if kind == "total row":
        return cell == "Total"
    if kind == "padded reference":
        return cell != cell.strip()
    if kind == "odd age of a victim":
        return not re.fullmatch(r"\d+", cell) or int(cell) > 120
    if kind == "date in another declared form":
        return re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell) is not None
    if kind == "included list repeats the principal":
        return bool(set(cell.split(";")) & {record["HO Class"], record["HO Code"]} - {""})
    if kind == "domestic-abuse flag against relationship":
        return (cell, record["Relationship"]) in {("N", "Partner"), ("N", "Ex Partner"), ("Y", "Stranger")}
    if kind == "cancelled record":
        return cell == "No Crime"
    if kind == "transferred record":
        return cell == "Transferred Out"
    if kind == "organisation as victim":
        return cell == "Organisation" and record["Victim ID"].startswith("O-")
    if kind == "unknown outcome code":
        return cell in ("99", "16X", "NFA")
    if kind == "unknown district":
        return cell in ("Bexley", "Rother", "Medwya", "Off district")
    days = {
        name: datetime.datetime.strptime(text[:10], "%d/%m/%Y")
        for name, text in record.items()
        if is_date(text) and "/" in text
    }
    recorded = days.get("Date Recorded") or datetime.datetime.fromisoformat(record["Date Recorded"])
    if kind == "dates out of order":
        ends = days.get("Latest Committed", days["Earliest Committed"])
        return days["Earliest Committed"] > ends or days["Date Reported"].date() > recorded.date()
    if kind == "historic offence":
        return days["Latest Committed"] < recorded - datetime.timedelta(days=366)
    raise AssertionError(f"no rule for {kind}")


APART = {
    "wrong number of cells", "repeated reference", "row sent twice", "no such crime", "not an allowed value",
    "order without a crime", "order ends before it starts", "breach before grant", "referral before report",
}  # fmt: skip


def test_every_fault_of_the_domain_is_planted_and_listed(small: Path) -> None:
    found = truth(small)
    assert set(found["faults"]) == REJECTIONS | FINDINGS | ACCEPTED
    assert set(found["findings"]) == FINDINGS
    for kind, fault in found["faults"].items():
        assert fault["count"] == len(fault["rows"]) > 0, kind
        places = [(row["file"], row["line"]) for row in fault["rows"]]
        if kind != "organisation as victim":
            assert len(set(places)) == len(places), kind
    assert found["findings"] == {check: found["faults"][check]["count"] for check in FINDINGS}
    rejected = sum(account["rejected"] for account in found["files"].values())
    assert rejected == sum(found["faults"][kind]["count"] for kind in REJECTIONS)


def test_every_fault_stands_at_its_line(small: Path) -> None:
    files = {path.name: rows(path) for path in small.glob("*.csv")}
    seen = 0
    for kind, fault in truth(small)["faults"].items():
        if kind in APART:
            continue
        for row in fault["rows"]:
            header, record = files[row["file"]][0], files[row["file"]][row["line"] - 1]
            assert len(record) == len(header)
            named = dict(zip(header, record, strict=True))
            assert looks_faulty(kind, named[row["column"]], named, row["file"][-12:-4]), (kind, row, record)
            seen += 1
    assert seen > 800


@pytest.mark.slow
def test_faults_that_need_other_lines_stand_at_theirs(small: Path) -> None:
    files = {path.name: rows(path) for path in small.glob("*.csv")}
    faults = truth(small)["faults"]
    allowed = {
        "DA Flag": {"Y", "N", ""}, "Relationship": {"Landlord"}, "Risk Grade": {"Standard", "Medium", "High"},
        "Referral Status": {"Referred", "Opted Out", "Unsafe to Contact", "Not Transferred"},
        "Event": {"Considered", "Granted"}, "Question": {"Treatment"}, "Forum": set(contracts.FORUMS),
    }  # fmt: skip
    for row in faults["not an allowed value"]["rows"]:
        header, record = files[row["file"]][0], files[row["file"]][row["line"] - 1]
        cell = record[header.index(row["column"])]
        assert (
            (cell in {"Landlord", "See log"})
            if row["column"] == "Relationship"
            else cell not in allowed[row["column"]]
        )
    for row in faults["wrong number of cells"]["rows"]:
        lines = files[row["file"]]
        assert abs(len(lines[row["line"] - 1]) - len(lines[0])) == 1
    for kind, same in (("repeated reference", False), ("row sent twice", True)):
        for row in faults[kind]["rows"]:
            lines = files[row["file"]]
            record = lines[row["line"] - 1]
            earlier = [cells for cells in lines[1 : row["line"] - 1] if cells[0].strip() == record[0].strip()]
            assert earlier, (kind, row)
            assert (record in earlier) == same, (kind, row)
    references = {
        cells[0].strip() for name, lines in files.items() if "_crimes_" in name for cells in lines[1:]
    }
    for row in faults["no such crime"]["rows"]:
        header, record = files[row["file"]][0], files[row["file"]][row["line"] - 1]
        assert record[header.index("Investigation Ref")].strip() not in references


@pytest.mark.slow
def test_the_totals_of_truth_are_those_of_the_files(small: Path) -> None:
    wide, one = crimes_of(small)
    totals = truth(small)["totals"]
    assert totals["crime_records"] == wide["Investigation Ref"].nunique()
    assert totals["recorded_crimes"] == len(one)
    for basis in ("principal", "included_only", "any"):
        assert totals["stalking"][basis] == one[basis].sum()
        by_month = one[one[basis]].groupby("month").size()
        assert {
            month: cells[basis] for month, cells in totals["by_month"].items() if cells[basis]
        } == by_month.to_dict()
    assert {month: cells["recorded_crimes"] for month, cells in totals["by_month"].items()} == one.groupby(
        "month"
    ).size().to_dict()


# --- how the records hang together --------------------------------------------------------------


def test_newer_extracts_hold_revisions_of_every_kind(small: Path) -> None:
    changed = {"HO Class": 0, "Status": 0, "Suspect ID": 0, "Date Arrested": 0}
    before = rows(small / f"SYNTHETIC_athena_crimes_{EXTRACTS[0]}.csv")
    header, held = before[0], {cells[0]: cells for cells in before[1:] if len(cells) == len(before[0])}
    new = 0
    for extract in EXTRACTS[1:]:
        for cells in rows(small / f"SYNTHETIC_athena_crimes_{extract}.csv")[1:]:
            if len(cells) != len(header):
                continue
            new += cells[0] not in held
            for column in changed:
                place = header.index(column)
                changed[column] += cells[0] in held and held[cells[0]][place] != cells[place]
    assert new > 500
    assert all(changed.values()), changed
    accounts = truth(small)["files"]
    assert all(accounts[f"SYNTHETIC_athena_crimes_{extract}.csv"]["unchanged"] for extract in EXTRACTS)
    for name in ("outcomes", "support", "reviews"):
        assert accounts[f"SYNTHETIC_athena_{name}_{EXTRACTS[0]}.csv"]["superseded"] > 0, name
    assert truth(small)["planted"]["reclassified_after_the_baseline"] > 0


@pytest.mark.slow
def test_what_follows_a_crime_follows_it_in_time_but_for_the_planted_faults(small: Path) -> None:
    wide, _ = crimes_of(small)
    one = wide.drop_duplicates("Investigation Ref").set_index("Investigation Ref")
    recorded, reported = dates(one["Date Recorded"]), dates(one["Date Reported"])
    outcomes = newest(small, "outcomes", "Investigation Ref")
    stray = ~outcomes["Investigation Ref"].isin(one.index)
    outcomes = outcomes[~stray]
    assert (
        dates(outcomes["Outcome Date"]).to_numpy() >= recorded[outcomes["Investigation Ref"]].to_numpy()
    ).all()
    support = newest(small, "support", "Investigation Ref")
    assert support["Investigation Ref"].isin(one.index).all()
    early = dates(support["Referral Date"]) < reported[support["Investigation Ref"]].to_numpy()
    assert early.sum() == truth(small)["findings"]["referral before report"]
    arrested = wide[wide["Date Arrested"] != ""]
    assert (dates(arrested["Date Arrested"]) >= dates(arrested["Date Identified"])).all()
    for name, column in (
        ("risk", "Assessment Date"),
        ("reviews", "Review Due"),
        ("allocations", "Allocated Date"),
    ):
        frame = newest(small, name, "Investigation Ref")
        assert (dates(frame[column]).to_numpy() >= reported[frame["Investigation Ref"]].to_numpy()).all(), (
            name
        )
        assert dates(frame[column]).max() <= UNTIL


def test_an_order_takes_its_steps_in_their_order_but_for_the_planted_faults(small: Path) -> None:
    events = newest(small, "spo_events", "Order Ref").drop(columns="extract")
    orders = newest(small, "spo_orders", "Order Ref").set_index("Order Ref")
    assert set(events["Order Ref"]) == set(orders.index)
    events["day"] = dates(events["Event Date"])
    first = events.groupby(["Order Ref", "Event"])["day"].min().unstack()
    for earlier, later in (
        ("Considered", "Referred"), ("Referred", "Applied"), ("Applied", "Interim Granted"),
        ("Interim Granted", "Granted"), ("Applied", "Granted"), ("Applied", "Refused"), ("Granted", "Served"),
        ("Granted", "Expired"),
    ):  # fmt: skip
        both = first[[earlier, later]].dropna()
        assert (both[earlier] <= both[later]).all(), (earlier, later)
    found = truth(small)["findings"]
    grant = first[["Interim Granted", "Granted"]].min(axis=1)
    assert (first["Breached"] < grant).sum() == found["breach before grant"]
    assert (dates(orders["Expiry Date"]) < grant.reindex(orders.index)).sum() == found[
        "order ends before it starts"
    ]
    assert not first["Granted"].notna()[first[["Refused", "Withdrawn"]].notna().any(axis=1)].any()


@pytest.mark.slow
def test_cases_go_on_and_leave_something_for_the_screening_queue(small: Path) -> None:
    wide, _ = crimes_of(small)
    similar = wide[wide["HO Class"].isin(["8L", "8R", "66", "8U", "58C"]) & (wide["Suspect ID"] != "")]
    pairs = similar.drop_duplicates(["Investigation Ref", "Victim ID", "Suspect ID"])
    counts = pairs.groupby(["Victim ID", "Suspect ID"])["Investigation Ref"].nunique()
    named = wide["HO Class"].eq("8Q") | wide["Included Classifications"].str.contains("8Q|195/12|8/65|8/66")
    known = set(wide[named]["Victim ID"])
    hidden = [victim for victim, _ in counts[counts >= 2].index if victim not in known]
    assert len(hidden) > 50
    # One victim a crime: a second one of the same crime makes no serial suspect.
    firsts = wide[wide["Suspect ID"] != ""].drop_duplicates(["Investigation Ref", "Suspect ID"])
    victims_of = firsts.groupby("Suspect ID")["Victim ID"].nunique()
    assert 0.03 < (victims_of >= 2).mean() < 0.15


@pytest.mark.slow
def test_ten_stalking_and_thirty_domestic_abuse_victims_answer_every_stage_each_month(small: Path) -> None:
    answers = newest(small, "survey", "Response Ref")
    answers["month"] = dates(answers["Survey Date"]).dt.strftime("%Y-%m")
    people = answers.groupby(["month", "Survey"])["Response Ref"].nunique().unstack()
    assert len(people) == 90
    assert (people["Stalking"] == 10).all()
    assert (people["DA"] == 30).all()
    assert (answers.groupby("Response Ref")["Question"].nunique() == 8).all()
    assert {squeezed(text) for text in answers["Question"]} == set(contracts.STAGES)
    scored = answers["Score"] != ""
    assert set(answers["Score"][scored].astype(int)) == set(range(1, 8))
    assert (scored == (answers["No Answer"] == "")).all()
    assert 0.03 < 1 - scored.mean() < 0.06


def test_training_is_counted_by_role_and_never_exceeds_those_eligible(small: Path) -> None:
    counts = newest(small, "training", "Role")
    counts = counts[counts["Role"] != "Total"]
    assert (counts["Completed"].astype(int) <= counts["Eligible"].astype(int)).all()
    assert counts.groupby("Role").size().min() >= 2


# --- distributions, counted over the whole force -------------------------------------------------


@pytest.mark.slow
def test_volumes_follow_the_published_anchors_and_their_breaks(
    whole: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    one = whole[1]
    principal = one[one["principal"]].groupby("month").size()
    hidden = one[one["included_only"]].groupby("month").size()
    everything = one.groupby("month").size()
    assert 4000 < everything["2025-10":"2026-09"].mean() < 4500
    assert 330 <= principal["2025-10":"2026-09"].mean() <= 380
    assert principal["2025-10":"2026-09"].between(290, 425).all()
    assert principal["2019-04":"2020-03"].sum() == pytest.approx(882, abs=90)
    assert principal["2020-04":"2020-12"].sum() == pytest.approx(3228, rel=0.04)
    uplift = {
        years: hidden[years[0] : years[1]].sum() / principal[years[0] : years[1]].sum()
        for years in (("2020-04", "2023-05"), ("2023-06", "2024-05"), ("2025-10", "2026-09"))
    }
    assert uplift["2020-04", "2023-05"] < 0.06
    assert 0.12 < uplift["2023-06", "2024-05"] < 0.18
    assert 0.19 < uplift["2025-10", "2026-09"] < 0.26
    both = principal + hidden.reindex(principal.index, fill_value=0)
    before, after = both["2022-06":"2023-05"].sum(), both["2023-06":"2024-05"].sum()
    assert after / before == pytest.approx(1, abs=0.07)
    assert principal["2023-06":"2024-05"].sum() / principal["2022-06":"2023-05"].sum() < 0.93


@pytest.mark.slow
def test_stalking_hides_only_under_more_serious_crimes(whole: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    one = whole[1]
    under = one[one["included_only"]]["HO Class"].value_counts(normalize=True)
    assert set(under.index) == {"19C", "5D", "28E", "3B", "34B"}
    assert under.idxmax() == "3B"
    listed = one["Included Classifications"] != ""
    assert listed.mean() == pytest.approx(1 / 3, abs=0.02)
    assert listed[one["month"] >= "2025-04"].mean() > listed[one["month"] < "2023-06"].mean() + 0.08


@pytest.mark.slow
def test_the_background_keeps_its_proportions(whole: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    one = whole[1]
    now = one[one["month"] >= "2025-10"]["HO Class"].value_counts()
    assert now["8L"] / now["8Q"] == pytest.approx(3, abs=0.25)
    assert now["8R"] / now["8Q"] == pytest.approx(2, abs=0.2)
    assert now["66"] > 2000
    shares = pd.read_csv(ROOT / "sample_data" / "kent_district_shares.csv").set_index("district")["share"]
    found = one["District"].value_counts(normalize=True)
    assert (found.reindex(shares.index) - shares).abs().max() < 0.004
    weekday = one.groupby(one["day"].dt.day_of_week).size()
    assert weekday.loc[0] > 1.2 * weekday.loc[6]
    full = one[one["day"].between("2020-01-01", "2025-12-31")]
    season = full.groupby(full["day"].dt.month).size() / pd.Series(
        {
            month: sum(pd.Period(f"{year}-{month:02d}").days_in_month for year in range(2020, 2026))
            for month in range(1, 13)
        }
    )
    assert season[[6, 7, 8]].mean() > 1.03 * season[[12, 1, 2]].mean()


@pytest.mark.slow
def test_typology_has_the_shares_and_gaps_it_should(stalking: pd.DataFrame) -> None:
    known = stalking[stalking["Relationship"] != ""]["Relationship"].value_counts(normalize=True) * 100
    aimed = {
        "Ex Partner": 57,
        "Partner": 3,
        "Family Member": 6,
        "Acquaintance": 20,
        "Stranger": 8,
        "Unknown": 6,
    }
    for relationship, share in aimed.items():
        assert known[relationship] == pytest.approx(share, abs=2), relationship
    assert (stalking["Relationship"] == "").mean() == pytest.approx(0.08, abs=0.015)
    assert (stalking["DA Flag"] == "Y").mean() == pytest.approx(0.62, abs=0.02)
    assert (stalking["Internet Involved"] == "").mean() == pytest.approx(0.10, abs=0.01)
    online = stalking["Internet Involved"].isin(["Y", "Partly"])
    by_year = online.groupby(stalking["day"].dt.year).mean() * 100
    assert by_year[2023] == pytest.approx(30, abs=2.5)
    slope = (by_year[2025] - by_year[2020]) / 5
    assert slope == pytest.approx(3, abs=0.6)
    by_kin = online.groupby(stalking["Relationship"]).mean()
    assert by_kin["Stranger"] > by_kin["Ex Partner"] + 0.1
    assert (stalking["Motive"] == "").mean() > 0.7


@pytest.mark.slow
def test_victims_return_and_suspects_persist(
    whole: tuple[pd.DataFrame, pd.DataFrame], stalking: pd.DataFrame
) -> None:
    wide = whole[0][whole[0]["Investigation Ref"].isin(stalking["Investigation Ref"])]
    people = wide[wide["Victim Type"] == "Person"].drop_duplicates(["Investigation Ref", "Victim ID"]).copy()
    sexes = people[people["Victim Sex"] != ""]["Victim Sex"].value_counts(normalize=True)
    assert sexes["F"] == pytest.approx(0.78, abs=0.02)
    ages = people["Victim Age"][~people["Victim Age"].isin(["", "3O", "adult", "150", "-3"])].astype(int)
    assert ages.between(18, 34).mean() > 0.45
    assert ages.between(0, 105).all()
    suspects = wide[wide["Suspect ID"] != ""].drop_duplicates(["Investigation Ref", "Suspect ID"])
    sexes = suspects[suspects["Suspect Sex"] != ""]["Suspect Sex"].value_counts(normalize=True)
    assert sexes["M"] == pytest.approx(0.80, abs=0.02)
    identified = suspects["Investigation Ref"].nunique() / wide["Investigation Ref"].nunique()
    assert 0.88 < identified < 0.95

    people["day"] = dates(people["Date Recorded"])
    people = people.sort_values(["Victim ID", "day"])
    gap = people.groupby("Victim ID")["day"].diff().dt.days
    after = people["day"] >= pd.Timestamp("2020-04-01")
    repeats = (
        people[after & (gap <= 365)]["Investigation Ref"].nunique()
        / people[after]["Investigation Ref"].nunique()
    )
    assert 0.25 <= repeats <= 0.30
    place = people.groupby("Victim ID").cumcount()
    serious = people["HO Code"].isin(["8/65", "8/66"])
    assert serious[place >= 2].mean() > serious[place == 0].mean() + 0.08
    several = wide.groupby("Investigation Ref").size()
    assert 0.05 < (several > 1).mean() < 0.15


@pytest.mark.slow
def test_outcomes_have_their_mix_and_mature(force: Path, stalking: pd.DataFrame) -> None:
    outcomes = newest(force, "outcomes", "Investigation Ref")
    outcomes["day"] = dates(outcomes["Outcome Date"])
    mine = outcomes[outcomes["Investigation Ref"].isin(stalking["Investigation Ref"])]
    mix = mine["Outcome Code"].value_counts(normalize=True) * 100
    for code, share in {"1": 7, "15": 30, "16": 48, "14": 3, "18": 4, "17": 2}.items():
        assert mix[code] == pytest.approx(share, abs=1.5), code
    assert mix["8"] + mix["22"] == pytest.approx(2, abs=0.7)
    expired = mine[mine["Outcome Code"] == "17"].merge(stalking, on="Investigation Ref")
    assert ((expired["day_x"] - expired["day_y"]).dt.days >= 180).all()
    closed = stalking["Investigation Ref"].isin(mine["Investigation Ref"])
    is_open = 1 - closed.groupby(stalking["month"]).mean()
    assert is_open["2026-09"] == pytest.approx(0.60, abs=0.06)
    assert is_open["2026-08"] < is_open["2026-09"]
    assert is_open["2021-01":"2024-12"].mean() == pytest.approx(0.02, abs=0.01)


@pytest.mark.slow
def test_risk_is_graded_for_most_and_higher_for_former_partners(force: Path, stalking: pd.DataFrame) -> None:
    risk = newest(force, "risk", "Investigation Ref")
    mine = stalking["Investigation Ref"].isin(risk["Investigation Ref"])
    assert (~mine).mean() == pytest.approx(0.12, abs=0.015)
    high = stalking["Investigation Ref"].isin(risk[risk["Risk Grade"] == "High"]["Investigation Ref"])
    by_kin = high.groupby(stalking["Relationship"]).mean()
    assert by_kin["Ex Partner"] > by_kin["Acquaintance"] + 0.04
    teams = stalking["OIC Team"].str.startswith("Vulnerability")
    assert teams[high].mean() > teams[~high].mean() + 0.2


def referrals(force: Path, stalking: pd.DataFrame) -> pd.DataFrame:
    """Person victims of stalking crimes: month, district, whether referred."""
    support = newest(force, "support", "Investigation Ref")
    support = support.merge(stalking[["Investigation Ref", "month", "District"]], on="Investigation Ref")
    support["referred"] = support["Referral Status"] == "Referred"
    return support


@pytest.mark.slow
def test_referrals_fall_in_one_district_while_the_force_hardly_moves(
    force: Path, stalking: pd.DataFrame
) -> None:
    support = referrals(force, stalking)
    planted = truth(force)["planted"]["district_referral_fall"]
    assert (planted["district"], planted["from"], planted["until"]) == ("Thanet", "2026-02-01", "2026-09-30")
    kent = support[(support["month"] >= "2023-12") & (support["month"] <= "2024-11")]["referred"].mean()
    assert kent == pytest.approx(0.908, abs=0.012)
    late = support["month"] >= "2026-02"
    thanet = support["District"] == "Thanet"
    assert support[late & thanet]["referred"].mean() == pytest.approx(0.63, abs=0.05)
    assert (support[late & thanet].groupby("month")["referred"].mean() < 0.80).all()
    assert support[late & ~thanet]["referred"].mean() > 0.89
    assert support[thanet & support["month"].between("2024-02", "2026-01")]["referred"].mean() > 0.88
    rolling = [
        support[support["month"].between(start, end)]["referred"].mean()
        for start, end in (("2025-02", "2026-01"), ("2025-10", "2026-09"))
    ]
    assert 0 < rolling[0] - rolling[1] < 0.02


@pytest.mark.slow
def test_orders_pass_the_published_milestones(force: Path) -> None:
    for name in ("spo_orders", "spo_events", "calls"):
        assert truth(force)["files"][f"SYNTHETIC_athena_{name}_{EXTRACTS[0]}.csv"]["superseded"] > 0, name
    events = newest(force, "spo_events", "Order Ref")
    events["day"] = dates(events["Event Date"])
    first = events.groupby(["Order Ref", "Event"])["day"].min().unstack()
    granted = first["Granted"].dropna()
    assert granted.min() == pd.Timestamp("2020-02-25")
    assert (granted <= "2021-04-30").sum() == pytest.approx(23, abs=1)
    assert (granted <= "2022-12-31").sum() == pytest.approx(100, abs=2)
    assert (granted <= "2024-11-22").sum() == pytest.approx(186, abs=3)
    assert truth(force)["planted"]["full_orders_granted_by"]["2024-11-22"] == (granted <= "2024-11-22").sum()
    decided = first[["Granted", "Refused", "Withdrawn"]].notna().sum()
    shares = decided / decided.sum() * 100
    assert shares["Granted"] == pytest.approx(78, abs=2)
    assert shares["Refused"] == pytest.approx(5, abs=1.5)
    assert shares["Withdrawn"] == pytest.approx(17, abs=2)
    applied = first["Applied"].dropna()
    assert 4 <= len(applied) / ((UNTIL - pd.Timestamp("2020-02-25")).days / 30.44) <= 5
    assert first["Interim Granted"].notna().sum() / len(applied) == pytest.approx(0.40, abs=0.03)

    orders = newest(force, "spo_orders", "Order Ref").set_index("Order Ref")
    renewed = first["Renewed"].notna().reindex(granted.index)
    years = ((dates(orders["Expiry Date"]).reindex(granted.index) - granted).dt.days / 365.25).round()
    years = years.mask(renewed, 2)
    lengths = years.fillna(0).value_counts(normalize=True) * 100
    for length, share in {2: 35, 3: 20, 5: 35, 10: 8, 0: 2}.items():
        assert lengths[length] == pytest.approx(share, abs=3), length
    mature = granted[granted <= UNTIL - pd.DateOffset(years=1)]
    breach = first["Breached"].reindex(mature.index)
    assert (breach <= mature + pd.DateOffset(years=1)).mean() == pytest.approx(0.20, abs=0.04)


@pytest.mark.slow
def test_calls_and_forums_are_there_in_plausible_numbers(force: Path, stalking: pd.DataFrame) -> None:
    calls = newest(force, "calls", "Call Ref")
    calls["day"] = dates(calls["Call Date"])
    assert calls["day"].min() >= pd.Timestamp("2024-11-01")
    assert 0.5 < (calls["Investigation Ref"] != "").mean() < 0.7
    forums = newest(force, "partner_referrals", "Referral Ref")
    assert set(forums["Forum"]) == set(contracts.FORUMS)
    several = forums.groupby("Investigation Ref")["Forum"].nunique()
    assert (several > 1).sum() > 100
    assert dates(forums["Referral Date"]).max() <= UNTIL
