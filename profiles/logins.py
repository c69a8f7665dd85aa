"""Whether login is set up: the section [auth] of the secrets that Streamlit reads."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from profiles.access import is_loopback
from profiles.errors import ProfilesError
from profiles.settings import ROOT

FILES = "STREAMLIT_SECRETS_FILES"
"""The variable that names other files than the usual ones."""

REQUIRED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")

SHORTEST = 32
"""Letters of a cookie secret below which it could be guessed."""

CALLBACK = "/oauth2callback"


def section(environment: Mapping[str, str] | None = None) -> Mapping[str, Any] | None:
    """The section [auth] of the secrets; None where there is none.

    Raises ProfilesError when a file of secrets cannot be read: whether login is wanted is then not known.
    """
    found: Mapping[str, Any] | None = None
    for path in _paths(os.environ if environment is None else environment):
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise ProfilesError(
                f"{path} cannot be read as the secrets of the login ({type(error).__name__}); mend it."
            ) from error
        told = content.get("auth")
        found = told if isinstance(told, Mapping) else found
    return found


def _paths(environment: Mapping[str, str]) -> list[Path]:
    named = environment.get(FILES)
    if named:
        return [Path(each.strip(" '\"[]")) for each in named.split(",") if each.strip(" '\"[]")]
    return [Path.home() / ".streamlit" / "secrets.toml", ROOT / ".streamlit" / "secrets.toml"]


def faults(told: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with the section [auth], each in a few words that hold no secret."""
    found = [f"{name} is missing" for name in REQUIRED if not str(told.get(name, "")).strip()]
    found += [f"{name} is still the example's" for name in REQUIRED if "PUT-IN" in str(told.get(name, ""))]
    secret = str(told.get("cookie_secret", ""))
    if 0 < len(secret) < SHORTEST and "PUT-IN" not in secret:
        found.append(f"cookie_secret has fewer than {SHORTEST} letters")
    for name in ("redirect_uri", "server_metadata_url"):
        text = str(told.get(name, ""))
        if text and not _is_safe(text):
            found.append(f"{name} is no https address")
    uri = str(told.get("redirect_uri", ""))
    if uri and urlsplit(uri).path != CALLBACK:
        found.append(f"redirect_uri does not end in {CALLBACK}")
    if told.get("expose_tokens"):
        found.append("expose_tokens is set, which nothing here needs")
    return tuple(found)


def _is_safe(text: str) -> bool:
    """Whether it is an https address, or one on this machine."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_local = parts.scheme == "http" and is_loopback(parts.hostname or "none")
    return is_local or (parts.scheme == "https" and bool(parts.hostname))
