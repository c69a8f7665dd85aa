"""A series as small as a word, in the colour of the text around it."""

import math
from collections.abc import Collection, Sequence
from itertools import groupby
from urllib.parse import quote

from profiles.escaped import html as escape

WIDTH, HEIGHT, EDGE = 120, 32, 4
"""Pixels; nothing but a dot reaches into the edge."""
DOT = 2.6


def sparkline(
    values: Sequence[float], markers: Sequence[str], label: str, starts: Collection[int] = ()
) -> str:
    """The series as HTML, from zero at its foot; `label` says it in words.

    The drawing is a mask that lets the colour of the text through: pages take SVG out of the HTML they
    are given, and a picture would not follow the theme.

    A line is cut where there is no figure and at the places in `starts`, where the series starts anew
    after a rebase. The last whole period is a dot; parts of a period, marked `[p]`, are hollow and stand
    alone.
    """
    known = [not math.isnan(value) for value in values]
    is_part = [marker == "[p]" for marker in markers]
    highest = max((value for value in values if value > 0), default=1.0)
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)

    def at(place: int) -> tuple[float, float]:
        height = (HEIGHT - 2 * EDGE) * values[place] / highest
        return round(EDGE + step * place, 1), round(HEIGHT - EDGE - height, 1)

    parts = [f'<path d="M{EDGE} {HEIGHT - EDGE}H{WIDTH - EDGE}" stroke-width="1" opacity="0.3"/>']
    whole = [place for place in range(len(values)) if known[place] and not is_part[place]]
    for piece in _pieces(whole, starts):
        points = " ".join(f"{x} {y}" for x, y in map(at, piece))
        if len(piece) > 1:
            parts.append(f'<polyline points="{points}" stroke-width="1.75"/>')
        else:
            parts.append(_dot(at(piece[0]), DOT / 2, "#000"))
    parts += [_dot(at(whole[-1]), DOT, "#000")] if whole else []
    parts += [_dot(at(place), DOT, "none") for place in range(len(values)) if known[place] and is_part[place]]
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" fill="none" stroke="#000" '
        f'stroke-linejoin="round">{"".join(parts)}</svg>'
    )
    mask = f"url('data:image/svg+xml,{quote(drawing)}') center/contain no-repeat"
    return (
        f'<span class="spark" role="img" aria-label="{escape(label)}" style="display: inline-block; '
        f"width: {WIDTH}px; height: {HEIGHT}px; background: currentColor; forced-color-adjust: none; "
        f'print-color-adjust: exact; mask: {mask}"></span>'
    )


def _pieces(places: Sequence[int], starts: Collection[int]) -> list[list[int]]:
    """Runs of neighbouring places, cut where a series starts anew."""
    keyed = [
        (place - number, sum(start <= place for start in starts), place)
        for number, place in enumerate(places)
    ]
    return [[place for *_, place in run] for _, run in groupby(keyed, key=lambda each: each[:2])]


def _dot(at: tuple[float, float], size: float, fill: str) -> str:
    return f'<circle cx="{at[0]}" cy="{at[1]}" r="{size}" fill="{fill}" stroke-width="1.25"/>'
