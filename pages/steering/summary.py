"""Summary: one screen for the meeting: where stalking stands, what to discuss and why, what has changed."""

import streamlit as st

from profiles.ui import board

board.standing()
left, right = st.columns(2, gap="small")
with left:
    board.discussion()
with right:
    board.changes()
