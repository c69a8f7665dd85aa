"""The catalogue: every SQL file describes itself in leading `-- key: value` lines, read and checked here."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from profiles import contracts
from profiles.errors import BadSelection, BadSql
from profiles.facts import ANY
from profiles.periods import ALL, GRAINS, first_day, last_day, month_number
from profiles.selection import BASES, DIMENSIONS, nearest
from profiles.warehouse import SQL

STAGING_KEYS = ("grain", "key", "note")
MART_KEYS = ("grain", "key", "feed", "dimensions", "note")

RELEASED_GRAINS = ("month", "quarter", "financial_year", "rolling_year")
"""Periods that a snapshot may give."""

SCALES = {"count": 1, "percent": 100, "per_100": 100, "per_1000": 1000, "days": 1}
"""What a numerator over its denominator is multiplied by, for each unit."""

CHOICES: dict[str, tuple[str, ...]] = {
    "unit": tuple(SCALES),
    "shape": ("ratio", "distribution"),
    "time": ("flow", "stock", "standing"),
    "interval": ("none", "wilson", "poisson", "odds", "quartiles"),
    "sensitivity": ("person", "process", "answers", "open"),
    "direction": ("neutral", "more_is_better", "less_is_better"),
    "chart": ("line", "xmr", "bar", "proportion", "funnel", "quartiles"),
    "absent": ("zero", "not available"),
}
"""Keys with one value out of a few; the first is the default, except that a unit must be given."""

LISTS: dict[str, tuple[str, ...]] = {
    "bases": (*BASES, "none", "fixed"),
    "adds_over": ("time", "category", "none"),
    "dimensions": tuple(DIMENSIONS),
    "released": (*DIMENSIONS, "none"),
    "released_for": RELEASED_GRAINS,
    "denominator_ignores": tuple(DIMENSIONS),
    "grains": GRAINS,
    "breaks": ("all", "principal", "included_only", "orders", "none"),
    "needs": tuple(dict.fromkeys((*contracts.CAPABILITIES, *contracts.TABLES))),
}
"""Keys with several values, separated by commas."""

MEASURE_KEYS = (
    *("title", "note", "unit", "per", "reads", "date", "ratio", "denominator_ignores"),
    *(
        "numerator",
        "denominator",
        "shape",
        "time",
        "matures",
        "settles",
        "least",
        "absent",
        "bases",
        "interval",
    ),
    *("adds_over", "part_of"),
    *("cumulates", "stock", "ends_within", "follows", "released", "released_for", "crossed"),
    *("sensitivity", "direction", "recommendations", "needs", "breaks", "apart", "dimensions", "grains"),
    *("chart", "by"),
)


@dataclass(frozen=True)
class Mart:
    """One mart: a sentence on its grain, its key, the feed whose dates bound it, its dimensions."""

    name: str
    grain: str
    key: tuple[str, ...]
    feed: str
    dimensions: tuple[str, ...]


@dataclass(frozen=True)
class Span:
    """A length of time in whole months and days, as a header gives one of them; nothing by default."""

    months: int = 0
    days: int = 0

    def __bool__(self) -> bool:
        return bool(self.months or self.days)

    def __str__(self) -> str:
        return f"{self.months} months" if self.months else f"{self.days} day{'s' * (self.days != 1)}"

    def before(self, day: date) -> date:
        """The day so long before `day`; of a month that is too short, its last day."""
        month = month_number(day) - self.months
        return first_day(month).replace(day=min(day.day, last_day(month).day)) - timedelta(days=self.days)


USUALLY_RELEASED = ("district", "typology")
"""Dimensions that snapshots break a measure down by when its header names none, besides that of its chart."""

BROKEN_DOWN, BROKEN_DOWN_OFTEN = ("financial_year",), ("quarter", "financial_year")
"""Periods for which snapshots break measures down."""


@dataclass(frozen=True)
class Measure:
    """One measure as its header declares it; `sql` is empty when it is the `ratio` of two others.

    `words` are those of its SQL, by which the columns it reads are known.
    `bases` is empty for a measure without a basis, and then `is_fixed` says that it compares bases.
    `absent` says what a category and period without a row means. Of each group of dimensions kept
    `apart` a selection breaks down by one, or filters the first to one value; over what it keeps
    apart a measure never adds. A `standing` measure is of all that is loaded and knows no days.
    Only what lies `matures` before the newest data counts; what ended less than `settles` before
    them may still change, and is marked as provisional. On a base below `least` it has no value.
    A stock `cumulates` the flow that it adds up from the beginning, or is the flow `stock_of` less what has
    ended; a part of such a stock may be what `ends_within` so many days. A flow `follows` another of which
    each case leads to one at most, and in the end to one in every category of `follows_by`, or in every case
    where that is `all`. In a snapshot it is broken down by the dimensions `released` and by the pairs
    `crossed`, and given for the periods `released_for`.
    """

    measure_id: str
    title: str
    note: str
    unit: str
    scale: float
    reads: str
    date: str
    ratio: tuple[str, ...]
    denominator_ignores: tuple[str, ...]
    numerator: str
    denominator: str
    shape: str
    time: str
    matures: Span
    settles: Span
    least: int
    absent: str
    bases: tuple[str, ...]
    is_fixed: bool
    interval: str
    adds_over: tuple[str, ...]
    part_of: str
    cumulates: str
    stock_of: str
    ends_within: Span
    follows: str
    follows_by: str
    released: tuple[str, ...]
    released_for: tuple[str, ...]
    crossed: tuple[tuple[str, ...], ...]
    sensitivity: str
    direction: str
    recommendations: tuple[str, ...]
    needs: tuple[str, ...]
    breaks: tuple[str, ...]
    apart: tuple[tuple[str, ...], ...]
    dimensions: tuple[str, ...]
    grains: tuple[str, ...]
    chart: str
    by: str
    sql: str
    words: frozenset[str]

    @property
    def is_count(self) -> bool:
        """True when the value is the numerator and there is no denominator."""
        return self.unit == "count" and self.shape == "ratio"

    @property
    def released_by(self) -> tuple[str, ...]:
        """Dimensions that a snapshot breaks it down by, singly: those of its header, or the usual ones."""
        own = (self.by,) if self.by and self.by not in ("basis", "team") else ()
        kept_apart = {name for group in self.apart for name in group}
        asked = self.released or [name for name in (*USUALLY_RELEASED, *own) if name not in kept_apart]
        return tuple(dict.fromkeys(name for name in asked if name in self.dimensions))

    @property
    def is_by_basis(self) -> bool:
        """Whether a snapshot gives it on each basis for the same periods: by basis is what hides stalking."""
        return self.measure_id == "stalking_crimes"

    @property
    def broken_down_for(self) -> tuple[str, ...]:
        """Periods for which a snapshot breaks it down by one dimension.

        In a quarter of one district so few are not in a share that to hide them would take the year's
        shares of other districts as well; of what the force did, breakdowns are by year for the same reason.
        """
        is_often = self.is_count and self.sensitivity != "process"
        return BROKEN_DOWN_OFTEN if is_often else BROKEN_DOWN


def header(text: str, where: str) -> dict[str, str]:
    """Keys and values of the leading `-- key: value` lines; `--   more` continues the line before.

    Raises BadSql, naming `where` and the line, when a line is neither or a key comes twice.
    """
    found: dict[str, str] = {}
    key = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("--"):
            break
        more = re.fullmatch(r"--\s{3,}(\S.*)", line)
        pair = re.fullmatch(r"-- ([a-z_]+): (\S.*)", line)
        if more and key:
            found[key] += " " + more[1].strip()
        elif pair and pair[1] not in found:
            key = pair[1]
            found[key] = pair[2].strip()
        else:
            raise BadSql(
                f"{where}, line {number}: {line[:60]!r} is not a new `-- key: value`; mend or move it."
            )
    return found


def split(text: str) -> tuple[str, ...]:
    """The parts of a value that lists several, separated by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def required(found: dict[str, str], keys: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raise BadSql when a header lacks one of the keys or has one that is not known."""
    for key in found:
        if key not in known:
            raise BadSql(f"{where}: unknown header key {key!r}; {nearest(key, known)}")
    for key in keys:
        if key not in found:
            raise BadSql(f"{where}: the header lacks `-- {key}: …`; add it.")


def staging_header(path: Path) -> dict[str, str]:
    """Header of a staging file, checked. Raises BadSql."""
    where = f"{path.parent.name}/{path.name}"
    found = header(path.read_text(encoding="utf-8"), where)
    required(found, ("grain", "key"), STAGING_KEYS, where)
    return found


def mart(path: Path) -> Mart:
    """The mart that a file describes. Raises BadSql when its header is not as it must be."""
    where = f"{path.parent.name}/{path.name}"
    found = header(path.read_text(encoding="utf-8"), where)
    required(found, ("grain", "key", "feed", "dimensions"), MART_KEYS, where)
    feeds = (*contracts.TABLES, ANY)
    if found["feed"] not in feeds:
        raise BadSql(f"{where}: unknown feed {found['feed']!r}; {nearest(found['feed'], feeds)}")
    dimensions = split(found["dimensions"])
    for name in dimensions:
        if name not in DIMENSIONS:
            raise BadSql(f"{where}: unknown dimension {name!r}; {nearest(name, DIMENSIONS)}")
    return Mart(path.stem, found["grain"], split(found["key"]), found["feed"], dimensions)


@lru_cache(maxsize=8)
def marts(folder: Path = SQL) -> dict[str, Mart]:
    """Marts by name, read from `folder`/marts. Raises BadSql."""
    return {path.stem: mart(path) for path in sorted((folder / "marts").glob("*.sql"))}


@lru_cache(maxsize=8)
def catalogue(folder: Path = SQL) -> dict[str, Measure]:
    """Measures by id, read from `folder`/measures. Raises BadSql naming the file and the remedy."""
    paths = sorted((folder / "measures").glob("*.sql"))
    texts = {path.stem: path.read_text(encoding="utf-8") for path in paths}
    read = {name: _measure(name, text, texts, marts(folder)) for name, text in texts.items()}
    found = {name: _of_two(item, read) if item.ratio else item for name, item in read.items()}
    for name, item in found.items():
        for key, fault in _release_faults(item, found):
            raise BadSql(f"{_place(name, key, texts[name])}: {fault}")
    return found


def measure(name: str, folder: Path = SQL) -> Measure:
    """The measure of that id. Raises BadSelection with the nearest ids when there is none."""
    known = catalogue(folder)
    if name not in known:
        raise BadSelection(f"There is no measure {name[:80]!r}; {nearest(name, known)}")
    return known[name]


def _measure(name: str, text: str, texts: dict[str, str], known_marts: dict[str, Mart]) -> Measure:
    where = f"measures/{name}.sql"
    found = header(text, where)
    is_ratio = "ratio" in found
    is_dated = not is_ratio and found.get("time", "flow") == "flow"
    must = ["title", "note", "unit", "numerator", "bases"]
    must += [] if is_ratio else ["reads"]
    must += ["date"] if is_dated else []
    must += ["per"] if is_ratio else []
    required(found, must, MEASURE_KEYS, where)

    def refuse(key: str, value: str, known: Iterable[str]) -> BadSql:
        return BadSql(f"{_place(name, key, text)}: {key} may not be {value!r}; {nearest(value, known)}")

    chosen = {key: found.get(key, values[0]) for key, values in CHOICES.items()}
    for key, value in chosen.items():
        if value not in CHOICES[key]:
            raise refuse(key, value, CHOICES[key])
    lists = {key: split(found.get(key, "")) for key in LISTS}
    follows, _, follows_by = found.get("follows", "").partition(" by ")
    spans = {
        key: _span(found[key], key, where) if key in found else Span()
        for key in ("matures", "settles", "ends_within")
    }
    apart = tuple(split(group) for group in found.get("apart", "").split(";") if group.strip())
    for dimension in (dimension for group in apart for dimension in group):
        if dimension not in DIMENSIONS:
            raise refuse("apart", dimension, DIMENSIONS)
    for key, values in lists.items():
        for value in values:
            if value not in LISTS[key]:
                raise refuse(key, value, LISTS[key])
    if chosen["time"] == "standing":
        lists["grains"] = (ALL,)
    if {"none", "fixed"} & set(lists["bases"]) and len(lists["bases"]) > 1:
        raise BadSql(
            f"{where}: bases {found['bases']!r} mixes none or fixed with others; name one or the other."
        )
    ratio = tuple(part.strip() for part in found.get("ratio", "").split("/")) if is_ratio else ()
    if is_ratio and (len(ratio) != 2 or any(part not in texts for part in ratio)):
        raise BadSql(f"{where}: ratio {found['ratio']!r} does not name two measures; write `ratio: a / b`.")
    sql = "" if is_ratio else body(text)
    if is_ratio == bool(body(text)):
        raise BadSql(f"{where}: a measure is either one SELECT or a `ratio: a / b`; it must be exactly one.")
    if not is_ratio and found["reads"] not in known_marts:
        raise refuse("reads", found["reads"], known_marts)
    for key in ("part_of", "cumulates"):
        if found.get(key, name) not in texts:
            raise refuse(key, found[key], texts)
    for recommendation in split(found.get("recommendations", "")):
        if not re.fullmatch(r"\d+(\.\d+)?", recommendation):
            raise BadSql(f"{where}: recommendation {recommendation!r} is not a number such as 13.1; mend it.")
    scale = SCALES[chosen["unit"]]
    if "per" in found:
        scale = _whole(found["per"], "per", where)
    if not is_ratio:
        available = known_marts[found["reads"]].dimensions
        dimensions = lists["dimensions"] or available
        for value in (*dimensions, *filter(None, [found.get("by")])):
            if value not in available:
                raise refuse("dimensions", value, available)
        lists["dimensions"] = dimensions
    crossed = _crossed(found.get("crossed", ""), _place(name, "crossed", text))
    return Measure(
        measure_id=name,
        title=found["title"],
        note=found["note"],
        unit=chosen["unit"],
        scale=scale,
        reads=found.get("reads", ""),
        date=found.get("date", ""),
        ratio=ratio,
        denominator_ignores=lists["denominator_ignores"],
        numerator=found["numerator"],
        denominator=found.get("denominator", ""),
        shape=chosen["shape"],
        time=chosen["time"],
        matures=spans["matures"],
        settles=spans["settles"],
        least=_whole(found.get("least", "0"), "least", where),
        absent=chosen["absent"],
        bases=tuple(value for value in lists["bases"] if value in BASES),
        is_fixed=lists["bases"] == ("fixed",),
        interval=chosen["interval"],
        adds_over=tuple(value for value in lists["adds_over"] if value != "none"),
        part_of=found.get("part_of", ""),
        cumulates=found.get("cumulates", ""),
        stock_of=_stock_of(found["stock"], _place(name, "stock", text)) if "stock" in found else "",
        ends_within=spans["ends_within"],
        follows=follows,
        follows_by=follows_by,
        released=lists["released"],
        released_for=lists["released_for"],
        crossed=crossed,
        sensitivity=chosen["sensitivity"],
        direction=chosen["direction"],
        recommendations=split(found.get("recommendations", "")),
        needs=lists["needs"],
        breaks=lists["breaks"],
        apart=apart,
        dimensions=lists["dimensions"],
        grains=lists["grains"],
        chart=chosen["chart"],
        by=found.get("by", ""),
        sql=sql,
        words=frozenset(re.findall(r"\w+", sql)),
    )


def _place(name: str, key: str, text: str) -> str:
    """The file of a measure, and the line of its header that has the key."""
    lines = enumerate(text.splitlines(), start=1)
    number = next((number for number, line in lines if line.startswith(f"-- {key}:")), 0)
    return f"measures/{name}.sql{f', line {number}' if number else ''}"


def _release_faults(item: Measure, known: dict[str, Measure]) -> Iterator[tuple[str, str]]:
    """What in a header would silently do nothing in a snapshot, or tie counts that are not: key and fault."""
    if len(item.released) > 1 and "none" in item.released:
        yield "released", "released mixes none with dimensions; name one or the other."
    for name in item.released:
        if name != "none" and name not in item.dimensions:
            yield (
                "released",
                f"the measure has no {name!r} to be released by; {nearest(name, item.dimensions)}",
            )
    for grain in item.released_for:
        if item.grains and grain not in item.grains:
            yield "released_for", f"the measure is not given for {grain!r}; {nearest(grain, item.grains)}"
    for pair in item.crossed:
        for name in pair:
            if name not in item.dimensions:
                yield "crossed", f"the measure has no {name!r} to cross; {nearest(name, item.dimensions)}"
        if pair[0] == pair[1]:
            yield "crossed", f"{pair[0]!r} is crossed with itself; name another dimension."
        if not DIMENSIONS[pair[0]].categories:
            yield "crossed", f"the categories of {pair[0]!r} are not declared; put the other dimension first."
    if item.part_of == item.measure_id:
        yield "part_of", "the measure is part of itself; name the measure it is part of."
    for key, name in (("cumulates", item.cumulates), ("stock", item.stock_of), ("follows", item.follows)):
        flow = known.get(name)
        if name and not flow:
            yield key, f"{key} may not be {name!r}; {nearest(name, known)}"
        elif flow and key == "follows":
            if item.time != "flow" or flow.time != "flow":
                yield key, f"a flow follows a flow; {item.measure_id} and {flow.measure_id} are not those."
            elif item.follows_by not in ("", ALL, *item.dimensions):
                yield (
                    key,
                    f"the measure has no {item.follows_by!r}; {nearest(item.follows_by, item.dimensions)}",
                )
        elif flow and (item.time != "stock" or flow.time != "flow" or not flow.is_count):
            yield key, f"a stock adds up a flow; {item.measure_id} and {flow.measure_id} are not those."
    if item.ends_within and not (item.part_of and known[item.part_of].stock_of):
        yield "ends_within", "it is not part of a measure with `stock: flow − ended`; name that in part_of."


def _whole(text: str, key: str, where: str) -> int:
    if not re.fullmatch(r"0|[1-9]\d{0,6}", text) or (key == "per" and text == "0"):
        raise BadSql(f"{where}: {key} {text!r} is not a whole number above 0; mend it.")
    return int(text)


def _crossed(text: str, where: str) -> tuple[tuple[str, ...], ...]:
    """Pairs of dimensions written `one × other; one × other`. Raises BadSql."""
    pairs = tuple(split(pair.replace("×", ",")) for pair in text.split(";") if pair.strip())
    for pair in pairs:
        if len(pair) != 2 or not set(pair) <= set(DIMENSIONS):
            raise BadSql(f"{where}: crossed {text!r} does not pair dimensions; write `relationship × mode`.")
    return pairs


def _stock_of(text: str, where: str) -> str:
    """The flow of a stock written `flow − ended`. Raises BadSql."""
    found = re.fullmatch(r"(\w+) [−-] ended", text)
    if not found:
        raise BadSql(f"{where}: stock may not be {text!r}; write `spo_granted − ended`.")
    return found[1]


def _span(text: str, key: str, where: str) -> Span:
    found = re.fullmatch(r"([1-9]\d{0,3}) (days?|months)", text)
    if not found:
        raise BadSql(f"{where}: {key} may not be {text!r}; write it as `90 days` or `12 months`.")
    return Span(months=int(found[1])) if found[2] == "months" else Span(days=int(found[1]))


def _of_two(item: Measure, read: dict[str, Measure]) -> Measure:
    """The measure with what it takes from its numerator and denominator. Raises BadSql."""
    top, bottom = (read[name] for name in item.ratio)
    for part in (top, bottom):
        if not part.is_count or part.ratio:
            raise BadSql(
                f"measures/{item.measure_id}.sql: {part.measure_id} is no count; "
                f"a ratio divides one count by another."
            )
        if part.bases and not set(item.bases) <= set(part.bases):
            raise BadSql(
                f"measures/{item.measure_id}.sql: {part.measure_id} lacks one of the bases; name fewer."
            )
    known = (*bottom.dimensions, *item.denominator_ignores)
    shared = tuple(name for name in top.dimensions if name in known)
    return replace(
        item,
        reads=top.reads,
        date=top.date,
        needs=tuple(dict.fromkeys((*item.needs, *top.needs, *bottom.needs))),
        dimensions=tuple(name for name in shared if name in (item.dimensions or shared)),
    )


def body(text: str) -> str:
    """What follows the header, without a closing semicolon."""
    lines = text.splitlines()
    kept = next((place for place, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return "\n".join(lines[kept:]).strip().rstrip(";").strip()
