"""Frames on standard output: as a table, as CSV or as JSON."""

import json
from typing import Any

from profiles import terminal


def print_frame(frame: Any, form: str) -> None:
    """Print a measure's frame as a table, as CSV (RFC 4180) or as JSON."""
    from profiles import writing

    if form == "csv":
        terminal.say_lines(writing.csv_text(frame), ends_with_newline=False)
    elif form == "json":
        rows = [{name: _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]
        terminal.say_lines(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        shown = frame.assign(
            **{
                name: [_short(value) for value in frame[name].tolist()]
                for name in ("value", "lower", "upper")
            }
        )
        print_table(shown, right={"numerator", "denominator", "value", "lower", "upper"})


def _plain(value: Any) -> Any:
    """The cell as JSON has it: a number, a text, or null where it is empty."""
    from profiles import writing

    text = writing.cell(value)
    if text == "":
        return None
    return value if isinstance(value, str) else float(text) if "." in text or "e" in text else int(text)


def _short(value: Any) -> Any:
    """The cell as a table shows it: a fraction to two decimal places."""
    return round(value, 2) if isinstance(value, float) else value


def print_table(frame: Any, right: set[str]) -> None:
    """Print a frame with aligned columns; a pipe gets it unwrapped."""
    from profiles import writing

    rows = ([writing.cell(value) for value in row] for row in frame.itertuples(index=False))
    terminal.say_table([str(name) for name in frame.columns], rows, right)
