"""The hand on a target, as workers get it: by the names of runtime and target, being processes of their own."""

from __future__ import annotations

from pathlib import Path

from targets import manifest
from targets.attach import attach as attach_to
from targets.control import Control

ROOT = Path(__file__).parent.parent
# Read when the worker starts, not when its threads ask: msgspec crashes where two of them first meet a type at once.
TARGETS = {target.name: target for target in manifest.find(ROOT)}


def attach(runtime: str, where: str, name: str) -> Control:
    """Return the control of a target that the run has started; raises `OutOfReach` where somebody else runs it."""
    return attach_to(runtime, where, TARGETS.get(name), ROOT)
