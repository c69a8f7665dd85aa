"""HTML and Markdown of what pages show besides charts; every text from the data is escaped here."""

from collections.abc import Iterable
from datetime import date

import pandas as pd

from profiles import words
from profiles.blocks import sight
from profiles.blocks.block import Block, Source, definition
from profiles.blocks.headlines import Headline
from profiles.blocks.overview import Card
from profiles.charts import claims
from profiles.escaped import html as escape
from profiles.escaped import markdown

STYLE = """
<style>
[data-testid=stCaptionContainer] {opacity: .75 !important}
.marking {display: flex; flex-wrap: wrap; gap: .25rem .9rem; align-items: center; font-size: .875rem}
.marking b {letter-spacing: .04em}
.marking .stamp {border: 2px solid currentColor; padding: 0 .5rem; font-weight: 700; letter-spacing: .08em}
dl.tiles {display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem;
  margin: 0 !important; padding: 0 !important}
.tiles > div {border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: .25rem;
  padding: .75rem .875rem}
.tiles dt {font-size: .875rem; font-weight: 600; line-height: 1.25; min-height: 2.5em}
.tiles dd {margin: 0; font-size: .8125rem; line-height: 1.4}
.tiles dd.figure {font-size: 1.875rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums}
[data-testid=stExpander] summary .stMarkdownColoredText, .stDownloadButton .stMarkdownColoredText {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap}
dl.cards {grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr))}
.cards dt {min-height: 0}
.cards .course {margin: .35rem 0}
.cards .course span {display: block}
.cards .sentence {font-size: .9375rem; line-height: 1.4; margin-top: .35rem}
details.entry {border-bottom: 1px solid color-mix(in srgb, currentColor 22%, transparent); padding: .5rem 0}
details.entry summary {cursor: pointer; font-weight: 600}
dl.entry dt {font-weight: 600; margin-top: .5rem}
dl.entry dd, dl.entry p {margin: 0; max-width: 50rem}
dl.pairs {display: grid; grid-template-columns: minmax(8rem, 11rem) 1fr; gap: .25rem 1rem;
  margin: .5rem 0 !important}
dl.pairs dt {margin: 0}
dl.pairs dd {overflow-wrap: anywhere; min-width: 0}
dl.standing {grid-template-columns: repeat(auto-fit, minmax(10.75rem, 1fr))}
.standing dt {min-height: 0}
.standing .verdict {font-weight: 650; margin-top: .35rem}
.standing .verdict::before {content: "○ "}
.standing .better::before {content: "▲ "}
.standing .worse::before {content: "▼ "}
.standing .neutral::before {content: "◆ "}
.standing .why {margin-top: .15rem; opacity: .85}
ul.points {margin: 0 !important; padding: 0 0 0 1.1rem; font-size: .9375rem}
.points li {margin: .3rem 0 !important; padding: 0}
[data-testid=stPageLink] a :is(span, div, p, strong) {white-space: normal; overflow: visible}
a.leave {color: inherit; font-weight: 600}
@media (max-width: 480px) {dl.pairs {grid-template-columns: 1fr} dl.pairs dd {margin-bottom: .35rem}}
ul.notes {font-size: .875rem; margin: 0 !important; padding: 0; list-style: none}
.notes li {margin: .15rem 0 !important; padding: 0}
.notes b {border: 1px solid currentColor; padding: 0 .3rem; margin-right: .35rem; font-size: .75rem}
.twin {overflow: auto; max-height: 26rem}
.twin.reference, [class*=st-key-line-] .twin {max-height: none}
.twin table {border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; width: 100%}
.twin caption {text-align: left; padding-bottom: .5rem}
.twin th, .twin td {border-bottom: 1px solid color-mix(in srgb, currentColor 22%, transparent);
  padding: .25rem .75rem .25rem 0; text-align: right; vertical-align: top; font-weight: 400}
.twin thead th {font-weight: 600}
.twin th.text, .twin td.text {text-align: left}
.printed {display: none}
@media print {
  [data-testid=stSidebar], [data-testid=stHeader], [data-testid=stToolbar], .stDownloadButton, .modebar,
  [data-testid=stExpandSidebarButton] {display: none !important}
  html {font-size: 11px !important}
  dl.standing {grid-template-columns: repeat(5, 1fr)}
  [data-testid=stHorizontalBlock] {display: flex !important; flex-flow: row nowrap !important;
    align-items: flex-start !important; height: auto !important}
  [data-testid=stColumn] {flex: 1 1 0 !important; min-width: 0 !important; width: auto !important}
  [data-testid=stApp], [data-testid=stAppViewContainer], [data-testid=stMain],
  [data-testid=stMainBlockContainer]
    {position: static !important; height: auto !important; overflow: visible !important;
    display: block !important}
  [data-testid=stMainBlockContainer] {padding: 0 !important; max-width: none !important}
  .twin {max-height: none; overflow: visible}
  .tiles > div, .twin tr, .points li, [data-testid=stPlotlyChart] {break-inside: avoid}
  h1, h2, h3 {break-after: avoid}
  .twin thead {display: table-header-group}
  [data-testid=stVerticalBlock], [data-testid=stLayoutWrapper], [data-testid=stElementContainer]
    {display: block !important; height: auto !important; max-height: none !important;
    overflow: visible !important}
  [data-testid=stVerticalBlock] > * + * {margin-top: .6rem}
  [data-testid=stPlotlyChart] {container-type: inline-size}
  [data-testid=stPlotlyChart] .main-svg {zoom: min(1, calc(100cqw / attr(width px, 1px)))}
  details::details-content {content-visibility: visible !important; display: block !important;
    block-size: auto !important; opacity: 1 !important}
  [data-testid=stExpanderDetails] {display: block !important; height: auto !important;
    overflow: visible !important; visibility: visible !important; opacity: 1 !important}
  [data-testid=stExpander]:not(:has([data-testid=stExpanderDetails] [data-testid=stElementContainer])),
  [data-testid=stTabs] {display: none !important}
  .printed {display: block}
  @page {size: A4 landscape; margin: 12mm}
}
</style>
"""


NOT_COMPARED = (
    "<p class='printed'>It was folded when this page was printed: both are compared when it is opened.</p>"
)
"""What stands in print for a comparison that takes too long to be made before somebody asks for it."""

plain = markdown
"""The text as Markdown that shows it as it is."""


def marking(source: Source) -> str:
    """The line that heads and closes every page: handling, SYNTHETIC, as-at date, version."""
    as_at = words.day(date.fromisoformat(source.as_at)) if source.as_at else "not known"
    stamp = "<span class='stamp'>SYNTHETIC DATA</span>" if source.is_synthetic else ""
    return (
        f"<div class='marking'><b>{escape(source.marking)}</b>{stamp}<span>Data as at {as_at}</span>"
        f"<span>{'Snapshot' if source.is_snapshot else 'Warehouse'} {escape(source.version)}</span></div>"
    )


def tiles(told: Iterable[Headline]) -> str:
    """The headline row."""
    return f"<dl class='tiles'>{''.join(map(_tile, told))}</dl>"


def _tile(told: Headline) -> str:
    lines = "".join(f"<dd>{escape(line)}</dd>" for line in told.lines)
    return f"<div><dt>{escape(told.title)}</dt><dd class='figure'>{escape(told.value)}</dd>{lines}</div>"


def cards(told: Iterable[Card]) -> str:
    """The headlines of the overview, each with its course."""
    return f"<dl class='tiles cards'>{''.join(map(_card, told))}</dl>"


def _card(told: Card) -> str:
    interval = f"<dd>95%: {escape(told.interval)}</dd>" if told.interval else ""
    # The course is SVG of our own making, its words escaped there.
    course = f"<dd class='course'>{told.spark}<span>{escape(told.caption)}</span></dd>" if told.spark else ""
    return (
        f"<div><dt>{escape(told.title)}</dt><dd class='figure'>{escape(told.figure)}</dd>{interval}{course}"
        f"<dd class='sentence'>{escape(told.sentence)}</dd></div>"
    )


def notes(shown: Block) -> str:
    """The breaks by their letters and the notes of a block; empty when there are none.

    A note that the sentence of the block says already is not said again. What explains a marker of the table
    alone stands below the table.
    """
    letters = (f"<li><b>{letter}</b>{escape(text)}</li>" for letter, text in shown.letters)
    items = "".join(
        (
            *letters,
            *(
                f"<li>{escape(note)}</li>"
                for note in sight.beside(shown)
                if _reason(note) not in shown.sentence
            ),
        )
    )
    return f"<ul class='notes'>{items}</ul>" if items else ""


def _reason(note: str) -> str:
    return note.removeprefix(claims.NOT_AVAILABLE).rstrip(".")


def table(shown: Block) -> str:
    """The table twin: headers tied to their cells, words left, figures right; then the definitions."""
    label = escape(f"{shown.title}. {shown.stamp}")
    classes = [" class='text'" if place < shown.texts else "" for place in range(shown.table.shape[1])]
    heads = zip(shown.table.columns, classes, strict=True)
    head = "".join(f"<th scope='col'{each}>{escape(name)}</th>" for name, each in heads)
    body = "".join(_row(cells, classes) for cells in shown.table.itertuples(index=False))
    told = (*map(definition, shown.measures), *sight.below_the_table(shown))
    definitions = "".join(f"<li>{escape(text)}</li>" for text in told)
    return (
        f"<div class='twin' tabindex='0' role='region' aria-label='{label}'><table><caption>{label}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f"<ul class='notes'>{definitions}</ul>"
    )


def words_table(frame: pd.DataFrame, label: str, texts: int) -> str:
    """A table of words, headers tied to cells; the first `texts` columns stand left, the others right."""
    classes = [" class='text'" if place < texts else "" for place in range(frame.shape[1])]
    head = "".join(
        f"<th scope='col'{each}>{escape(name)}</th>"
        for name, each in zip(map(str, frame.columns), classes, strict=True)
    )
    body = "".join(_row(map(str, cells), classes) for cells in frame.itertuples(index=False))
    told = escape(label)
    return (
        f"<div class='twin' tabindex='0' role='region' aria-label='{told}'><table><caption>{told}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(cells: Iterable[str], classes: list[str]) -> str:
    first, *others = (escape(cell) for cell in cells)
    rest = "".join(f"<td{each}>{cell}</td>" for each, cell in zip(classes[1:], others, strict=True))
    return f"<tr><th scope='row'{classes[0]}>{first}</th>{rest}</tr>"
