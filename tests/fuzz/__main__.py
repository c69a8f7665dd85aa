"""The command line: how many inputs of which kinds; exit status 1 when one did what none may do."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from profiles.settings import ROOT
from tests.fuzz import KINDS, running

KEPT = ROOT / "build" / "fuzz"
"""Where inputs that are at fault are kept."""


def main(modules: dict[str, str], each: int, is_timed: bool = True) -> None:
    """Try the inputs; print an account of each kind and what was found. Time counts if `is_timed`."""
    parser = argparse.ArgumentParser(description="Exit status 1 when an input did what none may do.")
    parser.add_argument("kinds", nargs="*", help=f"{', '.join(modules)}; all unless told")
    parser.add_argument("--each", type=int, default=each, help="inputs of each kind")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="one input of a kind, by its number")
    chosen = parser.parse_args()
    kinds = chosen.kinds or list(modules)
    if unknown := [each for each in kinds if each not in modules]:
        parser.error(f"there is no kind {', '.join(unknown)}; there are {', '.join(modules)}")
    if chosen.only is not None:
        _again(kinds[0], modules[kinds[0]], chosen.only)
        return
    faults = 0
    for kind in kinds:
        account = running.run(kind, modules[kind], chosen.each, chosen.workers, KEPT)
        if not is_timed:
            account.slow = account.large = 0
            account.findings = [each for each in account.findings if each[1] != running.SLOW]
        faults += account.faults
        print(account.line(), flush=True)
        for count, first, told in running.grouped(account.findings):
            print(f"  {count} such; the first is {kind} --only {first}:")
            print("    " + told.strip().replace("\n", "\n    "), flush=True)
    sys.exit(1 if faults else 0)


def _again(kind: str, module: str, number: int) -> None:
    """Try one input again and keep it."""
    with tempfile.TemporaryDirectory() as folder:
        tried, ready = running.opened(module, Path(folder))
        outcome, seconds, told = running.one(kind, number, tried, ready, Path(folder) / "input", KEPT)
    print(f"{kind} {number}: {outcome} in {seconds:.1f} s; what is at fault is kept in {KEPT / kind}")
    print(told)


if __name__ == "__main__":
    main(KINDS, each=10_000)
