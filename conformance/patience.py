"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable

POLL_SECONDS = 0.05


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether the condition came true within `seconds`; looks at least once."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
