"""A few disturbed commands: what was there stays whole, and the next run ends well."""

import pytest

from tests.fuzz import running

pytestmark = pytest.mark.slow

RUNS = 8
"""Runs, of all kinds of disturbance in turn; full disks only where a small one may be mounted."""


def test_what_is_disturbed_stays_whole() -> None:
    account = running.run("mixed", "tests.chaos.mixed", RUNS, workers=1)
    faults = account.tracebacks + account.broken
    assert faults == 0, "\n".join([account.line(), *map(str, account.findings)])
    assert account.inputs == RUNS
