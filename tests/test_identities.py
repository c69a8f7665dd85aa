"""What ties counts whatever the data are: each kind of tie on hand-made days, and the file of all."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from profiles import snapshot
from profiles.errors import BadSnapshot
from profiles.settings import ROOT
from profiles.snapshot import identities
from profiles.snapshot.fingerprints import fingerprint
from profiles.snapshot.identities import ANY, Identities, Pattern, Term, patterns
from profiles.snapshot.known import Known
from profiles.snapshot.signatures import Series, Signatures
from profiles.warehouse import SQL
from tests import ties
from tests.snapshot_rows import STAMP
from tests.tables import filled, stalking

TIMES = 5
"""How often each day comes: no count of one of them is too rare."""


def days(text: str, months: list[int] | None = None, times: int = TIMES) -> Signatures:
    """Signatures of lines `measure dimension=category | a count for each day`."""
    series, counts = [], []
    for line in text.strip().splitlines():
        name, numbers = line.split("|")
        measure_id, _, narrowed = name.strip().partition(" ")
        dimension, _, category = narrowed.partition("=")
        series.append(Series(measure_id, "numerator", "", dimension or "all", category or "all", "", ""))
        counts.append([int(each) for each in numbers.split()] * times)
    table = np.array(counts, dtype=np.int8)
    return Signatures(tuple(series), table, np.array(months or [0] * table.shape[1], dtype=np.int64))


def told(text: str) -> Identities:
    """The identities of such days."""
    return identities.identities(days(text))


@pytest.fixture
def _sought(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only sums that are sought are found, and none by linear algebra, which would find these as well."""
    monkeypatch.setattr(identities, "further_sums", lambda counts, known: ())


def test_counts_that_are_equal_every_day_are_one_and_what_never_comes_is_zero() -> None:
    found = told("""
        a | 1 0 2
        b | 0 1 1
        c | 1 0 2
        d | 0 0 0
    """)
    assert [found.place[series] for series in sorted(found.place)] == [0, 1, 0, -1]
    assert (found.count, found.sums, found.limits, found.later) == (2, (), (), ())


@pytest.mark.usefixtures("_sought")
def test_all_that_a_dimension_parts_a_count_into_make_it() -> None:
    found = told("""
        a                  | 1 1 1 1 1 1
        b mode=online      | 1 0 0 0 0 0
        b mode=both        | 0 1 0 0 0 0
        b mode=offline     | 0 0 1 0 0 0
        b mode=hidden      | 0 0 0 1 0 0
        b mode=unknown     | 0 0 0 0 1 0
        b mode=not recorded| 0 0 0 0 0 1
    """)
    assert found.sums == (((0, 1), *((place, -1) for place in range(1, 7))),)
    assert found.limits == ()


@pytest.mark.usefixtures("_sought")
def test_the_parts_of_a_dimension_and_one_other_count_make_a_count() -> None:
    # The other is of another measure, such as the crimes of which nobody asked.
    found = told("""
        a              | 1 1 1 1 1 1
        b mode=online  | 1 0 0 0 0 0
        b mode=both    | 0 1 0 0 0 0
        b mode=offline | 0 0 1 0 0 0
        b mode=hidden  | 0 0 0 1 0 0
        c              | 0 0 0 0 1 1
    """)
    assert found.sums == (((0, 1), *((place, -1) for place in range(1, 6))),)


@pytest.mark.usefixtures("_sought")
def test_what_is_no_part_of_a_count_stays_out_of_the_sum_of_its_parts() -> None:
    found = told("""
        a              | 1 1 1 1 1 0
        b mode=online  | 1 0 0 0 0 0
        b mode=both    | 0 1 0 0 0 0
        b mode=offline | 0 0 1 0 0 0
        b mode=hidden  | 0 0 0 1 0 0
        b mode=known   | 0 0 0 0 1 0
        b mode=other   | 0 0 0 0 0 1
    """)
    assert found.sums == (((0, 1), *((place, -1) for place in range(1, 6))),)


@pytest.mark.usefixtures("_sought")
def test_two_bases_make_the_third_of_every_breakdown() -> None:
    found = days("""
        a mode=online | 3 1 1 0
        a mode=online | 2 1 0 0
        a mode=online | 1 0 1 0
    """)
    bases = ("any", "principal", "included_only")
    of = [each._replace(basis=basis) for each, basis in zip(found.series, bases, strict=True)]
    assert identities.identities(Signatures(tuple(of), found.counts, found.months)).sums == (
        ((0, 1), (1, -1), (2, -1)),
    )


@pytest.mark.usefixtures("_sought")
def test_two_counts_of_different_measures_make_a_third() -> None:
    found = told("""
        a | 2 1 0 1
        b | 1 0 0 1
        c | 1 1 0 0
    """)
    assert found.sums == (((0, 1), (1, -1), (2, -1)),)
    assert found.limits == ()


@pytest.mark.usefixtures("_sought")
def test_four_counts_are_tied_two_by_two() -> None:
    assert told("""
        a | 2 1 0 1 0
        b | 0 1 1 0 2
        c | 1 0 0 1 2
        d | 1 2 1 0 0
    """).sums == (((0, 1), (1, 1), (2, -1), (3, -1)),)


@pytest.mark.usefixtures("_sought")
def test_four_counts_are_tied_three_by_one() -> None:
    assert told("""
        a | 1 0 0 1 0
        b | 0 1 0 1 1
        c | 0 0 1 1 1
        d | 1 1 1 3 2
    """).sums == (((0, 1), (1, 1), (2, 1), (3, -1)),)


def test_six_counts_that_nothing_else_ties_are_tied() -> None:
    found = told("""
        a | 2 0 1 0 0 0 3
        b | 0 2 0 1 0 1 0
        c | 0 0 1 1 2 0 0
        d | 1 1 0 2 0 0 1
        e | 0 1 2 0 1 0 0
        f | 1 0 0 0 1 1 2
    """)
    assert found.sums == (((0, 1), (1, 1), (2, 1), (3, -1), (4, -1), (5, -1)),)


def test_a_count_may_be_tied_twice() -> None:
    assert told("""
        a | 1 1 2 0
        b | 2 0 1 0
        c | 0 2 3 0
        d | 0 0 0 1
    """).sums == (((0, 2), (1, -1), (2, -1)),)


def test_a_part_is_never_more_than_its_whole() -> None:
    found = told("""
        a | 2 1 1 0
        b | 1 0 1 0
        c | 0 0 0 1
    """)
    assert (found.sums, found.limits) == ((), (((1, 1), (0, -1)),))


def test_parts_that_are_apart_are_together_no_more_than_the_whole() -> None:
    assert told("""
        a | 1 1 1
        b | 1 0 0
        c | 0 1 0
    """).limits == (((1, 1), (2, 1), (0, -1)),)


def test_parts_that_meet_are_each_no_more_than_the_whole() -> None:
    assert told("""
        a | 1 1 1 1
        b | 1 1 0 0
        c | 1 0 1 0
    """).limits == (((1, 1), (0, -1)), ((2, 1), (0, -1)))


def test_of_a_part_of_a_part_only_the_nearest_whole_is_said() -> None:
    assert told("""
        a | 2 1 1 0
        b | 1 1 0 0
        c | 1 0 0 0
    """).limits == (((1, 1), (0, -1)), ((2, 1), (1, -1)))


def test_two_parts_that_leave_nothing_out_are_together_no_less_than_the_whole() -> None:
    found = told("""
        a | 1 1 1
        b | 1 1 0
        c | 1 0 1
    """)
    assert ((0, 1), (1, -1), (2, -1)) in found.limits
    assert found.sums == ()


def grown(early: int, late: int) -> Identities:
    """Two counts that differ on `early` days of months 1 and 2 each, and are one on `late` of month 3."""
    counts = np.array([[1, 0] * 2 * early + [1] * late, [1] * (4 * early + late)], dtype=np.int8)
    months = [1] * 2 * early + [2] * 2 * early + [3] * late
    series = tuple(Series(name, "numerator", "", "all", "all", "", "") for name in "ab")
    return identities.identities(Signatures(series, counts, np.array(months, dtype=np.int64)))


def test_counts_that_are_one_from_a_month_on_are_found_with_that_month() -> None:
    assert grown(50, 2000).later == ((((0, 1), (1, -1)), 3),)


def test_counts_that_differ_too_seldom_are_not_taken_to_be_one_later() -> None:
    assert grown(10, 400).later == ()


def test_a_count_that_is_too_rare_to_tell_is_refused() -> None:
    rare = days("a | 1 0\nb | 1 1", times=identities.LEAST - 1)
    with pytest.raises(ArithmeticError, match="draw more"):
        identities.identities(rare)
    assert identities.identities(days("a | 1 0\nb | 1 1", times=identities.LEAST)).limits


WORDED = """
    a                       | 1 1 1 1 1 1 1 1
    a district=first word   | 1 1 0 0 0 0 0 0
    a district=second word  | 0 0 1 1 0 0 0 0
    a district=third word   | 0 0 0 0 1 1 0 0
    a district=not recorded | 0 0 0 0 0 0 1 1
    b                       | 1 0 1 0 1 0 1 0
    b district=first word   | 1 0 0 0 0 0 0 0
    b district=second word  | 0 0 1 0 0 0 0 0
    b district=third word   | 0 0 0 0 1 0 0 0
    b district=not recorded | 0 0 0 0 0 0 1 0
"""


def test_what_is_said_of_three_words_is_said_of_every_word() -> None:
    kinds, found = patterns(told(WORDED))
    assert {(series.measure_id, series.category): kind for series, kind in kinds.items()} == {
        ("a", "all"): 0,
        ("a", ANY): 1,
        ("a", "not recorded"): 4,
        ("b", "all"): 5,
        ("b", ANY): 6,
        ("b", "not recorded"): 9,
    }
    assert set(found) == {
        # The counts of every word together, and those without one, make the whole.
        Pattern((Term(0, 1, False), Term(1, -1, True), Term(4, -1, False)), True, False),
        Pattern((Term(5, 1, False), Term(6, -1, True), Term(9, -1, False)), True, False),
        # Of each word, of none, and of all, the one is a part of the other.
        Pattern((Term(6, 1, False), Term(1, -1, False)), False, True),
        Pattern((Term(9, 1, False), Term(4, -1, False)), False, False),
        Pattern((Term(5, 1, False), Term(0, -1, False)), False, False),
    }


# ---- the file that ships, and measures that are not in it


def test_what_ships_belongs_to_the_measures_as_they_are() -> None:
    head = json.loads(identities.FILE.read_text(encoding="utf-8").splitlines()[0])
    assert head == {"fingerprint": fingerprint()}, f"Run {identities.COMMAND}."


@pytest.mark.parametrize(
    ("layer", "name", "old", "new"),
    [
        ("measures", "charge_rate", "where is_charged", "where not is_charged"),
        ("measures", "charge_rate", "-- date: recorded_date", "-- date: outcome_date"),
        ("measures", "outcomes_closed", "-- released: outcome_group, district", "-- released: district"),
        ("marts", "orders", "'considered'", "'referred'"),
        ("staging", "stg_outcomes", "select", "select distinct"),
    ],
)
def test_a_change_of_what_is_counted_changes_the_fingerprint(
    tmp_path: Path, layer: str, name: str, old: str, new: str
) -> None:
    folder = Path(shutil.copytree(SQL, tmp_path / "sql"))
    path = folder / layer / f"{name}.sql"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert fingerprint(folder) != fingerprint()


def test_a_change_of_titles_alone_leaves_the_fingerprint_as_it_is(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SQL, tmp_path / "sql"))
    path = folder / "measures" / "charge_rate.sql"
    path.write_text(
        path.read_text(encoding="utf-8").replace("-- title: ", "-- title: The "), encoding="utf-8"
    )
    assert fingerprint(folder) == fingerprint()


def test_no_snapshot_is_built_with_a_measure_whose_ties_nobody_has_worked_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    con = filled(crimes=stalking("A B"))
    new = fingerprint(ties.with_new_measure(tmp_path / "sql"))
    monkeypatch.setattr(identities, "fingerprint", lambda: new)
    identities.known.cache_clear()
    said: list[str] = []
    with pytest.raises(BadSnapshot, match="Run `make identities`, then build the snapshot"):
        snapshot._counted(con, STAMP, Known(), said.append)
    # It is refused before anything is counted.
    assert said == []
    monkeypatch.undo()
    assert identities.known()[0]


def test_the_command_that_the_refusal_names_is_there() -> None:
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert identities.COMMAND == "`make identities`"
    assert "\nidentities: setup\n\t@$(BIN)/python -c 'from profiles.snapshot import identities; " in made
    assert "identities.write()'" in made
