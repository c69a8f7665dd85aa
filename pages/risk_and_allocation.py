"""Risk and allocation: whether risk is assessed, how soon, who takes the case, and which forums see it."""

import streamlit as st

from profiles import ui
from profiles.blocks import control_charts, courses, funnels, over_time

ui.heading(
    "Risk and allocation",
    "Whether risk is assessed and how soon, whether high risk goes to specialists, and which forums see it.",
)
ui.headline("risk_assessed", "risk_assessed_24h", "specialist_allocation", "allocated_in_two_days")
if ui.has_data_for("risk"):
    ui.draw(control_charts.process, "risk_assessed")
    ui.draw(
        courses.together,
        ("risk_assessed_24h", "risk_assessed_72h"),
        names=("within 24 hours", "within 72 hours"),
        title="{0} of crimes are assessed within 24 hours of the report, {1} within 72",
        block_id="risk-hours",
    )
    left, right = st.columns(2, gap="small")
    for side, by in ((left, "district"), (right, "team")):
        with side:
            ui.draw(funnels.funnel, "risk_assessed_72h", by=by)
    ui.draw(over_time.series, "risk_grades", by="risk_grade")
if ui.has_data_for("allocations"):
    ui.draw(control_charts.process, "specialist_allocation")
    left, right = st.columns(2, gap="small")
    with left:
        ui.draw(control_charts.process, "allocated_in_two_days")
    with right:
        ui.draw(funnels.funnel, "allocated_in_two_days", by="district")
st.header("Multi-agency referrals", anchor="forums")
if ui.has_data_for("partner_referrals"):
    ui.draw(over_time.series, "multi_agency_referrals", by="forum")
    ui.draw(control_charts.process, "masip_referrals")
ui.explanations()
