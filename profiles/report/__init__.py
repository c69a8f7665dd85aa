"""The report: one verified snapshot as a problem profile, in Word or HTML, written whole or not at all."""

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

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
    """Nothing. Raises BadReport when the file may not be written there."""
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
    part = ""
    try:
        handle, part = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".part", dir=target.absolute().parent
        )
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(part).chmod(0o666 & ~_mask())
        _named(Path(part), target)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = "free some room" if full else "name a file in a folder that can be written"
        raise BadReport(f"{target} cannot be written ({error.strerror}); {remedy} and try again.") from error
    finally:
        if part:
            with suppress(OSError):
                Path(part).unlink(missing_ok=True)


def _named(part: Path, target: Path) -> None:
    """Gives the file its name. A link refuses a name that is taken, which renaming does not."""
    try:
        os.link(part, target)
    except FileExistsError as error:
        raise _is_there(target) from error
    except OSError:
        # Not every disk knows links.
        if target.exists():
            raise _is_there(target) from None
        part.rename(target)


def _mask() -> int:
    """The bits that new files lack, for a temporary one has fewer than others may expect."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


__all__ = ["FORMS", "BadReport", "Document", "Fact", "Source", "document", "facts", "read", "written"]
