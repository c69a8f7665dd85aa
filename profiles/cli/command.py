"""What every command shares: how it ends, the options that several take, and the settings it works with."""

import calendar
import datetime
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from profiles import disk, terminal
from profiles.errors import DiskFull, ProfilesError
from profiles.settings import Settings, settings

USER_FAULT = 2
"""Exit status of a command that cannot do what it is asked; its one sentence on stderr says why."""


def errors_as_sentences(function: Callable[..., None]) -> Callable[..., None]:
    """The command, with a ProfilesError or a full disk as one sentence on stderr and exit status 2."""

    @wraps(function)
    def command(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except ProfilesError as error:
            is_otherwise = disk.is_full(error) and not isinstance(error, DiskFull)
            told = disk.sentence(_place(error)) if is_otherwise else str(error)
            terminal.say(f"stalking-profiles: {told}", to_errors=True)
            sys.exit(USER_FAULT)
        except BrokenPipeError:
            # The reader of a pipe, such as head, has seen enough.
            devnull = os.open(os.devnull, os.O_WRONLY)
            os.dup2(devnull, sys.stdout.fileno())
        except Exception as error:
            if not disk.is_full(error):
                raise
            # What is left unsaid would be tried once more at the end.
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            terminal.say(f"stalking-profiles: {disk.sentence(_place(error))}", to_errors=True)
            sys.exit(USER_FAULT)

    return command


def _place(error: BaseException | None) -> str:
    """The file that the error, or one it comes of, names; without a name, what was to be written."""
    while error is not None:
        named = getattr(error, "filename", None) or next(iter(re.findall(r'file "([^"]+)"', str(error))), "")
        if named:
            return os.fsdecode(named) if isinstance(named, str | bytes) else "what was to be written"
        error = error.__cause__ or error.__context__
    return "what was to be written"


class Day(click.ParamType[datetime.date]):
    """A day written YYYY-MM-DD; with `edge` start or end, YYYY-MM is the first or last day of that month."""

    name = "date"

    def __init__(self, edge: str = "") -> None:
        self.edge = edge

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime.date:
        if isinstance(value, datetime.date):
            return value
        with suppress(ValueError):
            return datetime.date.fromisoformat(value)
        if self.edge:
            with suppress(ValueError):
                first = datetime.date.fromisoformat(f"{value}-01")
                last = calendar.monthrange(first.year, first.month)[1]
                return first if self.edge == "start" else first.replace(day=last)
        forms = "YYYY-MM-DD or YYYY-MM" if self.edge else "YYYY-MM-DD"
        return self.fail(f"{value!r} is no date; write {forms}.", param, ctx)


warehouse_option = click.option(
    "--warehouse",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of the warehouse; build/warehouse unless the settings name another.",
    show_default=False,
)


def settings_for(folder: Path | None) -> Settings:
    """The settings, with this folder as the warehouse where --warehouse names one."""
    found = settings()
    return replace(found, warehouse=folder) if folder else found


def served_version(chosen: Settings) -> Any:
    """The served version; why it is served, where no pointer names it, goes to stderr."""
    from profiles import warehouse

    served = warehouse.current(chosen.warehouse)
    if served.notice:
        terminal.say(f"stalking-profiles: {served.notice}", to_errors=True)
    return served
