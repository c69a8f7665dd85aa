"""Folders that tests only read: each is filled once in a run, by whichever worker asks for it first."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def folder(factory: pytest.TempPathFactory, name: str, fill: Callable[[Path], object]) -> Path:
    """The folder of that name in this run, which `fill` has filled; workers side by side share it."""
    base = factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    done = place.with_name(f"{name}.done")
    with FileLock(place.with_name(f"{name}.lock")):
        if not done.exists():
            place.mkdir()
            fill(place)
            done.touch()
    return place
