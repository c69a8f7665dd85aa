"""Figures printed by `measure … --format csv` beside a plain recount of the raw files in pandas.

The rules are written down a second time, from the exports' cells (tests/force.py) to the markers (here):
nothing of the product is asked but what its commands print.
"""

import json
import math
import random
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2
from statsmodels.stats.proportion import proportion_confint

from profiles.settings import ROOT
from tests.force import (
    CLOSEST,
    COLUMNS,
    GRADES,
    MOTIVES,
    NONE,
    Force,
    asked,
    imported,
    lines,
    measured,
    messy,
    recounted,
    taken,
)
from tests.force import force as made
from tests.sizes import cases

pytestmark = pytest.mark.slow

# --- asking: one selection, and what must be printed for it -------------------------------------

DECLARED = {
    "basis": ["principal", "included_only"],
    "relationship": CLOSEST,
    "mode": ["online", "both", "offline", NONE],
    "domestic": ["yes", "no", NONE],
    "typology": ["online", "domestic", "stranger", "none of these", NONE],
    "atom": ["online + domestic + stranger", "online + domestic", "online + stranger",
             "domestic + stranger", "online only", "domestic only", "stranger only", "none of these", NONE],
    "motive": [*MOTIVES, NONE],
    "risk_grade": [*GRADES, NONE],
    "spo_considered": ["yes", "no", NONE],
    "suspect_identified": ["yes", "no"],
    "repeat_victim": ["yes", "no", "not known"],
    "outcome_group": ["charged", "out of court, formal", "out of court, informal",
                      "taken into consideration", "diversionary", "evidential difficulties, victim supports",
                      "evidential difficulties, victim does not support",
                      "prevented or not in the public interest", "not in the public interest (police)",
                      "no suspect", "passed to another body", "unknown code", "not yet assigned"],
}  # fmt: skip
OPEN = {
    "district": ["Dover", "Medway", "Thanet", "Folkestone and Hythe", NONE],
    "principal_class": ["8Q", "8L", "3B", "19C"],
    "platform": ["Facebook", "WhatsApp", NONE],
    "location_type": ["Dwelling", "Online", "Workplace"],
    "team": ["Local Policing Team Medway", "CID North"],
    "offence_title": ["Stalking"],
    "beat": ["Medway Crossing", "Thanet Terrace"],
}
OF_ALL = ["district", "team", "principal_class"]
OF_STALKING = [*DECLARED, *OPEN]
OF_RATE = [
    "basis",
    "district",
    "relationship",
    "mode",
    "domestic",
    "typology",
    "atom",
    "motive",
    "risk_grade",
]
GRAINS = ["month", "quarter", "financial_year", "year", "rolling_year", "all"]
BASES = ["any", "principal", "included_only"]
NOT_MESSY = {"risk_grade", "outcome_group", "beat", "offence_title", "location_type"}
RESIDENTS = ROOT / "sample_data" / "kent_district_population.csv"


@dataclass(frozen=True)
class Measure:
    """What can be asked of a measure, its scale and its interval."""

    dimensions: list[str]
    bases: list[str]
    scale: float
    interval: str


MEASURES = {
    "recorded_crimes": Measure(OF_ALL, [], 1, "poisson"),
    "with_included_share": Measure(OF_ALL, [], 100, "wilson"),
    "stalking_crimes": Measure(OF_STALKING, BASES, 1, "poisson"),
    "included_only_share": Measure(OF_STALKING, [], 100, "wilson"),
    "included_uplift": Measure(OF_STALKING, [], 100, "odds"),
    "online_share": Measure(OF_STALKING, BASES, 100, "wilson"),
    "domestic_share": Measure(OF_STALKING, BASES, 100, "wilson"),
    "stranger_share": Measure(OF_STALKING, BASES, 100, "wilson"),
    "stalking_rate": Measure(OF_RATE, BASES, 1000, "poisson"),
}


@dataclass(frozen=True)
class Ask:
    """One question to the command."""

    measure: str
    basis: str
    by: str
    grain: str
    since: str
    until: str
    where: tuple[tuple[str, str], ...]

    def options(self) -> list[str]:
        """The question as the command takes it; what is empty is left out."""
        found = [self.measure]
        for name in ("basis", "by", "grain", "since", "until"):
            if getattr(self, name):
                found += [f"--{name}", getattr(self, name)]
        for name, value in self.where:
            found += ["--where", f"{name}={value}"]
        return found


def ask(number: int, seed: str = "recount 63", begins: str = "2019-04-01", days: int = 2700) -> Ask:
    """The selection of that number, the same in every run; nine in a row are of nine measures.

    `days` lie from the beginning of the data to their end.
    """
    draw = random.Random(f"{seed}.{number}")
    name = list(MEASURES)[number % len(MEASURES)]
    item = MEASURES[name]
    dimensions = [each for each in item.dimensions if seed != "messy" or each not in NOT_MESSY]
    grains = ["financial_year", "year", "rolling_year"] if name == "stalking_rate" else GRAINS
    values = DECLARED | OPEN
    if name == "stalking_rate":
        # Where nobody is counted as living there is no rate to ask for.
        values = values | {"district": [each for each in OPEN["district"] if each != NONE]}
    where = []
    for dimension in draw.sample(dimensions, draw.choice([0, 1, 1, 2])):
        chosen = draw.sample(values[dimension], draw.choice([1, min(2, len(values[dimension]))]))
        where += [(dimension, value) for value in chosen]
    first = pd.Timestamp(begins) + pd.Timedelta(days=draw.randrange(-150, days - 50))
    last = first + pd.Timedelta(days=draw.randrange(1, days // 2))
    return Ask(
        name,
        draw.choice(["", *item.bases]),
        draw.choice(["", *dimensions]),
        draw.choice(["", *grains]),
        f"{first:%Y-%m-%d}" if draw.random() < 0.6 else "",
        f"{max(last, pd.Timestamp(begins)):%Y-%m-%d}" if draw.random() < 0.6 else "",
        tuple(where),
    )


def spans(
    grain: str, since: pd.Timestamp, until: pd.Timestamp
) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
    """Label, first and last day of each period that holds a day from since to until."""
    if grain == "all":
        return [("all", since, until)]
    months = pd.period_range(since, until, freq="M")
    if grain == "rolling_year":
        return [(f"{m:%Y-%m}-01", (m - 11).start_time, m.end_time.normalize()) for m in months]
    size = {"month": 1, "quarter": 3, "financial_year": 12, "year": 12}[grain]
    opens = 4 if grain == "financial_year" else 1
    starts = dict.fromkeys(m - (m.month - opens) % size for m in months)
    return [(f"{m:%Y-%m}-01", m.start_time, (m + size - 1).end_time.normalize()) for m in starts]


def kept(frame: pd.DataFrame, name: str, values: list[str]) -> pd.DataFrame:
    """The crimes that have one of the values."""
    if name == "typology":
        return frame[frame[name].map(lambda types: bool(set(types) & set(values))).astype(bool)]
    return frame[frame[name].isin(values)]


def parts(measure: str, crimes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The crimes in the numerator, and those in the denominator of a share."""
    if measure == "with_included_share":
        return crimes[crimes["with_included"]], crimes
    if measure == "included_only_share":
        return crimes[crimes["basis"] == "included_only"], crimes
    if measure == "included_uplift":
        return crimes[crimes["basis"] == "included_only"], crimes[crimes["basis"] == "principal"]
    flags = {"online_share": "online", "domestic_share": "domestic abuse", "stranger_share": "stranger"}
    return (crimes[crimes[flags[measure]]], crimes) if measure in flags else (crimes, None)


def limits(
    interval: str, numerators: list[float], denominators: list[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The 95 % intervals of counts or rates, of shares, or of the ratios of two parts of a whole."""
    top, bottom = np.array(numerators, dtype=float), np.array(denominators, dtype=float)
    if interval == "poisson":
        lower = np.where(top > 0, chi2.ppf(0.025, 2 * np.maximum(top, 1)) / 2, 0)
        upper = chi2.ppf(0.975, 2 * top + 2) / 2
        # Limits of a count are told to a tenth, large ones to whole numbers; those of a rate in full.
        as_read = [np.where(upper < 100, np.round(each, 1), np.round(each)) for each in (lower, upper)]
        whole = np.isnan(bottom)
        return (
            np.where(whole, as_read[0], lower / np.where(whole, 1, bottom)),
            np.where(whole, as_read[1], upper / np.where(whole, 1, bottom)),
        )
    lower, upper = proportion_confint(top, bottom + top if interval == "odds" else bottom, method="wilson")
    return (lower / (1 - lower), upper / (1 - upper)) if interval == "odds" else (lower, upper)


@lru_cache(maxsize=32)
def expected(question: Ask, folder: Path) -> pd.DataFrame:
    """Every row that must be printed, in order; a figure that must be blank is nan."""
    item = MEASURES[question.measure]
    known = recounted(folder)
    crimes = known.crimes if item.dimensions is OF_ALL else known.stalking
    basis = question.basis or (item.bases[0] if item.bases else "")
    if basis in ("principal", "included_only"):
        crimes = crimes[crimes["basis"] == basis]
    wanted: dict[str, list[str]] = {}
    for name, value in question.where:
        wanted.setdefault(name, []).append(value)
    for name, values in wanted.items():
        crimes = kept(crimes, name, values)

    residents = pd.read_csv(RESIDENTS).set_index("district")["population"]
    residents = residents[residents.index.isin(wanted.get("district", residents.index))]
    categories = ["all"]
    if question.by:
        categories = DECLARED.get(question.by) or sorted(set(crimes[question.by]))
        if question.by == "basis" and basis != "any" and basis:
            categories = [basis]
        if question.by in wanted and question.by != "typology":
            order = DECLARED.get(question.by) or sorted(wanted[question.by])
            categories = [name for name in order if name in wanted[question.by]]
        if (question.measure, question.by) == ("stalking_rate", "district"):
            categories = sorted({*categories, *residents.index})

    since = pd.Timestamp(question.since or known.begins)
    until = pd.Timestamp(question.until or max(known.as_at, since))
    is_rolling = question.grain == "rolling_year"
    grain = question.grain or ("financial_year" if question.measure == "stalking_rate" else "month")
    last = min(until, known.as_at)
    rows = []
    for category in categories or ["all"]:
        mine = kept(crimes, question.by, [category]) if question.by else crimes
        days = [
            None if part is None else np.sort(part["day"].to_numpy())
            for part in parts(question.measure, mine)
        ]
        for label, starts, ends in spans(grain, since, until):
            begins = starts if is_rolling else max(starts, since)
            counts = [
                math.nan if found is None
                else max(0, np.searchsorted(found, min(ends, last).to_datetime64(), "right")
                         - np.searchsorted(found, begins.to_datetime64(), "left"))
                for found in days
            ]  # fmt: skip
            marker = ""
            if ends > last or (not is_rolling and starts < max(since, known.begins)):
                marker = "[p]"
            if question.measure == "stalking_rate":
                by_district = question.by == "district"
                counts[1] = residents.get(category, 0) if by_district else residents.sum()
            if counts[1] == 0:
                marker = "[z]"
            if ends < known.begins or starts > known.as_at or (is_rolling and starts < known.begins):
                marker = "[x]"
            rows.append((category, label, *counts, marker))
    table = pd.DataFrame(rows, columns=["category", "period", "numerator", "denominator", "marker"])
    whole = table[~table["marker"].isin(["[x]", "[z]"])]
    over = whole["denominator"].fillna(1)
    table["value"] = item.scale * whole["numerator"] / over
    lower, upper = limits(item.interval, whole["numerator"].tolist(), whole["denominator"].tolist())
    table["lower"] = pd.Series(item.scale * lower, whole.index)
    table["upper"] = pd.Series(item.scale * upper, whole.index)
    table.loc[table["marker"] == "[x]", ["numerator", "denominator"]] = math.nan
    return table


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> Force:
    """The force of this run."""
    return made(tmp_path_factory)


def compare(force: Force, question: Ask) -> None:
    """Fail where the command and the recount differ."""
    found = pd.DataFrame(measured(force.warehouse, *question.options()))
    table = expected(question, force.exports)
    where = " ".join(question.options())
    for name in ("category", "period", "marker"):
        assert found[name].tolist() == table[name].tolist(), f"{where}: {name}"
    for name in ("numerator", "denominator", "value", "lower", "upper"):
        figures = pd.to_numeric(found[name].replace("", None)).to_numpy(dtype=float)
        wanted = table[name].to_numpy(dtype=float)
        same = np.isclose(figures, wanted, rtol=1e-9, atol=1e-9, equal_nan=True)
        assert same.all(), f"{where}: {name}: {found[~same].head()} is not {table[~same].head()}"


TWENTY = range(20)


@pytest.mark.parametrize("number", TWENTY)
def test_a_random_selection_prints_what_a_recount_of_the_raw_files_gives(force: Force, number: int) -> None:
    compare(force, ask(number))


def test_the_twenty_see_every_measure_marker_basis_and_grain(force: Force) -> None:
    asks = [ask(number) for number in TWENTY]
    assert {one.measure for one in asks} == set(MEASURES)
    assert {one.basis for one in asks} >= set(BASES)
    assert {one.grain for one in asks} == {"", *GRAINS}
    seen = Counter(marker for one in asks for marker in expected(one, force.exports)["marker"])
    assert set(seen) == {"", "[p]", "[x]", "[z]"}
    assert seen[""] > 500


def ask_untidy(number: int) -> Ask:
    """The selection of that number among the days and dimensions of the untidy exports."""
    return ask(number, "messy", "2022-02-01", 960)


@pytest.fixture(scope="module")
def untidy(tmp_path_factory: pytest.TempPathFactory) -> Force:
    """A small force with untidy exports."""
    return messy(tmp_path_factory.mktemp("untidy"))


def test_of_untidy_exports_the_same_records_are_rejected(untidy: Force) -> None:
    expected = {
        (path.name, line)
        for path in untidy.exports.iterdir()
        for line in set(lines(path)) - {1} - set(taken(path).index)
    }
    assert set(asked(untidy.warehouse, "select file, line from meta.rejects")) == expected
    assert sum(item["rejected"] for item in untidy.account["files"]) == len(expected) > 50
    reasons = {reason for item in untidy.account["files"] for reason in item["reasons"]}
    assert reasons == {
        "missing value", "not a date", "out of range", "code became a date",
        "not an allowed value", "repeated reference", "wrong number of cells",
    }  # fmt: skip
    rows_in = sum(item["rows_in"] for item in untidy.account["files"])
    assert rows_in == sum(len(lines(path)) - 1 for path in untidy.exports.iterdir())


@pytest.mark.parametrize("measure", MEASURES)
def test_of_untidy_exports_every_measure_is_what_a_recount_gives(untidy: Force, measure: str) -> None:
    for number in range(list(MEASURES).index(measure), 2 * len(MEASURES), len(MEASURES)):
        compare(untidy, ask_untidy(number))
    compare(untidy, Ask(measure, "", "", "year", "", "", ()))


@pytest.mark.parametrize("by", ["typology", "atom", "relationship", "repeat_victim", "principal_class"])
def test_of_untidy_exports_no_breakdown_loses_a_crime(untidy: Force, by: str) -> None:
    compare(untidy, Ask("stalking_crimes", "", by, "rolling_year", "", "", ()))
    compare(untidy, Ask("stalking_crimes", "", by, "all", "", "", ()))


@pytest.mark.parametrize("block", range(20, cases(60, 180), 20))
def test_many_more_selections_agree_too(force: Force, untidy: Force, block: int) -> None:
    for number in range(block, block + 20):
        compare(force, ask(number))
        compare(untidy, ask_untidy(number))


@pytest.mark.parametrize("measure", MEASURES)
def test_each_measure_agrees_by_district_and_rolling_year(force: Force, measure: str) -> None:
    compare(force, Ask(measure, "", "district", "rolling_year", "", "", ()))


# --- Show 2: data.police.uk ----------------------------------------------------------------------

EXCERPT = ROOT / "sample_data" / "2024-01-kent-street-excerpt.csv"
WHOLE = ROOT.parent / "shared" / "data" / "2024-01-kent-street.csv"
# The excerpt ships and is always tested; the whole file lies beside a checkout, not in it.
STREETS = [EXCERPT, *([pytest.param(WHOLE, marks=pytest.mark.slow)] if WHOLE.exists() else [])]
KENT = {
    "Dartford", "Gravesham", "Medway", "Swale", "Ashford", "Canterbury", "Dover", "Folkestone and Hythe",
    "Thanet", "Maidstone", "Sevenoaks", "Tonbridge and Malling", "Tunbridge Wells",
}  # fmt: skip


@pytest.fixture(scope="module", params=STREETS, ids=lambda path: path.stem)
def street(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, dict]:
    """A street file, the warehouse it was imported into, and its account."""
    path: Path = request.param
    folder = tmp_path_factory.mktemp("street") / "warehouse"
    printed = imported(folder, path, mapping="police_uk", as_at="2024-02-28")
    (account,) = json.loads(printed)["files"]
    return path, folder, account


def streets(path: Path) -> pd.DataFrame:
    """The records of a street file by line; a district is an LSOA's name less its last five characters."""
    header, *_ = records = list(lines(path).values())
    found = pd.DataFrame(records[1:], columns=header, index=list(lines(path))[1:])
    found["district"] = found["LSOA name"].str[:-5].replace("", NONE)
    has_id = found["Crime ID"] != ""
    found["is_same"] = has_id & found.duplicated()
    found["is_other"] = has_id & ~found["is_same"] & found.duplicated("Crime ID")
    return found


def test_every_street_record_is_accounted_for(street: tuple[Path, Path, dict]) -> None:
    path, folder, account = street
    records = streets(path)
    assert account["rows_in"] == len(records)
    assert account["rejected"] == records["is_other"].sum()
    assert account["reasons"] == ({"repeated reference": account["rejected"]} if account["rejected"] else {})
    assert account["unchanged"] == records["is_same"].sum()
    assert account["accepted"] == len(records) - account["rejected"] - account["unchanged"]
    rejected = [line for (line,) in asked(folder, "select line from meta.rejects order by line")]
    assert rejected == records.index[records["is_other"]].tolist()
    if path == WHOLE:
        assert account["rows_in"] == 14_466
        assert (records["Crime ID"] == "").sum() == 1_663
        assert account["rejected"] == 3


def test_recorded_crimes_by_district_and_what_was_rejected_are_all_of_a_street_file(
    street: tuple[Path, Path, dict],
) -> None:
    path, folder, _ = street
    records = streets(path)
    left_out = Counter(records.loc[records["is_other"] | records["is_same"], "district"])
    printed = measured(folder, "recorded_crimes", "--by", "district")
    assert {(row["period"], row["marker"]) for row in printed} == {("2024-01-01", "")}
    found = Counter({row["category"]: int(row["numerator"]) for row in printed})
    assert found + left_out == Counter(records["district"])
    outside = set(records["district"]) - KENT - {NONE}
    assert NONE in found
    assert outside <= set(found)
    marked = asked(
        folder, "select value, count(*) from marts.findings where check_name = 'unknown district' group by 1"
    )
    assert dict(marked) == {name: found[name] for name in outside}


def test_every_stalking_measure_of_a_street_file_is_not_available_rather_than_zero(
    street: tuple[Path, Path, dict],
) -> None:
    _, folder, _ = street
    for name, item in MEASURES.items():
        if name == "recorded_crimes":
            continue
        asks = [[], ["--by", "district"], *(["--basis", basis] for basis in item.bases[1:])]
        for options in asks:
            rows = measured(folder, name, *options)
            assert {row["marker"] for row in rows} == {"[x]"}, (name, options)
            assert {row[column] for row in rows for column in COLUMNS[2:7]} == {""}, (name, options)
