"""Overview: the state of stalking in one screen, how far the figures can be trusted, where to go next."""

import streamlit as st

from profiles import ui
from profiles.ui import parts

ui.heading("Overview", "The state of recorded stalking in one screen, and where to look next.")
parts.cards()
left, right = st.columns(2, gap="small")
with left:
    parts.standing()
with right:
    parts.ways()
