"""Outcomes and investigation: what becomes of recorded stalking, how soon, and how it was investigated."""

import streamlit as st

from profiles import ui
from profiles.blocks import breakdowns, control_charts, courses, funnels, over_time

ASSOCIATION = "An association, not an effect: whoever has an advocate differs in other ways too."

ui.heading(
    "Outcomes and investigation",
    "What becomes of recorded stalking, how soon, and how well it is investigated.",
)
if ui.has_data_for("outcomes"):
    ui.headline("charge_rate", "charge_rate_closed", "time_limit_expired", "outstanding_suspects")
    ui.draw(
        courses.together,
        ("charge_rate_90", "charge_rate_180", "charge_rate_365"),
        names=("charged within 90 days", "charged within 180 days", "charged within 365 days"),
        title="Of stalking, {0} is charged within 90 days, {1} within 180 and {2} within a year",
        block_id="charged-cohorts",
        note="Each line ends where its youngest crimes are old enough: every point is of crimes of one age.",
        selection=ui.everything(grain="quarter"),
    )
    ui.draw(control_charts.process, "charge_rate")
    left, right = st.columns(2, gap="small")
    with left:
        ui.draw(
            breakdowns.ranking,
            "outcomes_recorded",
            by="outcome_group",
            says="Of crimes recorded, most often: {name} ({share})",
        )
    with right:
        ui.draw(
            breakdowns.ranking,
            "outcomes_closed",
            by="outcome_group",
            says="Of outcomes assigned, most often: {name} ({share})",
        )
    ui.draw(control_charts.process, "time_limit_expired")
    left, right = st.columns(2, gap="small")
    with left:
        ui.draw(breakdowns.ranking, "victim_does_not_support", by="typology")
    with right:
        ui.draw(breakdowns.ranking, "victim_does_not_support", by="advocate", note=ASSOCIATION)
    left, right = st.columns(2, gap="small")
    with left:
        ui.draw(
            over_time.series,
            "days_to_outcome",
            says="Median days to an outcome: {value}",
            selection=ui.chosen(grain="quarter"),
        )
    with right:
        ui.draw(over_time.series, "outcome_in_90_days", selection=ui.chosen(grain="quarter"))
if ui.has_data_for("arrests"):
    left, right = st.columns(2, gap="small")
    with left:
        ui.draw(funnels.funnel, "arrest_rate", by="district")
    with right:
        ui.draw(funnels.funnel, "arrest_rate", by="team")
    ui.draw(
        over_time.series,
        "outstanding_suspects",
        says="{value} suspects have been outstanding for more than 28 days",
        selection=ui.chosen(grain="month"),
    )
if ui.has_data_for("supervisor_reviews"):
    ui.draw(control_charts.process, "supervisor_review_on_time")
ui.draw(control_charts.process, "impact_statement_rate")
ui.explanations()
