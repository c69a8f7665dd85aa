"""A few hundred inputs that nobody meant: none ends in a traceback, breaks a promise or takes too much."""

import subprocess
import sys

import pytest

from tests.fuzz import KINDS, running

pytestmark = pytest.mark.slow

SIZES = {"csv": 60, "xlsx": 60, "parquet": 45, "toml": 70, "addresses": 40, "snapshots": 50, "log": 250}
"""Inputs of each kind, the same in every run; `make fuzz` gives thousands."""


@pytest.mark.parametrize("kind", KINDS)
def test_input_that_nobody_meant_is_refused_or_accounted_for(kind: str) -> None:
    account = running.run(kind, KINDS[kind], SIZES[kind], workers=1)
    assert account.faults == 0, "\n".join([account.line(), *map(str, account.findings)])
    assert account.inputs == SIZES[kind]
    # Neither way is so rare that the other would hide a harness that tries nothing.
    assert min(account.refused, account.accepted) >= SIZES[kind] // 50


def test_an_input_does_not_answer_for_the_memory_of_the_process_that_starts_its_own() -> None:
    inner = "from tests.fuzz.running import largest; print(largest())"
    start = "subprocess.run([sys.executable, '-c', sys.argv[1]])"
    outer = f"import subprocess, sys; _ = bytearray(400 << 20); {start}"
    told = subprocess.run([sys.executable, "-c", outer, inner], capture_output=True, text=True, check=True)
    assert 1 << 20 < int(told.stdout) < 300 << 20
