"""One disturbance after the other, each of another kind, on one stage: for a run that must be short."""

import random
from itertools import count
from pathlib import Path

from tests.chaos import changed_source, full_disk, kill, lost_pointer, stage
from tests.chaos.stage import Stage

prepared = full_disk.prepared if full_disk.may_mount() else stage.prepared

KINDS = (kill, changed_source, lost_pointer, *([full_disk] if full_disk.may_mount() else []))

TURN = count()


def tried(draw: random.Random, ready: Stage, folder: Path) -> str:
    """The kind whose turn it is."""
    return KINDS[next(TURN) % len(KINDS)].tried(draw, ready, folder)
