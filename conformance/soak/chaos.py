"""What fails: an app is killed or restarted, a store stopped, killed or frozen; one thing at a time on each target."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from random import Random
from threading import Event, Semaphore

from conformance.soak.findings import Kind
from conformance.soak.pace import Pace
from conformance.soak.site import Site
from targets.control import OutOfReach

APP_FAULTS = {"kills": "killed", "restarts": "stopped"}  # by their names in the tally
STORE_FAULTS = ("stopped", "killed", "frozen")  # by their names in `Store`, and in the tally


class Chaos:
    """Makes one target fail, again and again, until it is told to stop; all is up again then, or found to be down.

    `starting` lets as many apps start at a time as there are cores: a start is what costs most.
    """

    def __init__(self, site: Site, pace: Pace, seed: str, starting: Semaphore) -> None:
        self._site = site
        self._pace = pace
        self._starting = starting
        self._random = Random(seed)  # noqa: S311 -- it has to come again
        self._choices = [*APP_FAULTS, *(STORE_FAULTS if site.store else ())]

    def run(self, stop: Event) -> None:
        """Go on until the end, or until something does not come back."""
        due: list[str] = []
        while not stop.wait(self._random.uniform(*self._pace.between)):
            due = due or self._random.sample(self._choices, len(self._choices))  # each once, before one comes again
            choice = due.pop()
            until_back = ExitStack()
            try:
                until_back.enter_context(self._app_away(choice) if choice in APP_FAULTS else self._store_away(choice))
            except OutOfReach:
                self._choices.remove(choice)
                continue
            except Exception as error:  # noqa: BLE001 -- the runtime's failure, whatever it raises, is not the target's
                self._site.not_done(f"{choice}: {error}")
                continue
            self._site.tally.add(choice)
            stop.wait(self._random.uniform(*(self._pace.down if choice in APP_FAULTS else self._pace.fault)))
            try:
                until_back.close()
            except Exception as error:  # noqa: BLE001 -- whatever the runtime or the store's driver raises
                logs = "\n".join(f"{each.label}: {each.instance.log()}" for each in self._site.apps)
                self._site.found(Kind.DOWN, f"{choice}, and then: {error}\n{logs}")
                return

    @contextmanager
    def _app_away(self, choice: str) -> Iterator[None]:
        app = self._random.choice(self._site.apps)
        self._site.event(f"{app.label} is {APP_FAULTS[choice]}")
        if choice == "kills":
            app.instance.kill()
        else:
            app.instance.stop()
        app.url = ""
        yield
        with self._starting:
            app.instance.start()
        app.url = app.instance.url
        self._site.event(f"{app.label} is there again")

    @contextmanager
    def _store_away(self, choice: str) -> Iterator[None]:
        fault: AbstractContextManager[None] = getattr(self._site.store, choice)()
        with fault:
            self._site.event(f"the store is {choice}")
            self._site.frozen_since = time.monotonic() if choice == "frozen" else 0.0
            yield
            self._site.frozen_since = 0.0
            self._site.event("the store is let go on" if choice == "frozen" else "the store is started")
        self._site.event("the store answers again")
