"""How many random cases a test tries: enough to find a fault at each run, many more in `make test-long`."""

import os

IS_LONG = os.environ.get("LONG_TESTS", "0") != "0"
"""Whether this run tries the large sizes."""


def cases(usual: int, long: int) -> int:
    """The number of cases of this run."""
    return long if IS_LONG else usual
