"""Orders and outcomes: protection orders from the suspect to the breach, and what becomes of crimes."""

import streamlit as st

from profiles import ui
from profiles.blocks import breakdowns, control_charts, courses, funnels, orders, over_time
from profiles.ui import steering

steering.heading(
    "Orders and outcomes",
    "Whether a protection order is considered in every case and what becomes of it; what becomes of crimes.",
    by_year=True,
)
ui.headline(
    "spo_considered",
    "spo_applications",
    "spo_granted",
    "charge_rate",
    "arrest_rate",
    grain="rolling_year",
    selection=ui.everything(),
)
ui.draw(orders.steps)
left, right = st.columns(2, gap="small")
with left:
    ui.draw(control_charts.process, "spo_applications", selection=ui.everything())
with right:
    ui.draw(control_charts.process, "spo_granted", selection=ui.everything())
ui.draw(
    courses.beside,
    "spo_granted_to_date",
    "published_orders",
    grain="month",
    title="{value} full orders were granted by the end of {period}",
    selection=ui.everything(),
)
left, right = st.columns(2, gap="small")
with left:
    ui.draw(
        over_time.series,
        "spo_active",
        says="{value} orders were in force",
        selection=steering.course("spo_active"),
    )
with right:
    ui.draw(
        over_time.series,
        "spo_expiring",
        says="{value} orders were within 90 days of their end",
        selection=steering.course("spo_expiring"),
    )
left, right = st.columns(2, gap="small")
with left:
    ui.draw(over_time.rolling, "spo_considered", selection=ui.everything())
with right:
    ui.draw(funnels.funnel, "spo_considered", by="district")
ui.draw(
    courses.together,
    ("charge_rate_90", "charge_rate_180", "charge_rate_365"),
    names=("charged within 90 days", "charged within 180 days", "charged within 365 days"),
    title="Of stalking, {0} is charged within 90 days, {1} within 180 and {2} within a year",
    block_id="charged-cohorts",
    note="Each line ends where its youngest crimes are old enough: every point is of crimes of one age.",
    selection=ui.everything(grain="quarter"),
)
left, right = st.columns(2, gap="small")
with left:
    ui.draw(
        breakdowns.ranking,
        "outcomes_recorded",
        by="outcome_group",
        says="Of crimes recorded, most often: {name} ({share})",
    )
with right:
    ui.draw(funnels.funnel, "arrest_rate", by="district")
left, right = st.columns(2, gap="small")
with left:
    ui.draw(control_charts.process, "victim_does_not_support", selection=ui.everything())
with right:
    ui.draw(control_charts.process, "supervisor_review_on_time", selection=ui.everything())
ui.explanations()
