"""Definitions: every measure, the breaks, the codes, what is not known, and the words used."""

from profiles import ui
from profiles.ui import parts

ui.title("Definitions", "What every figure counts, what its words and codes mean, and what is not known.")
parts.definitions()
