"""What every SQL file promises, checked over whatever is on disk: nothing is added undescribed."""

import itertools
import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from profiles import catalogue, contracts, facts, listing, measures, warehouse
from profiles.periods import GRAINS
from profiles.selection import DIMENSIONS, Selection
from profiles.settings import ROOT
from tests import small_force
from tests.tables import asked, empty, loaded

LAYERS = {
    "staging": ("raw", "meta"),
    "marts": ("staging", "marts"),
    "measures": (),
    "lists": (),
}
"""Schemas each layer may read; measures and lists read only what the runner puts in front of them."""

META = ("bank_holidays", "capabilities", "feeds", "files", "rejects")
"""What the import keeps of itself and marts may read: these, too, through staging."""

FILES = [path for layer in LAYERS for path in sorted((warehouse.SQL / layer).glob("*.sql"))]
STAGING = [path.stem for path in FILES if path.parent.name == "staging"]
MARTS = catalogue.marts()
MEASURES = catalogue.catalogue()
LISTS = listing.listings()

NOT_PORTABLE = (
    *(exp.PercentileCont, exp.PercentileDisc, exp.Quantile, exp.WithinGroup, exp.Bracket, exp.Pivot),
    *(exp.Columns, exp.DayOfWeekIso, exp.ArrayAgg, exp.ArraySort, exp.GroupConcat),
)
"""Fails on other engines, or gives other rows without saying so."""

MACROS = {"percentile"}
"""Functions the parser does not know that other engines have all the same."""


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def tree(text: str) -> exp.Expr | None:
    """The one statement of a SQL text; None when it is only a header."""
    statements = sqlglot.parse(text, dialect="duckdb")
    assert len(statements) == 1, "more than one statement"
    return statements[0]


def faults(text: str) -> list[str]:
    """What in a SQL text is outside the portable subset."""
    parsed = tree(text)
    if parsed is None:
        return []
    found = [type(node).__name__ for node in parsed.find_all(*NOT_PORTABLE)]
    found += [node.name for node in parsed.find_all(exp.Anonymous) if node.name.lower() not in MACROS]
    found += re.findall(
        r"\bisodow\b|\blen(?=\()", parsed.sql(dialect="duckdb", comments=False), re.IGNORECASE
    )
    found += re.findall(r"\blen(?=\()", text, re.IGNORECASE)
    return found


@pytest.fixture(scope="module")
def force() -> warehouse.Connection:
    """A small force with something in every table."""
    return loaded(empty(), small_force.TABLES, lacks=small_force.LACKS)


# --- every file ---


def test_there_are_files_of_every_layer_and_one_of_staging_for_every_table() -> None:
    assert sorted(STAGING) == sorted(f"stg_{table}" for table in (*contracts.TABLES, *META))
    assert MARTS
    assert MEASURES
    assert LISTS
    on_disk = [path for path in warehouse.SQL.rglob("*") if path.is_file()]
    assert sorted(on_disk) == sorted(FILES)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_reads_only_the_layer_below_it(path: Path) -> None:
    parsed = tree(path.read_text(encoding="utf-8"))
    if parsed is None:
        return
    allowed = LAYERS[path.parent.name]
    steps = {step.alias for step in parsed.find_all(exp.CTE)} | {"selected", "periods"}
    for table in parsed.find_all(exp.Table):
        if table.db:
            assert table.db in allowed, f"reads {table.db}.{table.name}"
        else:
            assert table.name in steps, f"reads {table.name}, which is no step of its own"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_is_one_select_in_lower_case_within_the_portable_subset(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    parsed = tree(text)
    assert parsed is None or isinstance(parsed, exp.Query)
    code = re.sub(r"'[^']*'|--.*", "", text)
    assert code == code.lower()
    assert "\t" not in text
    assert text.endswith("\n")
    assert faults(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "select quantile_cont(x, 0.5) from t",
        "select percentile_cont(0.5) within group (order by x) from t",
        "select list_extract(x, 1) from t",
        "select x[1] from t",
        "select hash(x) from t",
        "select isodow(d) from t",
        "select extract(isodow from d) from t",
        "select date_part('isodow', d) from t",
        "select len(x) from t",
        "select list(x order by y) from t",
        "select columns('a.*') from t",
        "select * from (pivot t on x using sum(y))",
    ],
)
def test_the_lint_finds_what_other_engines_lack(text: str) -> None:
    assert faults(text)
    assert faults("select percentile(x, 0.5), arg_max(a, b), date_diff('day', c, d) from t") == []


# --- staging and marts ---


@pytest.mark.slow
@pytest.mark.parametrize("stem", STAGING)
def test_a_staging_view_says_its_grain_and_its_key_is_one(stem: str, force: warehouse.Connection) -> None:
    header = catalogue.staging_header(warehouse.SQL / "staging" / f"{stem}.sql")
    check_key(force, f"staging.{stem}", [part.strip() for part in header["key"].split(",")])


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_says_its_grain_and_its_key_is_one(mart: str, force: warehouse.Connection) -> None:
    check_key(force, f"marts.{mart}", list(MARTS[mart].key))


def check_key(con: warehouse.Connection, table: str, key: list[str]) -> None:
    columns = ", ".join(key)
    rows, keys = con.execute(
        f"select count(*), (select count(*) from (select distinct {columns} from {table})) from {table}"
    ).fetchall()[0]
    assert rows > 0
    assert rows == keys
    blank = " or ".join(f"{column} is null" for column in key)
    assert con.execute(f"select count(*) from {table} where {blank}").fetchall() == [(0,)]


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_has_the_dimensions_it_declares_and_never_blank(
    mart: str, force: warehouse.Connection
) -> None:
    types = dict(
        force.execute(
            "select column_name, data_type from duckdb_columns() "
            "where schema_name = 'marts' and table_name = $mart",
            {"mart": mart},
        ).fetchall()
    )
    assert not {"category", "period"} & types.keys()
    for dimension in MARTS[mart].dimensions:
        expected = "VARCHAR[]" if DIMENSIONS[dimension].overlaps else "VARCHAR"
        assert types.get(dimension) == expected, dimension
        assert force.execute(f"select count(*) from marts.{mart} where {dimension} is null").fetchall() == [
            (0,)
        ], dimension


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_holds_no_category_that_is_not_declared(mart: str, force: warehouse.Connection) -> None:
    for dimension in MARTS[mart].dimensions:
        declared = DIMENSIONS[dimension].categories
        if declared:
            value = f"unnest({dimension})" if DIMENSIONS[dimension].overlaps else dimension
            found = {
                value for (value,) in force.execute(f"select distinct {value} from marts.{mart}").fetchall()
            }
            assert found <= set(declared), dimension


# --- measures ---


@pytest.mark.parametrize("measure_id", MEASURES)
def test_a_measure_is_described_and_no_other_is_called_the_same(measure_id: str) -> None:
    item = MEASURES[measure_id]
    assert item.note
    is_of_every_import = not item.ratio and MARTS[item.reads].feed == facts.ANY
    assert item.needs or is_of_every_import, "say what it needs, or zero stands for not available"
    assert [other.measure_id for other in MEASURES.values() if other.title == item.title] == [measure_id]
    # A published rate comes without what it is made of.
    is_published = item.sensitivity == "open" and not item.denominator
    assert bool(item.denominator) != item.is_count or item.shape == "distribution" or is_published
    assert item.by == "" or item.by in item.dimensions


@pytest.mark.parametrize("measure_id", MEASURES)
def test_a_measure_has_a_test_of_its_own_by_example(measure_id: str) -> None:
    tests = [path for path in (ROOT / "tests").glob("test_*.py") if path.name != Path(__file__).name]
    assert any(f'"{measure_id}"' in path.read_text(encoding="utf-8") for path in tests)


@pytest.mark.parametrize("measure_id", MEASURES)
def test_a_measure_places_its_rows_by_a_day_of_its_mart(measure_id: str, force: warehouse.Connection) -> None:
    item = MEASURES[measure_id]
    if item.sql and item.time == "flow":
        found = force.execute(
            "select data_type from duckdb_columns() "
            "where schema_name = 'marts' and table_name = $mart and column_name = $day",
            {"mart": item.reads, "day": item.date},
        ).fetchall()
        assert found == [("DATE",)]


def allowed(measure_id: str) -> list[str]:
    item = MEASURES[measure_id]
    return [grain for grain in GRAINS if not item.grains or grain in item.grains]


@pytest.mark.slow
@pytest.mark.parametrize("measure_id", MEASURES)
def test_a_measure_answers_every_basis_grain_and_dimension_in_full(
    measure_id: str, force: warehouse.Connection
) -> None:
    item = MEASURES[measure_id]
    grains = allowed(measure_id)
    questions: list[tuple[str | None, str, str | None]] = [(None, grain, None) for grain in grains]
    questions += [(basis, grains[0], None) for basis in item.bases]
    questions += [
        (None, grain, by) for grain, by in zip(itertools.cycle(grains), item.dimensions, strict=False)
    ]
    for basis, grain, by in questions:
        frame = asked(force, measure_id, basis=basis, grain=grain, by=by)
        assert tuple(frame.columns) == measures.COLUMNS
        shown = frame["category"].nunique() * frame["period"].nunique()
        assert len(frame) == shown == len(frame.drop_duplicates(["category", "period"]))
        assert set(frame["marker"]) <= {"", "[p]", "[u]", "[x]", "[z]"}
        with_figure = frame["marker"].isin(["", "[p]", "[u]"]) & ~(frame["denominator"] < item.least)
        assert frame["value"].notna().equals(with_figure)
        if item.interval not in {"none", "quartiles"}:
            kept = frame[with_figure]
            assert (kept["lower"] <= kept["value"]).all()
            assert (kept["value"] <= kept["upper"]).all()


def one(measure_id: str) -> dict[str, str]:
    """A filter to one of what the measure keeps apart: beyond it, it does not add."""
    return {group[0]: DIMENSIONS[group[0]].categories[0] for group in MEASURES[measure_id].apart}


@pytest.mark.slow
@pytest.mark.parametrize("measure_id", [item.measure_id for item in MEASURES.values() if item.adds_over])
def test_a_measure_adds_over_what_it_says_it_adds_over(measure_id: str, force: warehouse.Connection) -> None:
    item, where = MEASURES[measure_id], one(measure_id)
    parts = ["numerator", "denominator"]
    whole = asked(force, measure_id, grain="all", where=where)[parts].sum()
    assert whole["numerator"] > 0
    assert whole["denominator"] > 0 or item.is_count
    if "time" in item.adds_over:
        for grain in ("month", "quarter", "financial_year", "year"):
            assert asked(force, measure_id, grain=grain, where=where)[parts].sum().equals(whole), grain
    if "category" in item.adds_over:
        for by in item.dimensions:
            if DIMENSIONS[by].overlaps or any(by in group for group in item.apart):
                continue
            frame = asked(force, measure_id, grain="all", by=by, where=where)
            if set(frame["marker"]) != {"[x]"}:
                assert frame[parts].sum().equals(whole), by


@pytest.mark.slow
def test_a_part_is_never_more_than_the_measure_it_is_part_of(force: warehouse.Connection) -> None:
    parts = [item for item in MEASURES.values() if item.part_of]
    assert parts
    for item in parts:
        part = asked(force, item.measure_id, grain="all", where=one(item.measure_id))["numerator"].sum()
        whole = asked(force, item.part_of, grain="all", where=one(item.part_of))["numerator"].sum()
        assert 0 < part <= whole, item.measure_id


# --- lists ---


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_described_and_shows_what_it_selects_under_readable_names(
    name: str, force: warehouse.Connection
) -> None:
    item = LISTS[name]
    assert item.title
    assert item.note
    assert [other.list_id for other in LISTS.values() if other.title == item.title] == [name]
    parsed = tree(item.sql)
    assert isinstance(parsed, exp.Select)
    assert [each.alias_or_name for each in parsed.expressions] == [column for column, _ in item.columns]
    titles = [title for _, title in item.columns]
    assert len(set(titles)) == len(titles)
    assert all(title[0].isupper() and "_" not in title for title in titles)
    types = dict(
        force.execute(
            "select column_name, data_type from duckdb_columns() "
            "where schema_name = 'marts' and table_name = $mart",
            {"mart": item.reads},
        ).fetchall()
    )
    assert not item.date or types[item.date] == "DATE"
    assert {types[column] for column in item.search} == {"VARCHAR"}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_one_order_and_every_filter_of_its_mart(name: str, force: warehouse.Connection) -> None:
    item = LISTS[name]
    whole = listing.page(force, name, Selection())
    assert whole.total == len(whole.frame) > 0
    titles = dict(item.columns)
    order = [titles[part.split()[0]] for part in item.order.split(", ")]
    assert not whole.frame.duplicated(order).any(), "rows may change places from page to page"
    for dimension in item.dimensions:
        if DIMENSIONS[dimension].categories:
            values: set[str] = set(DIMENSIONS[dimension].categories)
        else:
            found = force.execute(f"select distinct {dimension} from marts.{item.reads}").fetchall()
            values = {value for (value,) in found}
        where = tuple((dimension, value) for value in sorted(values))
        assert listing.page(force, name, Selection(where=where)).total > 0, dimension
