"""Counters, whatever is stored in their place."""

from __future__ import annotations

from typing import Any


def as_count(value: Any) -> int:
    """Return a stored count; for what this app never stores, 0 as if there were none: no whole number, over 64 bits."""
    return value if type(value) is int and abs(value) < 1 << 63 else 0
