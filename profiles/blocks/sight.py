"""Which notes of a block a reader needs beside its chart: a marker is explained where it can be seen."""

from collections.abc import Iterator
from typing import Any

from profiles import words
from profiles.blocks.block import Block
from profiles.charts import Figure
from profiles.periods import ALL


def beside(shown: Block) -> tuple[str, ...]:
    """The notes that stand beside the chart: all but those on markers that the table alone holds."""
    return tuple(note for note in shown.notes if _is_in_sight(shown, note))


def below_the_table(shown: Block) -> tuple[str, ...]:
    """The notes on markers that the table alone holds."""
    return tuple(note for note in shown.notes if not _is_in_sight(shown, note))


def _is_in_sight(shown: Block, note: str) -> bool:
    marker = note[:3]
    if (
        marker not in words.MARKERS
        or not shown.sentence
        or not {"grain", "marker"} <= set(shown.frame.columns)
    ):
        # Tiles show the markers of their table; of what is projected, a row is no figure of a measure.
        return True
    if any(marker in text for text in (shown.title, shown.sentence, *_texts(shown.figure))):
        return True
    # Over time it is what makes a gap, though it is not written there.
    is_gap = (shown.frame["grain"] == shown.grain) & (shown.frame["marker"] == marker)
    return shown.grain != ALL and bool(is_gap.any())


def _texts(figure: Figure | None) -> Iterator[str]:
    """All words of a figure: what is written in it, and what is told on hover."""
    if figure is None:
        return
    for trace in figure["data"]:
        for name in ("name", "text", "hovertext"):
            yield from _flat(trace.get(name))
    for each in figure["layout"].get("annotations", ()):
        yield each["text"]


def _flat(texts: Any) -> Iterator[str]:
    if isinstance(texts, str):
        yield texts
    elif isinstance(texts, list):
        for each in texts:
            yield from _flat(each)
