"""Victim support: whether victims are assessed, told their rights and referred, how soon, and where not."""

import streamlit as st

from profiles import ui
from profiles.blocks import alerts, breakdowns, control_charts, courses, funnels, over_time

NOT_KNOWN = (
    "Kent's plan states 90.8%; its denominator is not known, so it stands beside our rate, is no target and "
    "must not be compared with it."
)

ui.heading(
    "Victim support",
    "Whether every victim is assessed, told their rights and referred, how soon, and where that fails.",
)
if ui.has_data_for("support"):
    ui.headline(
        "referral_rate",
        "referral_rate_of_eligible",
        "referral_rate_specialist",
        "needs_assessment_rate",
        grain="rolling_year",
    )
    ui.draw(alerts.falls, "referral_rate", by="district")
    ui.draw(
        courses.beside,
        "referral_rate",
        "published_referral_rate",
        grain="rolling_year",
        title="{value} of victims were referred in the 12 months to {period}",
        note=NOT_KNOWN,
        selection=ui.everything(),
    )
    ui.draw(control_charts.process, "referral_rate")
    left, right = st.columns(2, gap="small")
    for side, by in ((left, "district"), (right, "team")):
        with side:
            ui.draw(funnels.funnel, "referral_rate", by=by)
    left, right = st.columns(2, gap="small")
    with left:
        ui.draw(
            breakdowns.ranking,
            "stalking_victims",
            by="referral_status",
            says="{name}: {share} of victims",
        )
    with right:
        ui.draw(
            over_time.series,
            "referral_days",
            says="Median working days from report to referral: {value}",
            selection=ui.chosen(grain="quarter"),
        )
    ui.draw(control_charts.process, "referred_in_two_days")
    ui.draw(control_charts.process, "needs_assessment_rate")
    ui.draw(control_charts.process, "care_card_rate")
    left, right = st.columns(2, gap="small")
    with left:
        ui.draw(over_time.rolling, "referral_rate_specialist")
    with right:
        ui.draw(over_time.rolling, "support_declined")
ui.explanations()
