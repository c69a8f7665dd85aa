"""The keys of a mapping file, read within limits: no file of any kind ends in anything but a sentence."""

import codecs
import datetime
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from profiles.errors import BadMapping

MAX_MAPPING_BYTES = 1_000_000
"""Far above any mapping: the largest shipped one has 10,000."""
MAX_TEXT_CHARACTERS = 2_000
MAX_DEPTH = 12
_DOTTED = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){40}""")
"""A key of very many parts: the parser takes hours over the longest that fits into the file."""
MAX_INTEGER = 2**63 - 1


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """The keys of the TOML file and its text. Raises BadMapping naming the file, the key and the remedy."""
    try:
        if path.exists() and not path.is_file():
            raise BadMapping(f"{path} is no file; give the path of a mapping file.")
        with path.open("rb") as handle:
            content = handle.read(MAX_MAPPING_BYTES + 1)
    except OSError as error:
        raise BadMapping(
            f"{path} cannot be read ({error.strerror}); give the path of a mapping file."
        ) from error
    if len(content) > MAX_MAPPING_BYTES:
        raise BadMapping(
            f"{path} is larger than {MAX_MAPPING_BYTES:,} bytes; give the path of a mapping file."
        )
    try:
        # Windows PowerShell writes what a command prints as UTF-16.
        is_wide = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadMapping(f"{path} is not UTF-8 text; save it as UTF-8.") from error
    dotted = _DOTTED.search(text)
    if dotted:
        line = text.count("\n", 0, dotted.start()) + 1
        raise BadMapping(f"{path} line {line} holds a key of too many parts; write keys as the guide does.")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMapping(f"{path} is not valid TOML ({str(error)[:200]}); mend that line.") from error
    except RecursionError as error:
        raise BadMapping(
            f"{path} nests brackets too deeply; write keys and lists as the guide does."
        ) from error
    except ValueError as error:
        raise BadMapping(f"{path} holds a number that is too long; shorten it.") from error
    for place, fault in _faults(raw):
        raise BadMapping(f"{path}: {place} {fault}; shorten or correct it.")
    return raw, text


def _faults(raw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Places of values that no mapping needs and that would cost too much, with what is wrong."""
    waiting: list[tuple[str, int, object]] = [("", 0, raw)]
    while waiting:
        place, depth, value = waiting.pop()
        if depth > MAX_DEPTH:
            yield place, "nests too deeply"
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from ((f"{place} a key", fault) for fault in _text_faults(key))
                waiting.append((f"{place}.{key}"[-100:].lstrip("."), depth + 1, item))
        elif isinstance(value, list):
            waiting += [(place, depth + 1, item) for item in value]
        elif isinstance(value, str):
            yield from ((place, fault) for fault in _text_faults(value))
        elif isinstance(value, int) and abs(value) > MAX_INTEGER:
            yield place, "is a number that is too large"
        elif isinstance(value, datetime.time):
            yield place, "is a time of day, which no key takes"


def _text_faults(text: str) -> Iterator[str]:
    if "\0" in text:
        yield "holds a character of the code 0"
    if len(text) > MAX_TEXT_CHARACTERS:
        yield f"is longer than {MAX_TEXT_CHARACTERS:,} characters"
