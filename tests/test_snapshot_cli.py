"""The commands on snapshots: what they print, where, with which exit status, and how they refuse."""

import csv
import io
import json
import re
import shutil
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from profiles.cli import main
from profiles.snapshot import attack, comparing, manifests, protecting
from tests import releases
from tests.snapshot_rows import ROWS, count, release, rows

ATTACK = "attacking what was written"
REMEDY = "take the snapshot anew from where it was released, or build it again"


def told(*arguments: object) -> Result:
    """How the command ended; no exception but that of its exit status came out of it."""
    found = CliRunner().invoke(main, [str(each) for each in arguments])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


def refused(sentence: str, *arguments: object) -> None:
    """Check that the command prints just the sentence, on standard error, and ends with status 2."""
    found = told(*arguments)
    assert (found.exit_code, found.stdout, found.stderr) == (2, "", f"stalking-profiles: {sentence}\n")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(tmp_path_factory.mktemp("released") / "a")


@pytest.fixture
def folder(released: Path, tmp_path: Path) -> Path:
    """A copy of the release that a test may spoil."""
    return Path(shutil.copytree(released, tmp_path / "copy"))


def changed_rows() -> pd.DataFrame:
    """The rows with one figure revised and one withheld."""
    frame = ROWS.copy()
    frame.loc[0, ["numerator", "value", "lower", "upper"]] = [50.0, 50.0, 25.0, 100.0]
    frame.loc[1, ["numerator", "value", "lower", "upper"]] = nan
    frame.loc[1, "marker"] = "[c]"
    return frame


# ---- snapshot


@pytest.fixture
def happened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return releases.of_few_rows(monkeypatch)


def test_a_snapshot_prints_what_it_cost_and_its_hash(happened: list[str], tmp_path: Path) -> None:
    out = tmp_path / "a"
    found = told("snapshot", "--out", out, "--warehouse", tmp_path)
    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        f"{out}: internal snapshot as at 2024-12-31, OFFICIAL-SENSITIVE, SYNTHETIC",
        f"{len(ROWS):,} rows of figures, made from 1,234 different counts",
        "withheld: 12 small counts (primary) and 34 that would give them away (secondary); by number "
        "3.7% of the counts, by size 1.23% of all that is counted",
        f"3 rows hold a withheld count, {3 / len(ROWS):.1%} of all rows; 2 rows are left out, for they "
        "cannot be protected or are too fine for so few crimes",
        f"SHA-256 of its manifest, to be told with the release: {manifests.verified(out).sha256}",
    ]
    assert found.stderr.splitlines()[:5] == [
        "protecting small counts",
        "projecting",
        "writing files",
        "writing the workbook",
        ATTACK,
    ]


def test_a_snapshot_is_of_the_profile_asked_for_and_names_the_one_before(
    happened: list[str], tmp_path: Path
) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    assert told("snapshot", "--out", first, "--profile", "external").exit_code == 0
    found = told("snapshot", "--out", second, "--profile", "external", "--previous", first)
    assert found.stdout.startswith(f"{second}: external snapshot as at 2024-12-31, OFFICIAL-SENSITIVE, SYN")
    manifest = manifests.verified(second)
    assert manifest.profile == "external"
    assert manifest.raw["thresholds"]["rounded_to"] == 5
    assert manifest.raw["previous"]["sha256"] == manifests.verified(first).sha256
    refused(
        f"{first} has profile external, and the new snapshot internal; name one of its own kind as previous.",
        *("snapshot", "--out", tmp_path / "c", "--previous", first),
    )
    assert not (tmp_path / "c").exists()


def test_of_real_data_nothing_says_synthetic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    releases.of_few_rows(monkeypatch, is_synthetic=False)
    found = told("snapshot", "--out", tmp_path / "a")
    assert found.stdout.splitlines()[0].endswith("as at 2024-12-31, OFFICIAL-SENSITIVE")


def test_a_snapshot_is_refused_in_one_sentence(happened: list[str], tmp_path: Path) -> None:
    out = tmp_path / "a"
    out.mkdir()
    refused(
        f"{out} is there already; a snapshot is never overwritten: name a new folder.",
        *("snapshot", "--out", out),
    )
    refused(
        f"The folder {out / 'b'} of c does not exist; make it, or name another.",
        *("snapshot", "--out", out / "b" / "c"),
    )
    assert list(out.iterdir()) == []


def test_a_snapshot_without_a_warehouse_is_refused(tmp_path: Path) -> None:
    refused(
        f"There is no warehouse in {tmp_path / 'none'}; import an export with `stalking-profiles import`, "
        "or run `stalking-profiles demo` for made-up data.",
        *("snapshot", "--out", tmp_path / "a", "--warehouse", tmp_path / "none"),
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["snapshot"], "Missing option '--out'"),
        (["snapshot", "--out", "x", "--profile", "public"], "'public' is not one of 'internal', 'external'"),
        (["verify"], "Missing argument 'DIR'"),
        (["compare", "x"], "Missing argument 'B'"),
        (["compare", "x", "y", "--format", "xml"], "'xml' is not one of 'table', 'csv', 'json'"),
        (["snapshot-audit"], "Missing argument 'DIR...'"),
    ],
)
def test_what_is_asked_amiss_says_so(arguments: list[str], sentence: str) -> None:
    found = told(*arguments)
    assert (found.exit_code, found.stdout) == (2, "")
    assert sentence in found.stderr


@pytest.mark.slow
def test_a_whole_snapshot_says_what_is_done_and_its_cost_as_the_manifest_has_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = releases.releases(tmp_path_factory)
    for name in ("internal", "external"):
        built = made.built(name)
        manifest = manifests.verified(built.folder)
        cost = manifest.raw["suppression"]
        assert min(cost["primary"], cost["secondary"], cost["rows_with_a_withheld_count"]) > 100
        assert 0 < cost["share_of_total_lost"] < 0.1
        first, *costs, last = built.printed.splitlines()
        assert first == (
            f"{built.folder}: {name} snapshot as at {manifest.as_at}, OFFICIAL-SENSITIVE, SYNTHETIC"
        )
        assert tuple(costs) == protecting.cost_sentences(cost)
        assert last.endswith(manifest.sha256)
        progress = built.progress.splitlines()
        steps = ["counting stalking_crimes", "protecting small counts", "projecting", "writing files"]
        steps += ["writing the workbook", ATTACK]
        assert [line for line in progress if line in steps] == steps
        assert progress.index("protecting small counts") + 1 < progress.index("projecting")
    audited = told("snapshot-audit", made.built("internal").folder)
    assert audited.exit_code == 0, audited.stdout
    found = re.search(r"([\d,]+) counts withheld, 0 of them given away \(least and most", audited.stdout)
    assert found
    assert int(found[1].replace(",", "")) > 1000
    assert "relations" in audited.stderr


# ---- verify


def test_a_whole_snapshot_is_said_to_be_whole(released: Path) -> None:
    found = told("verify", released)
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout.splitlines() == [
        f"{released} is whole: 5 files, internal, as at 2024-12-31, version 0.1.0",
        f"SHA-256 of its manifest: {manifests.verified(released).sha256}",
    ]


def test_one_that_is_not_whole_is_refused_by_every_command(
    folder: Path, released: Path, happened: list[str], tmp_path: Path
) -> None:
    path = folder / "definitions.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    sentence = f"{path} is not the file that was released; {REMEDY}."
    for arguments in (
        ("verify", folder),
        ("snapshot-audit", folder),
        ("compare", folder, released),
        ("compare", released, folder),
        ("snapshot", "--out", tmp_path / "new", "--previous", folder),
    ):
        refused(sentence, *arguments)
    path.unlink()
    refused(f"{folder} lacks definitions.csv; {REMEDY}.", "verify", folder)
    assert not (tmp_path / "new").exists()


def test_what_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    refused(
        f"{tmp_path} has no manifest.json, so it is no snapshot; choose another folder, or {REMEDY}.",
        *("verify", tmp_path),
    )


# ---- compare


def test_two_snapshots_compared_print_sentences_and_what_changed_most(released: Path, tmp_path: Path) -> None:
    other = release(tmp_path / "b", changed_rows(), as_at="2025-01-31")
    found = told("compare", released, other)
    assert (found.exit_code, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    assert lines[:5] == [
        "Figures as at 31 January 2025 compared with those as at 31 December 2024.",
        "Of 12 rows that both hold, 1 was revised.",
        "1 row is now confidential.",
        "Most revised: Stalking-involved crimes (1 of 5 rows).",
        "The largest change on a base of 30 or more: Stalking-involved crimes, basis any, January 2024, from "
        "40 to 50 (+25.0%).",
    ]
    head, line = (each.split() for each in lines[5:])
    assert head[:4] == ["measure_id", "title", "held", "revised"]
    assert line[0] == "stalking_crimes"
    assert "25" in line


@pytest.mark.slow
def test_the_changes_are_printed_as_csv_and_json_too(released: Path, tmp_path: Path) -> None:
    other = release(tmp_path / "b", changed_rows())
    frame = comparing.compared(released, other).frame
    assert frame["change"].tolist() == ["revised", "now hidden"]
    printed = told("compare", released, other, "--format", "csv")
    assert printed.exit_code == 0
    text = printed.stdout_bytes.decode()
    assert text.count("\r\n") == text.count("\n") == 3
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(lines[0]) == list(comparing.COLUMNS)
    assert [line["change"] for line in lines] == ["revised", "now hidden"]
    assert (lines[0]["value_old"], lines[0]["value_new"], lines[0]["difference"]) == ("40", "50", "10")
    assert (lines[1]["value_old"], lines[1]["value_new"], lines[1]["difference"]) == ("44", "[c]", "")
    found: list[dict[str, Any]] = json.loads(told("compare", released, other, "--format", "json").stdout)
    assert [list(line) for line in found] == [list(comparing.COLUMNS)] * 2
    assert (found[0]["per_cent"], found[1]["per_cent"]) == (25, None)


@pytest.mark.slow
def test_two_that_are_alike_say_so(released: Path, folder: Path) -> None:
    found = told("compare", released, folder)
    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        "Figures as at 31 December 2024 compared with those as at 31 December 2024.",
        "Of 12 rows that both hold, 0 were revised.",
        "Nothing changed.",
    ]
    assert json.loads(told("compare", released, folder, "--format", "json").stdout) == []
    assert told("compare", released, folder, "--format", "csv").stdout.count("\n") == 1


def test_two_of_different_profiles_are_not_compared(released: Path, tmp_path: Path) -> None:
    other = release(tmp_path / "b", profile="external")
    refused(
        f"{released} is of the disclosure profile internal and {other} of external, so their figures are "
        "protected in different ways; compare two of one profile.",
        *("compare", released, other),
    )


# ---- snapshot-audit


def districts(**figures: float) -> pd.DataFrame:
    """A quarter of 40 crimes and some of its districts; those without a figure are withheld."""
    whole = count(40.0, grain="quarter")
    return rows(
        *(count(10.0 + 5 * month, period=f"2024-0{month}-01") for month in (1, 2, 3)),
        whole | {"numerator": 60.0, "value": 60.0},
        *(
            whole
            | {"dimension": "district", "category": name, "numerator": figure, "value": figure}
            | {"marker": "[c]" if figure != figure else ""}
            for name, figure in figures.items()
        ),
    )


def test_an_audit_says_that_nothing_is_given_away(tmp_path: Path) -> None:
    folder = release(tmp_path / "a", districts(Dover=nan, Thanet=nan, Medway=30.0))
    found = told("snapshot-audit", folder)
    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        f"{folder}: 2 counts withheld, 0 of them given away (least and most less than 5 apart)",
        "Nothing is given away.",
    ]
    # Three months and three districts make a quarter.
    assert found.stderr.splitlines()[0].startswith("7 counts, 2 of them withheld, ")


def test_an_audit_names_what_is_given_away_and_ends_with_status_one(tmp_path: Path) -> None:
    folder = release(tmp_path / "a", districts(Dover=nan, Thanet=30.0, Medway=27.0))
    found = told("snapshot-audit", folder)
    assert found.exit_code == 1
    first, how, last, head, line = found.stdout.splitlines()
    assert first.startswith(f"{folder}: 1 counts withheld, 1 of them given away")
    assert how == "  1 by one sum after another: what the definitions say"
    assert last == "Withdraw this snapshot, or do not release it: docs/snapshot.md says how."
    assert head.split() == list(attack.COLUMNS)
    assert line.split()[:8] == [
        *("stalking_crimes", "numerator", "any", "district=Dover", "2024-01-01", "2024-03-31", "3", "3"),
    ]


def test_a_count_that_an_audit_does_not_finish_is_given_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = release(tmp_path / "a", districts(Dover=nan, Thanet=nan, Medway=30.0))
    monkeypatch.setattr("profiles.snapshot.ranges.time.monotonic", iter(range(0, 10**6, 10)).__next__)
    found = told("snapshot-audit", folder, "--seconds", 5)
    assert found.exit_code == 1
    assert "  2 not finished in the time, and so taken to be given away" in found.stdout.splitlines()


def test_snapshots_that_are_safe_alone_may_tell_a_count_together(tmp_path: Path) -> None:
    one = release(tmp_path / "a", districts(Dover=nan, Thanet=nan, Medway=30.0))
    other = release(tmp_path / "b", districts(Dover=nan, Thanet=27.0, Medway=nan))
    found = told("snapshot-audit", one, other)
    assert found.exit_code == 1
    lines = found.stdout.splitlines()
    assert lines[:4] == [
        f"{one}: 2 counts withheld, 0 of them given away (least and most less than 5 apart)",
        "Nothing is given away.",
        f"{other}: 2 counts withheld, 0 of them given away (least and most less than 5 apart)",
        "Nothing is given away.",
    ]
    assert (
        lines[4]
        == "All 2 together: 3 counts withheld, 3 of them given away (least and most less than 5 apart)"
    )


def test_a_snapshot_of_an_earlier_version_is_audited() -> None:
    # From before the manifest named when data begin, and from before what is withheld was attacked.
    folder = Path(__file__).with_name("old_snapshot")
    found = told("snapshot-audit", folder)
    assert found.exit_code == 1
    assert (
        f"{folder}: 1 counts withheld, 1 of them given away (least and most less than 5 apart)"
        in found.stdout.splitlines()
    )
    assert ["district=Sevenoaks", "2020-04-01", "2020-06-30", "4", "4"] in [
        line.split()[3:8] for line in found.stdout.splitlines()
    ]


def test_an_audit_says_that_figures_contradict_one_another(released: Path) -> None:
    found = told("snapshot-audit", released)
    assert found.exit_code == 0
    assert (
        "  3 counts are given with two values, and taken to be two counts each" in found.stdout.splitlines()
    )
