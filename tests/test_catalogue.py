"""Headers of SQL files: what is read from a good one and why a bad one is refused."""

from pathlib import Path

import pytest

from profiles import catalogue
from profiles.errors import BadSql

MART = "-- grain: g\n-- key: source\n-- feed: crimes\n-- dimensions: source, district\nselect 1"
GOOD = {
    "title": "T",
    "note": "n",
    "unit": "count",
    "reads": "m",
    "date": "d",
    "numerator": "n",
    "bases": "none",
}


def written(folder: Path, mart: str, changed: dict[str, str | None], body: str = "select 1") -> Path:
    """A folder of SQL with one mart and one measure whose header is changed."""
    lines = {key: value for key, value in (GOOD | changed).items() if value is not None}
    for layer, stem, text in (
        ("marts", "m", mart),
        ("measures", "a", "\n".join(f"-- {key}: {value}" for key, value in lines.items()) + f"\n{body}\n"),
    ):
        (folder / layer).mkdir()
        (folder / layer / f"{stem}.sql").write_text(text, encoding="utf-8")
    return folder


def test_a_good_header_is_read_with_its_defaults_and_continued_lines(tmp_path: Path) -> None:
    item = catalogue.measure("a", written(tmp_path, MART, {"note": "one\n--   and more"}))
    assert item.note == "one and more"
    assert (item.unit, item.scale, item.time, item.shape, item.absent) == (
        "count",
        1,
        "flow",
        "ratio",
        "zero",
    )
    assert item.dimensions == ("source", "district")
    assert item.bases == ()
    assert not item.is_fixed


RELEASE: dict[str, str | None] = {
    "time": "stock",
    "cumulates": "b",
    "released": "district",
    "released_for": "quarter, financial_year",
    "crossed": "mode × district; mode × source",
    "sensitivity": "answers",
}
"""Keys that say what a snapshot tells of a measure."""


def test_what_a_snapshot_tells_of_a_measure_is_read(tmp_path: Path) -> None:
    folder = written(tmp_path, MART.replace("source,", "source, mode,"), RELEASE)
    text = "\n".join(f"-- {key}: {value}" for key, value in GOOD.items())
    (folder / "measures" / "b.sql").write_text(f"{text}\nselect 1\n", encoding="utf-8")
    item = catalogue.measure("a", folder)
    assert (item.cumulates, item.sensitivity) == ("b", "answers")
    assert item.released == ("district",)
    assert item.released_for == ("quarter", "financial_year")
    assert item.crossed == (("mode", "district"), ("mode", "source"))


def test_a_measure_whose_header_says_nothing_of_a_snapshot_is_of_people_and_released_as_usual(
    tmp_path: Path,
) -> None:
    item = catalogue.measure("a", written(tmp_path, MART, {}))
    assert (item.cumulates, item.part_of, item.sensitivity) == ("", "", "person")
    assert (item.stock_of, item.follows, item.follows_by) == ("", "", "")
    assert item.released == item.released_for == ()
    assert item.crossed == ()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"title": None}, "measures/a.sql: the header lacks `-- title: …`"),
        ({"titel": "x"}, "unknown header key 'titel'; did you mean title"),
        ({"unit": "percentage"}, "unit may not be 'percentage'; did you mean percent"),
        ({"interval": "wald"}, "interval may not be 'wald'"),
        ({"bases": "any, none"}, "mixes none or fixed with others"),
        ({"bases": "principle"}, "bases may not be 'principle'; did you mean principal"),
        ({"needs": "stalking"}, "needs may not be 'stalking'"),
        ({"reads": "mm"}, "reads may not be 'mm'; did you mean m"),
        ({"date": None}, "lacks `-- date: …`"),
        ({"part_of": "b"}, "part_of may not be 'b'"),
        ({"by": "mode"}, "dimensions may not be 'mode'"),
        ({"dimensions": "relationship"}, "dimensions may not be 'relationship'"),
        ({"grains": "week"}, "grains may not be 'week'"),
        ({"recommendations": "R13"}, "recommendation 'R13' is not a number"),
        ({"per": "0"}, "per '0' is not a whole number above 0"),
        ({"ratio": "a / b", "per": "1"}, "ratio 'a / b' does not name two measures"),
        ({"ratio": "a / a", "per": "1"}, "it must be exactly one"),
        ({"sensitivity": "answer"}, "sensitivity may not be 'answer'; did you mean answers"),
        ({"sensitivity": "people"}, "sensitivity may not be 'people'; "),
        ({"cumulates": "b"}, "cumulates may not be 'b'; there are a"),
        ({"released": "districts"}, "released may not be 'districts'; did you mean district"),
        ({"released": "district, all"}, "released may not be 'all'; "),
        ({"released_for": "weeks"}, "released_for may not be 'weeks'; "),
        ({"released_for": "quarters"}, "released_for may not be 'quarters'; did you mean quarter"),
        ({"crossed": "mode"}, "crossed 'mode' does not pair dimensions; write `"),
        ({"crossed": "mode × district × source"}, "does not pair dimensions; write"),
        ({"crossed": "mode × districts"}, "crossed 'mode × districts' does not pair dimensions; write"),
        ({"crossed": "mode x district"}, "crossed 'mode x district' does not pair dimensions; write"),
        ({"release": "district"}, "unknown header key 'release'; did you mean released"),
        ({"cumulate": "a"}, "unknown header key 'cumulate'; did you mean cumulates"),
        ({"note": "x\n-- note: y"}, "line 3: '-- note: y' is not a new `-- key: value`"),
        ({"note": "x\n--no space"}, "is not a new `-- key: value`"),
    ],
)
def test_a_bad_header_is_refused_with_file_and_remedy(
    changed: dict[str, str | None], message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadSql) as refused:
        catalogue.catalogue(written(tmp_path, MART, changed))
    assert message in str(refused.value)
    assert "measures/a.sql" in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sensitivity": "answer"}, "measures/a.sql, line 8: sensitivity may not be"),
        ({"crossed": "mode"}, "measures/a.sql, line 8: crossed 'mode' does not pair"),
        ({"released": "district, none"}, "line 8: released mixes none with dimensions; name one"),
        ({"released": "mode"}, "line 8: the measure has no 'mode' to be released by; there are"),
        ({"released_for": "year"}, "line 8: released_for may not be 'year'; "),
        ({"grains": "month", "released_for": "quarter"}, "line 9: the measure is not given for 'quarter'"),
        ({"crossed": "mode × district"}, "line 8: the measure has no 'mode' to cross; "),
        ({"crossed": "source × source"}, "line 8: 'source' is crossed with itself; name another"),
        ({"crossed": "district × source"}, "line 8: the categories of 'district' are not declared; put"),
        ({"part_of": "a"}, "line 8: the measure is part of itself; name"),
        ({"cumulates": "a"}, "line 8: a stock adds up a flow; a and a are not those."),
        ({"stock": "a"}, "line 8: stock may not be 'a'; write `spo_granted"),
        ({"stock": "b − ended"}, "line 8: stock may not be 'b'; "),
        ({"stock": "a − ended"}, "line 8: a stock adds up a flow; a and a are not those."),
        ({"ends_within": "90 days"}, "line 8: it is not part of a measure with `stock: flow − ended`"),
        ({"follows": "b"}, "line 8: follows may not be 'b'; "),
        ({"follows": "a by mode"}, "line 8: the measure has no 'mode'; "),
    ],
)
def test_what_would_do_nothing_in_a_snapshot_is_refused_with_its_line(
    changed: dict[str, str | None], message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadSql) as refused:
        catalogue.catalogue(written(tmp_path, MART, changed))
    assert message in str(refused.value)


def test_a_measure_without_a_select_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSql, match="it must be exactly one"):
        catalogue.catalogue(written(tmp_path, MART, {}, body=""))


@pytest.mark.parametrize(
    ("mart", "message"),
    [
        (MART.replace("-- key: source\n", ""), "marts/m.sql: the header lacks `-- key"),
        (MART.replace("crimes", "crime"), "unknown feed 'crime'; did you mean crimes"),
        (MART.replace("district", "districts"), "unknown dimension 'districts'; did you mean district"),
        (MART.replace("-- grain", "-- grains"), "unknown header key 'grains'; did you mean grain"),
    ],
)
def test_a_bad_mart_header_is_refused(mart: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadSql) as refused:
        catalogue.catalogue(written(tmp_path, mart, {}))
    assert message in str(refused.value)
