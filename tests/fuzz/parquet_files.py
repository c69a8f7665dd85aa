"""Parquet files of types, names and bytes that nobody meant."""

import datetime
import decimal
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz import mutating, tables
from tests.fuzz.importing import BUILT_SHARE, imported

FAR_NANOS = 4_611_686_018_427_387_000
CODECS = ("none", "snappy", "gzip", "zstd", "lz4", "brotli")


def prepared(folder: Path) -> tuple[tables.Base, ...]:
    """The tables to change."""
    return tables.bases()


def tried(draw: random.Random, ready: tuple[tables.Base, ...], folder: Path) -> str:
    """A table as a Parquet file, some of its columns of another type, and now and then its bytes damaged."""
    base = tables.drawn(draw, ready)
    rows = [list(row) for row in base.rows]
    for _ in range(draw.choice((0, 0, 1, 3))):
        tables.mangled(draw, rows)
    path = folder / tables.name(draw, base.name.replace(".csv", ".parquet"))
    _write(draw, rows, path)
    if draw.random() < 0.45:
        path.write_bytes(_damaged(draw, path.read_bytes()))
    return imported([path], base.mapping, folder / "W", is_built=draw.random() < BUILT_SHARE).outcome


def _write(draw: random.Random, rows: list[list[str]], path: Path) -> None:
    header, count = rows[0], len(rows) - 1
    arrays = []
    for column in range(len(header)):
        cells: list[str | None] = [row[column] if column < len(row) else None for row in rows[1:]]
        arrays.append(
            _column(draw, _sound(cells)) if draw.random() < 0.25 else pa.array(_sound(cells), pa.string())
        )
    names = [name.encode("utf-8", "replace").decode() for name in header]
    table = pa.Table.from_arrays(arrays, names=names)
    pq.write_table(
        table,
        path,
        compression=draw.choice(CODECS),
        row_group_size=draw.choice((1, 2, 1_000)) if count else None,
        use_dictionary=draw.random() < 0.5,
        version=draw.choice(("2.4", "2.6")),
        data_page_version=draw.choice(("1.0", "2.0")),
    )


def _sound(cells: list[str | None]) -> list[str | None]:
    return [
        None if cell is None or cell == "" else cell.encode("utf-8", "replace").decode() for cell in cells
    ]


def _column(draw: random.Random, cells: list[str | None]) -> Any:
    """The column in another type: its own values where they fit, else odd ones of that type."""
    kind, value = draw.choice(TYPES)
    if kind is None:
        return pa.array([None] * len(cells))
    made = [None if draw.random() < 0.2 else value(draw, cell) for cell in cells]
    return pa.array(made, kind)


def _text(draw: random.Random, cell: str | None) -> str | None:
    return cell


def _day(draw: random.Random, cell: str | None) -> datetime.date:
    return draw.choice(
        (datetime.date(2024, 6, 3), datetime.date.min, datetime.date.max, datetime.date(1899, 12, 30))
    )


def _micros(draw: random.Random, cell: str | None) -> int:
    return draw.choice((0, 1_717_400_000_000_000, -(2**62), 2**62, -1, 253_402_300_800_000_000))


def _whole(bits: int, is_signed: bool = True) -> Callable[[random.Random, str | None], int]:
    top = 2 ** (bits - is_signed) - 1
    return lambda draw, cell: draw.choice((0, 1, top, -top - 1 if is_signed else top))


def _number(draw: random.Random, cell: str | None) -> float:
    return draw.choice((0.0, 1.0, 12.5, float("nan"), float("inf"), -1e300, 5e-324))


def _decimal(draw: random.Random, cell: str | None) -> decimal.Decimal:
    return decimal.Decimal(draw.choice(("0", "1.25", "9" * 30, "-0.01")))


TYPES: tuple[tuple[Any, Callable[[random.Random, str | None], Any]], ...] = (
    (None, _text),
    (pa.large_string(), _text),
    (pa.dictionary(pa.int32(), pa.string()), _text),
    (pa.binary(), lambda draw, cell: draw.choice((b"\xff\xfe", b"\0", (cell or "").encode()))),
    (pa.binary(4), lambda draw, cell: draw.randbytes(4)),
    (pa.list_(pa.string()), lambda draw, cell: [cell, *draw.choices(mutating.ODD_TEXTS[:60], k=2)]),
    (pa.list_(pa.list_(pa.string())), lambda draw, cell: [[cell]]),
    (pa.list_(pa.int64()), lambda draw, cell: [1, None, 3]),
    (pa.struct([("a", pa.string()), ("b", pa.int32())]), lambda draw, cell: {"a": cell, "b": 1}),
    (pa.map_(pa.string(), pa.string()), lambda draw, cell: [("k", cell)]),
    (pa.date32(), _day),
    (pa.date64(), _day),
    (pa.timestamp("us"), _micros),
    (
        pa.timestamp("ns"),
        lambda draw, cell: draw.choice((0, 1_717_400_000_000_000_000, FAR_NANOS, -FAR_NANOS)),
    ),
    (pa.timestamp("ms", "UTC"), lambda draw, cell: draw.choice((0, 1_717_400_000_000, 2**50, -(2**50)))),
    (pa.timestamp("us", "Asia/Kolkata"), _micros),
    (pa.time32("s"), lambda draw, cell: draw.randrange(86_400)),
    (pa.time64("ns"), lambda draw, cell: draw.randrange(86_400 * 10**9)),
    (pa.duration("us"), _micros),
    (pa.bool_(), lambda draw, cell: draw.random() < 0.5),
    (pa.int8(), _whole(8)),
    (pa.int64(), _whole(64)),
    (pa.uint64(), _whole(64, is_signed=False)),
    (pa.float16(), lambda draw, cell: draw.choice((0.0, 1.0, float("nan")))),
    (pa.float32(), lambda draw, cell: draw.choice((0.0, 1.5, float("inf")))),
    (pa.float64(), _number),
    (pa.decimal128(38, 4), _decimal),
    (pa.decimal256(60, 10), _decimal),
    (pa.string(), lambda draw, cell: "x" * draw.choice((10, 100_000, 1_200_000))),
)


def _damaged(draw: random.Random, content: bytes) -> bytes:
    """The file with damage anywhere, in its footer, in the footer's length, or behind its magic."""
    way = draw.randint(0, 4)
    if way == 0:
        return mutating.damaged(draw, content)
    length = struct.unpack("<I", content[-8:-4])[0]
    if way == 1:
        wrong = draw.choice((0, 1, length - 1, length + 1, 2**31 - 1, 2**32 - 1, len(content)))
        return content[:-8] + struct.pack("<I", wrong) + content[-4:]
    footer = mutating.damaged(draw, content[-8 - length : -8], most=2)
    if way == 2:
        return content[: -8 - length] + footer + struct.pack("<I", len(footer)) + content[-4:]
    if way == 3:
        return content[:4] + mutating.damaged(draw, content[4 : -8 - length]) + content[-8 - length :]
    return draw.choice((b"PARE", b"", b"PAR1PAR1", content[:4])) + content[draw.randint(0, 8) :]
