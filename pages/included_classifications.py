"""Included classifications: which crimes hide stalking, where, since when, and how the field is used."""

import streamlit as st

from profiles import ui
from profiles.blocks import breakdowns, funnels, over_time
from profiles.ui import parts

ui.heading(
    "Included classifications",
    "Stalking that is recorded only as an included classification, under a crime that outranks it.",
)
ui.headline("included_only_share", "included_uplift", "with_included_share")
ui.draw(
    over_time.series,
    "included_uplift",
    says="Hidden stalking adds {value} crimes to every 100 recorded as stalking",
    selection=ui.everything(),
)
ui.draw(
    breakdowns.ranking,
    "stalking_crimes",
    by="offence_title",
    says="Most often hidden in class {name}: {share} of hidden crimes",
    selection=ui.chosen(basis="included_only"),
)
left, right = st.columns(2, gap="small")
with left:
    ui.draw(funnels.funnel, "included_only_share", by="district")
with right:
    ui.draw(funnels.funnel, "included_only_share", by="team")
ui.draw(
    over_time.series,
    "with_included_share",
    says="{value} of recorded crimes carry an included classification",
)
ui.draw(funnels.funnel, "with_included_share", by="district")
parts.listed("included_only")
ui.explanations()
