"""Logs with lines, heads and bytes that were changed: none is taken for whole that is not."""

import json
import random
from dataclasses import replace
from pathlib import Path

from profiles import audit
from profiles.cli.command import USER_FAULT
from profiles.errors import ProfilesError
from profiles.settings import Settings
from tests.fuzz import mutating
from tests.fuzz.importing import asked, check_sentence
from tests.fuzz.running import ACCEPTED, REFUSED, Broken

LINES = 6


def prepared(folder: Path) -> dict[str, bytes]:
    """A sound log and what lies beside it, by name."""
    settings = replace(Settings(), access_log=folder / "access.jsonl")
    for number in range(LINES):
        audit.written(
            settings, audit.KINDS[number % len(audit.KINDS)], f"a{number}@x.org", {"n": number, "é": ["ß"]}
        )
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.name in ("access.jsonl", "access.jsonl.head")
    }


def tried(draw: random.Random, ready: dict[str, bytes], folder: Path) -> str:
    """The log, or its head, changed: the check says so, and the next line is written to a whole log only."""
    names = sorted(ready)
    log, head = ready[names[0]], ready[names[1]]
    way = draw.random()
    if way < 0.75:
        log = _changed(draw, log)
    elif way < 0.95:
        head = draw.choice(
            (mutating.damaged(draw, head), b"", b"0 \n", b"6\n", head * 2, b"9" * 5_000, head.upper())
        )
    if log == ready[names[0]] and head == ready[names[1]]:
        expected = ACCEPTED
    else:
        expected = REFUSED if log != ready[names[0]] else ""
    path = folder / names[0]
    path.write_bytes(log)
    (folder / names[1]).write_bytes(head)
    result = asked(["audit", "verify", str(path)])
    if result.exit_code == USER_FAULT:
        check_sentence(result)
    elif result.exit_code != 0:
        raise Broken(f"exit status {result.exit_code}: {result.output[:300]}")
    outcome = ACCEPTED if result.exit_code == 0 else REFUSED
    if expected and outcome != expected:
        kind = "changed" if expected == REFUSED else "sound"
        raise Broken(f"a log that is {kind} is {outcome}: {result.output[-300:]}")
    _next(path, outcome)
    return outcome


def _next(path: Path, outcome: str) -> None:
    """Raise Broken when the next line makes a changed log whole, or spoils a whole one."""
    before = path.read_bytes()
    try:
        audit.written(replace(Settings(), access_log=path), audit.VIEW, "next@x.org")
    except ProfilesError:
        if path.read_bytes() != before:
            raise Broken("a refused line changed the log") from None
        if outcome == ACCEPTED:
            raise Broken("a whole log takes no line") from None
        return
    try:
        audit.verified(path)
    except ProfilesError as error:
        if outcome == ACCEPTED:
            raise Broken(f"a whole log is not whole after its next line: {error}") from error
    else:
        if outcome == REFUSED:
            raise Broken("a changed log is taken for whole after its next line")


def _changed(draw: random.Random, log: bytes) -> bytes:
    """The log with bytes, lines or fields changed."""
    lines = log.splitlines(keepends=True)
    place = draw.randrange(len(lines))
    way = draw.randint(0, 9)
    if way <= 1:
        return mutating.damaged(draw, log)
    if way == 2:
        del lines[place]
    elif way == 3:
        lines.insert(place, draw.choice(lines))
    elif way == 4:
        draw.shuffle(lines)
    elif way == 5:
        lines = lines[:place]
    elif way == 6:
        lines[place] = draw.choice(
            (
                b"\n",
                b"{}\n",
                b"[]\n",
                b"null\n",
                b"[" * 100_000 + b"\n",
                b'{"number": 1}\n',
                b"9" * 5_000 + b"\n",
            )
        )
    elif way == 7:
        odd = draw.choice((b" ", b"\t", b"\r", b'"who": "x", ', b"\0", b"\xff"))
        where = draw.randint(0, len(lines[place]))
        lines[place] = lines[place][:where] + odd + lines[place][where:]
    else:
        told = json.loads(lines[place])
        key = draw.choice(sorted(told))
        told[key] = draw.choice(
            (None, 0, -1, 1e300, True, "", "x", [], {}, 10**30, told[key], [told[key]], str(told[key]))
        )
        if way == 9:
            told["hash"] = audit._hash({name: each for name, each in told.items() if name != "hash"})
        lines[place] = json.dumps(told, ensure_ascii=draw.random() < 0.7).encode() + b"\n"
    return b"".join(lines)
