"""Inputs in processes of their own, with a watch on time and memory, and the account of them."""

import json
import multiprocessing
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing import connection
from pathlib import Path
from typing import Any

import psutil

REFUSED, ACCEPTED = "refused", "accepted"

SLOW_SECONDS = 5
"""Nothing may take longer."""
STOPPED_SECONDS, WAITED_SECONDS = 30, 600
"""Seconds of the processor, and of the clock, after which an input is stopped."""
LARGE_BYTES = 1 << 30
"""Nothing may need more memory, the process itself included."""
STOPPED_BYTES = 8 << 30
"""Addresses a process may ask for: more is refused by the system."""
FINDINGS_TOLD = 20
SLOW = "takes too long, or too much memory"


class Broken(Exception):
    """A promise that did not hold."""


@dataclass
class Account:
    """What became of the inputs of a kind."""

    kind: str
    inputs: int = 0
    refused: int = 0
    accepted: int = 0
    tracebacks: int = 0
    broken: int = 0
    slow: int = 0
    large: int = 0
    seconds: float = 0.0
    findings: list[tuple[int, str]] = field(default_factory=list)

    @property
    def faults(self) -> int:
        """Inputs that did what none may do."""
        return self.tracebacks + self.broken + self.slow + self.large

    def line(self) -> str:
        """The account in one line."""
        return (
            f"{self.kind:<10} inputs {self.inputs:>6,}  refused {self.refused:>6,}  "
            f"accepted {self.accepted:>6,}  tracebacks {self.tracebacks}  promises broken {self.broken}  "
            f"over {SLOW_SECONDS} s {self.slow}  over 1 GiB {self.large}  in {self.seconds:,.0f} s"
        )

    def add(self, number: int, outcome: str, seconds: float, most: int, told: str) -> None:
        """Count one input."""
        self.inputs += 1
        self.refused += outcome == REFUSED
        self.accepted += outcome == ACCEPTED
        self.tracebacks += outcome == "traceback"
        self.broken += outcome == "broken"
        self.slow += seconds > SLOW_SECONDS
        self.large += most > LARGE_BYTES
        if outcome not in (REFUSED, ACCEPTED):
            self.findings.append((number, told))
        elif seconds > SLOW_SECONDS or most > LARGE_BYTES:
            self.findings.append((number, SLOW))


def run(kind: str, module: str, count: int, workers: int = 2, keep: Path | None = None) -> Account:
    """The account of so many inputs of a kind; those that are at fault are kept in the folder `keep`."""
    account, begun = Account(kind), time.perf_counter()
    context = multiprocessing.get_context("spawn")
    running: list[_Worker] = []
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=_quick(), ignore_cleanup_errors=True) as name:
        running += [
            _Worker.started(context, kind, module, range(first, count, workers), Path(name), keep)
            for first in range(min(workers, count))
        ]
        while running:
            connection.wait([each.pipe for each in running], timeout=0.5)
            for worker in list(running):
                worker.told(account)
                if worker.is_over:
                    running.remove(worker)
                    if worker.left:
                        running.append(_Worker.started(context, kind, module, worker.left, Path(name), keep))
    account.seconds = time.perf_counter() - begun
    account.findings.sort()
    return account


@dataclass
class _Worker:
    """A process that tries inputs one after the other, and those it has not ended yet."""

    process: Any
    pipe: Any
    left: list[int]
    since: tuple[float, float] | None = None
    is_over: bool = False

    @classmethod
    def started(
        cls, context: Any, kind: str, module: str, numbers: Sequence[int], folder: Path, keep: Path | None
    ) -> "_Worker":
        """A new process for the inputs of these numbers."""
        here, there = context.Pipe()
        process = context.Process(target=work, args=(kind, module, numbers, folder, there, keep), daemon=True)
        process.start()
        there.close()
        return cls(process, here, list(numbers))

    def spent(self) -> tuple[float, float]:
        """Seconds of the processor for the process and those it has, and of the clock."""
        seconds = 0.0
        with suppress(psutil.Error):
            process = psutil.Process(self.process.pid)
            seconds = sum(process.cpu_times()[:4])
            seconds += sum(sum(each.cpu_times()[:2]) for each in process.children(recursive=True))
        return seconds, time.monotonic()

    def takes_too_long(self) -> bool:
        """Whether the input that was begun is to be stopped."""
        used, waited = (now - then for now, then in zip(self.spent(), self.since or (0, 0), strict=True))
        return used > STOPPED_SECONDS or waited > WAITED_SECONDS

    def told(self, account: Account) -> None:
        """Count what the process has told since; one that ended or takes too long is over."""
        try:
            while self.pipe.poll():
                number, outcome, seconds, most, told = self.pipe.recv()
                self.since = self.spent()
                if outcome:
                    account.add(number, outcome, seconds, most, told)
                    self.left.remove(number)
        except EOFError:
            self.is_over = True
            self.process.join()
            if self.left and self.process.exitcode:
                # It died over the input that it had begun.
                told = f"the process ended with {self.process.exitcode}"
                account.add(self.left.pop(0), "traceback", 0, 0, told)
            return
        if self.left and self.since and not self.is_over and self.takes_too_long():
            self.is_over = True
            self.process.kill()
            self.process.join()
            account.add(self.left.pop(0), "stopped", STOPPED_SECONDS, 0, "takes too long")


def work(kind: str, module: str, numbers: Sequence[int], folder: Path, pipe: Any, keep: Path | None) -> None:
    """Try the inputs of these numbers, one after the other, and tell the pipe of each."""
    resource.setrlimit(resource.RLIMIT_AS, (STOPPED_BYTES, STOPPED_BYTES))
    # What libraries print when they give up; --only shows it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    mine = Path(tempfile.mkdtemp(dir=folder))
    tried, ready = opened(module, mine)
    pipe.send((-1, "", 0.0, 0, ""))
    for number in numbers:
        outcome, seconds, told = one(kind, number, tried, ready, mine / "input", keep)
        most = largest()
        pipe.send((number, outcome, seconds, most, told))
        if most > LARGE_BYTES:
            # The mark never falls: a new process tries what is left.
            break
    pipe.close()


def largest() -> int:
    """The most memory, in bytes, that this process has held.

    The system's own account (`ru_maxrss`) starts with what the process that started this one held.
    """
    state = Path("/proc/self/status")
    if state.is_file():
        marks = dict(line.split(":", 1) for line in state.read_text().splitlines())
        return int(marks["VmHWM"].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def opened(module: str, folder: Path) -> tuple[Callable[..., str], Any]:
    """The function of the module that tries an input, and what it needs."""
    found = import_module(module)
    (folder / "ready").mkdir()
    return found.tried, found.prepared(folder / "ready")


def one(
    kind: str, number: int, tried: Callable[..., str], ready: Any, folder: Path, keep: Path | None
) -> tuple[str, float, str]:
    """What became of one input, how many seconds it took, and what there is to tell of it."""
    folder.mkdir()
    begun, told = _spent(), ""
    try:
        outcome = tried(random.Random(f"{kind} {number}"), ready, folder)
    except Broken as error:
        outcome, told = "broken", str(error)
    except Exception as error:
        first = (str(error).splitlines() or [""])[0][:200]
        frames = "".join(traceback.format_tb(error.__traceback__, limit=-4))
        outcome, told = "traceback", f"{frames}{type(error).__name__}: {first}"
    # Another's load on the machine is none of the input's.
    seconds = min(now - then for now, then in zip(_spent(), begun, strict=True))
    if keep and outcome not in (REFUSED, ACCEPTED):
        shutil.copytree(folder, keep / kind / str(number), dirs_exist_ok=True, symlinks=True)
    shutil.rmtree(folder, ignore_errors=True)
    return outcome, seconds, told


def _spent() -> tuple[float, float]:
    """Seconds of the clock, and of the processor for this process and those it ended."""
    return time.perf_counter(), sum(os.times()[:4])


def _quick() -> str | None:
    """A folder in memory where there is one: what is fuzzed is not the disk."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() else None


def grouped(findings: Sequence[tuple[int, str]]) -> list[tuple[int, int, str]]:
    """Findings of one last line together: how many, the first number, and the whole text of it."""
    by_last: dict[str, list[tuple[int, str]]] = {}
    for number, told in findings:
        lines = told.strip().splitlines() or [""]
        last = "".join("#" if each.isdigit() else each for each in lines[-1])[:50]
        by_last.setdefault(last, []).append((number, told))
    found = [(len(each), each[0][0], each[0][1]) for each in by_last.values()]
    return sorted(found, key=lambda each: -each[0])[:FINDINGS_TOLD]


def as_json(accounts: Sequence[Account]) -> str:
    """The accounts as JSON."""
    return json.dumps([vars(each) for each in accounts], indent=1)
