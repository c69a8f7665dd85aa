"""The report as plain values: headings, texts, tables, charts and blanks, in the order they are read."""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeAlias, TypeVar

from profiles.escaped import visible
from profiles.snapshot.files import Stamp

Part = TypeVar("Part")


@dataclass(frozen=True)
class Fact:
    """A published figure as the report shows it: `part` of the row `key` of the snapshot's file `table`.

    `part` is a column of the file, or `interval` for lower and upper together.
    """

    text: str
    table: str
    key: tuple[str, ...]
    part: str


Piece: TypeAlias = str | Fact
Line: TypeAlias = tuple[Piece, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; those of level 1 are numbered sections. `anchor` is its place for links."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Text:
    """A paragraph; a `note` stands back."""

    pieces: Line
    is_note: bool = False


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    items: tuple[Line, ...]


@dataclass(frozen=True)
class Blank:
    """What only an analyst can write: `what` is to be put there, `hint` says how to judge it."""

    what: str
    hint: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its lines, the first one the figure. A `blank` is to be filled in."""

    lines: tuple[Line, ...]
    is_head: bool = False
    is_number: bool = False
    is_blank: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a header row; `widths` are shares of the page; `notes` say what its figures rest on."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    notes: tuple[str, ...] = ()
    is_dense: bool = False

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether a column is of figures: its head then stands on the right like them."""
        return tuple(any(row[place].is_number for row in self.rows) for place in range(len(self.heads)))


@dataclass(frozen=True)
class Bars:
    """A bar lying down for each category, with its interval; `labels` are the figures as they are shown.

    `reference` is a line across with its words.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    lowers: tuple[float, ...]
    uppers: tuple[float, ...]
    labels: tuple[str, ...]
    unit: str
    reference: tuple[float, str] | None = None


@dataclass(frozen=True)
class Mark:
    """A break of a series in the period at `place`, drawn at `at` on the axis; a rebase parts the series."""

    place: int
    at: float
    letter: str
    is_rebase: bool


@dataclass(frozen=True)
class Course:
    """A line for each name over the periods; a band is drawn for limits of a single line."""

    periods: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    unit: str
    provisional: tuple[int, ...] = ()
    marks: tuple[Mark, ...] = ()
    average: float | None = None
    limits: tuple[float, float] | None = None
    stretch: int = 0
    """Place of the first period to which average and limits belong."""
    floor: float = 0.0
    """Where the axis begins; the title says so where that is not zero."""


@dataclass(frozen=True)
class Columns:
    """Stacked columns, one a period; those at the places `projected` are hatched, with their range."""

    periods: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    unit: str
    provisional: tuple[int, ...] = ()
    projected: tuple[int, ...] = ()
    lowers: tuple[float, ...] = ()
    uppers: tuple[float, ...] = ()
    marks: tuple[Mark, ...] = ()


Chart: TypeAlias = Bars | Course | Columns


@dataclass(frozen=True)
class Picture:
    """A chart with its title and the text for those who cannot see it; its table stands beside it."""

    title: str
    alt: str
    chart: Chart


Block: TypeAlias = Heading | Text | Points | Blank | Table | Picture


@dataclass(frozen=True)
class Document:
    """A whole report: `name` is that of the snapshot, `released` the SHA-256 of its manifest."""

    title: str
    name: str
    stamp: Stamp
    released: str
    blocks: tuple[Block, ...]

    @property
    def sections(self) -> tuple[Heading, ...]:
        """The headings of the contents list."""
        return tuple(each for each in self.blocks if isinstance(each, Heading) and each.level == 1)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables, in order."""
        return tuple(each for each in self.blocks if isinstance(each, Table))


def text_of(line: Line) -> str:
    """The line as it is read."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in line)


def facts(document: Document) -> list[Fact]:
    """Every published figure of the report, in the order it is read."""
    found: list[Line] = []
    for block in document.blocks:
        if isinstance(block, Text):
            found.append(block.pieces)
        elif isinstance(block, Points):
            found += block.items
        elif isinstance(block, Table):
            found += [line for row in block.rows for cell in row for line in cell.lines]
    return [piece for line in found for piece in line if isinstance(piece, Fact)]


def legible(part: Part) -> Part:
    """The part of a report, or all of it, with a mark for each character that its files may not hold."""
    seen: Any = part
    if isinstance(part, str):
        seen = visible(part)
    elif isinstance(part, tuple):
        seen = tuple(map(legible, part))
    elif is_dataclass(part) and not isinstance(part, type):
        seen = replace(part, **{field.name: legible(getattr(part, field.name)) for field in fields(part)})
    return seen  # type: ignore[no-any-return]
