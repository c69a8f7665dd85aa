"""Action plan: every line with its deadline, status and history, and the figures that are evidence for it."""

from profiles.ui import board

board.plan()
