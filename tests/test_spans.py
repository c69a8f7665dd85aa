"""Spans: which days extracts cover together, and which months they leave out."""

from datetime import date, timedelta

import pytest

from profiles.periods import month_number
from profiles.spans import Extract, covered, merged, missing, uncovered


def day(text: str) -> date:
    return date.fromisoformat(text)


def month(text: str) -> int:
    return month_number(day(f"{text}-01"))


def extract(taken: str, begins: str, *, certain: bool = False, empty: bool = False) -> Extract:
    return Extract(day(taken), day(begins), day(taken), certain, empty)


def spread(counts: dict[str, int]) -> dict[date, int]:
    """So many records a month, as evenly over its days as they go."""
    days: dict[date, int] = {}
    for text, count in counts.items():
        for place in range(count):
            each = day(f"{text}-01") + timedelta(days=place * 28 // count)
            days[each] = days.get(each, 0) + 1
    return days


def left_out(extracts: list[Extract], counts: dict[str, int] | None = None) -> list[str]:
    """The months that the extracts leave out, from the first day to the last of them."""
    days = spread(counts or {})
    first = min(each.begins or date.max for each in extracts)
    found = uncovered(covered(extracts, days), first, max(each.ends for each in extracts))
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in sorted(found)]


MONTHLY = [
    extract("2023-12-31", "2023-12-01"),
    extract("2024-01-31", "2024-01-01"),
    extract("2024-02-29", "2024-02-03"),
]


def test_monthly_extracts_leave_nothing_out_and_a_lost_one_leaves_out_its_month() -> None:
    march = extract("2024-03-31", "2024-03-20")
    april = extract("2024-04-30", "2024-04-01")
    assert left_out([*MONTHLY, march, april]) == []
    assert left_out([*MONTHLY, april]) == ["2024-03"]
    assert left_out([*MONTHLY, extract("2024-05-31", "2024-05-02")]) == ["2024-03", "2024-04"]


def test_a_week_that_never_came_leaves_out_the_month_that_lost_most_of_it() -> None:
    days = [day("2024-03-03") + timedelta(days=7 * place) for place in range(9)]  # Sundays
    weekly = [Extract(each, each - timedelta(days=6), each) for each in days]
    assert left_out(weekly) == []
    assert left_out(weekly[:2] + weekly[3:]) == ["2024-03"]  # 11 to 17 March
    assert left_out(weekly[:4] + weekly[6:]) == ["2024-03", "2024-04"]  # 25 March to 7 April: 7 days each
    late = [*weekly[:2], Extract(day("2024-03-19"), day("2024-03-12"), day("2024-03-19")), *weekly[3:]]
    assert left_out(late) == []


def test_an_extract_reaches_back_as_far_as_extracts_usually_lie_apart() -> None:
    weeks = [day("2024-03-07") + timedelta(days=7 * place) for place in range(8)]
    weekly = [Extract(each, each, each) for each in weeks]  # a rare thing: one record, on the last day
    assert left_out(weekly) == []
    # Days of March that no week covers: 8 to 28, three weeks of it.
    assert left_out([weekly[0], *weekly[4:]]) == ["2024-03"]
    # One week is lost, 15 to 21 March: more than a late extract explains.
    assert left_out([*weekly[:2], *weekly[3:]]) == ["2024-03"]


def test_a_file_taken_in_the_days_after_its_month_does_not_hide_that_the_next_is_lost() -> None:
    files = [
        extract("2024-02-03", "2024-01-01"),
        extract("2024-03-04", "2024-02-01"),
        # Taken in April, of March: lost.
        extract("2024-05-03", "2024-04-01"),
    ]
    assert left_out(files) == ["2024-03"]


def test_spans_that_overlap_or_touch_are_one() -> None:
    spans = [(day("2024-02-01"), day("2024-02-29")), (day("2024-01-01"), day("2024-01-31"))]
    assert merged([*spans, (day("2024-02-10"), day("2024-02-12"))]) == (
        (day("2024-01-01"), day("2024-02-29")),
    )
    assert uncovered((), day("2024-01-20"), day("2024-02-05")) == {month("2024-01")}  # 12 days, 5 days


FULL = {"2023-12": 20, "2024-01": 21, "2024-02": 19, "2024-04": 20}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (FULL, ["2024-03"]),
        (FULL | {"2024-03": 1}, ["2024-03"]),  # a straggler of 20
        (FULL | {"2024-03": 2}, []),
        ({"2023-12": 9, "2024-01": 9, "2024-02": 9, "2024-04": 9}, []),  # few enough to be chance
        ({"2023-12": 30, "2024-03": 30, "2024-06": 30}, []),  # once a quarter
        ({"2024-01": 1, "2024-03": 2, "2024-04": 40, "2024-05": 40, "2024-06": 40}, []),  # a slow beginning
        ({"2024-01": 50, "2024-02": 5, "2024-04": 5, "2024-05": 50}, []),  # a season
    ],
)
def test_a_month_is_missing_when_chance_does_not_empty_it(
    counts: dict[str, int], expected: list[str]
) -> None:
    numbers = {month(text): count for text, count in counts.items()}
    until = day("2024-06-30") if "2024-06" in counts else day(f"{max(counts)}-28")
    assert sorted(missing(numbers, until)) == [month(text) for text in expected]


def test_months_of_silence_before_the_extract_are_missing_and_a_begun_month_is_not() -> None:
    numbers = {month(text): 20 for text in ("2024-01", "2024-02", "2024-03")}
    assert missing(numbers, day("2024-04-29")) == frozenset()
    assert sorted(missing(numbers, day("2024-05-02"))) == [month("2024-04"), month("2024-05")]


def test_counts_take_a_month_out_of_what_was_read_off_records_not_of_what_the_source_said() -> None:
    wide = "2023-12-01"
    assert left_out([extract("2024-04-30", wide)], FULL) == ["2024-03"]
    assert left_out([extract("2024-04-30", wide, certain=True)], FULL) == []
    silent = extract("2024-03-31", "2024-03-31", empty=True)
    assert left_out([extract("2024-04-30", wide), silent], FULL) == []
