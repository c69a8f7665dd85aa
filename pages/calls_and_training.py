"""Calls and training: what reaches the control room, what is recorded of it, and who has been trained."""

import streamlit as st

from profiles import ui
from profiles.blocks import breakdowns, control_charts

ui.heading(
    "Calls and training",
    "How many calls are about stalking, how many become crimes, and who has completed the training.",
)
ui.headline("stalking_calls", "calls_recorded_as_crime", "training_completed")
st.header("Calls", anchor="calls")
if ui.has_data_for("calls"):
    ui.draw(control_charts.process, "stalking_calls")
    ui.draw(control_charts.process, "calls_recorded_as_crime")
    ui.draw(breakdowns.ranking, "calls_recorded_as_crime", by="call_type")
st.header("Training", anchor="training")
if ui.has_data_for("training"):
    left, right = st.columns(2, gap="small")
    with left:
        ui.draw(breakdowns.ranking, "training_completed", by="role")
    with right:
        ui.draw(breakdowns.ranking, "training_completed", by="course")
ui.explanations()
