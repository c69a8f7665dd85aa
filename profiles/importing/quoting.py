"""Texts as TOML writes them."""

import unicodedata
from collections.abc import Iterable

UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Kinds of characters that show nothing, or turn what stands beside them: written as their number."""


def quoted(text: str) -> str:
    """The text as a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + "".join(map(_seen, escaped)) + '"'


def quoted_list(texts: Iterable[str]) -> str:
    """The texts as a TOML array."""
    return f"[{', '.join(map(quoted, texts))}]"


def _seen(mark: str) -> str:
    if unicodedata.category(mark) not in UNSEEN:
        return mark
    return f"\\u{ord(mark):04x}" if ord(mark) <= 0xFFFF else f"\\U{ord(mark):08x}"
