"""Scale and typology: how much stalking is recorded, how much of it is hidden, and of which types."""

import streamlit as st

from profiles import ui

ui.heading(
    "Scale and typology",
    "How much stalking is recorded, how much of it is hidden under another crime, and of which types it is.",
)
ui.headline("stalking_crimes", "included_uplift", "online_share", "domestic_share", "stranger_share")
ui.measure("stalking_crimes", by="basis")
ui.measure("included_uplift", says="Hidden stalking adds {value} crimes to every 100 recorded as stalking")
left, right = st.columns(2, gap="small")
with left:
    ui.types()
with right:
    ui.overlap()
ui.explanations()
