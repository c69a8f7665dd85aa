"""The command line: how many inputs of which kinds; exit status 1 when one did what none may do."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from profiles.settings import ROOT
from tests.fuzz import running

KEPT = ROOT / "build" / "fuzz"
"""Where inputs that are at fault are kept."""


def main() -> None:
    """Try the inputs, print an account of each kind, and what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("kinds", nargs="*", help=f"{', '.join(running.KINDS)}; all unless told")
    parser.add_argument("--each", type=int, default=10_000, help="inputs of each kind")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="one input of a kind, by its number")
    chosen = parser.parse_args()
    kinds = chosen.kinds or list(running.KINDS)
    if unknown := [each for each in kinds if each not in running.KINDS]:
        parser.error(f"there is no kind {', '.join(unknown)}")
    if chosen.only is not None:
        _again(kinds[0], chosen.only)
        return
    faults = 0
    for kind in kinds:
        account = running.run(kind, chosen.each, chosen.workers, KEPT)
        faults += account.faults
        print(account.line(), flush=True)
        for count, first, told in running.grouped(account.findings):
            print(f"  {count} such; the first is {kind} --only {first}:")
            print("    " + told.strip().replace("\n", "\n    "), flush=True)
    sys.exit(1 if faults else 0)


def _again(kind: str, number: int) -> None:
    """Try one input again and keep it."""
    with tempfile.TemporaryDirectory() as folder:
        tried, ready = running.opened(kind, Path(folder))
        keeping = KEPT / kind / str(number)
        outcome, seconds, told = running.one(kind, number, tried, ready, Path(folder) / "input", KEPT)
    print(
        f"{kind} {number}: {outcome} in {seconds:.1f} s{f', kept in {keeping}' if keeping.exists() else ''}"
    )
    print(told)


if __name__ == "__main__":
    main()
