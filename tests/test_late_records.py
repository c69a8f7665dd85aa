"""Late records: a handful does not make a file cover a month; where it cannot be told, it is asked."""

from collections import Counter
from datetime import date, timedelta

import pytest

from profiles.periods import first_day, last_day, month_number
from profiles.spans import Extract, covered, doubted, uncovered

JANUARY, FEBRUARY, MARCH, APRIL, MAY = (date(2024, month, 1) for month in range(1, 6))


def ends_of(month: date) -> date:
    return last_day(month_number(month))


def records(month: date, count: int) -> list[date]:
    """So many records, evenly over the month."""
    return [month + timedelta(days=1 + place * 28 // count) for place in range(count)]


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(f"2024-{text}") for text in texts]


File = tuple[date, list[date]]
"""The day on which a file was taken, and its new records."""


def monthly(count: int, *months: date) -> list[File]:
    """A file a month, taken on its last day."""
    return [(ends_of(month), records(month, count)) for month in months]


def told(files: list[File], *, certain: bool = False) -> tuple[list[str], list[str]]:
    """The months left out, and those that are asked about."""
    extracts = [
        Extract(taken, min(new, default=taken), taken, is_certain=certain, is_empty=not new)
        for taken, new in files
    ]
    counts = Counter(day for _, new in files for day in new)
    spans = covered(extracts, counts)
    found = uncovered(spans, min(counts), max(taken for taken, _ in files))
    return tuple(
        [f"{first_day(month):%Y-%m}" for month in sorted(each)] for each in (found, doubted(extracts, counts))
    )  # type: ignore[return-value]


TWELVE = monthly(12, JANUARY, FEBRUARY)


@pytest.mark.parametrize(
    "late",
    [("03-02",), ("03-30",), ("03-02", "03-14", "03-29"), ("01-20", "03-02"), ("02-28", "03-02")],
)
def test_late_records_of_a_month_whose_file_never_came_do_not_cover_it(late: tuple[str, ...]) -> None:
    april = (ends_of(APRIL), [*days(*late), *records(APRIL, 12)])
    assert told([*TWELVE, april]) == (["2024-03"], [])
    # Nor where only one file is before, or others follow.
    assert told([TWELVE[1], april])[0] == ["2024-03"]
    assert told([*TWELVE, april, *monthly(12, MAY)]) == (["2024-03"], [])


def test_a_late_record_of_years_ago_does_not_cover_the_years_between() -> None:
    june = date(2023, 6, 5)
    files = [*TWELVE, (ends_of(MARCH), [june, *records(MARCH, 12)]), *monthly(12, APRIL)]
    assert told(files) == ([f"2023-{month:02d}" for month in range(6, 13)], [])
    # In a thin feed neither: nothing speaks for the months from one record to the first file.
    thin = [*monthly(2, JANUARY, FEBRUARY), (ends_of(MARCH), [june, *records(MARCH, 2)])]
    assert told(thin)[0] == [f"2023-{month:02d}" for month in range(6, 13)]


def test_a_file_that_holds_a_second_month_at_the_usual_rate_covers_it() -> None:
    both = (ends_of(APRIL), [*records(MARCH, 12), *records(APRIL, 12)])
    assert told([*TWELVE, both]) == ([], [])
    # From the middle of the month on: the first half is not covered.
    half = (ends_of(APRIL), [*records(MARCH, 12)[6:], *records(APRIL, 12)])
    assert told([*TWELVE, half]) == (["2024-03"], [])


def test_a_file_that_brings_what_another_lost_covers_it() -> None:
    late = (date(2024, 5, 15), [*records(MARCH, 12), *days("05-02", "05-05", "05-08", "05-11", "05-13")])
    assert told([*TWELVE, *monthly(12, APRIL), late]) == ([], [])


@pytest.mark.parametrize("in_march", [[], days("03-20")])
def test_a_quiet_month_of_a_thin_feed_is_covered_by_its_own_file(in_march: list[date]) -> None:
    files = [*monthly(2, JANUARY, FEBRUARY), (ends_of(MARCH), in_march), *monthly(2, APRIL, MAY)]
    assert told(files) == ([], [])


def test_a_month_of_a_thin_feed_that_one_record_speaks_for_is_asked_about() -> None:
    files = [*monthly(2, JANUARY, FEBRUARY), (ends_of(APRIL), [*days("03-02"), *records(APRIL, 2)])]
    assert told(files) == ([], ["2024-03"])
    assert told(files, certain=True) == ([], [])
    # Without any record nothing speaks for it, and the files show that one of them is missing.
    assert told([*files[:2], *monthly(2, APRIL)]) == (["2024-03"], [])


def test_five_of_twelve_are_too_many_for_late_ones_and_too_few_for_a_month() -> None:
    april = (ends_of(APRIL), [*records(MARCH, 5), *records(APRIL, 12)])
    assert told([*TWELVE, april]) == ([], ["2024-03"])


def weekly(count: int, *left_out: int) -> list[File]:
    """Files of ten weeks to each Sunday from 3 March 2024 on."""
    sundays = [date(2024, 3, 3) + timedelta(days=7 * week) for week in range(10) if week not in left_out]
    return [
        (sunday, [sunday - timedelta(days=6 - place * 7 // count) for place in range(count)])
        for sunday in sundays
    ]


def test_a_late_record_does_not_cover_a_week_that_never_came() -> None:
    assert told(weekly(7)) == ([], [])
    files = weekly(7, 2)  # 11 to 17 March
    assert told(files) == (["2024-03"], [])
    files[2][1].append(date(2024, 3, 11))
    assert told(files) == (["2024-03"], [])
    thin = weekly(1, 2)
    thin[2][1].append(date(2024, 3, 11))
    assert told(thin) == ([], ["2024-03"])


def test_a_file_that_comes_some_days_late_covers_what_lies_before_it() -> None:
    files = [*monthly(3, JANUARY, FEBRUARY), (date(2024, 4, 11), [*days("03-03", "03-20", "04-09")])]
    assert told(files) == ([], [])


def test_a_file_that_came_when_due_covers_the_days_before_it_and_few_records_there_are_asked_about() -> None:
    busy = monthly(60, JANUARY, FEBRUARY)
    due = (date(2024, 4, 10), [*days("03-01", "03-04", "03-08"), *records(date(2024, 3, 11), 60)])
    assert told([*busy, due]) == ([], ["2024-03"])
    # A month later it was not due.
    late = (ends_of(APRIL), [*days("03-01", "03-04", "03-08"), *records(APRIL, 60)])
    assert told([*busy, late]) == (["2024-03"], [])


def test_files_that_do_not_tell_from_when_they_are_leave_out_a_month_that_chance_would_not_empty() -> None:
    files = [*monthly(20, JANUARY, FEBRUARY), *monthly(20, APRIL)]
    extracts = [Extract(taken, None, taken) for taken, _ in files]
    counts = Counter(day for _, new in files for day in new)
    assert uncovered(covered(extracts, counts), JANUARY, ends_of(APRIL)) == {month_number(MARCH)}
    assert doubted(extracts, counts) == frozenset()


@pytest.mark.parametrize("lost", [date(2023, 12, 1), JANUARY, FEBRUARY, MARCH])
def test_a_lost_file_is_seen_wherever_in_the_year_it_was(lost: date) -> None:
    whole = [date(2023, 10, 1), date(2023, 11, 1), date(2023, 12, 1), JANUARY, FEBRUARY, MARCH, APRIL]
    files = monthly(12, *(month for month in whole if month != lost))
    files[-1][1].append(lost + timedelta(days=20))
    assert told(files) == ([f"{lost:%Y-%m}"], [])


def test_a_file_each_quarter_covers_its_quarter_from_its_first_record() -> None:
    quarters = [date(2023, 3, 31), date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31)]
    files = [(taken, [taken - timedelta(days=back) for back in (85, 40, 12)]) for taken in quarters]
    assert told(files) == ([], [])


def test_a_first_file_covers_its_history_and_scattered_records_before_it_are_asked_about() -> None:
    history = [
        day
        for year in range(2019, 2024)
        for month in range(1, 13)
        for day in records(date(year, month, 1), year - 2015)
    ]
    assert told([(date(2023, 12, 31), history), *TWELVE]) == ([], [])
    # Most feeds begin thinly: a month or two before years of records is nothing to ask about.
    thin = [date(2018, 11, 20), date(2018, 12, 20), *history]
    assert told([(date(2023, 12, 31), thin), *TWELVE]) == ([], [])
    december = [date(2023, 12, 2), *records(JANUARY, 12)]
    assert told([(ends_of(JANUARY), december), *monthly(12, FEBRUARY)]) == ([], ["2023-12"])
    # What lies a few days before is part of the first month.
    december[0] = date(2023, 12, 29)
    assert told([(ends_of(JANUARY), december), *monthly(12, FEBRUARY)]) == ([], [])


def test_a_declared_period_and_a_full_extract_are_taken_at_their_word() -> None:
    april = (ends_of(APRIL), [*days("03-02"), *records(APRIL, 12)])
    assert told([*TWELVE, april], certain=True) == ([], [])
    whole = [*TWELVE, april, (ends_of(MAY), [])]
    extracts = [Extract(taken, min(new, default=taken), taken) for taken, new in whole[:-1]]
    full = Extract(ends_of(MAY), JANUARY, ends_of(MAY), is_certain=True)
    counts = Counter(day for _, new in whole for day in new)
    assert uncovered(covered([*extracts, full], counts), JANUARY, ends_of(MAY)) == frozenset()
