"""Absurd mappings: a sentence and no traceback, whatever stands under whatever key."""

import copy
import datetime
import math
import re
import tomllib
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from profiles.errors import BadFile, BadMapping
from profiles.importing import formats, toml_text
from profiles.importing.mapping import _Reader, read_mapping
from tests.desk import RawDesk

WHOLE = r"""
name = "whole"
about = "every key"
targets = ["8Q"]
date_formats = ["%d/%m/%Y"]
extract = "delta"
blanks = ["N/A"]
marking = ["Mark"]
encoding = "auto"
extract_date = { pattern = '(\d{8})', format = "%Y%m%d", constant = "2024-06-30" }
[capabilities]
districts = true
[[table]]
into = "crimes"
files = ["crimes*"]
header = ["Ref"]
extract = "delta"
date_formats = ["%d/%m/%Y"]
missing_key = "file:line"
sheet = ["Sheet"]
header_line = 2
covers = "month"
reject = [{ column = "Ref", matches = "^total", reason = "total row" }]
columns = { crime_ref = "Ref", ho_class = "Class", recorded_date = { from = "Day", date_formats = ["%y"] } }
values = { ho_class = { "Stalking" = "8Q" } }
constants = { record_status = "recorded" }
offences = { principal = "Main", yes = ["P"], ranking = ["8Q"], sequence = "Seq" }
[[table.list]]
into = "included_classifications"
columns = ["More*"]
separators = [";"]
values = { "Stalking" = "8Q" }
[[table.link]]
into = "crime_victims"
columns = { victim_id = { template = "{A}-{B}" }, sex = "Sex", age = { from = "Age", pattern = '(\d+)' } }
values = { sex = { "Woman" = "female" } }
constants = { victim_type = "person" }
[[table]]
into = "comparators"
files = ["figures*"]
columns = { area = "Area", value = "N", period = "P", period_end = { from = "P", period = "end" } }
constants = { series = "s", unit = "crimes", published_by = "us", period_start = "2024-01-01" }
"""

ODD: list[Any] = [
    *(True, -1, 10**30, 1.5, math.nan, math.inf, datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, 1)),
    *(
        "",
        " ",
        "%",
        "%Y%",
        "%Y%Y",
        "%Q",
        "(",
        "(?P<",
        "(a+)+$",
        "(?=a)b*c*",
        "a{2,1}",
        "*" * 400,
        "a" * 600,
        "\u202e",
    ),
    *([], [[]], [1], [""], ["%Y%"], ["("], [{}], [{"into": "crimes"}], {}, {"": ""}, {"a": {"b": 1}}),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each key and each item of a mapping."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places(item, (*path, key))
    return found


@pytest.mark.slow
def test_an_odd_value_under_any_key_is_taken_or_refused_in_a_sentence() -> None:
    whole = tomllib.loads(WHOLE)
    formats.check_formats(_Reader("whole.toml").mapping(copy.deepcopy(whole), Path("whole.toml"), ""))
    refused = 0
    for path in places(whole):
        for odd in ODD:
            changed = copy.deepcopy(whole)
            target = changed
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = copy.deepcopy(odd)
            try:
                formats.check_formats(_Reader("odd.toml").mapping(changed, Path("odd.toml"), ""))
            except BadMapping as error:
                refused += 1
                text = str(error)
                assert re.fullmatch(r"(?s)odd\.toml.{10,1500}\.", text), (path, odd)
    assert refused > 1000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a = " + "[" * 100_000, "nests brackets too deeply"),
        ("a = " + "[" * 40 + "]" * 40, "nests too deeply"),
        ("a" + ".a" * 30 + " = 1", "nests"),
        ("b = 1\na" + ' . "x.y" . a' * 30_000 + " = 1", "line 2 holds a key of too many parts"),
        ("a = " + "1" * 5000, "number that is too long"),
        ("a = " + "1" * 30, "number that is too large"),
        ('a = "\\u0000"', "character of the code 0"),
        ('a = "\0"', "not valid TOML"),
        ('a = "' + "x" * 3000 + '"', "longer than 2,000 characters"),
        ("x" * 3000 + " = 1", "a key is longer"),
        ("a = 07:32:00", "time of day"),
        ("#" * (toml_text.MAX_MAPPING_BYTES + 1), "larger than 1,000,000 bytes"),
        ("a = nan", "unknown key 'a'"),
    ],
    ids=range(13),
)
def test_a_mapping_file_beyond_all_bounds_is_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadMapping, match=words):
        read_mapping(str(path))
    with pytest.raises(BadMapping, match="is no file"):
        read_mapping(str(tmp_path.rename(tmp_path.with_suffix(".toml"))))


SMALL = """
name = "small"
date_formats = ["%d/%m/%Y"]
extract_date = { pattern = 'PATTERN', format = "%Y%m%d" }
[[table]]
into = "crimes"
files = ["GLOB"]
columns = { crime_ref = "Ref", recorded_date = "Day", ho_class = "Class" }
[[table.list]]
into = "included_classifications"
columns = ["LIST"]
"""
CELLS = "Ref,Day,Class\nA1,13/02/2024,8Q\n"


@pytest.mark.slow
def test_a_list_of_no_crime_is_refused() -> None:
    calls: dict[str, Any] = {
        "into": "calls",
        "files": ["*.csv"],
        "columns": {"call_id": "Id", "call_date": "Day"},
    }
    given = {"into": "included_classifications", "columns": ["Codes"]}
    for columns, is_refused in ((dict[str, str](), True), ({"crime_ref": "Crime"}, False)):
        table = calls | {"columns": calls["columns"] | columns, "list": [given]}
        raw = {"name": "odd", "date_formats": ["%d/%m/%Y"], "table": [table]}
        with pytest.raises(BadMapping, match="of no crime") if is_refused else nullcontext():
            _Reader("odd.toml").mapping(raw, Path("odd.toml"), "")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (r"(\d{8})?x|_(\d{8})", "crimes_20240630"),  # the first group takes no part
        (r"(?:a|(\d{8}))+", "crimes_20240630"),
        (r"\d{8}", "crimes_20240630"),
        (r"(?<=_)\d{8}", "crimes_20240630"),
    ],
)
def test_a_group_that_takes_no_part_is_passed_over(tmp_path: Path, pattern: str, name: str) -> None:
    mapping = SMALL.replace("PATTERN", pattern).replace("GLOB", "*").replace("LIST", "More*")
    assert RawDesk(tmp_path).bring(mapping, **{name: CELLS}).accepted == 1


@pytest.mark.slow
def test_a_name_without_a_day_says_so(tmp_path: Path) -> None:
    mapping = SMALL.replace("PATTERN", r"(\d{8})?").replace("GLOB", "*").replace("LIST", "More*")
    with pytest.raises(BadFile, match="neither its name nor the mapping"):
        RawDesk(tmp_path).bring(mapping, crimes=CELLS)


@pytest.mark.slow
def test_patterns_and_globs_that_would_take_for_ever_do_not(tmp_path: Path) -> None:
    name = "a" * 200 + "_20240630"
    mapping = (
        SMALL.replace("PATTERN", r"(a+)+$|(\d{8})")
        .replace("GLOB", "*a" * 150 + "*")
        .replace("LIST", "*a" * 150 + "b")
    )
    desk = RawDesk(tmp_path)
    assert desk.bring(mapping, **{name: CELLS.replace("Class", "Class," + "a" * 5000, 1)}).rows_in == 1
    backwards = SMALL.replace("PATTERN", r"(a+)+(?=b)").replace("GLOB", "*").replace("LIST", "*")
    with pytest.raises(BadMapping, match="may take for ever"):
        desk.bring(backwards, **{name: CELLS})
