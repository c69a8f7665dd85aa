"""Stalking problem profiles: from a force's export to counts, rates and pages."""

__version__ = "0.1.0"
