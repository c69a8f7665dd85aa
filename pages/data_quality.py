"""Data quality: what was imported, what was refused, what is missing, what contradicts itself."""

from profiles import ui
from profiles.blocks import breakdowns, imports
from profiles.selection import Selection
from profiles.ui import parts

ui.heading(
    "Data quality",
    "Whether the figures can be trusted: every record that was read, and what to correct at its source.",
)
ui.headline("records_read", "records_rejected", "records_marked")
parts.coverage()
ui.draw(imports.files, selection=Selection())
ui.draw(
    breakdowns.ranking,
    "records_rejected",
    by="reason",
    says="Most often rejected for: {name} ({share})",
    none="Nothing was rejected",
)
parts.listed("rejects", {"reason": "records_rejected", "table_name": "records_rejected"})
parts.noted()
ui.draw(
    breakdowns.grid, "field_not_recorded", by="field", says="Missing most: {name}, from {value} of crimes"
)
ui.draw(
    breakdowns.ranking,
    "records_marked",
    by="check_name",
    says="Most often marked for: {name} ({value})",
    none="Nothing was marked for a second look",
)
parts.listed("marked", {"check_name": "records_marked"})
ui.explanations()
