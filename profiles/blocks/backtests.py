"""Blocks of one snapshot: how far projections missed, and how often their intervals held."""

import pandas as pd

from profiles import words
from profiles.blocks.projections import Published, lines_of, source, subtitle
from profiles.catalogue import measure
from profiles.charts import backtests
from profiles.forecast.intervals import FLATTERED
from profiles.forecast.smoothing import NAIVE
from profiles.selection import Selection
from profiles.snapshot.opened import Release, numbers

SHARES = ("coverage_80", "coverage_95", "coverage_80_widened", "coverage_95_widened")


def backtest(release: Release, measure_id: str, basis: str) -> Published | None:
    """How far each method missed months that were known already; None where there was no back-test."""
    item = measure(measure_id)
    lines = lines_of(release, measure_id, basis)
    tried = numbers(lines[lines["kind"] == "backtest"], ("horizon", "mase", "mean_error")).reset_index(
        drop=True
    )
    if tried.empty:
        return None
    head = lines[lines["kind"] == "series"].iloc[0]
    method, mase, naive = head["method"], float(head["mase"]), float(head["naive_mase"])
    others = [NAIVE] if method != NAIVE else [_next_best(tried)]
    table = pd.DataFrame(
        {
            "Method": ["At all horizons: " + method, "At all horizons: " + NAIVE, *tried["method"]],
            "Months ahead": ["1 to 12", "1 to 12", *(f"{each:.0f}" for each in tried["horizon"])],
            "Error (MASE)": [f"{each:.2f}" for each in (mase, naive, *tried["mase"])],
            "Mean error, number": ["", "", *(f"{each:+.1f}" for each in tried["mean_error"])],
            "Starting points": ["", "", *tried["origins"]],
        }
    )
    if method == NAIVE:
        table = table.drop(index=1).reset_index(drop=True)
    return Published(
        block_id="back-test",
        title=backtests.errors_title(method, mase, naive, NAIVE),
        subtitle=subtitle(item, basis, "error, by months ahead"),
        sentence=_judged(method, mase, naive, head["origins"]),
        figure=backtests.errors(tried, [method, *others]),
        table=table,
        frame=tried,
        asks=((measure_id, Selection()),),
        source=source(release.manifest),
        selection=Selection(),
        texts=2,
        notes=(
            "Error: how far projections missed on average, against how far repeating the month of the year "
            "before missed within the months it learnt from; 1 is as far, less is better (mean absolute "
            "scaled error, MASE).",
            "The error in the title is over the starting points that every method has; those by horizon are "
            "over all of a method's own.",
        ),
        file="forecast",
        release=release,
    )


def _next_best(tried: pd.DataFrame) -> str:
    """The method other than the naive with the smallest average error."""
    means = tried[tried["method"] != NAIVE].groupby("method", sort=False)["mase"].mean()
    return str(means.idxmin())


def _judged(method: str, mase: float, naive: float, origins: str) -> str:
    """Whether it beats repeating the year before, in a plain sentence."""
    how = f"Months already known were projected from {origins} starting points, with no sight of what came."
    if method == NAIVE:
        return f"{how} Nothing did better than repeating the month of the year before, so that is used."
    if mase == naive:
        told = "as far as"
    else:
        size = words.whole_percent(100 * abs(1 - mase / naive)) if naive else "far"
        told = f"by {size} {'less' if mase < naive else 'more'} than"
    return f"{how} {method} missed {told} the seasonal naive, which repeats the month of the year before."


def coverage(release: Release, measure_id: str, basis: str) -> Published | None:
    """How often intervals held in the back-test, the model's own and widened; None without one."""
    item = measure(measure_id)
    lines = lines_of(release, measure_id, basis)
    head = lines[lines["kind"] == "series"].iloc[0]
    mine = lines[(lines["kind"] == "backtest") & (lines["method"] == head["method"])]
    mine = numbers(mine, ("horizon", *SHARES)).reset_index(drop=True)
    if mine.empty or not head["coverage_95_widened"]:
        return None
    mine = mine.assign(**{name: 100 * mine[name] for name in SHARES})
    after = {level: 100 * float(head[f"coverage_{level}_widened"]) for level in ("80", "95")}
    columns: dict[str, list[str]] = {
        "Months ahead": ["1 to 12", *(f"{each:.0f}" for each in mine["horizon"])],
        "Starting points": ["", *mine["origins"]],
    }
    for level in ("80", "95"):
        own, wide = mine[f"coverage_{level}"].tolist(), mine[f"coverage_{level}_widened"].tolist()
        columns[f"{level}% interval of the model"] = ["", *(words.number(each, "percent") for each in own)]
        columns[f"{level}% interval widened"] = [
            words.number(each, "percent") for each in (after[level], *wide)
        ]
    return Published(
        block_id="coverage",
        title=backtests.coverage_title(after["95"]),
        subtitle=subtitle(item, basis, "per cent of months, by months ahead"),
        sentence=(
            f"At all horizons together {words.number(after['95'], 'percent')} lay in the widened 95% "
            f"interval, and {words.number(after['80'], 'percent')} in the widened 80% one; dotted lines mark "
            "80% and 95%."
        ),
        figure=backtests.coverage(mine),
        table=pd.DataFrame(columns),
        frame=mine,
        asks=((measure_id, Selection()),),
        source=source(release.manifest),
        selection=Selection(),
        texts=1,
        notes=(
            "A model's own interval is often too narrow. It is widened by how far its projections missed "
            "before (conformal), never narrowed; each starting point is judged by misses that it has no "
            "month in common with.",
            *_flattered(head["months"]),
        ),
        file="forecast",
        release=release,
    )


def _flattered(months: str) -> tuple[str, ...]:
    """That a back-test of so few months flatters; nothing where it does not."""
    if not months or int(float(months)) >= FLATTERED:
        return ()
    return (
        f"A back-test of so few months ({months}) flatters: it judges what was chosen by it, on few misses.",
    )
