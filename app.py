"""The pages, and the selection they share."""

import streamlit as st

from profiles import ui

st.set_page_config(page_title="Stalking problem profiles", layout="wide")
ui.run(
    st.navigation(
        [st.Page("pages/scale_and_typology.py", title="Scale and typology", url_path="scale", default=True)]
    )
)
