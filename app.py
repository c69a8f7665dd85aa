"""The pages, and the selection they share."""

import streamlit as st

from profiles import ui

st.set_page_config(page_title="Stalking problem profiles", layout="wide")
# A path that is not the file's name: Streamlit's test runner takes that one for a page without this frame.
pages = [st.Page("pages/scale_and_typology.py", title="Scale and typology", url_path="scale", default=True)]
ui.run(st.navigation(pages))
