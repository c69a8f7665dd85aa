"""Blocks of one snapshot: a series counted and projected, and its financial years."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from profiles import charts, words
from profiles.blocks.block import Block, Source, figure_words, letters_of, markers_met
from profiles.catalogue import Measure, measure
from profiles.charts import projections
from profiles.frames import has_figures, rows
from profiles.selection import Selection
from profiles.snapshot import withdrawals
from profiles.snapshot.files import STANDING
from profiles.snapshot.manifests import Manifest
from profiles.snapshot.opened import Release, numbers, refuse_withdrawn
from profiles.snapshot.series import applying, series

LIMITS = ("value", "lower_80", "upper_80", "lower_95", "upper_95")


@dataclass(frozen=True)
class Published(Block):
    """A block whose figures stand in a file of a snapshot; its CSV is that file, byte for byte."""

    file: str = ""
    release: Release = field(kw_only=True, repr=False)

    @property
    def file_name(self) -> str:
        """Name of the file without its ending, with the as-at date, and SYNTHETIC where it is."""
        stamp = "_SYNTHETIC" if self.source.is_synthetic else ""
        return f"{self.file}_as-at-{self.source.as_at}{stamp}"

    @property
    def commands(self) -> tuple[str, ...]:
        """None: the figures are those of the snapshot's day, whatever was imported since."""
        return ()

    @property
    def downloads(self) -> dict[str, tuple[Callable[[], bytes], str]]:
        """The file of the snapshot, and no other; none of one that was withdrawn."""
        if withdrawals.of(self.release.manifest):
            return {}
        return {"CSV": (self.csv, "text/csv")}

    @property
    def hint(self) -> str:
        """That the file holds more than the block."""
        return f"{self.file}.csv of the snapshot, with all its series"

    def csv(self) -> bytes:
        """The file of the snapshot. Raises BadSnapshot when it was withdrawn meanwhile."""
        refuse_withdrawn(self.release.manifest)
        return self.release.csv[self.file]


def source(manifest: Manifest) -> Source:
    """What a snapshot is stamped with, as pages show it; it answers nothing beyond its own files."""
    return Source(
        frame=lambda measure_id, selection: pd.DataFrame(),
        breaks=lambda measure_id, basis: (),
        lacking=lambda measure_id, selection: {},
        as_at=manifest.as_at,
        version=manifest.warehouse_version,
        marking=manifest.marking,
        is_synthetic=manifest.synthetic != "no",
    )


def name_of(measure_id: str, basis: str) -> str:
    """The series as a reader picks it, such as Stalking-involved crimes (basis: any)."""
    title = measure(measure_id).title
    return f"{title} (basis: {basis.replace('_', ' ')})" if basis else title


def history(release: Release, measure_id: str, basis: str) -> Published:
    """The months counted as published, those projected with their intervals, and why in this way."""
    item = measure(measure_id)
    counted = series(release.months, measure_id, basis, "month")
    lines = lines_of(release, measure_id, basis)
    ahead = numbers(lines[lines["kind"] == "month"], LIMITS).reset_index(drop=True)
    ahead["is_extrapolated"] = ahead["is_extrapolated"] == "yes"
    head = lines[lines["kind"] == "series"].iloc[0]
    known = applying(release.breaks, item, basis)
    is_drawn = has_figures(counted)
    both = pd.concat([counted[["period"]], ahead[["period"]]])
    is_scenario = len(ahead) > 0 and bool(ahead["lower_80"].isna().all())
    figure = None
    if is_drawn and len(ahead):
        figure = projections.projection(counted, ahead, item.unit, known)
    elif is_drawn:
        figure = charts.lines(counted, item.unit, "month", known)
    return Published(
        block_id="projection",
        title=projections.projection_title(name_of(measure_id, basis), ahead, item.unit),
        subtitle=subtitle(item, basis, "number, each month"),
        sentence=projections.projection_sentence(counted, ahead, item.unit, head["reason"]),
        figure=figure,
        table=_months(counted, ahead, item, is_scenario),
        frame=counted,
        asks=((measure_id, Selection()),),
        source=source(release.manifest),
        selection=Selection(),
        texts=2,
        notes=(
            *_read(is_scenario, ahead),
            *markers_met(counted),
        ),
        letters=letters_of(charts.shown_breaks(both, "month", known)) if is_drawn else (),
        file="forecast",
        release=release,
    )


def _read(is_scenario: bool, ahead: pd.DataFrame) -> tuple[str, ...]:
    """How the chart is read."""
    if ahead.empty:
        return ()
    if is_scenario:
        return (
            "The range of a scenario is no probability: it is as if the highest, or the lowest, went on.",
        )
    told = (
        "Of a hundred months 80 are meant to lie in the 80% interval and 95 in the 95% one, if what moves "
        "the series goes on as it did.",
    )
    if ahead["is_extrapolated"].any():
        return (
            *told,
            "Hatched and dotted: more than 12 months ahead, an extrapolation that was not tested.",
        )
    return told


def _months(counted: pd.DataFrame, ahead: pd.DataFrame, item: Measure, is_scenario: bool) -> pd.DataFrame:
    """Months as read, what is to come first: period, kind, figure, both intervals or a scenario's range."""
    near, beyond = projections.names(is_scenario)
    first, second = (
        ("Range of the scenario", "95% interval") if is_scenario else ("80% interval", "95% interval")
    )
    table: dict[str, list[str]] = {
        "Month": [words.period(each, "month") for each in ahead["period"].tolist()],
        "Kind": [beyond if each else near for each in ahead["is_extrapolated"].tolist()],
        "Number": [words.number(each, item.unit) for each in ahead["value"].tolist()],
    }
    intervals = {
        level: _intervals(ahead[f"lower_{level}"], ahead[f"upper_{level}"], item.unit)
        for level in ("80", "95")
    }
    # The range of a scenario stands in the place of the 95 % interval in the file, and is none.
    table[first] = intervals["95" if is_scenario else "80"]
    table[second] = [""] * len(ahead) if is_scenario else intervals["95"]
    # A month that is provisional is projected as well.
    told = sorted(rows(counted), key=lambda row: row.period, reverse=True)
    table["Month"] += [words.period(row.period, "month") for row in told]
    table["Kind"] += ["Provisional" if row.marker == "[p]" else projections.COUNTED for row in told]
    table["Number"] += [figure_words(row, item.unit) for row in told]
    table[first] += [""] * len(told)
    table[second] += [words.interval(row.lower, row.upper, item.unit) for row in told]
    return pd.DataFrame(table)


def _intervals(lower: pd.Series, upper: pd.Series, unit: str) -> list[str]:
    return [words.interval(*each, unit) for each in zip(lower.tolist(), upper.tolist(), strict=True)]


SCENARIO = "scenario range"
"""The method of what has a range and no probability."""

YEAR_KINDS = {"actual": projections.COUNTED, "part_year": projections.PART}


def years(release: Release, measure_id: str, basis: str) -> Published:
    """The financial years of the series as fms.csv has them: counted, the year so far, projected."""
    item = measure(measure_id)
    told = release.fms[(release.fms["measure_id"] == measure_id) & (release.fms["basis"] == basis)]
    told = told.reset_index(drop=True)
    frame = numbers(told, ("value", "lower", "upper"))
    lines = lines_of(release, measure_id, basis)
    beyond = lines[(lines["kind"] == "financial_year") & (lines["is_extrapolated"] == "yes")]["period"]
    names = {words.financial_year(date.fromisoformat(each)) for each in beyond.tolist()}
    frame["is_extrapolated"] = frame["financial_year"].isin(names)
    shown = frame[frame["value"].notna()]
    is_scenario = bool((frame["method"] == SCENARIO).any())
    kinds = [
        projections.names(method == SCENARIO)[is_beyond] if kind == "projection" else YEAR_KINDS[kind]
        for kind, method, is_beyond in zip(
            frame["period_type"], frame["method"], frame["is_extrapolated"], strict=True
        )
    ]
    table = pd.DataFrame(
        {
            "Financial year": told["financial_year"],
            "Kind": kinds,
            "How": told["method"],
            "Notes": told["notes"],
            "Number": _figures(told["value"].tolist(), frame["value"].tolist(), item.unit),
            **_spread(frame, item.unit),
        }
    )
    broken = told[told["series_break"] != ""]
    return Published(
        block_id="financial-years",
        title=projections.years_title(name_of(measure_id, basis), frame, item.unit, is_scenario),
        subtitle=subtitle(item, basis, "number, each financial year"),
        sentence=projections.years_sentence(frame, item.unit, is_scenario),
        figure=projections.years(shown, item.unit, is_scenario) if len(shown) else None,
        table=table,
        frame=frame,
        asks=((measure_id, Selection()),),
        source=source(release.manifest),
        selection=Selection(),
        texts=4,
        notes=(
            "The year that has begun is there twice: so far, and projected as a whole.",
            *(
                f"{year}: {text}."
                for year, text in dict(
                    zip(broken["financial_year"], broken["series_break"], strict=True)
                ).items()
            ),
            *(f"{each} {words.MARKERS[each]}." for each in sorted(set(told["value"]) & set(words.MARKERS))),
        ),
        file="fms",
        release=release,
    )


def _spread(frame: pd.DataFrame, unit: str) -> dict[str, list[str]]:
    """The column of the 95 % intervals, and where there is a scenario one of its ranges."""
    limits = _intervals(frame["lower"], frame["upper"], unit)
    is_range = (frame["method"] == SCENARIO).tolist()
    columns = {"95% interval": ["" if each else text for text, each in zip(limits, is_range, strict=True)]}
    if any(is_range):
        columns["Range of the scenario"] = [
            text if each else "" for text, each in zip(limits, is_range, strict=True)
        ]
    return columns


def _figures(texts: Sequence[str], values: Sequence[float], unit: str) -> list[str]:
    """Each figure as read, or the marker that stands in its place."""
    return [
        text if text in STANDING else words.number(value, unit)
        for text, value in zip(texts, values, strict=True)
    ]


def lines_of(release: Release, measure_id: str, basis: str) -> pd.DataFrame:
    """The lines of forecast.csv on the series."""
    frame = release.forecast
    return frame[(frame["measure_id"] == measure_id) & (frame["basis"] == basis)]


def subtitle(item: Measure, basis: str, unit: str) -> str:
    told = f"basis: {basis.replace('_', ' ')}" if basis else ""
    return " · ".join(filter(None, (item.title, told, unit, "the force as a whole, as published")))
