"""The targets that `make up` wrote down: which there are, and where they can be reached."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """A target. `url` is where the visitor's browser finds it, `reach` where we do; both are "" for one not started."""

    name: str
    implementation: str
    framework: str
    library: str
    store: str
    edition: str
    url: str
    reach: str


def read(path: Path) -> list[Target]:
    """Read the targets as they are listed now, stock beside hardened; none where nothing is listed yet."""
    try:
        entries = json.loads(path.read_bytes())
    except FileNotFoundError:
        return []
    return sorted(
        (Target(**each) for each in entries), key=lambda each: (each.implementation, each.store, each.edition)
    )
