"""Tables of the report from rows made up for it: which earlier period stands beside the newest one."""

import pytest

from profiles.report import tables
from profiles.report.reading import Source
from profiles.snapshot.manifests import Manifest, verified
from tests.snapshot_rows import release, row, rows

ROLLING = ("2025-06-01", "2025-09-01", "2025-12-01", "2026-03-01", "2026-06-01")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return verified(release(tmp_path_factory.mktemp("release") / "one"))


def heads(manifest: Manifest, grain: str, periods: tuple[str, ...]) -> tuple[str, ...]:
    """The heads of the table of a survey that was answered for these periods."""
    told = [
        row("satisfied_overall", grain=grain, period=each, numerator=50, denominator=100, value=50)
        for each in periods
    ]
    source = Source(manifest, rows(*told), {"definitions": ()})
    found = {"stalking": told}
    table = tables.by_category(
        source, "Satisfied", found, periods[-1], name="satisfied_overall", first="Survey", grain=grain
    )
    assert table
    return table.heads


@pytest.mark.parametrize(
    ("grain", "periods", "expected"),
    [
        ("rolling_year", ROLLING, "Year to Jun 2025"),
        # A year before there was none: one that overlaps is no comparison.
        ("rolling_year", ROLLING[1:], ""),
        ("quarter", ("2026-01-01", "2026-04-01"), "Jan to Mar 2026"),
    ],
)
def test_beside_a_rolling_year_stands_the_one_that_ended_twelve_months_before(
    manifest: Manifest, grain: str, periods: tuple[str, ...], expected: str
) -> None:
    assert "".join(heads(manifest, grain, periods)[5:]) == expected
