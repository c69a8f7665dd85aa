"""Commands on snapshots: write, verify, compare, audit and withdraw one, and write its report."""

import sys
from pathlib import Path

import click

from profiles import terminal
from profiles.cli.command import errors_as_sentences, settings_for, warehouse_option
from profiles.cli.printing import print_frame, print_table
from profiles.settings import settings


@click.command(short_help="Write a protected release.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder to write it to; must not exist yet."
)
@click.option(
    "--profile",
    type=click.Choice(["internal", "external"]),
    default="internal",
    show_default=True,
    help="internal: for partners under a sharing agreement; external: for publication, rounded to 5.",
)
@click.option(
    "--previous",
    type=click.Path(path_type=Path),
    help="Folder of the snapshot released before, of the same profile: so that both tell no more together. "
    "It names the one before it, which lies in the same folder.",
)
@click.option(
    "--beside",
    type=click.Path(path_type=Path),
    help="External profile: folder of the internal snapshot of the same day. It is found by itself where the "
    "new one is written.",
)
@warehouse_option
@errors_as_sentences
def snapshot(
    out: Path, profile: str, previous: Path | None, beside: Path | None, folder: Path | None
) -> None:
    """Write a dated release of every measure as CSV, Parquet and XLSX.

    Small counts are withheld, and what would give them away. Takes a minute or two for a force of Kent's
    size. Run `snapshot-audit` on it before it is released.
    """
    from profiles import snapshot as snapshots
    from profiles.snapshot import protecting

    with terminal.progress() as show:
        manifest = snapshots.build(
            out, settings=settings_for(folder), profile=profile, previous=previous, beside=beside, say=show
        )
    made_up = ", SYNTHETIC" if manifest.synthetic != "no" else ""
    terminal.say(f"{out}: {profile} snapshot as at {manifest.as_at}, {manifest.marking}{made_up}")
    for text in protecting.cost_sentences(manifest.raw["suppression"]):
        terminal.say(text)
    terminal.say(f"SHA-256 of its manifest, to be told with the release: {manifest.sha256}")


@click.command(short_help="Check that a snapshot is as released.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@errors_as_sentences
def verify(folder: Path) -> None:
    """Check that a snapshot is as it was released, file by file.

    Who changes a file can change the manifest too: hold the SHA-256 that is printed against the one told
    when the snapshot was released. Exit status 2 when a file was changed, added or taken away.
    """
    from profiles.snapshot import soundness

    manifest = soundness.sound(folder)
    terminal.say(
        f"{folder} is whole: {len(manifest.files)} files, {manifest.profile}, as at {manifest.as_at}, "
        f"version {manifest.version}"
    )
    terminal.say(f"SHA-256 of its manifest: {manifest.sha256}")


@click.command(short_help="Compare two snapshots.")
@click.argument("a", metavar="A", type=click.Path(path_type=Path))
@click.argument("b", metavar="B", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)
@errors_as_sentences
def compare(a: Path, b: Path, form: str) -> None:
    """Print what changed from snapshot A, the older, to B, of the same profile.

    Revised, new and vanished figures: all of them as csv or json, the largest changes as a table.
    """
    from profiles.snapshot import comparing

    found = comparing.compared(a, b)
    if form != "table":
        print_frame(found.frame, form)
        return
    for text in found.summary:
        terminal.say(text)
    most = comparing.most_changed(found)
    if len(most):
        print_table(most, right={"held", "revised", "per_cent", "value_old", "value_new"})


@click.command("snapshot-audit", short_help="Test what snapshots give away.")
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=1800,
    show_default=True,
    help="How long each attack may go on; a count that it does not finish counts as given away.",
)
@errors_as_sentences
def snapshot_audit(folders: tuple[Path, ...], seconds: float) -> None:
    """Hold all published figures of a snapshot against one another and print what they give away.

    Of several, such as the internal and the external one of a date or those of several dates, each is
    attacked alone, and then all together. Snapshots of earlier versions can be audited too. It knows nothing
    else that is public, and no record. Exit status 1 when a withheld count can be told more closely than
    it should: do not release the snapshot, and withdraw one that was released.
    """
    from profiles.snapshot import attack, manifests

    with terminal.progress() as show:
        releases = [attack.release_of(manifests.verified(folder)) for folder in folders]
        groups = {str(folder): [release] for folder, release in zip(folders, releases, strict=True)}
        if len(releases) > 1:
            groups[f"All {len(releases)} together"] = releases
        told = {name: attack.audit(group, seconds, show) for name, group in groups.items()}
    for name, found in told.items():
        for text in found.sentences(name):
            terminal.say(text)
        for frame in (found.exposed, found.differences):
            if len(frame):
                print_table(frame, right={"lowest", "highest"})
    if not all(found.is_safe for found in told.values()):
        sys.exit(1)


@click.command("snapshot-withdraw", short_help="Withdraw a snapshot that was shared.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--reason", required=True, help="Why, in a few words; readers of the shared dashboard see it.")
@errors_as_sentences
def snapshot_withdraw(folder: Path, reason: str) -> None:
    """Add a snapshot to the list of withdrawn ones, withdrawn.csv beside its folder.

    The folder stays as it is. The shared dashboard of these snapshots warns on every page of it, or with
    STALKING_PROFILES_WITHDRAWN=refuse does not show it. Run it on every machine that has the snapshot. One
    that is on the list already keeps its day and reason.
    """
    from profiles.importing import clock
    from profiles.snapshot import withdrawals

    found, is_new = withdrawals.withdrawn(folder, reason, clock.today(settings()))
    told = "withdrawn" if is_new else "withdrawn before; nothing was changed"
    terminal.say(f"{folder}: {told}. {found.sentence}")
    terminal.say(f"SHA-256 of its manifest, to be told to all who have it: {found.sha256}")


@click.command(short_help="Write a snapshot as a problem profile.")
@click.option(
    "--snapshot", "folder", required=True, type=click.Path(path_type=Path), help="Folder of the snapshot."
)
@click.option("--format", "form", type=click.Choice(["docx", "html"]), default="docx", show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write; <snapshot>-problem-profile in the working directory unless told.",
)
@errors_as_sentences
def report(folder: Path, form: str, out: Path | None) -> None:
    """Write a snapshot as a problem profile in the order of the National Intelligence Model.

    Figures and charts are filled in; what only an analyst can judge is left as marked boxes. No file is ever
    overwritten. Of a snapshot that was withdrawn a warning is printed.
    """
    from profiles import report as reports
    from profiles.snapshot import manifests, withdrawals

    withdrawal = withdrawals.of(manifests.verified(folder))
    written = reports.written(folder, form, out)
    if withdrawal:
        terminal.say(f"Warning: {withdrawal.sentence}", to_errors=True)
    terminal.say(f"{written}: problem profile of {folder}; now fill in the boxes marked [Analyst to write]")
