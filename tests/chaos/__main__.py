"""The command line of chaos: how many runs of which disturbances; exit status 1 when a promise broke."""

from tests.fuzz.__main__ import main

KINDS = {
    "kill": "tests.chaos.kill",
    "full-disk": "tests.chaos.full_disk",
    "changed": "tests.chaos.changed_source",
    "pointer": "tests.chaos.lost_pointer",
}

if __name__ == "__main__":
    main(KINDS, each=100, is_timed=False)
