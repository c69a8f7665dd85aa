"""Support and victims' voice: whether victims are referred, how soon and where not, and how satisfied."""

import streamlit as st

from profiles import contracts, ui
from profiles.blocks import breakdowns, control_charts, courses, funnels, over_time
from profiles.ui import steering

NOT_KNOWN = (
    "Kent's plan states 90.8%; its denominator is not known, so it stands beside our rate, is no target and "
    "must not be compared with it."
)

steering.heading(
    "Support and victims' voice",
    "Whether every victim is assessed and referred, how soon, and where that fails; what victims say of it.",
    by_year=True,
)
ui.headline(
    "referral_rate",
    "referral_rate_specialist",
    "needs_assessment_rate",
    *(("satisfied_overall", "survey", survey) for survey in contracts.SURVEYS),
    grain="rolling_year",
    selection=ui.everything(),
)
ui.draw(
    courses.beside,
    "referral_rate",
    "published_referral_rate",
    grain="rolling_year",
    title="{value} of victims were referred in the 12 months to {period}",
    note=NOT_KNOWN,
    selection=ui.everything(),
)
left, right = st.columns(2, gap="small")
with left:
    ui.draw(control_charts.process, "referral_rate", selection=ui.everything())
with right:
    ui.draw(funnels.funnel, "referral_rate", by="district")
left, right = st.columns(2, gap="small")
with left:
    ui.draw(breakdowns.ranking, "stalking_victims", by="referral_status", says="{name}: {share} of victims")
with right:
    ui.draw(
        over_time.series,
        "referral_days",
        says="Median working days from report to referral: {value}",
        selection=ui.everything(grain="quarter"),
    )
left, right = st.columns(2, gap="small")
with left:
    ui.draw(control_charts.process, "needs_assessment_rate", selection=ui.everything())
with right:
    ui.draw(control_charts.process, "care_card_rate", selection=ui.everything())
ui.draw(over_time.rolling, "referral_rate_specialist", selection=ui.everything())
for builder, measure_id, told in (
    (over_time.rolling, "satisfied_overall", {}),
    (control_charts.difference, "satisfied_overall", {}),
    (breakdowns.ranking, "satisfied", {"by": "stage"}),
):
    for side, survey in zip(st.columns(2, gap="small"), contracts.SURVEYS, strict=True):
        with side:
            period = ui.everything() if builder is not breakdowns.ranking else ui.chosen()
            ui.draw(
                builder,
                measure_id,
                selection=ui.of(period, "survey", survey),
                block_id=f"{measure_id}-{builder.__name__}-{survey.split()[0]}",
                **told,
            )
ui.explanations()
