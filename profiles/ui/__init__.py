"""The Streamlit pieces every page is made of: the frame with the shared selection, and the blocks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import streamlit as st

from profiles import catalogue, charts, measures, warehouse
from profiles.charts import frames, words
from profiles.errors import ProfilesError
from profiles.facts import Facts, facts_of
from profiles.periods import month_start
from profiles.selection import BASES, Selection
from profiles.settings import settings
from profiles.ui import blocks, choices, headlines, markup, typology
from profiles.ui.blocks import Block, Source
from profiles.ui.markup import plain

PRODUCT = "Stalking problem profiles"


@dataclass(frozen=True)
class View:
    """What one run of a page shows: the source of its figures and what the reader selected."""

    source: Source
    selection: Selection


@dataclass(frozen=True)
class Opened:
    """A version of the warehouse, open for reading."""

    version: warehouse.Version
    con: warehouse.Connection
    facts: Facts


def run(page: st.Page) -> None:
    """Nothing; draws the frame and the page in it. A fault the reader can mend is shown as its sentence."""
    st.html(markup.STYLE)
    try:
        chosen = settings()
        opened = _served(chosen.warehouse)
    except ProfilesError as error:
        st.title(PRODUCT, anchor=False)
        st.error(plain(str(error)))
        return
    if opened is None:
        _say_what_to_do(chosen.warehouse)
        return
    source = _source(opened, chosen.marking)
    with _told():
        with st.sidebar:
            st.markdown(f"**{PRODUCT}**")
            st.session_state.view = View(source, _selected(opened.facts, source))
        st.html(markup.marking(source))
        page.run()
        st.html(markup.marking(source))


def view() -> View:
    """The source and the selection of this run."""
    shown: View = st.session_state.view
    return shown


def heading(title: str, about: str) -> None:
    """Nothing; draws the page's title, what it answers, and the selection in words."""
    selection = view().selection
    st.title(title, anchor=False)
    st.markdown(plain(about))
    basis = BASES[selection.basis] if selection.basis else ""
    chosen = (blocks.days_words(selection), basis, blocks.filters(selection) or "all districts")
    st.markdown(f"**Selected:** {plain('; '.join(filter(None, chosen)))}.")


def headline(*measure_ids: str) -> None:
    """Nothing; draws a row of figures for the whole period, each with its interval, and their table."""
    with _told():
        told, block = headlines.headlines(view().source, measure_ids, view().selection)
        st.html(markup.tiles(told))
        _notes(block)
        _twin(block)


def measure(measure_id: str, *, by: str | None = None, grain: str = "month", says: str = "") -> None:
    """Nothing; draws a measure over time under the reader's selection, titled as `blocks.series` tells."""
    with _told():
        show(blocks.series(view().source, measure_id, view().selection, by=by, grain=grain, says=says))


def types() -> None:
    """Nothing; draws the shares of online, domestic and stranger stalking."""
    with _told():
        show(typology.shares(view().source, view().selection))


def overlap() -> None:
    """Nothing; draws how online, domestic and stranger stalking overlap."""
    with _told():
        show(typology.overlap(view().source, view().selection))


def show(block: Block) -> None:
    """Nothing; draws a block: title, subtitle, chart, sentence, notes, table and file."""
    with st.container(border=True, height="stretch"):
        st.header(plain(block.title), anchor=block.block_id)
        st.caption(plain(block.stamp))
        if block.figure:
            st.plotly_chart(
                block.figure,
                key=f"chart-{block.block_id}",
                config=charts.CONFIG,
                alt=f"{block.title}. {block.sentence}",
            )
            st.caption(plain(block.sentence))
        else:
            st.info(plain(block.sentence))
        _notes(block)
        _twin(block)


def explanations() -> None:
    """Nothing; draws what the bases, the markers and the intervals mean."""
    bases = "\n".join(f"- **{words.name(basis)}**: {meaning}." for basis, meaning in BASES.items())
    markers = "\n".join(f"- **{plain(marker)}** {meaning}." for marker, meaning in words.MARKERS.items())
    with st.expander("How to read these figures"):
        st.markdown(
            "**Basis.** Stalking is Home Office class 8Q. A record has one principal crime and may have "
            f"included classifications beside it.\n{bases}\n\nNational figures count principal crimes only: "
            "compare them with *principal*, never with *any*.\n\n"
            f"**Markers** stand beside a figure, or in its place:\n{markers}\n\n"
            "**95% interval.** Were nothing to change, figures would still differ by chance; the interval is "
            "the range that fits the records. Where two intervals overlap widely, read no difference into "
            "them.\n\n"
            "**Letters on a chart** mark changes of the rules and other events. A solid line says that "
            "figures before and after must not be compared; the series is broken there. A dotted one marks."
        )


def _notes(block: Block) -> None:
    text = markup.notes(block)
    if text:
        st.html(text)


def _twin(block: Block) -> None:
    """Nothing; draws the table twin, closed, and the file beside it."""
    with st.container(horizontal=True, gap="small"):
        with st.expander("Table"):
            st.html(markup.table(block))
        st.download_button(
            "CSV",
            block.csv,
            file_name=block.file_name,
            mime="text/csv",
            key=f"csv-{block.block_id}",
            on_click="ignore",
            icon=":material/download:",
        )


@contextmanager
def _told() -> Iterator[None]:
    """A fault the reader can mend, shown as its sentence in place of what could not be drawn."""
    try:
        yield
    except ProfilesError as error:
        st.error(plain(str(error)))


def _say_what_to_do(folder: Path) -> None:
    st.title(PRODUCT, anchor=False)
    st.markdown(
        f"There is no warehouse in {plain(str(folder))} yet. Choose one, then reload this page:\n"
        "1. Your own export: `stalking-profiles import FILE… --mapping athena`\n"
        "2. No export at hand: `stalking-profiles demo` makes SYNTHETIC data and a warehouse from it\n"
        "3. A warehouse elsewhere: set `STALKING_PROFILES_WAREHOUSE` to its folder and start again"
    )


def _served(folder: Path) -> Opened | None:
    """The served version, None where there is no warehouse; a new one is seen by the first run after it."""
    try:
        pointer = (folder / warehouse.POINTER).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        pointer = b""
    return _opened(str(folder.resolve()), pointer)


@st.cache_resource(max_entries=3, show_spinner="Opening the warehouse")
def _opened(folder: str, pointer: bytes) -> Opened:
    version = warehouse.current(Path(folder))
    con = warehouse.connect(version.path, settings=settings())
    return Opened(version, con, facts_of(con.cursor()))


def _source(opened: Opened, marking: str) -> Source:
    path = str(opened.version.path)
    return Source(
        frame=lambda measure_id, selection: _frame(path, measure_id, selection, opened),
        breaks=lambda measure_id, basis: _breaks(path, measure_id, basis, opened),
        lacking=lambda measure_id, selection: measures.lacking(
            catalogue.measure(measure_id), selection, opened.facts
        ),
        as_at=opened.version.as_at,
        version=opened.version.name,
        marking=marking,
        is_synthetic=opened.version.is_synthetic,
    )


@st.cache_data(max_entries=4096, show_spinner=False)
def _frame(version: str, measure_id: str, selection: Selection, _held: Opened) -> pd.DataFrame:
    return measures.run(_held.con.cursor(), measure_id, selection, facts=_held.facts)


@st.cache_data(max_entries=256, show_spinner=False)
def _breaks(version: str, measure_id: str, basis: str | None, _held: Opened) -> pd.DataFrame:
    return measures.breaks_for(_held.con.cursor(), measure_id, basis)


def _selected(facts: Facts, source: Source) -> Selection:
    """The reader's selection, from widgets that are bound to the address of the page."""
    as_at = facts.as_at or date(1970, 1, 1)
    begins = facts.bounds("crimes", (), facts.sources("crimes"))[0] or month_start(as_at)
    # The last break depends on the basis, which is asked for below.
    above = st.container()
    basis = st.radio(
        "Basis",
        ("any", "principal", "included_only"),
        key="basis",
        format_func=lambda each: each.replace("_", " "),
        captions=(
            "principal or included, each crime once",
            "as national figures are",
            "hidden under another crime",
        ),
        bind="query-params",
    )
    with above:
        known = frames.breaks(source.breaks("stalking_crimes", basis))
        since, until = _days(begins, as_at, frames.last_rebase(known, as_at))
    everywhere = source.frame("recorded_crimes", Selection(by="district", grain="all"))
    districts = [name for name in everywhere["category"] if name != "all"]
    chosen = st.multiselect(
        "District", districts, key="district", placeholder="All districts", bind="query-params"
    )
    where = tuple(("district", each) for each in chosen)
    return Selection(basis=basis, since=since, until=until, where=where)


def _days(begins: date, as_at: date, rebase: date | None) -> choices.Days:
    """First and last day of the period that the reader chose."""
    named = choices.choices(begins, as_at, rebase)
    options = (*named, choices.CHOSEN)
    start = options.index(choices.DEFAULT)
    told = f"The last break for this basis was on {words.day(rebase)}." if rebase else None
    chosen = st.selectbox("Period", options, index=start, key="period", help=told, bind="query-params")
    if chosen in named:
        return named[chosen]
    months = choices.months(begins, as_at)
    first = st.selectbox("From", months, key="from", bind="query-params")
    later = {name: days for name, days in months.items() if days[0] >= months[first][0]}
    last = st.selectbox("Until", later, index=len(later) - 1, key="until", bind="query-params")
    return months[first][0], later[last][1]
