"""The hand on a sabotaged app: its instances are threads of the worker, and its store is in memory."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable
from typing import Self

from targets.control import OutOfReach, Settings, Store
from targets.running import CannotStart
from tests.sabotage import fault, visit
from tests.sabotage.app import App
from tests.sabotage.http import Request, Response, Server
from tests.sabotage.memory import Memory

CORRECT = "correct"


class InMemory:
    """Threads that serve an app; `WORKERS` of them take the requests in turn, as processes would."""

    def __init__(self, make: Callable[[Settings], App], settings: Settings) -> None:
        self._make = make
        self._settings = settings
        self.start()

    @property
    def url(self) -> str:
        """The base URL."""
        return self._server.url

    def start(self, settings: Settings | None = None) -> None:
        """Start, with other settings where they are given."""
        self._settings = self._settings if settings is None else settings
        try:
            self._apps = [self._make(self._settings) for _ in range(int(self._settings.get("WORKERS") or 1))]
        except visit.CannotStart as error:
            raise CannotStart("exited with status 1", str(error)) from None
        turns = itertools.cycle(self._apps)

        def serve(request: Request) -> Response:
            return next(turns)(request)

        self._server = Server(serve)

    def stop(self) -> None:
        """End in good order."""
        self._end(in_good_order=True)

    def kill(self) -> None:
        """End at once."""
        self._end(in_good_order=False)

    def log(self, lines: int = 20) -> str:
        """There is none."""
        del lines
        return ""

    def _end(self, *, in_good_order: bool) -> None:
        self._server.close()
        for each in self._apps:
            each.close(in_good_order=in_good_order)
        self._apps = []


class Control:
    """The hand on one fault."""

    kind = "memory"

    def __init__(self, make: type[App]) -> None:
        self._make = make
        self._defaults = {"SESSION_SECRETS": secrets.token_hex(32)}
        self._instances: list[InMemory] = []

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every instance."""
        for each in self._instances:
            each.kill()

    def store(self) -> Store:
        """Make a store."""
        return Memory()

    def database(self) -> Store:
        """Make a store: none costs a server here."""
        return self.store()

    def instance(self, store: Store | None, settings: Settings) -> InMemory:
        """Start an app."""
        if not isinstance(store, Memory):
            raise OutOfReach("the sabotaged app needs its store")
        made = InMemory(lambda given: self._make(store, self._defaults | dict(given)), settings)
        self._instances.append(made)
        return made


def attach(runtime: str, where: str, name: str) -> Control:
    """Return the control of a fault, or of the correct app."""
    del runtime, where
    return Control(App if name == CORRECT else fault.catalogue()[name].app)
