"""stalking-profiles on the command line: the group of all commands, each listed with the module it is in."""

import click

from profiles import __version__
from profiles.cli import dashboards, exports, measuring, snapshots, upkeep


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="stalking-profiles")
def main() -> None:
    """Stalking problem profiles: exports in, counts, rates, pages and protected releases out."""


for each in (
    exports.sample,
    exports.suggest,
    exports.contract,
    exports.import_,
    upkeep.check,
    upkeep.versions,
    upkeep.go_back,
    upkeep.upgrade,
    measuring.measures,
    measuring.measure,
    snapshots.snapshot,
    snapshots.verify,
    snapshots.compare,
    snapshots.snapshot_audit,
    snapshots.snapshot_withdraw,
    snapshots.report,
    dashboards.serve,
    dashboards.demo,
    dashboards.audit,
):
    main.add_command(each)
