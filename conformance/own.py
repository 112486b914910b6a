"""What the checks of one target have for themselves: instances of its app on a store that nobody else uses.

Started when a check first asks for it, shared by the checks that come after, ended with the last one. So a check may
stop, freeze or fill what it has here, as long as it leaves it as it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from conformance.client import TIMEOUT_SECONDS, Client, NoAnswer, NotSetUp, Transcript
from conformance.patience import until
from conformance.visitor import Visitor
from targets.control import Control, Instance, Settings, Store
from targets.running import CannotStart
from targets.tls_proxy import tls_proxy

OLD_SECRET = "old-" + 16 * "a1B2"  # of instances that live for seconds on the loopback interface
ROOT = Path(__file__).parent.parent
READY_SECONDS = 10.0
READS = 6
FAULTS = {"stopped", "killed", "frozen", "read_only", "full"}
READY_TIMEOUT_SECONDS = 3.0
Address = tuple[str, str]  # a base URL, and the file of the authority's certificate, "" for plain HTTP
Reach = Callable[[Instance], Address]


class Shared:
    """The instances and the store of one target, for all checks of one worker.

    Who is `undisturbed` disturbs no store either, and needs no server of its own.
    """

    def __init__(self, attach: Callable[[], AbstractContextManager[Control]], *, undisturbed: bool = False) -> None:
        self._attach = attach
        self._undisturbed = undisturbed
        self._made: dict[str, Any] = {}
        self.settled: set[str] = set()  # instances that were sound after the last disturbance
        self.hopeless: dict[str, str] = {}  # those that were not, also when started again, with the end of their logs
        self._lock = threading.RLock()
        self._until_close = ExitStack()

    def close(self) -> None:
        """End everything."""
        with self._lock:
            self._until_close.close()
            self._made.clear()

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what was made under a name, or make it."""
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            return self._made[name]

    @property
    def control(self) -> Control:
        """The hand on the target; raises `OutOfReach` where there is none."""
        made: Control = self.once("control", lambda: self._until_close.enter_context(self._attach()))
        return made

    @property
    def store(self) -> Store:
        """The store under `instance` and `replica`; raises `OutOfReach` for a target whose sessions are its cookies."""
        made: Store = self.once("store", self.control.database if self._undisturbed else self.control.store)
        return made

    def tls_proxy(self, upstream: str) -> Address:
        """Put a proxy that ends TLS in front of an app, and return where it is."""
        folder = self._until_close.enter_context(TemporaryDirectory())
        url, authority = self._until_close.enter_context(tls_proxy(ROOT, upstream, Path(folder)))
        return url, str(authority)

    def unsettle(self) -> None:
        """Note that the store has been disturbed, so that every instance has to find it again."""
        with self._lock:
            self.settled.clear()
            self.hopeless.clear()


class Watched:
    """A store that says so when a check disturbs it."""

    def __init__(self, store: Store, disturbed: Callable[[], None]) -> None:
        self._store, self._disturbed = store, disturbed

    def __getattr__(self, name: str) -> Any:
        """Return what the store has under that name."""
        if name in FAULTS:
            self._disturbed()
        return getattr(self._store, name)


class Own:
    """What one check has for itself; everything that goes over the wire is in its transcript."""

    def __init__(self, shared: Shared, transcript: Transcript) -> None:
        self._shared = shared
        self._transcript = transcript

    @property
    def store(self) -> Store:
        """The store under `instance` and `replica`; raises `OutOfReach`."""
        return cast("Store", Watched(self._shared.store, self._shared.unsettle))

    @property
    def instance(self) -> Instance:
        """An app with one worker on the store of its own."""
        return self._healthy("instance", {"SESSION_SECRETS": OLD_SECRET})

    @property
    def replica(self) -> Instance:
        """Another one beside it, with two workers."""
        return self._healthy("replica", {"SESSION_SECRETS": OLD_SECRET, "WORKERS": "2"})

    def client(self, instance: Instance, timeout: float = TIMEOUT_SECONDS) -> Client:
        """Return a client of an instance, as long as it is not started again."""
        return Client(instance.url, self._transcript, timeout)

    def visitor(self, instance: Instance | None = None) -> Visitor:
        """Return a visitor of an instance, of `instance` where none is named."""
        return Visitor(self.client(instance or self.instance))

    @contextmanager
    def started(self, settings: Settings) -> Iterator[Instance]:
        """Start one more app on the store, with settings of its own, while the block runs; raises `CannotStart`."""
        instance = self._shared.control.instance(self._under(), settings)
        try:
            yield instance
        finally:
            instance.kill()

    def kept(self, name: str, settings: Settings) -> Instance:
        """Return an app with settings of its own that other checks use as well, under a name."""
        return self._healthy(name, settings)

    def behind_tls(self, name: str, settings: Settings) -> Client:
        """Return a client of the proxy that ends TLS in front of an instance that other checks use as well."""
        url, trusted = self._over_tls(self._healthy(name, settings, self._over_tls))
        return Client(url, self._transcript, trusted=trusted)

    def _over_tls(self, instance: Instance) -> Address:
        made: Address = self._shared.once(f"TLS for {instance.url}", lambda: self._shared.tls_proxy(instance.url))
        return made

    def _under(self) -> Store | None:
        """Return the store for an instance: None where the sessions are the cookies."""
        return None if self._shared.control.kind == "cookie" else self._shared.store

    def _healthy(self, name: str, settings: Settings, reach: Reach = lambda it: (it.url, "")) -> Instance:
        """Return a shared instance, started again where an earlier check left it dead or without its store.

        `reach` tells where its clients find it: at its own address where there is none.
        """
        try:
            instance: Instance = self._shared.once(name, lambda: self._shared.control.instance(self._under(), settings))
            if not _alive(instance):
                _restart(instance)
            if name not in self._shared.settled:
                self._settle(name, instance, reach)
        except CannotStart as error:
            raise NotSetUp(f"no instance of the app for this check: {error}") from None
        return instance

    def _settle(self, name: str, instance: Instance, reach: Reach) -> None:
        """Wait until an instance is sound, and start it again once where it does not become so."""
        shared = self._shared

        def sound() -> bool:
            return until(lambda: _sound(*reach(instance)), READY_SECONDS)

        if name not in shared.hopeless and not sound():
            _restart(instance)
            if not sound():
                shared.hopeless[name] = instance.log()
        if name in shared.hopeless:
            raise NotSetUp(f"an instance of the app for this check does not count and read:\n{shared.hopeless[name]}")
        shared.settled.add(name)


def _restart(instance: Instance) -> None:
    instance.kill()
    instance.start()


def _alive(instance: Instance) -> bool:
    """Tell whether an app still runs."""
    try:
        Client(instance.url, timeout=READY_TIMEOUT_SECONDS).get("/healthz")
    except NoAnswer:
        return False
    return True


def _sound(url: str, trusted: str) -> bool:
    """Tell whether an app has found its store again: with most of the connections that its workers may have."""
    client = Client(url, timeout=READY_TIMEOUT_SECONDS, trusted=trusted)
    try:
        visitor = Visitor(client).count()
        return all(visitor.state()[0] for _ in range(READS))
    except (NoAnswer, NotSetUp):
        return False
