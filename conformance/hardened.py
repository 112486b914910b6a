"""What the commands have in common that run all hardened targets at once: which ones, from where, and all or none."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from conformance import declared
from conformance.catalogue import catalogue
from targets import manifest, runtime
from targets.manifest import Target


class NothingToRun(Exception):
    """No target could be run; the message says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let a command line choose targets, runtime and seed."""
    parser.add_argument(
        "--targets", default="", help="patterns such as 'flask-*', separated by commas; hardened ones count"
    )
    parser.add_argument(
        "--runtime", choices=["", "docker", "process"], default="", help="default: docker where it runs"
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same choices (default: 0)")


def choose(root: Path, patterns: str, why_no_stock: str) -> list[Target]:
    """Return the hardened targets that match; raises `NothingToRun` where there are none, and `ManifestError`."""
    every = manifest.find(root)
    for target in every:
        declared.check(target, catalogue())
    chosen = [target for target in manifest.select(every, patterns) if target.edition == "hardened"]
    if not chosen:
        raise NothingToRun(f"{patterns!r} matches stock targets alone, and {why_no_stock}")
    return chosen


def start(out: Console, engine: runtime.Runtime, chosen: Sequence[Target]) -> list[runtime.Running]:
    """Start all of them; raises `NothingToRun` where one does not start."""
    started = engine.start(chosen, lambda name, state: out.print(Text(f"  {name}: {state}")))
    missing = [each for each in started.values() if isinstance(each, runtime.NotStarted)]
    if missing:
        raise NothingToRun("; ".join(f"{each.target.name}: {each.reason}" for each in missing))
    return [each for each in started.values() if isinstance(each, runtime.Running)]
