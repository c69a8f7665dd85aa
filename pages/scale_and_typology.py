"""Scale and typology: how much stalking is recorded, how much of it is hidden, and of which types."""

import streamlit as st

from profiles import ui
from profiles.blocks import breakdowns, over_time, published, typology
from profiles.selection import Selection

ui.heading(
    "Scale and typology",
    "How much stalking is recorded, how much of it is hidden under another crime, and of which types it is.",
)
ui.headline("stalking_crimes", "included_uplift", "online_share", "domestic_share", "stranger_share")
ui.draw(over_time.series, "stalking_crimes", by="basis")
ui.draw(over_time.rolling, "stalking_crimes")
left, right = st.columns(2, gap="small")
with left:
    ui.draw(typology.shares)
with right:
    ui.draw(typology.overlap)
ui.draw(
    breakdowns.crossing,
    "stalking_crimes",
    within="relationship",
    by="mode",
    category="online",
    says="Largest share online only: {name}, {share} of {whole} crimes",
)
ui.draw(breakdowns.ranking, "stalking_rate", by="district")
ui.draw(published.comparators, selection=Selection())
ui.explanations()
