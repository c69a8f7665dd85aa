"""The Streamlit pieces every page is made of: the frame with the shared selection, and the blocks."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from profiles import audit, catalogue, charts, contracts, escaped, measures, pointers, warehouse, words
from profiles.blocks import headlines
from profiles.blocks.block import Block, Source, days_words, filters
from profiles.errors import ProfilesError
from profiles.facts import Facts, facts_of
from profiles.frames import Break, breaks, has_figures
from profiles.reasons import Reason
from profiles.selection import BASES, Selection
from profiles.settings import DEFAULTS, PREFIX, settings
from profiles.snapshot import judging
from profiles.ui import gate, markup, selecting, themes
from profiles.ui.figures import Ready
from profiles.ui.markup import plain

PRODUCT = "Stalking problem profiles"
DEFINITIONS = "pages/definitions.py"


@dataclass(frozen=True, eq=False)
class Opened:
    """A version of the warehouse, open for reading; the same one only when it is the same object."""

    version: warehouse.Version
    con: warehouse.Connection
    facts: Facts


@dataclass(frozen=True)
class View:
    """What one run of a page shows: the source of its figures and what the reader selected."""

    opened: Opened | None
    source: Source
    selection: Selection
    days: tuple[date, date]
    definitions: str = DEFINITIONS
    judged: list[str] = field(default_factory=list, compare=False)
    """What the control charts drawn in this run say now."""

    @property
    def warehouse(self) -> Opened:
        """The open warehouse; there is none behind the shared dashboard, whose pages never ask for it."""
        assert self.opened is not None  # nosec B101
        return self.opened


def role() -> str:
    """The role that this process serves, told even where another setting cannot be read."""
    return os.environ.get(f"{PREFIX}ROLE", DEFAULTS.role)


def unknown_role() -> None:
    """Say that the process serves a role that nobody defined, and show nothing else."""
    st.navigation([st.Page(lambda: None, title=PRODUCT, url_path="nobody")], position="hidden")
    st.title(PRODUCT, anchor=False)
    st.error(
        f"This process serves a role that is not defined; set {PREFIX}ROLE to analyst or steering and "
        "start again."
    )


def run(pages: list[st.Page]) -> None:
    """Draw the frame and the page asked for. A fault the reader can mend is told in a sentence."""
    st.html(markup.STYLE + themes.style())
    chosen = visitor = None
    fault = ""
    try:
        chosen = settings()
        visitor = gate.admitted(chosen)
    except ProfilesError as error:
        fault = str(error)
    # Streamlit must be told its pages at every run, or it takes the folder for them.
    page = st.navigation(pages, position="sidebar" if visitor else "hidden")
    if fault:
        st.title(PRODUCT, anchor=False)
        st.error(plain(fault))
    if visitor is None or chosen is None:
        return
    try:
        opened = _served(chosen.warehouse)
    except ProfilesError as error:
        st.title(PRODUCT, anchor=False)
        st.error(plain(str(error)))
        return
    if opened is None:
        _say_what_to_do(chosen.warehouse)
        return
    source = _source(opened, chosen.marking)
    with guarded():
        with st.sidebar:
            st.markdown(f"**{PRODUCT}**")
            selection = selecting.selected(opened.facts, source)
            st.session_state.view = View(opened, source, selection, selecting.ends(opened.facts))
        st.html(markup.marking(source))
        if opened.version.notice:
            st.warning(plain(opened.version.notice))
        selecting.say_what_is_not_there()
        page.run()
        st.html(markup.marking(source))


def view() -> View:
    """The source and the selection of this run."""
    shown: View = st.session_state.view
    return shown


def title(text: str, about: str) -> None:
    """Draw the page's title and what it answers."""
    st.title(text, anchor=False)
    st.markdown(plain(about))


def heading(text: str, about: str) -> None:
    """Draw the page's title, what it answers, and the selection in words."""
    selection = view().selection
    title(text, about)
    chosen = (
        days_words(selection),
        BASES[selection.basis or "any"],
        words.GRAINS[selection.grain or "month"],
        filters(selection) or "no other filter",
    )
    st.markdown(f"**Selected:** {plain('; '.join(filter(None, chosen)))}.")


def headline(
    *asked: str | tuple[str, str, str], grain: str = "all", selection: Selection | None = None
) -> None:
    """Draw a row of figures, each with its interval, period and evidence, and their table.

    A figure may be of one value of a dimension: `("satisfied_overall", "survey", "stalking")`. Of a `grain`
    other than the whole period it is the last one that is not provisional.
    """
    with guarded():
        figures, block = headlines.headlines(view().source, asked, selection or view().selection, grain)
        st.html(markup.tiles(figures))
        notes(block)
        twin(block)


def chosen(**changes: Any) -> Selection:
    """The reader's selection with changes, such as another basis."""
    return replace(view().selection, **changes)


def narrowed(dimension: str, value: str, **changes: Any) -> Selection:
    """The reader's selection, narrowed to one value of a dimension that the shared filters do not have."""
    return of(chosen(**changes), dimension, value)


def of(selection: Selection, dimension: str, value: str) -> Selection:
    """The selection, narrowed to one more value of a dimension."""
    return replace(selection, where=(*selection.where, (dimension, value)))


def everything(**changes: Any) -> Selection:
    """The reader's selection over all days of the data."""
    since, until = view().days
    return chosen(**{"since": since, "until": until, **changes})


def has_data_for(capability: str) -> bool:
    """Whether any source carries it; where none does, draws a line on what is missing and how to add it."""
    if any(capability in held for held in view().warehouse.facts.capabilities.values()):
        return True
    item = contracts.CAPABILITIES[capability]
    st.info(
        f"No figures: the feed *{plain(item.feed.replace('_', ' '))}* is missing ({plain(item.about)}). "
        f"Export it with the columns of `{item.feed}` in docs/contract.md, name it in the mapping with "
        f'`into = "{item.feed}"`, and import it: `stalking-profiles import FILE --mapping NAME`.'
    )
    return False


def choice(label: str, options: tuple[str, ...], key: str, about: str = "") -> str:
    """The option that the reader picked on the page itself, bound to its address; the first by default."""
    return selecting.choice(label, options, key, about)


def draw(block: Callable[..., Block], *asked: Any, selection: Selection | None = None, **told: Any) -> None:
    """Draw the block that a function of source, `asked` and selection makes."""
    with guarded():
        show(_built(block, view().source, asked, selection or view().selection, tuple(told.items())))


def show(block: Block) -> None:
    """Draw a block: title, subtitle, chart, sentence, notes, table and files."""
    with st.container(border=True, height="stretch"):
        st.header(plain(block.title), anchor=block.block_id)
        st.caption(plain(block.stamp))
        if block.figure:
            key, opened = f"chart-{block.block_id}", view().opened
            # A click narrows the filters, which a snapshot has none of.
            st.plotly_chart(
                Ready(block.figure),
                key=key,
                config=charts.CONFIG,
                alt=escaped.line(f"{block.title}. {block.sentence}"),
                on_select=partial(selecting.narrowed, key, opened.facts, block.by, block.grain)
                if opened
                else "ignore",
                selection_mode="points",
            )
            st.caption(plain(block.sentence))
        elif has_figures(block.frame):
            st.markdown(plain(block.sentence))
        else:
            st.info(plain(block.sentence))
        notes(block)
        twin(block)
    view().judged.extend(filter(None, [block.now]))


def explanations() -> None:
    """Draw what the bases, the markers and the intervals mean."""
    told = judging.among(view().judged)
    if told:
        st.caption(plain(f"On this page {told[:1].lower()}{told[1:]}"))
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
            "figures before and after must not be compared; the series is broken there. A dotted "
            "line marks an event: you can still compare before and after.\n\n"
            "**Clicking** a bar or a point narrows the filters to what it stands for. A hollow one is "
            "provisional."
        )


def notes(block: Block) -> None:
    """Draw the breaks and the notes of a block, if it has any."""
    text = markup.notes(block)
    if text:
        st.html(text)


@st.fragment
def twin(block: Block) -> None:
    """Draw the table twin and the files beside it; the table is printed whether it is open or not."""
    with st.container(horizontal=True, gap="xsmall"):
        # Readers who hear the page hear which block a control belongs to.
        of = f"of: {plain(block.title)}]"
        name = f"Table :gray[and definition {of}"
        with st.expander(name, key=f"table-{block.block_id}", on_change="rerun") as folded:
            st.html(markup.table(block))
            if folded.open:
                _beside(block)
        for name, (data, mime) in block.downloads.items():
            st.download_button(
                f"{name} :gray[{of}",
                gate.logged_download(audit.EXPORT, f"{block.file_name}.{name.lower()}", data),
                file_name=f"{block.file_name}.{name.lower()}",
                mime=mime,
                key=f"{name}-{block.block_id}",
                on_click="ignore",
                icon=":material/download:",
                help=block.hint,
            )


def _beside(block: Block) -> None:
    """Draw what stands below an open table: the way to the definitions, and the command lines."""
    for item in block.measures:
        st.page_link(
            view().definitions,
            label=f"Definition: {plain(item.title)}",
            icon=":material/menu_book:",
            query_params={"about": item.title},
        )
    if block.commands:
        st.caption("The same figures on the command line:")
        st.code("\n".join(block.commands), language=None, wrap_lines=True)


@contextmanager
def guarded() -> Iterator[None]:
    """A fault the reader can mend, shown as its sentence in place of what could not be drawn.

    On the shared dashboard it goes on to the frame: readers there can mend nothing, and it names folders.
    """
    try:
        yield
    except ProfilesError as error:
        shown = st.session_state.get("view")
        if shown is not None and shown.source.is_snapshot:
            raise
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
    if not pointers.stands(folder):
        return None
    return _opened(str(folder.resolve()), pointers.state(folder))


@st.cache_resource(max_entries=3, show_spinner="Opening the warehouse")
def _opened(folder: str, state: str) -> Opened:
    for kept in (_source, _built, _frame, _reasons, _breaks):
        kept.cache_clear()
    version = warehouse.current(Path(folder))
    con = warehouse.connect(version.path, settings=settings())
    return Opened(version, con, facts_of(con.cursor()))


@lru_cache(maxsize=8)
def _source(opened: Opened, marking: str) -> Source:
    return Source(
        frame=lambda measure_id, selection: _frame(measure_id, selection, opened),
        breaks=lambda measure_id, basis: _breaks(measure_id, basis, opened),
        lacking=lambda measure_id, selection: measures.lacking(
            catalogue.measure(measure_id), selection, opened.facts
        ),
        as_at=opened.version.as_at,
        version=opened.version.name,
        marking=marking,
        is_synthetic=opened.version.is_synthetic,
        reasons=lambda measure_id, selection: _reasons(measure_id, selection, opened),
    )


# All visitors share these and nobody changes them: they are kept as they are, without a copy.
@lru_cache(maxsize=4096)
def _frame(measure_id: str, selection: Selection, opened: Opened) -> pd.DataFrame:
    return measures.run(opened.con.cursor(), measure_id, selection, facts=opened.facts)


@lru_cache(maxsize=4096)
def _reasons(measure_id: str, selection: Selection, opened: Opened) -> dict[tuple[str, str], Reason]:
    return measures.reasons(opened.con.cursor(), measure_id, selection, facts=opened.facts)


@lru_cache(maxsize=128)
def _built(
    block: Callable[..., Block],
    source: Source,
    asked: tuple[Any, ...],
    selection: Selection,
    told: tuple[tuple[str, Any], ...],
) -> Block:
    return block(source, *asked, selection, **dict(told))


@lru_cache(maxsize=256)
def _breaks(measure_id: str, basis: str | None, opened: Opened) -> tuple[Break, ...]:
    return breaks(measures.breaks_for(opened.con.cursor(), measure_id, basis))
