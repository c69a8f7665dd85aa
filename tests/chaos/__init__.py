"""Import, snapshot, report and sample, disturbed at random moments: what was there stays whole.

    python -m tests.chaos --each 100           # what `make chaos` does
    python -m tests.chaos kill --only 17       # one run again

A kind of disturbance is a module with `prepared` and `tried`, run by `tests.fuzz.running`. Moments are drawn
by the number of the run, but a machine never runs twice alike: --only repeats the intention. A snapshot is
written, sealed and published by the product's own code; its rows are few, since counting takes a minute.
"""
