"""Charts of the report as pictures, drawn by matplotlib without a screen: the same chart, the same bytes."""

import io
import math
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from profiles import words
from profiles.report.model import Bars, Chart, Columns, Course, Mark


@dataclass(frozen=True)
class Look:
    """Colours of a theme: text, what stands back, the background and the series in order."""

    text: str
    muted: str
    grid: str
    background: str
    series: tuple[str, ...]


LIGHT = Look("#17212b", "#505a64", "#d9dee4", "#ffffff", ("#12436D", "#28A197", "#801650", "#F46A25"))
DARK = Look("#e6e9ed", "#b4bcc6", "#3a4653", "#11161d", ("#9cc6ee", "#28a197", "#e08bbd", "#f58a52"))
"""The government palette, and its hues lightened for a dark background, as on the pages."""

WIDE, NARROW = 6.3, 3.7
"""Inches: the text width of a page, and a phone."""
FACE, FONT = "DejaVu Sans", 9.5
"""The face comes with matplotlib, so it is there wherever the report is made."""
MARKERS = ("o", "s", "D", "X")
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (5, 1.5, 1.5, 1.5)))
"""Beside colour: series differ in their marks and dashes too."""


def picture(chart: Chart, form: str = "png", look: Look = LIGHT, width: float = WIDE) -> bytes:
    """The chart as PNG (200 dots an inch) or SVG, in the colours of the look and so many inches wide."""
    # Loading it takes longer than starting everything else on the command line.
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    settings: Any = {
        "font.family": [FACE],
        "font.size": FONT,
        "svg.hashsalt": "stalking-profiles",
        "svg.fonttype": "none",
        "text.color": look.text,
        "axes.labelcolor": look.text,
        "axes.edgecolor": look.muted,
        "xtick.color": look.text,
        "ytick.color": look.text,
        "hatch.linewidth": 0.8,
        "timezone": "UTC",
        # Two dollar signs in a name are no formula.
        "text.parse_math": False,
    }
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(settings)
        figure = Figure(
            figsize=(width, _height(chart, width)), facecolor=look.background, layout="constrained"
        )
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_facecolor(look.background)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        if isinstance(chart, Bars):
            _bars(axes, chart, look, width)
        elif isinstance(chart, Course):
            _course(axes, chart, look, width)
        else:
            _columns(axes, chart, look, width)
        target = io.BytesIO()
        if form == "svg":
            metadata: dict[str, Any] = {"Date": None, "Creator": None, "Format": None, "Type": None}
            figure.savefig(target, format="svg", metadata=metadata)
            # Who reads it may lack the face: Verdana is as wide.
            return target.getvalue().replace(f"'{FACE}'".encode(), f"'{FACE}', Verdana, sans-serif".encode())
        figure.savefig(target, format="png", dpi=200, metadata={"Software": None})
        return target.getvalue()


def _height(chart: Chart, width: float) -> float:
    if isinstance(chart, Bars):
        lines = sum(_wrapped(name, width).count("\n") * 0.55 + 1 for name in chart.names)
        return 0.27 * lines + (0.85 if chart.reference else 0.55)
    return 2.5


def _wrapped(name: str, width: float) -> str:
    return "\n".join(textwrap.wrap(name, 30 if width > NARROW else 17))


def _axis(axis: Any, unit: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    def told(value: float, _: int) -> str:
        text = f"{value:,.10g}"
        return f"{text}%" if unit == "percent" else text

    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(told))


def _grid(axes: Any, look: Look, which: str) -> None:
    axes.grid(axis=which, color=look.grid, linewidth=0.8)
    axes.set_axisbelow(True)


def _bars(axes: Any, chart: Bars, look: Look, width: float) -> None:
    places = range(len(chart.names))
    drawn = [0.0 if math.isnan(value) else value for value in chart.values]
    is_hatched = [name.lower() in ("not recorded", "not known", "unknown") for name in chart.names]
    for place in places:
        axes.barh(
            place,
            drawn[place],
            height=0.62,
            color=look.background if is_hatched[place] else look.series[0],
            edgecolor=look.series[0],
            hatch="////" if is_hatched[place] else None,
            linewidth=0.8,
        )
    ends = []
    for place, (value, lower, upper) in enumerate(zip(drawn, chart.lowers, chart.uppers, strict=True)):
        has_limits = not (math.isnan(lower) or math.isnan(upper))
        ends.append(max(value, upper) if has_limits else value)
        if has_limits:
            # The half that lies on a solid bar has the colour of the background.
            inner = look.text if is_hatched[place] else look.background
            axes.plot([lower, value], [place] * 2, color=inner, linewidth=1.5, solid_capstyle="butt")
            axes.plot([value, upper], [place] * 2, color=look.text, linewidth=1.5, solid_capstyle="butt")
    reach = max([*ends, chart.reference[0]]) if chart.reference else 0.0
    # A line would run through figures that stand behind their bars: they stand in a column then.
    ends = [reach] * len(ends) if chart.reference else ends
    highest = max([*ends, chart.reference[0] if chart.reference else 0.0, 0.0]) or 1.0
    letters = max(len(label) for label in chart.labels)
    # Room for the figures behind the bars, by the letters of the longest.
    share = min(0.45, 0.035 + letters * (0.0125 if width > NARROW else 0.03))
    axes.set_xlim(0, highest / (1 - share))
    for place, label in enumerate(chart.labels):
        axes.text(ends[place] + highest * 0.015, place, label, va="center", ha="left", color=look.text)
    axes.set_yticks(list(places), [_wrapped(name, width) for name in chart.names])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(chart.names) - 0.4, -0.6)
    _axis(axes.xaxis, chart.unit)
    if width <= NARROW:
        axes.xaxis.get_major_locator().set_params(nbins=3)
    _grid(axes, look, "x")
    if chart.reference:
        value, text = chart.reference
        axes.axvline(value, color=look.text, linewidth=1.2, linestyle=(0, (4, 2)))
        axes.set_title(f"- - {text}", loc="left", fontsize=FONT, color=look.text)


def _ticks(axes: Any, periods: tuple[str, ...], width: float) -> None:
    most = 9 if width > NARROW else 5
    step = max(1, math.ceil(len(periods) / most))
    if len(periods) > 24:
        # Months: every so many years, so that a label is always the same month.
        step = 12 * max(1, math.ceil(len(periods) / 12 / most))
    places = list(range(0, len(periods), step))
    labels = [periods[place] for place in places]
    axes.set_xticks(places, [_on_two_lines(label) for label in labels])


def _on_two_lines(label: str) -> str:
    first, _, rest = label.partition(" ")
    return f"{first}\n{rest}" if rest else label


def _marks(axes: Any, marks: tuple[Mark, ...], look: Look) -> None:
    groups: list[list[Mark]] = []
    wide = abs(axes.get_xlim()[1] - axes.get_xlim()[0])
    for mark in marks:
        style = "-" if mark.is_rebase else (0, (2, 2))
        axes.axvline(mark.at, color=look.muted, linewidth=1.1, linestyle=style)
        # Letters that would stand on each other stand side by side.
        if groups and mark.at - groups[-1][-1].at < wide * 0.035:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    for group in groups:
        axes.annotate(
            " ".join(mark.letter for mark in group),
            (sum(mark.at for mark in group) / len(group), 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontweight="bold",
            color=look.text,
        )


def _legend(axes: Any, entries: int, width: float, has_marks: bool) -> None:
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.08 if has_marks else 1.0),
        ncols=min(entries, 4 if width > NARROW else 2),
        frameon=False,
        borderaxespad=0.2,
        handlelength=2.4,
        columnspacing=1.2,
    )


def _course(axes: Any, chart: Course, look: Look, width: float) -> None:
    is_single = len(chart.names) == 1
    parts = [mark.place for mark in chart.marks if mark.is_rebase]
    for number, (name, values) in enumerate(zip(chart.names, chart.values, strict=True)):
        colour = look.series[number % len(look.series)]
        solid = [math.nan if place in chart.provisional else value for place, value in enumerate(values)]
        edges = [0, *parts, len(values)]
        for first, last in pairwise(edges):
            axes.plot(
                range(first, last),
                solid[first:last],
                color=colour,
                linewidth=1.6,
                linestyle=DASHES[number % len(DASHES)],
                marker=MARKERS[number % len(MARKERS)],
                markersize=2.6 if len(values) > 24 else 5,
                label=None
                if first or (is_single and chart.average is None)
                else _series_name(name, is_single),
            )
        hollow = [place for place in chart.provisional if not math.isnan(values[place])]
        axes.plot(
            hollow,
            [values[place] for place in hollow],
            linestyle="none",
            marker=MARKERS[number % len(MARKERS)],
            markersize=5,
            markerfacecolor=look.background,
            markeredgecolor=colour,
        )
    tops = [value for values in chart.values for value in values if not math.isnan(value)]
    if chart.average is not None and chart.limits:
        ends = [chart.stretch - 0.5, len(chart.periods) - 0.5]
        axes.plot(ends, [chart.average] * 2, color=look.series[2], linewidth=1.3, label="Average")
        for place, limit in enumerate(chart.limits):
            drawn = min(max(limit, 0.0), 100.0) if chart.unit == "percent" else max(limit, 0.0)
            label = None if place else "Control limits"
            style = (0, (4, 2))
            axes.plot(ends, [drawn] * 2, color=look.series[2], linewidth=1.2, linestyle=style, label=label)
        tops.append(min(chart.limits[1], 100.0) if chart.unit == "percent" else chart.limits[1])
    top = max(tops, default=1.0)
    axes.set_ylim(chart.floor, min(100.0, top * 1.05) if chart.floor else top * 1.12 or 1.0)
    axes.set_xlim(-0.8, len(chart.periods) - 0.2)
    _finish(axes, chart, look, width, 3 if is_single else len(chart.names))


def _series_name(name: str, is_single: bool) -> str:
    return "Each month" if is_single else words.name(name)


def _columns(axes: Any, chart: Columns, look: Look, width: float) -> None:
    bottoms = [0.0] * len(chart.periods)
    for number, (name, values) in enumerate(zip(chart.names, chart.values, strict=True)):
        colour = look.series[number % len(look.series)]
        for place, value in enumerate(values):
            drawn = 0.0 if math.isnan(value) else value
            is_open = place in chart.provisional or place in chart.projected
            axes.bar(
                place,
                drawn,
                bottom=bottoms[place],
                width=0.72,
                color=look.background if is_open else colour,
                edgecolor=colour if is_open else look.background,
                hatch="////" if place in chart.projected else None,
                linewidth=1.2,
                label=words.name(name) if place == 0 and len(chart.names) > 1 else None,
            )
            bottoms[place] += drawn
    tops = list(bottoms)
    for place in chart.projected:
        lower, upper = chart.lowers[place], chart.uppers[place]
        if not (math.isnan(lower) or math.isnan(upper)):
            axes.plot([place] * 2, [max(lower, 0), upper], color=look.text, linewidth=1.6)
            tops.append(upper)
    axes.set_ylim(0, max(tops, default=1.0) * 1.12 or 1.0)
    axes.set_xlim(-0.6, len(chart.periods) - 0.4)
    _finish(axes, chart, look, width, len(chart.names))


def _finish(axes: Any, chart: Course | Columns, look: Look, width: float, entries: int) -> None:
    _axis(axes.yaxis, chart.unit)
    _ticks(axes, chart.periods, width)
    _grid(axes, look, "y")
    _marks(axes, chart.marks, look)
    if axes.get_legend_handles_labels()[0]:
        _legend(axes, entries, width, bool(chart.marks))
