"""Figures as a title tells them, written down a second time."""

import math

from profiles import words
from profiles.frames import Row
from profiles.selection import NOT_RECORDED

FEW = 30
LAST = ("none of these", NOT_RECORDED)


def figure(row: Row, unit: str) -> str:
    """A figure as a title tells it: of few cases how many of how many."""
    told = words.number(row.value, unit)
    if row.denominator < FEW and told and unit == "percent":
        return f"{row.numerator:,.0f} of {row.denominator:,.0f}"
    if row.denominator < FEW and told and math.isnan(row.numerator):
        return f"{told} ({row.denominator:.0f} case{'' if row.denominator == 1 else 's'})"
    return told


def side_by_side(together: list[Row], unit: str) -> list[str]:
    """Figures beside each other: where one is of few cases all are told in numbers."""
    texts = [figure(row, unit) for row in together]
    if unit == "percent" and any(
        text and row.denominator < FEW for text, row in zip(texts, together, strict=True)
    ):
        return [
            f"{row.numerator:,.0f} of {row.denominator:,.0f}" if text else ""
            for text, row in zip(texts, together, strict=True)
        ]
    return texts


def filled(says: str, **figures: str) -> str:
    """A title with its figures put in: 3 of 7 victims, but 42.9% of victims."""
    for name, text in figures.items():
        if " of " in text and name != "name":
            says = says.replace(f"{{{name}}} of ", f"{{{name}}} ")
        says = says.replace(f"{{{name}}}", text)
    return says


def listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def shown_as(text: str) -> str:
    text = text.replace("_", " ")
    return text[:1].upper() + text[1:]
