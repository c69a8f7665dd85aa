"""A process is killed at a random moment."""

import os
import random
from pathlib import Path

from tests.chaos import stage
from tests.chaos.stage import Stage
from tests.fuzz.running import ACCEPTED, REFUSED

prepared = stage.prepared


def tried(draw: random.Random, ready: Stage, folder: Path) -> str:
    """What is there is as before or as after, and the next run ends well and tidies up."""
    name = draw.choice(stage.SEVERAL)
    stage.laid_out(ready, folder, name)
    with stage.disturbed(stage.arguments(name, ready.folder, folder), folder / "said") as process:
        stage.waited(draw, ready.seconds[name])
        os.kill(process, 9)
        status = stage.ended(process)
    (folder / "said").unlink(missing_ok=True)
    stage.whole(ready, folder, name)
    stage.again(ready, folder, name)
    return REFUSED if status else ACCEPTED
