"""What an implementation needs on this machine to run as a process, made where it is missing."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from targets import environment, node_environment
from targets.checkout import made
from targets.manifest import Target


def make(root: Path, target: Target, report: Callable[[str], None]) -> Coroutine[Any, Any, Path]:
    """Make what the target's manifest names, and return the folder of its programs; raises `CannotStart`."""
    environments = made(root) / "venvs"
    environments.mkdir(parents=True, exist_ok=True)
    if target.environment == "node":
        return node_environment.make(target.folder, environments, report)
    return environment.make(environments / target.implementation, target.folder / "requirements.txt", report)
