"""The project's own targets in the process runtime, for the tests that need a real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from targets import manifest, process
from targets.process import ProcessRuntime
from targets.runtime import Running

ROOT = Path(__file__).parent.parent


@contextmanager
def running(patterns: str) -> Iterator[tuple[ProcessRuntime, dict[str, str]]]:
    """Run targets; yields the runtime and the URLs by name."""
    with process.for_run(ROOT) as engine:
        started = engine.start(manifest.select(manifest.find(ROOT), patterns), lambda _name, _state: None)
        urls = {name: each.url for name, each in started.items() if isinstance(each, Running)}
        assert set(urls) == set(started), [each for each in started.values() if not isinstance(each, Running)]
        yield engine, urls
