"""The line of time: a column is never without width, a label stands where its period begins and names it."""

from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from profiles import charts
from profiles.charts.date_axis import DAY, column_widths, date_axis


def counts(*periods: str, parts: int = 0) -> pd.DataFrame:
    """Ten of each of two categories in every period; the last `parts` periods are provisional."""
    number = len(periods)
    blank = {name: [float("nan")] * 2 * number for name in ("denominator", "lower", "upper")}
    return pd.DataFrame(
        {
            "category": ["principal"] * number + ["included_only"] * number,
            "period": [*periods, *periods],
            "numerator": 10.0,
            "value": 10.0,
            "marker": ([""] * (number - parts) + ["[p]"] * parts) * 2,
            **blank,
        }
    )


@pytest.mark.parametrize(
    ("grain", "periods", "days"),
    [
        ("month", ["2026-09-01"], [30]),
        ("month", ["2026-02-01", "2026-03-01"], [28, 31]),
        ("quarter", ["2026-07-01"], [92]),
        ("financial_year", ["2025-04-01"], [365]),
        ("year", ["2024-01-01"], [366]),
    ],
)
@pytest.mark.parametrize("parts", [0, 1])
def test_columns_have_a_width_however_few_they_are(
    grain: str, periods: list[str], days: list[int], parts: int
) -> None:
    figure = charts.columns(counts(*periods, parts=parts), "count", grain, [])
    bars = [trace for trace in figure["data"] if trace["type"] == "bar" and trace["x"]]
    widths = {day: width for trace in bars for day, width in zip(trace["x"], trace["width"], strict=True)}
    assert set(widths) == set(periods)
    for period, length in zip(periods, days, strict=True):
        # An eighth of 88 in 100 of the period for one of them, twice that for two.
        assert widths[period] == round(0.11 * len(periods) * length * DAY)
    assert go.Figure(figure)


def test_columns_of_many_periods_fill_most_of_each() -> None:
    assert column_widths(pd.Series(["2026-01-01"]), "month", 24) == [round(0.88 * 31 * DAY)]


def labels(axis: dict[str, Any]) -> dict[str, str]:
    """Name by the day at which it begins."""
    return dict(zip(axis["tickvals"], axis["ticktext"], strict=True))


@pytest.mark.parametrize(
    ("grain", "first", "last", "told"),
    [
        (
            "financial_year",
            date(2019, 4, 1),
            date(2022, 3, 31),
            {"2019-04-01": "2019/20", "2020-04-01": "2020/21", "2021-04-01": "2021/22"},
        ),
        ("year", date(2025, 1, 1), date(2026, 12, 31), {"2025-01-01": "2025", "2026-01-01": "2026"}),
        (
            "quarter",
            date(2025, 10, 1),
            date(2026, 3, 31),
            {"2025-10-01": "Oct–Dec<br>2025", "2026-01-01": "Jan–Mar<br>2026"},
        ),
        ("month", date(2026, 9, 1), date(2026, 9, 30), {"2026-09-01": "Sep<br>2026"}),
        (
            "month",
            date(2025, 11, 1),
            date(2026, 2, 28),
            {
                "2025-11-01": "Nov<br>2025",
                "2025-12-01": "Dec",
                "2026-01-01": "Jan<br>2026",
                "2026-02-01": "Feb",
            },
        ),
    ],
)
def test_a_period_is_named_where_it_begins_in_the_words_of_its_grain(
    grain: str, first: date, last: date, told: dict[str, str]
) -> None:
    axis = date_axis(first, last, grain, charts.MUTED)
    assert labels(axis) == told
    assert (axis["ticks"], axis["ticklabelposition"]) == ("outside", "outside right")


def test_a_label_of_a_long_series_stands_at_the_tick_and_not_between_two() -> None:
    axis = date_axis(date(2019, 4, 1), date(2026, 9, 30), "month", charts.MUTED)
    assert "ticklabelmode" not in axis
    assert (axis["ticks"], axis["ticklabelposition"]) == ("outside", "outside right")


def test_of_many_periods_as_many_are_named_as_a_phone_has_room_for() -> None:
    years = labels(date_axis(date(2014, 4, 1), date(2026, 3, 31), "financial_year", charts.MUTED))
    assert list(years.values()) == ["2014/15", "2016/17", "2018/19", "2020/21", "2022/23", "2024/25"]
    years = labels(date_axis(date(2019, 4, 1), date(2026, 3, 31), "financial_year", charts.MUTED))
    assert [len(years), *years.values()][:3] == [7, "2019/<br>20", "2020/<br>21"]
    quarters = labels(date_axis(date(2024, 10, 1), date(2026, 9, 30), "quarter", charts.MUTED))
    assert list(quarters) == ["2024-10-01", "2025-04-01", "2025-10-01", "2026-04-01"]
    quarters = labels(date_axis(date(2019, 4, 1), date(2026, 9, 30), "quarter", charts.MUTED))
    assert list(quarters) == ["2020-01-01", "2022-01-01", "2024-01-01", "2026-01-01"]
