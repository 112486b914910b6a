"""What the environment says."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path


class ConfigurationError(Exception):
    """A variable is missing or wrong; the message names it."""


@dataclass(frozen=True)
class Configuration:
    """The gallery's settings."""

    targets_file: Path  # what `listed` reads
    report_folder: Path  # what `make report` writes; it may come later
    cookie_name: str
    host: str
    port: int


def from_environment() -> Configuration:
    """Read the configuration; raises `ConfigurationError` in one line that names the variable."""
    port = os.environ.get("PORT", "8000")
    if not re.fullmatch(r"[1-9]\d{0,4}", port) or int(port) > 65535:
        raise ConfigurationError(f"PORT: {port!r} is no port")
    return Configuration(
        targets_file=Path(_needed("TARGETS_FILE")),
        report_folder=Path(_needed("REPORT_FOLDER")),
        cookie_name=_needed("COOKIE_NAME"),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(port),
    )


def _needed(variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise ConfigurationError(f"{variable}: is not set")
    return value
