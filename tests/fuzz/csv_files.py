"""CSV files whose cells, headers, separators, quotes, line ends, encodings and bytes nobody meant."""

import csv
import io
import random
from pathlib import Path

from tests.fuzz import mutating, tables
from tests.fuzz.importing import BUILT_SHARE, imported
from tests.fuzz.running import Broken

SAFE_ENDS = ("\n", "\r\n", "\r", "\r\r\n")
ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "utf-32", "utf-7"),
    *("cp437", "shift-jis", "utf-8"),
)


def prepared(folder: Path) -> tuple[tables.Base, ...]:
    """The tables to change."""
    return tables.bases()


def tried(draw: random.Random, ready: tuple[tables.Base, ...], folder: Path) -> str:
    """A table is written in another way that says the same, or changed."""
    base = tables.drawn(draw, ready)
    if draw.random() < 0.2:
        return _same(draw, base, folder)
    rows = [list(row) for row in base.rows]
    for _ in range(draw.randint(0, 4)):
        tables.mangled(draw, rows)
    content = _written(draw, rows)
    if draw.random() < 0.4:
        content = mutating.damaged(draw, content)
    path = folder / tables.name(draw, base.name)
    path.write_bytes(content)
    return imported([path], base.mapping, folder / "W", is_built=draw.random() < BUILT_SHARE).outcome


def _same(draw: random.Random, base: tables.Base, folder: Path) -> str:
    """The table written plainly and in a way that says the same: both must come in alike."""
    rows = [list(row) for row in base.rows]
    plain, other = folder / base.name, folder / "other" / base.name
    other.parent.mkdir()
    plain.write_text(_table(rows, ",", csv.QUOTE_MINIMAL, ("\n",)), encoding="utf-8", newline="")
    ends = SAFE_ENDS if draw.random() < 0.5 else (draw.choice(SAFE_ENDS),)
    quoting = draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    told = _table(rows, draw.choice(",;\t|"), quoting, ends, draw)
    told = told.rstrip("\r\n") if draw.random() < 0.2 else told
    encoding = draw.choice(("utf-8", "utf-8-sig", "utf-16", "cp1252"))
    other.write_bytes(told.encode(encoding))
    first = imported([plain], base.mapping, folder / "A", is_built=False)
    second = imported([other], base.mapping, folder / "B", is_built=False)
    if first.counts != second.counts or first.outcome != second.outcome:
        raise Broken(
            f"written another way ({ends!r}, {encoding}) it comes in as {second.counts} instead of "
            f"{first.counts}: {second.said[-300:]}"
        )
    # A table all of whose records are rejected is refused, both ways.
    return first.outcome


def _table(
    rows: list[list[str]],
    separator: str,
    quoting: int,
    ends: tuple[str, ...],
    draw: random.Random | None = None,
) -> str:
    lines = []
    for row in rows:
        target = io.StringIO(newline="")
        csv.writer(target, delimiter=separator, quoting=quoting, lineterminator="").writerow(row)  # type: ignore[arg-type]
        lines.append(target.getvalue() + (draw.choice(ends) if draw else ends[0]))
    return "".join(lines)


def _written(draw: random.Random, rows: list[list[str]]) -> bytes:
    """The table as bytes: by a sound writer, or one that puts quotes and line ends where it likes."""
    separator = draw.choice((",", ",", ",", ";", "\t", "|", ":", " ", ", "))
    if draw.random() < 0.6 and len(separator) == 1:
        ends = draw.choice((("\n",), ("\r\n",), ("\r",), SAFE_ENDS, mutating.LINE_ENDS))
        told = _table(rows, separator, draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)), ends, draw)
    else:
        quote = draw.choice(('"', "'", ""))
        lines = [
            separator.join(f"{quote}{cell}{quote}" if draw.random() < 0.5 else cell for cell in row)
            for row in rows
        ]
        told = draw.choice(mutating.LINE_ENDS[:4]).join(lines)
    if draw.random() < 0.1:
        told = (
            draw.choice((f"sep={separator}\r\n", "Weekly report\n\n", "\n\n", "#", "\ufeff\ufeff", "\0"))
            + told
        )
    if draw.random() < 0.02:
        told += "x" * draw.choice((100_000, 1_100_000, 3_000_000))
    encoding = draw.choice(ENCODINGS) if draw.random() < 0.5 else "utf-8"
    return told.encode(encoding, errors="replace")
