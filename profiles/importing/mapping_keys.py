"""The keys of a mapping file: each read as what it must be, or refused by its place and the remedy."""

import datetime
import re
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from profiles import contracts
from profiles.errors import BadMapping
from profiles.importing.layouts import COVERS, squeezed

MAX_PATTERN_CHARACTERS = 500
"""A longer expression is no mapping of names and cells."""
MAX_SHOWN_CHARACTERS = 200
"""Of a wrong value, in a message."""

LONGEST_DAYS = 36_600
"""A century: a longer period covered is a slip."""

MAX_HEADER_LINE = 1_000
"""Far below any title; a header further down is another table."""


@dataclass(frozen=True)
class Keys:
    """What reads keys of parsed TOML; `file` is named in every complaint."""

    file: str

    def section(self, raw: dict[str, Any], key: str, place: str) -> dict[str, Any]:
        value = raw.get(key, {})
        if not isinstance(value, dict):
            self.fail(f"{place} {key} is no table of keys", f"write {key} as a heading with pairs below it")
        return dict(value)

    def sections(self, raw: dict[str, Any], key: str, place: str) -> list[Any]:
        value = raw.get(key, [])
        if not isinstance(value, list):
            self.fail(f"{place} {key} is no list", f"write each under its own [[table.{key}]]")
        return list(value)

    def text(self, raw: dict[str, Any], key: str, place: str) -> str:
        value = raw.get(key, "")
        if not isinstance(value, str):
            self.fail(f"{place} {key} = {value!r}", "write a text in quotes")
        return str(value)

    def texts(self, value: object, place: str) -> tuple[str, ...]:
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(f"{place} is no text or list of texts", "put each text in quotes")
        return tuple(value)

    def pairs(self, values: object, place: str) -> tuple[tuple[str, str], ...]:
        if not isinstance(values, dict):
            self.fail(f"{place} values", 'write pairs such as "Ex Partner" = "ex-partner"')
        for key, value in values.items():
            if isinstance(value, dict | list):
                self.fail(f"{place} translates {key!r} to {value!r}", "write a single value")
        return tuple((squeezed(str(key)), str(value)) for key, value in values.items())

    def table(self, name: object, place: str) -> contracts.Table:
        if isinstance(name, str) and name in contracts.TABLES:
            return contracts.TABLES[name]
        near = get_close_matches(str(name), contracts.TABLES, 1)
        remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(contracts.TABLES)}."
        raise BadMapping(
            f"{self.file}: {place} into = {_cut(str(name))!r} is no table of the contract; {remedy}"
        )

    def column(self, table: contracts.Table, name: str, place: str) -> contracts.Column:
        try:
            return table.column(name)
        except KeyError:
            near = get_close_matches(name, table.names, 1)
            remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(table.names)}."
            raise BadMapping(
                f"{self.file}: {place} {_cut(name)!r} is no column of {table.name}; {remedy}"
            ) from None

    def extract(self, value: object, place: str) -> str:
        if value not in ("", "delta", "full", "replace"):
            self.fail(f"{place} extract = {value!r}", 'write "delta", "full" or "replace"')
        return str(value)

    def covers(self, value: object, place: str) -> str | int:
        """The period that each file covers, as a word of COVERS or a number of days; empty when not told."""
        days = value.get("days") if isinstance(value, dict) and len(value) == 1 else None
        if isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= LONGEST_DAYS:
            return days
        if value not in ("", *COVERS):
            words = ", ".join(f'"{word}"' for word in COVERS)
            self.fail(f"{place} covers = {str(value)[:40]!r}", f"write {words} or {{ days = 7 }}")
        return str(value)

    def line(self, value: object, place: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_HEADER_LINE:
            self.fail(f"{place} header_line = {value!r}", f"write a line from 1 to {MAX_HEADER_LINE}")
        return value

    def regex(self, pattern: object, place: str, groups: int = 0) -> None:
        if not isinstance(pattern, str):
            self.fail(f"{place} = {pattern!r}", "write a text in quotes")
        if len(pattern) > MAX_PATTERN_CHARACTERS:
            self.fail(f"{place} is longer than {MAX_PATTERN_CHARACTERS} characters", "shorten the expression")
        try:
            with warnings.catch_warnings(action="ignore"):
                found = re.compile(pattern).groups
        except (re.error, RecursionError, OverflowError) as error:
            raise BadMapping(
                f"{self.file}: {place} {pattern!r} is no regular expression ({error}); mend it."
            ) from error
        if pattern and found < groups:
            self.fail(f"{place} pattern = {pattern!r}", "put the part to keep in brackets")

    def known(self, raw: object, place: str, keys: tuple[str, ...]) -> None:
        if not isinstance(raw, dict):
            self.fail(place, "make it a table of keys")
        for key in raw:
            if key not in keys:
                near = get_close_matches(str(key), keys, 1)
                remedy = f"did you mean {near[0]}?" if near else f"known are {', '.join(keys)}."
                raise BadMapping(f"{self.file}: {place} has an unknown key {_cut(key)!r}; {remedy}")

    def fail(self, what: str, remedy: str) -> NoReturn:
        raise BadMapping(f"{self.file}: {_cut(what)}; {remedy}.")


KINDS = {"date": "day as 2024-09-30", "timestamp": "day as 2024-09-30", "integer": "whole number"} | {
    "number": "number",
    "text": "text",
}
"""What a constant of each kind is, in a remedy."""


def fits(column: contracts.Column, value: object) -> bool:
    """Whether a constant can be a value of the column."""
    if column.kind == "text":
        return True
    text = str(value)
    if column.kind in ("date", "timestamp"):
        try:
            datetime.date.fromisoformat(text)
        except ValueError:
            return False
        return True
    form = r"[+-]?\d{1,18}" if column.kind == "integer" else r"[+-]?\d{1,15}(\.\d{1,15})?"
    return not isinstance(value, bool) and re.fullmatch(form, text) is not None


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]} …"
