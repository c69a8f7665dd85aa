"""The pages of the role that this process serves, and the selection they share."""

import streamlit as st

from profiles import ui
from profiles.ui import steering

st.set_page_config(page_title="Stalking problem profiles", layout="wide")
# A path that is not the file's name: Streamlit's test runner takes that one for a page without this frame.
if ui.role() == "steering":
    steering.run(
        [
            st.Page("pages/steering/summary.py", title="Summary", url_path="now", default=True),
            st.Page("pages/steering/action_plan.py", title="Action plan", url_path="plan"),
            st.Page(
                "pages/steering/orders_and_outcomes.py", title="Orders and outcomes", url_path="response"
            ),
            st.Page(
                "pages/steering/support_and_voice.py",
                title="Support and victims' voice",
                url_path="victims",
            ),
            st.Page(
                "pages/steering/typology_and_hidden_stalking.py",
                title="Typology and hidden stalking",
                url_path="types",
            ),
            st.Page("pages/steering/demand.py", title="Demand and FMS", url_path="outlook"),
            st.Page("pages/steering/about.py", title="About", url_path="sources"),
        ]
    )
elif ui.role() == "analyst":
    ui.run(
        [
            st.Page("pages/overview.py", title="Overview", url_path="start", default=True),
            st.Page("pages/scale_and_typology.py", title="Scale and typology", url_path="scale"),
            st.Page(
                "pages/included_classifications.py", title="Included classifications", url_path="included"
            ),
            st.Page("pages/protection_orders.py", title="Protection orders", url_path="orders"),
            st.Page(
                "pages/outcomes_and_investigation.py", title="Outcomes and investigation", url_path="results"
            ),
            st.Page("pages/risk_and_allocation.py", title="Risk and allocation", url_path="risk"),
            st.Page("pages/victim_support.py", title="Victim support", url_path="support"),
            st.Page("pages/victims_voice.py", title="Victims' voice", url_path="voice"),
            st.Page("pages/calls_and_training.py", title="Calls and training", url_path="calls"),
            st.Page("pages/demand_and_fms.py", title="Demand and FMS", url_path="demand"),
            st.Page("pages/data_quality.py", title="Data quality", url_path="quality"),
            st.Page("pages/definitions.py", title="Definitions", url_path="terms"),
        ]
    )
else:
    ui.unknown_role()
