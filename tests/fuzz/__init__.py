"""Input that nobody meant: files and addresses by the thousand, each refused in a sentence or accounted for.

    python -m tests.fuzz --each 10000          # what `make fuzz` does
    python -m tests.fuzz csv --only 4711       # one input again, kept in build/fuzz

An input follows from its kind and number alone. A kind is a module of this package with two functions:
`prepared(folder)` gives what a process needs once; `tried(draw, ready, folder)` makes an input by the
random numbers of `draw`, gives it to the product and says REFUSED or ACCEPTED. It raises Broken when a
promise does not hold; whatever else it raises is a traceback a user would have seen.
"""

KINDS = {
    "csv": "tests.fuzz.csv_files",
    "xlsx": "tests.fuzz.workbooks",
    "parquet": "tests.fuzz.parquet_files",
    "toml": "tests.fuzz.mapping_files",
    "addresses": "tests.fuzz.addresses",
    "snapshots": "tests.fuzz.snapshot_folders",
    "log": "tests.fuzz.log_lines",
}
"""Kinds of input, and the module of each."""
