"""The line of time below a figure: each label stands where its period begins, in the words of its grain."""

from datetime import date, timedelta
from typing import Any

import pandas as pd

from profiles import words
from profiles.periods import MONTHS, first_day, month_number

DAY = 24 * 60 * 60 * 1000
"""Milliseconds, in which Plotly takes the width of what stands on days."""

FILLED, FEWEST = 0.88, 8
"""Share of its period that a column fills; with fewer periods than this, it fills less of each."""

NAMED_MONTHS, NAMED_QUARTERS, NAMED_YEARS, ON_ONE_LINE = 12, 6, 10, 6
"""Periods that a phone has room to name, and years on one line each; of more, only some are named."""


def date_axis(first: date, last: date, grain: str, colour: str) -> dict[str, Any]:
    """The axis from the first to the last day, with a tick of that colour where each period begins.

    A label begins at its tick, so that nothing before the tick is taken for a part of what is named.
    """
    step = MONTHS[grain]
    months = range(month_number(first), month_number(last) + 1, step)
    axis = {
        "type": "date",
        "range": [first.isoformat(), (last + timedelta(days=1)).isoformat()],
        "showgrid": False,
        "ticks": "outside",
        "ticklen": 6,
        "tickcolor": colour,
        "ticklabelposition": "outside right",
        "tickangle": 0,
        "hoverformat": "%B %Y" if step == 1 else "from %B %Y",
        "fixedrange": True,
    }
    if step == 1 and len(months) > NAMED_MONTHS:
        # As many labels as the screen has room for, at the beginning of a month or of a year.
        years = {"dtickrange": ["M12", None], "value": "%Y"}
        return axis | {"tickformatstops": [{"dtickrange": [None, "M11"], "value": "%b\n%Y"}, years]}
    named = list(months[:: _every(step, len(months))])
    if step == 3 and len(months) > 2 * NAMED_QUARTERS:
        # The first ones of calendar years.
        named = [month for month in months if not month % 12][:: -(-len(months) // (4 * NAMED_QUARTERS))]
    parted = "/<br>" if len(named) > ON_ONE_LINE else "/"
    return axis | {
        "tickmode": "array",
        "tickvals": [first_day(month).isoformat() for month in named],
        "ticktext": [_label(month, grain, month == named[0]).replace("/", parted) for month in named],
        "minor": {
            "ticks": "outside",
            "ticklen": 3,
            "tickcolor": colour,
            "tick0": first_day(months[0]).isoformat(),
            "dtick": f"M{step}",
        },
    }


def _every(step: int, number: int) -> int:
    """Of how many periods one is named."""
    return -(-number // {1: NAMED_MONTHS, 3: NAMED_QUARTERS, 12: NAMED_YEARS}[step])


def _label(month: int, grain: str, is_first: bool) -> str:
    """The name of the period that begins with the month, as short as it can be told from its neighbours."""
    begins = first_day(month)
    if grain == "quarter":
        return f"{begins:%b}\N{EN DASH}{first_day(month + 2):%b}<br>{begins:%Y}"
    if MONTHS[grain] == 1:
        return f"{begins:%b}<br>{begins:%Y}" if is_first or begins.month == 1 else f"{begins:%b}"
    return words.period(begins.isoformat(), grain)


def column_widths(periods: pd.Series, grain: str, number: int) -> list[int]:
    """Milliseconds that each column is wide, of `number` periods shown: most of its period, never none.

    Plotly takes the distance between columns for their width, and of a single one there is none.
    """
    share = FILLED * min(number / FEWEST, 1)
    days = [
        (first_day(month_number(begins) + MONTHS[grain]) - begins).days
        for begins in map(date.fromisoformat, periods.tolist())
    ]
    return [round(share * each * DAY) for each in days]
