"""What the parts of a target used while something was measured, and the memory that it had at most."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from bench.records import Cpu
from targets.measured import Measured
from targets.resources import Resources

SAMPLE_SECONDS = 0.2
STAT = Path("/proc/stat")
STOLEN = 8  # the field of the first line of /proc/stat, in ticks: proc_stat(5)
TICKS = 100


class _Reading(NamedTuple):
    at: float
    app: float
    store: float | None
    stolen: float


class Meter:
    """A window of a measurement; see `wrk.Window`."""

    def __init__(self, target: Measured) -> None:
        self._target = target
        self._first = self._last = _Reading(0, 0, None, 0)

    def begin(self) -> None:
        """Take the counters."""
        self._first = self._read()

    def end(self) -> None:
        """Take them again."""
        self._last = self._read()

    def cpu(self, generator: float) -> Cpu:
        """Return what was used a second; the generator tells its own."""
        first, last = self._first, self._last
        seconds = last.at - first.at or 1.0  # the generator did not get so far
        store = None if first.store is None or last.store is None else (last.store - first.store) / seconds
        return Cpu(
            app=(last.app - first.app) / seconds,
            store=store,
            generator=generator,
            stolen=(last.stolen - first.stolen) / seconds,
        )

    def _read(self) -> _Reading:
        store = self._target.store
        return _Reading(
            time.monotonic(), self._target.app.cpu_seconds(), store.cpu_seconds() if store else None, _stolen_seconds()
        )


class PeakMemory:
    """Looks at memory five times a second, from the start of its block to the end."""

    def __init__(self, resources: Resources) -> None:
        self.bytes = resources.memory_bytes()
        self._resources = resources
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(SAMPLE_SECONDS):
            self.bytes = max(self.bytes, self._resources.memory_bytes())


def _stolen_seconds() -> float:
    """Return how long this machine's CPUs waited for a host that ran something else."""
    return int(STAT.read_text().split(maxsplit=STOLEN + 1)[STOLEN]) / TICKS if STAT.exists() else 0.0
