"""What counts as a counter, the same rule for every store: see also `update.lua` and `postgres_store.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TOO_LARGE = 10**15  # up to 15 digits, which every JSON parser keeps exact


def counter(session: Mapping[str, Any], key: str) -> int:
    """Return a counter of the session; what somebody put there that is no whole number counts as nothing."""
    value = session.get(key)
    return value if type(value) is int and abs(value) < TOO_LARGE else 0
