"""The report: one verified snapshot as a problem profile, in Word or HTML, written whole or not at all."""

import os
from pathlib import Path

from filelock import Timeout

from profiles import disk, parts
from profiles.errors import ProfilesError
from profiles.report.content import document
from profiles.report.docx_file import docx_bytes
from profiles.report.html_file import html_bytes
from profiles.report.model import Document, Fact, facts
from profiles.report.reading import Source, read


class BadReport(ProfilesError):
    """A report cannot be written where it should be."""


FORMS = {"docx": docx_bytes, "html": html_bytes}


def written(snapshot: Path, form: str = "docx", out: Path | None = None) -> Path:
    """The file of the report on the snapshot; `out` is `<snapshot>-problem-profile.<form>` unless told.

    The file appears when all of it is written, and none is ever replaced. Raises BadSnapshot when the
    snapshot is not whole, BadReport when the file exists, lies inside the snapshot or cannot be written.
    """
    if form not in FORMS:
        raise BadReport(f"There is no format {form!r}; choose {' or '.join(FORMS)}.")
    source = read(snapshot)
    target = out or Path(f"{snapshot.resolve().name}-problem-profile.{form}")
    _refuse(target, snapshot)
    _put(target, FORMS[form](document(source)))
    return target


def _refuse(target: Path, snapshot: Path) -> None:
    """Raise BadReport when the file may not be written there."""
    if target.exists() or target.is_symlink():
        raise _is_there(target)
    folder = target.absolute().parent
    if not folder.is_dir():
        raise BadReport(f"The folder {folder} of {target.name} does not exist; make it, or name another.")
    inside = snapshot.resolve()
    if inside in (folder.resolve(), *folder.resolve().parents):
        raise BadReport(
            f"{target} lies inside the snapshot {snapshot}, which nothing may be added to; "
            "name a file elsewhere with --out."
        )


def _is_there(target: Path) -> BadReport:
    return BadReport(f"{target} is there already; a report is never overwritten: name a new file with --out.")


def _put(target: Path, content: bytes) -> None:
    """Writes the file beside its place and gives it its name in one step, unless another has it by now."""
    try:
        with disk.watched(target.absolute().parent), parts.held(target, is_folder=False) as part:
            with open(part, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _named(part, target)
    except Timeout as error:
        raise BadReport(
            f"{target} is being written by another process; wait for it, or name another."
        ) from error
    except OSError as error:
        raise BadReport(
            f"{target} cannot be written ({error.strerror}); name a file in a folder that can be written "
            "and try again."
        ) from error


def _named(part: Path, target: Path) -> None:
    """Gives the file its name. A link refuses a name that is taken, which renaming does not."""
    try:
        os.link(part, target)
    except FileExistsError as error:
        raise _is_there(target) from error
    except OSError as error:
        if disk.is_full(error):
            raise
        # Not every disk knows links.
        if target.exists():
            raise _is_there(target) from None
        part.rename(target)


__all__ = ["FORMS", "BadReport", "Document", "Fact", "Source", "document", "facts", "read", "written"]
