"""Demand and FMS: what was counted and what is to come, and every file of the snapshot to take away."""

from profiles import ui
from profiles.ui import files_beside, releasing, steering

ui.title(
    "Demand and FMS",
    "How much demand there has been, how much is to come and how far that can be trusted; and the files of "
    "the snapshot, for the force management statement (FMS) and for the record.",
)
releasing.series(steering.shown().release)
files_beside.offered()
releasing.explanations()
