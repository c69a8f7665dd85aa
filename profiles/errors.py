"""What can go wrong, each a sentence that names the place and the remedy."""

MAX_LETTERS, END_LETTERS = 2_000, 500
"""Letters of a sentence, and of its end, which holds the remedy: names in a file may be of any length."""


class ProfilesError(Exception):
    """A fault the reader can mend; its text is one sentence naming the place and the remedy."""

    def __str__(self) -> str:
        text = super().__str__()
        if len(text) <= MAX_LETTERS:
            return text
        return f"{text[: MAX_LETTERS - END_LETTERS]} … {text[-END_LETTERS:]}"


class BadFile(ProfilesError):
    """A file cannot be read as the rows it should hold."""


class BadMapping(ProfilesError):
    """A mapping file does not describe a source in terms of the contract."""


class BadSelection(ProfilesError):
    """A measure, basis, period, breakdown or filter is unknown or does not fit the measure."""


class BadSql(ProfilesError):
    """A SQL file lacks a header it must have or breaks the rules of its layer."""


class NoWarehouse(ProfilesError):
    """The warehouse is missing, locked, of another version or damaged."""


class DiskFull(ProfilesError):
    """There is no room for what is to be written."""


class BadSnapshot(ProfilesError):
    """A snapshot is missing, damaged, of another version, or cannot be written."""


class BadWithdrawals(ProfilesError):
    """The list of withdrawn snapshots cannot be read or written."""
