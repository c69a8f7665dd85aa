"""Victims' voice: how satisfied victims are, by survey and stage; the two surveys are never pooled."""

import streamlit as st

from profiles import contracts, ui
from profiles.blocks import breakdowns, control_charts, over_time

ui.heading(
    "Victims' voice",
    "How satisfied victims are, stage by stage. The two surveys ask different people and are never pooled.",
)
if ui.has_data_for("survey"):
    ui.headline(
        *(("satisfied_overall", "survey", survey) for survey in contracts.SURVEYS),
        *(("survey_responses", "survey", survey) for survey in contracts.SURVEYS),
        grain="rolling_year",
    )
    for builder, measure_id, told in (
        (over_time.rolling, "satisfied_overall", {}),
        (control_charts.difference, "satisfied_overall", {}),
        (breakdowns.ranking, "satisfied", {"by": "stage"}),
        (over_time.rolling, "survey_no_answer", {}),
    ):
        for side, survey in zip(st.columns(2, gap="small"), contracts.SURVEYS, strict=True):
            with side:
                ui.draw(
                    builder,
                    measure_id,
                    selection=ui.narrowed("survey", survey),
                    block_id=f"{measure_id}-{builder.__name__}-{survey.split()[0]}",
                    **told,
                )
    ui.draw(over_time.rolling, "survey_coverage")
ui.explanations()
