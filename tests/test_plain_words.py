"""Words that stay out of what readers and engineers read: each has a plainer one."""

import re
from collections.abc import Iterator
from pathlib import Path

from profiles.settings import ROOT

BANNED = {
    r"noughts?": "zero",
    r"twelve months to each": "rolling 12 months",
    r"this warehouse": "our records",
    r"pools? what must": "say what changed, and that the figure covers both sides",
    r"alone hardly does": "unlikely to be chance",
    r"in the (worse|better) direction": "worse, better",
    r"\"\"\"Nothing; ": "say what is done: Draw the page",
}
"""What is not written, and what is written in its place."""
SELF = Path(__file__).name


def texts() -> Iterator[tuple[Path, str]]:
    """Every file of code, SQL, settings and docs, with what it says."""
    for folder in ("profiles", "pages", "sql", "docs", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".sql", ".toml", ".md"} and path.name != SELF:
                yield path, path.read_text(encoding="utf-8")
    for name in ("README.md", "app.py"):
        yield ROOT / name, (ROOT / name).read_text(encoding="utf-8")


def test_words_that_have_a_plainer_one_stay_out() -> None:
    banned = re.compile("|".join(f"(?:{each})" for each in BANNED), re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, hit.start()) + 1}: {hit[0]}"
        for path, text in texts()
        for hit in banned.finditer(text)
    ]
    assert not found, "\n".join(found)
