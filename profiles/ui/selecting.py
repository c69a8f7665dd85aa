"""The shared filters: widgets bound to the address of the page, and the selection they make."""

from datetime import date
from typing import Any

import streamlit as st

from profiles import escaped, words
from profiles.blocks.block import Source
from profiles.facts import Facts
from profiles.frames import last_rebase
from profiles.periods import ALL, MONTHS, first_day, last_day, month_number, month_start
from profiles.selection import DIMENSIONS, Selection
from profiles.ui import addresses, choices

BASES_OFFERED = ("any", "principal", "included_only")
GRAINS = ("month", "quarter", "financial_year", "year", "rolling_year")

FILTERS = ("district", "typology", "relationship", "risk_grade", "team")
"""Dimensions with a filter of their own."""

FURTHER = ("mode", "domestic", "atom", "offence_title", "motive", "repeat_victim")
"""Dimensions that share one filter, which a click on a chart fills as well."""

PICKED = ("reason", "check_name")
"""Dimensions that a list of records on the same page is narrowed by."""

SHARED = ("basis", "grain", "period", "from", "until", *FILTERS, "also")
"""Keys of the filters at the side of every page."""

NAMES = (*SHARED, *PICKED, "step", "about", "snapshot", "series")
"""Every name that an address of the analyst's dashboard may have."""

IN_DATA = "in this data"

TITLES = {"typology": "Type", "offence_title": "Principal offence"}


def selected(facts: Facts, source: Source) -> Selection:
    """The reader's selection, from widgets that are bound to the address of the page."""
    begins, as_at = ends(facts)
    addresses.check_names(NAMES)
    # The last break depends on the basis, which is asked for below.
    above = st.container()
    addresses.check("basis", "basis", map(_spaced, BASES_OFFERED))
    basis = st.radio(
        "Basis",
        BASES_OFFERED,
        key="basis",
        format_func=_spaced,
        captions=(
            "principal or included, each crime once",
            "as national figures are",
            "hidden under another crime",
        ),
        on_change=addresses.forget,
        args=("basis",),
        bind="query-params",
    )
    with above:
        known = source.breaks("stalking_crimes", basis)
        since, until = _days(begins, as_at, last_rebase(known, as_at))
    addresses.check("grain", "kind of periods", map(_spaced, GRAINS))
    grain = st.selectbox(
        "Periods",
        GRAINS,
        key="grain",
        format_func=_spaced,
        help="What one bar or point of a chart over time stands for. A rolling year is 12 months "
        "to the end of each month.",
        on_change=addresses.forget,
        args=("grain",),
        bind="query-params",
    )
    chosen: list[tuple[str, str]] = []
    for name in FILTERS:
        options = found(source, name)
        addresses.check(name, title(name).lower(), map(_shown, options), IN_DATA)
        values = st.multiselect(
            title(name),
            options,
            key=name,
            format_func=_shown,
            placeholder="All",
            on_change=addresses.forget,
            args=(name,),
            bind="query-params",
        )
        chosen += [(name, value) for value in values]
    also = {further(name, value): (name, value) for name in FURTHER for value in found(source, name)}
    addresses.check("also", "filter", also, IN_DATA)
    picked = st.multiselect(
        "More filters",
        also,
        key="also",
        on_change=addresses.forget,
        args=("also",),
        bind="query-params",
    )
    chosen += [also[each] for each in picked]
    st.button(
        "Clear all filters", on_click=cleared, args=(tuple(choices.months(begins, as_at)),), type="tertiary"
    )
    return Selection(basis=basis, grain=grain, since=since, until=until, where=tuple(chosen))


def choice(label: str, options: tuple[str, ...], key: str, about: str = "") -> str:
    """The option that the reader picked on the page itself, bound to its address; the first by default."""
    addresses.check(key, label[:1].lower() + label[1:], map(words.name, options))
    addresses.say(key)
    picked: str = st.selectbox(
        label,
        options,
        key=key,
        format_func=words.name,
        help=about or None,
        on_change=addresses.forget,
        args=(key,),
        bind="query-params",
    )
    return picked


def say_what_is_not_there() -> None:
    """Draw what the address asks of the shared filters and is not there."""
    addresses.say("", *SHARED)


def ends(facts: Facts) -> tuple[date, date]:
    """First day of the month in which crimes begin, and the as-at date."""
    as_at = facts.as_at or date(1970, 1, 1)
    return facts.bounds("crimes", (), facts.sources("crimes"))[0] or month_start(as_at), as_at


def title(dimension: str) -> str:
    """The name of a dimension's filter."""
    return TITLES.get(dimension) or words.name(DIMENSIONS[dimension].title)


def further(dimension: str, value: str) -> str:
    """A value as the filter of several dimensions shows it, such as Motive: rejected."""
    return escaped.line(f"{title(dimension)}: {value}")


def found(source: Source, dimension: str) -> tuple[str, ...]:
    """Every value of the dimension: those there can be, or those stalking-involved crimes have."""
    known = DIMENSIONS[dimension].categories
    if known:
        return known
    frame = source.frame("stalking_crimes", Selection(basis="any", by=dimension, grain=ALL))
    return tuple(name for name in frame["category"] if name != ALL)


def cleared(months: tuple[str, ...]) -> None:
    """Take every filter away. `months` are all there are."""
    state = st.session_state
    addresses.forget()
    state.basis, state.grain, state.period = BASES_OFFERED[0], GRAINS[0], choices.DEFAULT
    for key in (*FILTERS, "also"):
        state[key] = []
    _forget(months)


def _shown(value: str) -> str:
    return escaped.line(words.name(value))


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _forget(months: tuple[str, ...]) -> None:
    """Set chosen months back to all there are, unless they are what is asked for."""
    addresses.forget("period")
    if st.session_state.period != choices.CHOSEN:
        st.session_state["from"], st.session_state.until = months[0], months[-1]


def narrowed(chart: str, facts: Facts, by: str | None, grain: str) -> None:
    """Set the filters to what the clicked bars or points of a chart stand for, by their values."""
    points = st.session_state[chart]["selection"]["points"]
    clicked = [point["customdata"] for point in points if point.get("customdata")]
    if not clicked:
        return
    _, category, period = _first(clicked[0])
    if by and category != ALL:
        _filter(by, category)
    if period != ALL and grain in MONTHS:
        _narrow_days(period, grain, *ends(facts))


def _first(key: Any) -> list[Any]:
    """The key of a point, which the browser may have wrapped in a list of its own."""
    return _first(key[0]) if len(key) == 1 else list(key)


def _filter(by: str, category: str) -> None:
    state = st.session_state
    addresses.forget(by if by not in FURTHER else "also")
    if by == "basis":
        state.basis = category
    elif by in FILTERS or by in PICKED:
        state[by] = [category]
    elif by in FURTHER:
        kept = [each for each in state.get("also", []) if not each.startswith(f"{title(by)}: ")]
        state.also = [*kept, further(by, category)]


def _narrow_days(label: str, grain: str, begins: date, as_at: date) -> None:
    """Set the period to the months from the label's first day on."""
    state = st.session_state
    addresses.forget("period", "from", "until")
    first = date.fromisoformat(label)
    last = last_day(month_number(first) + MONTHS[grain] - 1)
    if grain == "financial_year":
        state.period = words.financial_year(first)
        return
    if grain == "rolling_year":
        first = first_day(month_number(first) - 11)
    state.period = choices.CHOSEN
    state["from"] = f"{max(first, begins):%B %Y}"
    state.until = f"{min(last, as_at):%B %Y}"


def _days(begins: date, as_at: date, rebase: date | None) -> choices.Days:
    """First and last day of the period that the reader chose."""
    named = choices.choices(begins, as_at, rebase)
    months = choices.months(begins, as_at)
    options = (*named, choices.CHOSEN)
    told = f"The last break for this basis was on {words.day(rebase)}." if rebase else None
    addresses.check("period", "period", options)
    chosen = st.selectbox(
        "Period",
        options,
        index=options.index(choices.DEFAULT),
        key="period",
        help=told,
        on_change=_forget,
        args=(tuple(months),),
        bind="query-params",
    )
    # Drawn even when hidden: only a filter that is there can be set by a click and told in the address.
    with st.container(key="months"):
        addresses.check("from", "month", months, IN_DATA)
        addresses.check("until", "month", months, IN_DATA)
        forget = addresses.forget
        first = st.selectbox(
            "From", months, key="from", on_change=forget, args=("from",), bind="query-params"
        )
        last = st.selectbox(
            "Until",
            months,
            index=len(months) - 1,
            key="until",
            on_change=forget,
            args=("until",),
            bind="query-params",
        )
    if chosen in named:
        st.html("<style>.st-key-months {display: none}</style>")
        return named[chosen]
    return min(months[first][0], months[last][0]), max(months[first][1], months[last][1])
