"""Text on the terminal: what files hold is shown as text and never obeyed.

A name or cell may hold codes that colour, clear or retitle a terminal, mirror what stands beside them or
pass for our own lines. Everything the commands print goes through here; a test holds that.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 200
"""Letters of a table's line where no terminal says how wide it is."""

_OBEYED = re.compile(
    # Control characters and unseen hyphens; marks that turn the writing; line separators; halves of letters.
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def plain(text: str, keeps_lines: bool = False) -> str:
    """The text with each character that a terminal would obey spelt out, as \\u001b.

    Written so, it is the same text in JSON and in TOML. With `keeps_lines` tabs and line ends stay.
    """

    def spelt(found: re.Match[str]) -> str:
        mark = found[0]
        if keeps_lines and (mark in "\t\n" or text.startswith("\r\n", found.start())):
            return mark
        return f"\\u{ord(mark):04x}" if ord(mark) < 0x10000 else f"\\U{ord(mark):08x}"

    return _OBEYED.sub(spelt, text)


def say(line: str, to_errors: bool = False) -> None:
    """Print one line."""
    click.echo(plain(line), err=to_errors)


def say_lines(text: str, ends_with_newline: bool = True) -> None:
    """Print a text of several lines, such as JSON, TOML or CSV, its line ends as they are."""
    sys.stdout.flush()
    content = plain(text, keeps_lines=True) + ("\n" if ends_with_newline else "")
    # Line ends are part of the format: written as bytes, no platform changes them.
    sys.stdout.buffer.write(content.encode())
    sys.stdout.buffer.flush()


def say_table(
    columns: Sequence[str], rows: Iterable[Iterable[str]], right: Iterable[str] = (), width: int = PIPE_WIDTH
) -> None:
    """Print rows under their columns, those of `right` to the right; a pipe gets lines of that width."""
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(Text(plain(name)), justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = width
    console.print(table)


@contextmanager
def progress(quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A function that shows what is being done: a spinner on a terminal, lines elsewhere."""
    console = Console(stderr=True, highlight=False)
    if quiet:
        yield lambda text: None
    elif console.is_terminal:
        description = TextColumn("{task.description}", markup=False)
        with Progress(SpinnerColumn(), description, TimeElapsedColumn(), console=console) as bar:
            task: Any = bar.add_task("starting", total=None)

            def show(text: str) -> None:
                bar.update(task, description=plain(text))

            yield show
    else:
        yield lambda text: say(text, to_errors=True)
