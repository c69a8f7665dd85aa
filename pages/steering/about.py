"""About: whose figures these are, where they come from, what they cannot say, and what their words mean."""

from profiles.ui import about

about.drawn()
