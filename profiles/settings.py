"""One frozen `Settings`: each value has a default, a sentence of help and an environment variable."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from profiles.errors import ProfilesError

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: `sql/`, `sample_data/`, `app.py` and `pages/` lie beside the package."""

PREFIX = "STALKING_PROFILES_"


@dataclass(frozen=True)
class Settings:
    """Every setting; `STALKING_PROFILES_<NAME>` in the environment overrides a default."""

    warehouse: Path = field(
        default=Path("build/warehouse"),
        metadata={"help": "folder of the warehouse"},
    )
    access_log: Path = field(
        default=Path("build/access.jsonl"),
        metadata={"help": "file that says who logged in, was refused, saw records and took files"},
    )
    snapshots: Path = field(
        default=Path("build/snapshots"),
        metadata={"help": "folder of the snapshots"},
    )
    keep_versions: int = field(
        default=3,
        metadata={"help": "versions of the warehouse kept, the served one included"},
    )
    today: str = field(
        default="",
        metadata={"help": "day taken for today, such as 2026-09-30; empty is what the computer's clock says"},
    )
    memory_limit: str = field(
        default="1GB",
        metadata={"help": "memory DuckDB may use in one process before it spills to disk"},
    )
    threads: int = field(
        default=0,
        metadata={"help": "threads DuckDB may use; 0 is one to read with, and one a processor to import"},
    )
    lock_seconds: float = field(
        default=5.0,
        metadata={"help": "seconds an import waits for another one to finish before it gives up"},
    )
    host: str = field(default="127.0.0.1", metadata={"help": "address the dashboard is served on"})
    port: int = field(default=8501, metadata={"help": "port the dashboard is served on"})
    role: str = field(
        default="analyst",
        metadata={"help": "whom the process serves: analyst or steering; one role a process"},
    )
    roles_claim: str = field(
        default="roles",
        metadata={"help": "claim of the provider of identities that holds a visitor's roles or groups"},
    )
    analysts: str = field(
        default="",
        metadata={"help": "who is an analyst: e-mail addresses, or values of that claim, separated by ;"},
    )
    steering_group: str = field(
        default="",
        metadata={"help": "who is of the steering group: e-mail addresses, or values of that claim"},
    )
    idle_minutes: int = field(
        default=30,
        metadata={"help": "minutes without a click after which a visitor is logged out"},
    )
    contact: str = field(
        default="the force's analytical team",
        metadata={"help": "to whom readers of the shared dashboard turn"},
    )
    next_update: str = field(
        default="not announced",
        metadata={"help": "when the next snapshot is due, in words"},
    )
    withdrawn: str = field(
        default="warn",
        metadata={
            "help": "what the shared dashboard does with a withdrawn snapshot: warn on every page, or refuse "
            "to show it",
            "choices": ("warn", "refuse"),
        },
    )
    marking: str = field(
        default="OFFICIAL-SENSITIVE",
        metadata={"help": "handling marking put on every page and file"},
    )


DEFAULTS = Settings()


def settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in force: defaults, overridden by the environment.

    Raises ProfilesError naming the variable when its text is not of the setting's type, or none of its words.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    for item in fields(Settings):
        name = PREFIX + item.name.upper()
        text = environment.get(name)
        if text is None:
            continue
        choices = item.metadata.get("choices", (text,))
        if text not in choices:
            raise ProfilesError(f"{name} is {text!r}; set it to {' or '.join(choices)}.")
        kind: Callable[[str], object] = type(getattr(DEFAULTS, item.name))
        try:
            values[item.name] = Path(text) if isinstance(item.default, Path) else kind(text)
        except ValueError as error:
            raise ProfilesError(
                f"{name} is {text!r}, which is no number; give one, such as {item.default}."
            ) from error
    return Settings(**values)  # type: ignore[arg-type]
