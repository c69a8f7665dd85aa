"""The page on security: no claim without a test, and every test that it names is there."""

import ast
import re

import pytest

from profiles.settings import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
CLAIMS = re.findall(r"^\| (.+?) \| (`.*) \|$", PAGE.partition("| claim | test |")[2], re.MULTILINE)


def test_no_cell_of_a_table_is_empty() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert len(rows) > 60
    for row in rows:
        assert all(cell.strip() for cell in row.strip("|").split("|")), row


def test_the_table_of_claims_is_read() -> None:
    rows = PAGE.partition("| claim | test |")[2].partition("\n\n")[0].count("\n| ")
    assert len(CLAIMS) == rows >= 25


@pytest.mark.parametrize(("claim", "tests"), CLAIMS, ids=[claim[:60] for claim, _ in CLAIMS])
def test_each_test_that_is_named_is_there(claim: str, tests: str) -> None:
    for named in re.findall(r"`([^`]+)`", tests):
        file, _, name = named.partition("::")
        tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
        assert name in {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}, named
