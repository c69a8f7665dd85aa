"""The day it is; no figure hangs on it.

Imports ask, to refuse an extract of a day to come, and the withdrawal of a snapshot, which bears its day.
"""

import datetime
from zoneinfo import ZoneInfo

from profiles.errors import ProfilesError
from profiles.settings import PREFIX, Settings

FORCES = ZoneInfo("Europe/London")
"""Where the forces are, whatever zone the computer is set to."""


def today(settings: Settings) -> datetime.date:
    """The day it is, or the one that the settings name. Raises ProfilesError when that is no date."""
    if not settings.today:
        return datetime.datetime.now(FORCES).date()
    try:
        return datetime.date.fromisoformat(settings.today)
    except ValueError:
        raise ProfilesError(
            f"{PREFIX}TODAY is {settings.today!r}, which is no date; write YYYY-MM-DD."
        ) from None
