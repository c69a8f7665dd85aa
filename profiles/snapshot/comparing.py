"""Two snapshots compared: which figures were revised, are new, vanished, or are withheld only in one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from profiles import words
from profiles.errors import BadSnapshot
from profiles.measures import LOW_BASE, as_read
from profiles.snapshot.files import FIGURES, KEY, STAMPS, STANDING
from profiles.snapshot.manifests import Manifest, verified

REVISED, NEW, VANISHED = "revised", "new", "vanished"
HIDDEN, SHOWN, MARKER, WORDING = "now hidden", "now shown", "marker", "wording"

CHANGES = {
    REVISED: "a figure has another value, or is there only in one of the two for another reason than [c]",
    NEW: "only the second snapshot has the row",
    VANISHED: "only the first snapshot has the row",
    HIDDEN: "a figure that was published is now confidential",
    SHOWN: "a figure that was confidential is now published",
    MARKER: "the figures are the same, their marker is another",
    WORDING: "figures and marker are the same, the words beside them (title, unit, break) are not",
}
"""What can become of a row, and when it is called that; one of two that both hold goes by the first of
now hidden, now shown, revised, marker, wording that is true."""

KEYS = {
    "definitions": ("measure_id",),
    "breaks": ("break_date", "title"),
    "action_plan": ("plan_ref", "measure_id", "basis", "dimension", "category"),
}
"""The other tables that are compared, and what tells their lines apart."""

HIDING, ENDS = "[c]", ("lower", "upper")

COLUMNS = (
    *("table", "change", *KEY, "title", "unit"),
    *(f"{name}_{when}" for name in (*FIGURES, "marker") for when in ("old", "new")),
    *("difference", "per_cent", "detail"),
)
"""Columns of a comparison: texts as they stand in the files; `difference` and `per_cent` (of the old value)
are numbers, of rows whose value was a number in both. `detail` says which words changed, old → new."""


@dataclass(frozen=True)
class Comparison:
    """What changed from one snapshot to another: both as-at dates, a row a change, and the same in sentences.

    `counts` has a row a measure: how many rows both hold, and how many of these were revised.
    """

    as_at_a: str
    as_at_b: str
    frame: pd.DataFrame
    counts: pd.DataFrame
    summary: tuple[str, ...]


def compared(a: Path, b: Path) -> Comparison:
    """The second snapshot against the first, both verified.

    Raises BadSnapshot when one is damaged, when they are of different disclosure profiles, or when one is of
    synthetic data and the other is not.
    """
    first, second = verified(a), verified(b)
    _refuse_unlike(first, second)
    try:
        return _compared(first, second)
    # What was sealed with a seal that fits may be nonsense all the same.
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise BadSnapshot(
            f"{a} and {b} cannot be compared, for one of them does not hold what a snapshot must; "
            "`stalking-profiles verify` says which, take it anew from its source."
        ) from error


def _compared(first: Manifest, second: Manifest) -> Comparison:
    old, new = _lines(first, "measures"), _lines(second, "measures")
    merged, rounded = _limits_as_read(_merged(old, new, KEY))
    frame = _changes(merged)
    others = [_other(name, first, second) for name in KEYS]
    frame = pd.concat([frame, *others], ignore_index=True)[list(COLUMNS)]
    counts = _counts(merged, frame)
    return Comparison(
        first.as_at, second.as_at, frame, counts, tuple(_sentences(first, second, frame, counts, rounded))
    )


def most_changed(comparison: Comparison, at_most: int = 10) -> pd.DataFrame:
    """The measures that changed most, at most so many, those with most revised rows first.

    Columns: measure_id, title, held (rows that both snapshots hold), revised, and of the revised row whose
    value changed most in per cent, among those on an old base of 30 or more: per_cent, value_old, value_new,
    basis, grain, period, dimension, category, dimension_2, category_2.
    """
    largest = _largest(comparison.frame)
    columns = ["measure_id", "per_cent", "value_old", "value_new", *KEY[1:]]
    return (
        _ordered(comparison.counts)
        .head(at_most)
        .merge(largest[columns], on="measure_id", how="left")
        .reset_index(drop=True)
    )


def _ordered(counts: pd.DataFrame) -> pd.DataFrame:
    """Measures with a revised row, those with most of them first."""
    revised = counts[counts["revised"] > 0]
    return revised.sort_values(["revised", "measure_id"], ascending=[False, True], kind="stable")


def _largest(frame: pd.DataFrame) -> pd.DataFrame:
    """Of each measure the row whose value changed most in per cent, on an old base of LOW_BASE or more."""
    base = _number(frame["denominator_old"].where(frame["denominator_old"] != "", frame["numerator_old"]))
    sized = frame.assign(size=frame["per_cent"].abs())
    sized = sized[(frame["table"] == "measures") & (base >= LOW_BASE) & (sized["size"] > 0)]
    ordered = sized.sort_values(["size", *KEY], ascending=[False, *(True for _ in KEY)], kind="stable")
    return ordered.drop_duplicates("measure_id").drop(columns="size")


def _refuse_unlike(first: Manifest, second: Manifest) -> None:
    if first.profile != second.profile:
        raise BadSnapshot(
            f"{first.folder} is of the disclosure profile {first.profile} and {second.folder} of "
            f"{second.profile}, so their figures are protected in different ways; compare two of one profile."
        )
    if first.synthetic != second.synthetic:
        made, real = (first, second) if first.synthetic != "no" else (second, first)
        raise BadSnapshot(
            f"{made.folder} is of synthetic data and {real.folder} is not; compare two of real data, "
            "or two of synthetic data."
        )


def _lines(manifest: Manifest, name: str) -> pd.DataFrame:
    """The lines of a CSV as text, without its stamp; none when the snapshot has no such file."""
    path = manifest.folder / f"{name}.csv"
    if path.name not in manifest.files:
        return pd.DataFrame(columns=list((*KEY, *FIGURES) if name == "measures" else KEYS[name]), dtype="str")
    try:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BadSnapshot(f"{path} cannot be read as CSV; take the snapshot anew from its source.") from error
    return frame.drop(columns=[field.name for field in STAMPS], errors="ignore")


def _merged(old: pd.DataFrame, new: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    """Lines of both by their key, in the order of the new ones: columns `<name>_old` and `<name>_new`, and
    `_merge`, which says where a line was found. Lines of one key are told apart by their order."""
    key = tuple(name for name in key if name in old.columns and name in new.columns)
    names = [name for name in dict.fromkeys((*new.columns, *old.columns)) if name not in key]
    sides = []
    for frame in (old, new):
        nth = frame.groupby(list(key), sort=False).cumcount() if key else pd.Series(range(len(frame)))
        sides.append(frame.reindex(columns=[*key, *names], fill_value="").assign(_nth=nth))
    merged = sides[1].merge(
        sides[0], on=[*key, "_nth"], how="outer", suffixes=("_new", "_old"), indicator=True, sort=False
    )
    place = sides[1].reset_index(names="_place")[[*key, "_nth", "_place"]]
    merged = merged.merge(place, on=[*key, "_nth"], how="left").sort_values("_place", kind="stable")
    merged["_merge"] = merged["_merge"].astype("str")
    return merged.drop(columns=["_nth", "_place"]).fillna("").reset_index(drop=True)


def _limits_as_read(merged: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The lines, with limits of a count that only one of the two rounds alike, and of how many that is so."""
    if not {"unit_old", "lower_old", "upper_old"} <= set(merged.columns):
        return merged, 0
    old, new = (
        np.stack(as_read(*(_number(merged[f"{name}_{when}"]).to_numpy() for name in ENDS)))
        for when in ("old", "new")
    )
    is_count = (merged["unit_old"] == "count") & (merged["unit_new"] == "count")
    is_other = np.logical_or.reduce([merged[f"{name}_old"] != merged[f"{name}_new"] for name in ENDS])
    is_rounded = is_count & is_other & (old == new).all(axis=0)
    alike = {f"{name}_old": merged[f"{name}_old"].mask(is_rounded, merged[f"{name}_new"]) for name in ENDS}
    return merged.assign(**alike), int(is_rounded.sum())


def _number(texts: pd.Series) -> pd.Series:
    """Figures of a file as numbers; nan for blanks and markers."""
    return pd.to_numeric(texts, errors="coerce").astype(float)


def _changes(merged: pd.DataFrame) -> pd.DataFrame:
    """The changed rows of the measures, columns as in COLUMNS."""
    where = merged["_merge"]
    is_both = (where == "both").to_numpy()

    def differs(name: str) -> np.ndarray:
        return (merged[f"{name}_old"] != merged[f"{name}_new"]).to_numpy() & is_both

    is_hidden, is_shown, is_revised = (np.zeros(len(merged), dtype=bool) for _ in range(3))
    for name in FIGURES:
        old, new = merged[f"{name}_old"], merged[f"{name}_new"]
        was, there = ((~side.isin(["", *STANDING])).to_numpy() for side in (old, new))
        is_hidden |= is_both & was & (new == HIDING).to_numpy()
        is_shown |= is_both & there & (old == HIDING).to_numpy()
        is_revised |= differs(name) & (was | there)
    told = ("title", "unit", "break")
    is_reworded = np.logical_or.reduce([differs(name) for name in told])
    change = np.select(
        [
            (where == "left_only").to_numpy(),
            (where == "right_only").to_numpy(),
            is_hidden,
            is_shown,
            is_revised,
            differs("marker"),
            is_reworded,
        ],
        [NEW, VANISHED, HIDDEN, SHOWN, REVISED, MARKER, WORDING],
        default="",
    )
    is_new = (where != "right_only").to_numpy()
    frame = merged.assign(
        table="measures",
        change=change,
        **{name: merged[f"{name}_new"].where(is_new, merged[f"{name}_old"]) for name in ("title", "unit")},
        detail=_detail(merged, told),
    )
    frame = frame.loc[change != ""]
    value_old, value_new = _number(frame["value_old"]), _number(frame["value_new"])
    difference = value_new - value_old
    per_cent = 100 * difference / value_old.where(value_old != 0).abs()
    changed: pd.DataFrame = frame.assign(difference=difference, per_cent=per_cent).reindex(columns=COLUMNS)
    return changed


def _detail(merged: pd.DataFrame, names: tuple[str, ...]) -> list[str]:
    """For each line that both hold, which of these columns changed, old → new; otherwise empty."""
    told: list[list[str]] = [[] for _ in range(len(merged))]
    is_both = merged["_merge"].tolist()
    for name in names:
        pairs = zip(merged[f"{name}_old"].tolist(), merged[f"{name}_new"].tolist(), strict=True)
        for place, (old, new) in enumerate(pairs):
            if old != new and is_both[place] == "both":
                told[place].append(f"{name}: {old or 'blank'} → {new or 'blank'}")
    return ["; ".join(parts) for parts in told]


def _other(name: str, first: Manifest, second: Manifest) -> pd.DataFrame:
    """The changed lines of another table, columns as in COLUMNS; its key and what changed are the detail."""
    old, new = _lines(first, name), _lines(second, name)
    merged, _ = _limits_as_read(_merged(old, new, KEYS[name]))
    fields = tuple(re.sub("_old$", "", column) for column in merged.columns if column.endswith("_old"))
    where = merged["_merge"].to_numpy()
    detail = _detail(merged, fields)
    is_revised = np.array([bool(text) for text in detail], dtype=bool)
    change = np.select(
        [where == "left_only", where == "right_only", is_revised], [NEW, VANISHED, REVISED], default=""
    )
    keys = [column for column in KEYS[name] if column in merged.columns]
    told = [" / ".join(filter(None, line)) for line in merged[keys].itertuples(index=False)]
    frame = pd.DataFrame(
        {
            "table": name,
            "change": change,
            "measure_id": merged["measure_id"] if "measure_id" in keys else "",
            "detail": [": ".join(filter(None, pair)) for pair in zip(told, detail, strict=True)],
        }
    )
    blank = {column: "" for column in COLUMNS if column not in frame.columns}
    frame = frame.assign(**(blank | {"difference": np.nan, "per_cent": np.nan}))
    changed: pd.DataFrame = frame.loc[change != ""].reindex(columns=COLUMNS)
    return changed


def _counts(merged: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """For each measure its title, the rows that both snapshots hold and how many of them were revised."""
    both = merged[merged["_merge"] == "both"]
    held = both.groupby("measure_id", sort=True).agg(title=("title_new", "first"), held=("title_new", "size"))
    is_revised = (frame["table"] == "measures") & (frame["change"] == REVISED)
    revised = frame[is_revised].groupby("measure_id").size()
    return held.assign(revised=revised).fillna({"revised": 0}).astype({"revised": int}).reset_index()


def _sentences(
    first: Manifest, second: Manifest, frame: pd.DataFrame, counts: pd.DataFrame, rounded: int
) -> Iterator[str]:
    """What changed, most general first; `rounded` limits are no change."""
    days = [words.day(date.fromisoformat(manifest.as_at)) for manifest in (first, second)]
    yield f"Figures as at {days[1]} compared with those as at {days[0]}."
    if first.as_at > second.as_at:
        yield "The second snapshot is the older one: swap the two to see what has happened since."
    if first.version != second.version:
        yield f"They were made by different versions, {first.version} and {second.version}."
    if rounded:
        yield f"Limits of {rounded:,} {'count' if rounded == 1 else 'counts'} are rounded in one: no change."
    found = frame[frame["table"] == "measures"]
    of = found["change"].value_counts()
    held = int(counts["held"].sum())
    revised = found[found["change"] == REVISED]
    text = (
        f"Of {held:,} rows that both hold, {len(revised):,} {'was' if len(revised) == 1 else 'were'} revised"
    )
    provisional = int((revised["marker_old"] == "[p]").sum())
    if provisional:
        text += f", {provisional:,} of them provisional before"
    yield f"{text}."
    for change, said in (
        (NEW, "in the second only"),
        (VANISHED, "in the first only"),
        (HIDDEN, "now confidential"),
        (SHOWN, "no longer confidential"),
        (MARKER, "unchanged but for the marker"),
        (WORDING, "unchanged but for the words beside the figure"),
    ):
        number = int(of.get(change, 0))
        if number:
            yield f"{number:,} {'row is' if number == 1 else 'rows are'} {said}."
    yield from _most(found, counts)
    for name in KEYS:
        number = int((frame["table"] == name).sum())
        if number:
            yield f"{number:,} {'line' if number == 1 else 'lines'} of {name}.csv changed."
    if frame.empty:
        yield "Nothing changed."


def _most(found: pd.DataFrame, counts: pd.DataFrame) -> Iterator[str]:
    """Which measures have most revised rows, and which figure changed most on a base of 30 or more."""
    top = (
        counts[counts["revised"] > 0].sort_values(["revised", "measure_id"], ascending=[False, True]).head(3)
    )
    if not top.empty:
        told = [
            f"{line.title} ({line.revised:,} of {line.held:,} rows)" for line in top.itertuples(index=False)
        ]
        yield f"Most revised: {words.listed(told)}."
    largest = _largest(found)
    if not largest.empty:
        line = largest.iloc[0]
        places = [words.period(line["period"], line["grain"])]
        for dimension, category in (("dimension", "category"), ("dimension_2", "category_2")):
            if line[dimension] not in ("", "all"):
                places.append(f"{words.name(line[dimension]).lower()} {line[category]}")
        basis = f", basis {line['basis']}" if line["basis"] not in ("", "fixed") else ""
        was, now = (words.number(float(line[name]), line["unit"]) for name in ("value_old", "value_new"))
        yield (
            f"The largest change on a base of {LOW_BASE} or more: {line['title']}{basis}, "
            f"{', '.join(places)}, from {was} to {now} ({line['per_cent']:+,.1f}%)."
        )
