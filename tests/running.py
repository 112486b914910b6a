"""The project's own targets in the process runtime, for the tests that need a real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from targets import manifest, process
from targets.process import ProcessRuntime
from targets.runtime import Running

ROOT = Path(__file__).parent.parent
T = TypeVar("T")


@contextmanager
def running(patterns: str) -> Iterator[tuple[ProcessRuntime, dict[str, str]]]:
    """Run targets; yields the runtime and the URLs by name."""
    targets = manifest.select(manifest.find(ROOT), patterns)
    with process.for_run(ROOT) as engine:
        started = in_a_thread(lambda: engine.start(targets, lambda _name, _state: None))
        urls = {name: each.url for name, each in started.items() if isinstance(each, Running)}
        assert set(urls) == set(started), [each for each in started.values() if not isinstance(each, Running)]
        yield engine, urls


def in_a_thread(call: Callable[[], T]) -> T:
    """Call what runs an event loop: while a test has a browser, its own thread runs Playwright's already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()
