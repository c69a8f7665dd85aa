"""Typology and hidden stalking: which types there are, and what is recorded under another crime."""

import streamlit as st

from profiles import ui
from profiles.blocks import breakdowns, control_charts, funnels, over_time, typology
from profiles.ui import steering

steering.heading(
    "Typology and hidden stalking",
    "How much stalking is recorded, of which types it is, and how much of it another crime hides.",
    by_year=True,
)
ui.headline(
    "stalking_crimes",
    "included_only_share",
    "online_share",
    "domestic_share",
    "stranger_share",
    grain="rolling_year",
    selection=ui.everything(),
)
ui.draw(over_time.series, "stalking_crimes", by="basis", selection=ui.everything(grain="month"))
ui.draw(over_time.rolling, "stalking_crimes", selection=ui.everything())
left, right = st.columns(2, gap="small")
with left:
    ui.draw(breakdowns.ranking, "stalking_crimes", by="typology")
with right:
    ui.draw(typology.overlap)
for name in ("online_share", "domestic_share", "stranger_share"):
    ui.draw(control_charts.process, name, selection=ui.everything())
left, right = st.columns(2, gap="small")
with left:
    ui.draw(
        breakdowns.ranking,
        "stalking_crimes",
        by="relationship",
        says="{name}: {share} of stalking-involved crimes",
    )
with right:
    ui.draw(breakdowns.ranking, "stalking_rate", by="district")
ui.draw(
    over_time.series,
    "included_uplift",
    says="Hidden stalking adds {value} crimes to every 100 recorded as stalking",
    selection=ui.everything(grain="month"),
)
left, right = st.columns(2, gap="small")
with left:
    ui.draw(
        breakdowns.ranking,
        "stalking_crimes",
        by="principal_class",
        says="Most often hidden in class {name}: {share} of hidden crimes",
        selection=ui.chosen(basis="included_only"),
        block_id="hiding-classes",
    )
with right:
    ui.draw(funnels.funnel, "included_only_share", by="district")
ui.explanations()
