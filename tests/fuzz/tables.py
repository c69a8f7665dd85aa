"""Tables as the product accepts them, small, to be changed: those that come with it."""

import csv
import random
from dataclasses import dataclass, replace
from pathlib import Path

from profiles.settings import ROOT
from tests.fuzz import mutating

ROWS = 40
SAMPLES = ROOT / "sample_data"


@dataclass(frozen=True)
class Base:
    """A table and the mapping that fits it. The first row is its header."""

    name: str
    mapping: str
    rows: tuple[tuple[str, ...], ...]


def bases() -> tuple[Base, ...]:
    """Tables of SYNTHETIC exports, of reference and of published figures."""
    found = [(path, "athena") for path in sorted((SAMPLES / "synthetic").glob("*_20260930.csv"))]
    found += [(SAMPLES / name, "reference") for name in REFERENCE]
    found += [
        (SAMPLES / "2024-01-kent-street-excerpt.csv", "police_uk"),
        (SAMPLES / "prc_pfa_2017_18_stalking_harassment.csv", "home_office"),
    ]
    return tuple(Base(path.name, mapping, _read(path)) for path, mapping in found)


REFERENCE = (
    *("action_plan.csv", "breaks.csv", "published_comparators.csv", "kent_district_population.csv"),
    "SYNTHETIC_action_plan_updates.csv",
)


def _read(path: Path) -> tuple[tuple[str, ...], ...]:
    with path.open(encoding="utf-8-sig", newline="") as source:
        return tuple(tuple(row) for row in list(csv.reader(source))[: ROWS + 1])


def drawn(draw: random.Random, held: tuple[Base, ...]) -> Base:
    """One of them with a few of its rows; that of crimes most often."""
    base = draw.choice([each for each in held if "_crimes_" in each.name] if draw.random() < 0.4 else held)
    rows = draw.sample(base.rows[1:], min(len(base.rows) - 1, draw.randint(1, 8)))
    return replace(base, rows=(base.rows[0], *rows))


def mangled(draw: random.Random, rows: list[list[str]]) -> None:
    """Change the table in one way: a cell, a row, a column, or its header."""
    row, column = draw.randrange(len(rows)), draw.randrange(len(rows[0]))
    way = draw.randint(0, 15)
    line = rows[row]
    if way <= 4 and column < len(line):
        line[column] = mutating.text(draw)
    elif way <= 6 and column < len(line):
        line[column] = mutating.changed(draw, line[column])
    elif way == 7:
        rows.append(list(line))
    elif way == 8:
        for each in rows:
            if column < len(each):
                each.pop(column)
        if not rows[0]:
            rows[0].append("x")
    elif way == 9:
        rows[0][column] = draw.choice((mutating.text(draw), mutating.changed(draw, rows[0][column])))
    elif way == 10:
        name = draw.choice((rows[0][column], "", mutating.text(draw)))
        for each in rows:
            each.insert(min(column, len(each)), mutating.text(draw))
        rows[0][min(column, len(rows[0]) - 1)] = name
    elif way == 11:
        rows.insert(row, draw.choice(([], [""] * len(rows[0]), ["Weekly report"], [mutating.text(draw)])))
        if row == 0 and not rows[0]:
            rows[0] = [""]
    elif way == 12:
        line.extend(mutating.text(draw) for _ in range(draw.choice((1, 2, 300))))
    elif way == 13:
        del line[column:]
        if row == 0 and not line:
            line.append("")
    elif way == 14:
        order = draw.sample(range(len(rows[0])), len(rows[0]))
        for place, each in enumerate(rows):
            rows[place] = [each[index] for index in order if index < len(each)]
    else:
        for each in rows[1:]:
            if column < len(each):
                each[column] = mutating.changed(draw, each[column])


def name(draw: random.Random, plain: str) -> str:
    """The file's name, now and then one that a pattern, a shell or SQL would take for something else."""
    if draw.random() > 0.1:
        return plain
    stem, dot, ending = plain.rpartition(".")
    odd = draw.choice(
        ("[1]", "*", "?", "{a,b}", " (2)", "'", '"', ";", "--", "%20", "\u202e", "é", "\n", "$x", "[b]")
    )
    return f"{odd}{stem}{dot}{ending}" if draw.random() < 0.3 else f"{stem}{odd}{dot}{ending}"
