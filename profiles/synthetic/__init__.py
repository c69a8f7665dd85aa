"""A made-up force: synthetic exports in the Athena-like layout, with known faults, from a seed.

Nothing here depends on the clock, the machine or anything but the arguments: the same seed gives the
same bytes. Every person is a number, every file and every row bears the marking SYNTHETIC.
"""

import datetime
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import Timeout

from profiles import disk, parts
from profiles.errors import BadFile, BadSelection
from profiles.synthetic import draws, faults, marked, truth
from profiles.synthetic.feeds import Feed, crime_references
from profiles.synthetic.feeds_beside import beside_feeds
from profiles.synthetic.feeds_crimes import crimes_feed
from profiles.synthetic.feeds_response import response_feeds
from profiles.synthetic.voice import month_ends
from profiles.synthetic.world import World, world
from profiles.synthetic.writing import write_sheet

SEED = 7
FIRST = datetime.date(2019, 4, 1)
UNTIL = datetime.date(2026, 9, 30)
EXTRACTS = 4
"""A baseline and three monthly extracts of what is new or changed."""
TRUTH = "truth.json"

_EARLIEST, _LATEST = datetime.date(2013, 1, 1), datetime.date(2050, 12, 31)
_FEWEST = 500
"""Crimes; with fewer, some fault would find no record to be planted on."""
_TOUCHED = 0.03
"""Units sent again unchanged, over those an extract sends because they changed."""


def write_sample(
    out: Path,
    seed: int = SEED,
    first: datetime.date = FIRST,
    until: datetime.date = UNTIL,
    scale: float = 1.0,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """The files written to `out`: every table in four extracts, and truth.json, which says what is in them.

    `until` is the day of the newest extract; the others lie at the ends of the three months before
    its own. Raises BadSelection when seed, period or scale cannot be used, BadFile when `out` cannot
    be written or holds files of another sample.
    """
    say = progress or (lambda _: None)
    days = _extract_days(first, until)
    if not 0 < scale <= 100:
        raise BadSelection(f"The scale is {scale}; give one above 0 and at most 100.")
    if seed < 0:
        raise BadSelection(f"The seed is {seed}; give 0 or a larger whole number.")
    say("drawing crimes and people")
    begin, end = draws.day(first), draws.day(until)
    force = marked.marked(seed, world(seed, begin, end, scale, days[0]), end)
    if len(force.crimes) < _FEWEST:
        raise BadSelection(
            f"A scale of {scale} gives {len(force.crimes)} crimes; give a larger one, for at least {_FEWEST}."
        )
    ledger = truth.Ledger()
    feeds = _feeds(force)
    names = {(feed.name, day): _file_name(feed, day) for feed in feeds for day in days}
    is_new = not out.exists()
    try:
        with disk.watched(out):
            out.mkdir(parents=True, exist_ok=True)
        _refuse_others(out, set(names.values()))
        # Nothing takes its place before all is written: a sample that was there stays whole.
        with disk.watched(out), parts.held(out / "sample", is_folder=True) as folder:
            for feed in feeds:
                fate = truth.fates(draws.generator(seed, f"extracts of {feed.name}"), feed, days, _TOUCHED)
                for place, day in enumerate(days):
                    sheet = feed.sheet(fate.held[place], day)
                    blemishes = faults.blemishes(seed, feed, sheet, fate.once[sheet.unit], days, place)
                    file = names[feed.name, day]
                    rows = write_sheet(folder / file, sheet, blemishes)
                    truth.enter(ledger, file, feed, sheet, blemishes, fate, place)
                    say(f"{file}: {rows:,} rows")
            truth.mark(ledger, marked.findings(force, end))
            found = truth.truth(ledger, force, seed, begin, end, scale)
            text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=True)
            (folder / TRUTH).write_bytes(text.encode() + b"\n")
            for file in (*names.values(), TRUTH):
                (folder / file).replace(out / file)
    except Timeout as error:
        raise BadFile(f"Another process writes a sample to {out}; wait for it, or name another.") from error
    except OSError as error:
        raise BadFile(f"{out} cannot be written ({error.strerror}); give a folder with room.") from error
    finally:
        if is_new:
            # Where nothing was written, nothing is left.
            with suppress(OSError):
                out.rmdir()
    return [*(out / file for file in names.values()), out / TRUTH]


def _feeds(force: World) -> tuple[Feed, ...]:
    references = crime_references(force)
    return (
        crimes_feed(force, references),
        *response_feeds(force, references),
        *beside_feeds(force, references),
    )


def _file_name(feed: Feed, day: int) -> str:
    return f"SYNTHETIC_athena_{feed.name}_{draws.date_of(day):%Y%m%d}.csv"


def _refuse_others(out: Path, names: set[str]) -> None:
    """Raise BadFile when files of another sample would be imported along with this one."""
    others = sorted(path.name for path in out.glob("SYNTHETIC_athena_*.csv") if path.name not in names)
    if others:
        raise BadFile(f"{out} holds {others[0]}, of a sample of other dates; give an empty folder.")


def _extract_days(first: datetime.date, until: datetime.date) -> list[int]:
    """The days of the extracts. Raises BadSelection when the period is too short, too early or too late."""
    if first < _EARLIEST or until > _LATEST:
        raise BadSelection(
            f"The period from {first} to {until} is outside {_EARLIEST} to {_LATEST}; choose one within it."
        )
    ends = [int(day) for day in month_ends(draws.day(first), draws.day(until)) if day < draws.day(until)]
    days = [*ends[-(EXTRACTS - 1) :], draws.day(until)]
    if len(days) < EXTRACTS or days[0] - draws.day(first) < 90:
        raise BadSelection(f"The period from {first} to {until} is too short; give seven months or more.")
    return days
