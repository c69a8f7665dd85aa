"""Protection orders: who is considered for one, who gets one, how long it holds, and whether it is kept."""

import streamlit as st

from profiles import ui
from profiles.blocks import breakdowns, control_charts, courses, funnels, orders, over_time
from profiles.selection import STEPS

ui.heading(
    "Protection orders",
    "Whether an order is considered in every case, what becomes of it, and which orders end soon.",
)
if ui.has_data_for("orders"):
    ui.headline("spo_considered", "spo_granted_to_date", "spo_active", "spo_expiring")
    ui.draw(orders.steps)
    step = ui.choice(
        "Step to compare places by", STEPS[1:4], "step", "Of the suspects who took the step before."
    )
    left, right = st.columns(2, gap="small")
    for side, by in ((left, "district"), (right, "team")):
        with side:
            ui.draw(
                funnels.funnel,
                "spo_step_reached",
                by=by,
                block_id=f"step-{by}",
                selection=ui.narrowed("step", step),
            )
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
            says="{value} orders are in force",
            selection=ui.chosen(grain="month"),
        )
    with right:
        ui.draw(
            over_time.series,
            "spo_expiring",
            says="{value} orders end within 90 days",
            selection=ui.chosen(grain="month"),
        )
    ui.draw(control_charts.process, "spo_considered")
    left, right = st.columns(2, gap="small")
    with left:
        ui.draw(
            breakdowns.ranking,
            "crimes_with_suspect",
            by="spo_considered",
            says="Order considered, of crimes with a suspect: {name} ({share})",
        )
    with right:
        ui.draw(control_charts.process, "spo_per_100_crimes")
    ui.draw(control_charts.process, "spo_applications")
    left, right = st.columns(2, gap="small")
    with left:
        ui.draw(
            breakdowns.ranking,
            "spo_granted",
            by="order_length",
            says="Full orders most often hold for {name}: {share}",
        )
    with right:
        ui.draw(breakdowns.ranking, "spo_withdrawn", by="order_reason")
    left, right = st.columns(2, gap="small")
    with left:
        ui.draw(
            over_time.series,
            "spo_days_to_application",
            says="Median days from crime to application: {value}",
            selection=ui.chosen(grain="quarter"),
        )
    with right:
        ui.draw(
            over_time.series,
            "spo_days_to_order",
            says="Median days from application to full order: {value}",
            selection=ui.chosen(grain="quarter"),
        )
    ui.draw(control_charts.process, "spo_breaches")
    ui.draw(
        over_time.series,
        "spo_breach_rate",
        says="{value} of full orders are breached within a year",
        selection=ui.everything(grain="financial_year"),
    )
ui.explanations()
