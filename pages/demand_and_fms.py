"""Demand and FMS: what is to come and how far that can be trusted; snapshots built, compared, taken away."""

from profiles import ui
from profiles.ui import building, releasing

ui.title(
    "Demand and FMS",
    "How much demand there has been, how much is to come and how far that can be trusted; and the snapshot "
    "from which the steering group and the force management statement (FMS) take their figures.",
)
release = releasing.chosen()
if release:
    releasing.series(release)
    building.changes(release)
building.building()
releasing.explanations()
