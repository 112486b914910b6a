"""A target of a run as a benchmark handles it: alone, started anew, pinned, measured, on the run's own store."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from targets.resources import Resources


class Measured(Protocol):
    """A target, or another program in its place. Where it was running, it is ended first."""

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end; another one after each start."""

    @property
    def app(self) -> Resources:
        """What the app uses, since it was started last."""

    @property
    def store(self) -> Resources | None:
        """What its store's server uses; None for a store that has none."""

    def start(self, cpus: Collection[int]) -> float:
        """Start it on these CPUs, or on all where none are named.

        Returns the seconds until its first good answer; raises `CannotStart`.
        """

    def stop(self) -> None:
        """End it."""

    def spare_the_disk(self) -> None:
        """Let Redis keep no journal: what is compared are apps, and each would wait for the disk at other moments."""

    def empty_store(self) -> None:
        """Remove every record of its store, while it runs."""

    def log(self, lines: int = 20) -> str:
        """Return the end of its log."""
