"""How much was done to a target, counted by several threads."""

from __future__ import annotations

import threading
from collections import Counter


class Tally:
    """Counts by their names, and the slowest answer that came while the store was frozen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self.slowest: float | None = None  # seconds

    def __getitem__(self, name: str) -> int:
        """Return a count."""
        return self._counts[name]

    def add(self, name: str) -> None:
        """Count one more."""
        with self._lock:
            self._counts[name] += 1

    def took(self, seconds: float) -> None:
        """Take in an answer that came while the store was frozen."""
        with self._lock:
            self.slowest = max(seconds, self.slowest or 0.0)
