"""Text of the data, made harmless for what shows it: Markdown, HTML, charts, Word.

Every text that comes from records, files, settings or addresses goes through one of these functions where it
enters a page or a report.
"""

import html as _html
import re

_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what turns its neighbours around
    "\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\ufeff"  # halves of characters, and none at all
    "\U000e0000-\U000e007f]"  # tags
)
REPLACEMENT = "\ufffd"
"""What stands for a character that is none, or does something to others."""

JOINER = "\u2060"
"""A word joiner: it takes no room, and keeps Streamlit from turning what it parts into something else."""

_PUNCTUATION = re.compile(r"[\\`*_{}\[\]()<>#+\-!|$~:.&=/@^]")

_PARTED = re.compile(
    # What Streamlit replaces in finished text, where a backslash does not help: arrows and signs …
    r"(?:(?<=\s)|^)(?:<->|->|<-|--|>=|<=|~=)(?=\s|$)"
    # … addresses of pages and of people …
    r"|(?<=http)(?=s?://)|(?<=www)(?=\.)|(?=@)"
    # … and short names of emoji and symbols.
    r"|:(?=[a-z+_-][\w+-]*:)|:(?=material[/_])",
    re.IGNORECASE,
)


def visible(text: str) -> str:
    """The text with a mark for each control and each character that turns others around; ends of lines alike.

    What is left may stand in any file, XML too.
    """
    return _UNSEEN.sub(REPLACEMENT, _BREAKS.sub("\n", text))


def line(text: str) -> str:
    """The text on one line, for what shows it as it is: an option of a filter, an alternative text."""
    return re.sub(r"[ \t\n]+", " ", visible(text))


def html(text: str) -> str:
    """The text for a page's HTML, attributes included."""
    return _html.escape(visible(text))


def figure(text: str) -> str:
    """The text for a chart, which takes some tags: it shows as it is, on one line."""
    return _html.escape(line(text), quote=False)


def markdown(text: str) -> str:
    """The text as Markdown of Streamlit that shows it as it is, on one line."""
    parted = _PARTED.sub(lambda found: f"{found[0][:1]}{JOINER}{found[0][1:]}", line(text))
    return _PUNCTUATION.sub(r"\\\g<0>", parted)
