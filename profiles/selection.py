"""A selection: which crimes, which days, which periods, broken down by what. It knows no measure."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from profiles import contracts
from profiles.errors import BadSelection
from profiles.periods import ALL, GRAINS, Period

NOT_RECORDED = "not recorded"

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""No selection reaches beyond; a mistyped year is then said to be one."""

BASES = {
    "principal": "stalking is the principal crime",
    "included_only": "stalking is only an included classification",
    "any": "stalking is the principal crime or an included classification, each crime counted once",
}


@dataclass(frozen=True)
class Dimension:
    """Something to break down or filter by.

    `categories` are all there can be, in the order they are shown; empty means those found.
    A dimension that `overlaps` puts one crime into several categories: they do not add to the total.
    A source without the capabilities in `needs` cannot answer by it. A snapshot gives what `is_rare` by
    financial year alone, on the first basis of a measure.
    """

    title: str
    categories: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    overlaps: bool = False
    is_rare: bool = False


def _declared(title: str, values: tuple[str, ...], *needs: str) -> Dimension:
    return Dimension(title, (*values, NOT_RECORDED), needs)


_TYPES = ("mode", "domestic_abuse_flag", "relationship")

FIELDS = (
    *("online or offline", "domestic abuse flag", "relationship", "risk grade", "district", "team"),
    *("type of place", "time of report", "platform", "motive", "four markers", "order considered"),
    "impact statement",
)
"""What a record of a crime may lack; `sql/marts/fields.sql` says which source keeps which."""

OUTCOME_GROUPS = (
    *("charged", "out of court, formal", "out of court, informal", "taken into consideration"),
    *("diversionary", "evidential difficulties, victim supports"),
    *("evidential difficulties, victim does not support", "prevented or not in the public interest"),
    *("not in the public interest (police)", "no suspect"),
    *("passed to another body", "unknown code", "not yet assigned"),
)
"""Groups of the Home Office outcomes; `sql/staging/stg_outcomes.sql` says which number lies in which."""

ORDER_LENGTHS = (
    *("2 years", "3 years", "5 years", "10 years", "another length", "until further order", "no full order"),
    NOT_RECORDED,
)

STEPS = (
    *("suspect identified", "order considered", "order applied for"),
    *("full order granted", "full order breached"),
)
"""The way of one suspect of one crime towards an order."""

DIMENSIONS: dict[str, Dimension] = {
    "basis": Dimension("basis", ("principal", "included_only"), ("included_classifications",)),
    "source": Dimension("source"),
    "district": Dimension("district", needs=("districts",)),
    "beat": Dimension("beat"),
    "team": Dimension("team"),
    "location_type": Dimension("type of place"),
    "principal_class": Dimension("principal class"),
    "offence_title": Dimension("principal offence"),
    "relationship": _declared("relationship", contracts.RELATIONSHIPS, "relationship"),
    "mode": _declared("online or offline", contracts.MODES, "mode"),
    "domestic": _declared("domestic abuse flag", contracts.YES_NO, "domestic_abuse_flag"),
    "typology": Dimension(
        "typology",
        ("online", "domestic", "stranger", "none of these", NOT_RECORDED),
        _TYPES,
        overlaps=True,
    ),
    "atom": Dimension(
        "overlap of types",
        (
            "online + domestic + stranger",
            "online + domestic",
            "online + stranger",
            "domestic + stranger",
            "online only",
            "domestic only",
            "stranger only",
            "none of these",
            NOT_RECORDED,
        ),
        _TYPES,
        is_rare=True,
    ),
    "motive": _declared("motive", contracts.MOTIVES),
    "platform": Dimension("platform"),
    "risk_grade": _declared("risk grade", contracts.RISK_GRADES, "risk"),
    "outcome_group": Dimension("outcome group", OUTCOME_GROUPS, ("outcomes",)),
    "spo_considered": _declared("order considered", contracts.YES_NO, "spo_considered"),
    "suspect_identified": Dimension("suspect identified", contracts.YES_NO, ("suspects",)),
    "repeat_victim": Dimension("repeat victim", (*contracts.YES_NO, "not known"), ("victims",)),
    "advocate": Dimension("specialist advocate involved", contracts.YES_NO, ("support",)),
    "referral_status": _declared("referral", contracts.SUPPORT_STATUS, "support"),
    "order_length": Dimension("length of the order", ORDER_LENGTHS),
    "order_reason": Dimension("reason given"),
    "contested": _declared("contested", contracts.YES_NO),
    "victim_supports": _declared("victim supports the order", contracts.YES_NO),
    "step": Dimension("step towards an order", STEPS),
    "survey": Dimension("survey", contracts.SURVEYS),
    "stage": Dimension("stage of the survey", contracts.STAGES),
    "no_answer": Dimension("answer", ("scored", "don't know", "refused", NOT_RECORDED)),
    "forum": Dimension("forum", contracts.FORUMS),
    "call_type": Dimension("type of call"),
    "role": Dimension("role"),
    "course": Dimension("course"),
    "check_name": Dimension("check"),
    "table_name": Dimension("table"),
    "column_name": Dimension("column"),
    "file": Dimension("file"),
    "import_number": Dimension("import"),
    "fate": Dimension("fate", ("accepted", "unchanged", "superseded", "rejected")),
    "reason": Dimension("reason"),
    "field": Dimension("field", FIELDS),
    "comparator": Dimension("published series"),
    "series": Dimension("series"),
    "area": Dimension("area"),
    "class": Dimension("Home Office class"),
    "published_by": Dimension("publisher"),
    "unit": Dimension("unit"),
}
"""The allow-list of names; a mart's `dimensions` line says which of them it has."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A remedy: the known names most like `name`, or all of them when none is like it."""
    known = list(known)
    like = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(like)}?" if like else f"there are {', '.join(known)}."


@dataclass(frozen=True)
class Selection:
    """What to count. Nothing given means everything, in the measure's own default basis and grain.

    Both days are inclusive. `where` holds pairs of dimension and value; several values of one
    dimension mean any of them. Raises BadSelection when a name or value is unknown.
    """

    basis: str | None = None
    by: str | None = None
    grain: str | None = None
    since: date | None = None
    until: date | None = None
    where: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        _check("basis", self.basis, BASES)
        _check("breakdown", self.by, DIMENSIONS)
        _check("grain", self.grain, GRAINS)
        for name, day in (("since", self.since), ("until", self.until)):
            if day and not EARLIEST <= day <= LATEST:
                raise BadSelection(f"{name} {day} lies outside {EARLIEST} to {LATEST}; choose a day within.")
        if self.since and self.until and self.since > self.until:
            raise BadSelection(f"since {self.since} is after until {self.until}; put the earlier day first.")
        for name, value in self.where:
            _check("filter", name, DIMENSIONS)
            categories = DIMENSIONS[name].categories
            if categories:
                _check(name, value, categories)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every dimension the selection names, each once: the breakdown first, then the filters."""
        names = ((self.by,) if self.by else ()) + tuple(name for name, _ in self.where)
        return tuple(dict.fromkeys(names))

    def values(self, dimension: str) -> tuple[str, ...]:
        """Values the filter lets through, in the order given; empty when it lets all through."""
        return tuple(dict.fromkeys(value for name, value in self.where if name == dimension))

    def words(self) -> str:
        """One sentence that says what is selected, with British dates."""
        parts = [BASES[self.basis]] if self.basis else []
        if self.by:
            parts.append(f"by {DIMENSIONS[self.by].title}")
        if self.grain:
            parts.append(
                "the whole period at once" if self.grain == ALL else f"by {self.grain.replace('_', ' ')}"
            )
        if self.since or self.until:
            begins = british(self.since) if self.since else "the beginning of the data"
            ends = british(self.until) if self.until else "the end of the data"
            parts.append(f"from {begins} to {ends}")
        parts += [
            f"{DIMENSIONS[name].title}: {' or '.join(self.values(name))}"
            for name in dict.fromkeys(name for name, _ in self.where)
        ]
        sentence = "; ".join(parts) or "everything"
        return f"{sentence[0].upper()}{sentence[1:]}."


def _check(kind: str, name: str | None, known: Iterable[str]) -> None:
    if name is not None and name not in known:
        raise BadSelection(f"There is no {kind} {name[:80]!r}; {nearest(name, known)}")


def british(day: date) -> str:
    """The day as a British reader writes it: 1 April 2024."""
    return f"{day.day} {day:%B %Y}"


def conditions(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Pairs for `Selection.where` from texts such as `district=Dover`.

    Raises BadSelection for a text without an equals sign.
    """
    pairs = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadSelection(f"The filter {text[:80]!r} has no equals sign; write DIMENSION=VALUE.")
        pairs.append((name.strip(), value.strip()))
    return tuple(pairs)


PERIOD_SQL = {
    "month": "date_trunc('month', mart.{date})::date",
    "quarter": "date_trunc('quarter', mart.{date})::date",
    "financial_year": "(date_trunc('year', mart.{date} - interval 3 month) + interval 3 month)::date",
    "year": "date_trunc('year', mart.{date})::date",
    "rolling_year": "date_trunc('month', mart.{date})::date",
    "all": "date '1970-01-01'",
}
"""First day of the period a row falls in; a rolling year is summed from its months."""

Parameters = dict[str, object]


@dataclass(frozen=True)
class Rows:
    """The rows of one mart that a selection lets through, and the columns wanted of them.

    `sources` are those that can answer, or None when all of the mart's can. Without `placed_by`,
    the date column, they are not placed in time: the measure does it, over `periods`. A period is a day
    where they are `is_daily`.
    """

    selection: Selection
    mart: str
    columns: tuple[str, ...]
    placed_by: str
    sources: tuple[str, ...] | None
    since: date
    until: date
    periods: tuple[Period, ...] = ()
    is_daily: bool = False


def selected(rows: Rows) -> tuple[str, Parameters]:
    """The text that goes in front of a measure, `with … selected as (…)`, and what is bound to it.

    Names come from the allow-list above or from checked headers; every value is a `$parameter`.
    """
    filters, parameters = _filters(rows)
    columns = [*(f"mart.{name}" for name in rows.columns), f"{_category(rows.selection.by)} as category"]
    tables = f"marts.{rows.mart} as mart"
    before = ""
    if rows.periods:
        before = _PERIODS
        parameters |= {
            # Of the whole period the label is no day; its first one stands for it.
            "labels": [date.fromisoformat(p.label) if p.label != ALL else p.starts for p in rows.periods],
            "starts": [period.starts for period in rows.periods],
            "ends": [period.ends for period in rows.periods],
            "until": rows.until,
        }
    if rows.placed_by and rows.periods:
        tables += f" inner join periods on mart.{rows.placed_by} between periods.starts and periods.as_at"
        columns.append("periods.period")
        filters.append(f"mart.{rows.placed_by} >= $since")
        parameters["since"] = rows.since
    elif rows.placed_by:
        placed = "mart.{date}" if rows.is_daily else PERIOD_SQL[rows.selection.grain or "month"]
        columns.append(f"{placed.format(date=rows.placed_by)} as period")
        filters.append(f"mart.{rows.placed_by} between $since and $until")
        parameters |= {"since": rows.since, "until": rows.until}
    where = f" where {' and '.join(filters)}" if filters else ""
    return f"with {before}selected as (select {', '.join(columns)} from {tables}{where})", parameters


def joined(text: str, sql: str) -> str:
    """One statement: `selected` in front of a measure, which may have steps of its own."""
    steps = re.match(r"with\s", sql)
    return f"{text},\n{sql[steps.end() :]}" if steps else f"{text}\n{sql}"


def categories(rows: Rows) -> tuple[str, Parameters]:
    """The statement that lists every category of the breakdown on any day, and what is bound to it."""
    filters, parameters = _filters(rows)
    where = f" where {' and '.join(filters)}" if filters else ""
    category = _category(rows.selection.by)
    return f"select distinct {category} as category from marts.{rows.mart} as mart{where}", parameters


_PERIODS = (
    "periods as (select period, starts, ends, least(ends, $until) as as_at from (select "
    "unnest($labels) as period, unnest($starts) as starts, unnest($ends) as ends)), "
)


def _category(by: str | None) -> str:
    if by is None:
        return f"'{ALL}'"
    return f"unnest(mart.{by})" if DIMENSIONS[by].overlaps else f"coalesce(mart.{by}, '{NOT_RECORDED}')"


def _filters(rows: Rows) -> tuple[list[str], Parameters]:
    filters: list[str] = []
    parameters: Parameters = {}
    basis = rows.selection.basis
    if basis and basis != "any":
        filters.append("mart.basis = $basis")
        parameters["basis"] = basis
    if rows.sources is not None:
        filters.append("list_contains($sources, mart.source)")
        parameters["sources"] = list(rows.sources)
    for place, name in enumerate(dict.fromkeys(name for name, _ in rows.selection.where)):
        values = {f"where_{place}_{i}": value for i, value in enumerate(rows.selection.values(name))}
        parameters |= values
        if DIMENSIONS[name].overlaps:
            filters.append(f"({' or '.join(f'list_contains(mart.{name}, ${key})' for key in values)})")
        else:
            filters.append(
                f"coalesce(mart.{name}, '{NOT_RECORDED}') in ({', '.join(f'${key}' for key in values)})"
            )
    return filters, parameters
