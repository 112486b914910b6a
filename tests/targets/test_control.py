"""What control promises, in every runtime and on every kind of store, with an app of this tree."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from http.client import OK, SEE_OTHER, SERVICE_UNAVAILABLE
from pathlib import Path

import pytest

from conformance.client import Client
from conformance.visitor import Visitor
from targets import docker, manifest, process
from targets.attach import attach
from targets.control import Control, Instance, OutOfReach, Store
from targets.running import CannotStart, Running
from targets.runtime import Runtime
from targets.url import UrlRuntime
from tests.running import ROOT

TARGETS = {
    target.store: target for target in manifest.select(manifest.find(ROOT), "bottle-*") if target.edition == "hardened"
}
KINDS = ("redis", "sqlite", "postgres")
RUNTIMES: dict[str, Callable[[Path], Runtime]] = {"docker": docker.for_run, "process": process.for_run}
FAULTS = ("stopped", "killed", "frozen", "read_only", "full")
EMBEDDED = {("sqlite", each) for each in ("stopped", "killed", "read_only")}
OUT_OF_REACH = {"docker": EMBEDDED, "process": EMBEDDED | {("postgres", "full")}}
LETS_READ = {"read_only", "full"}
WARM_UPS = 6  # a driver prepares what it sends again and again
IDLE_SECONDS = 1800


@pytest.fixture(scope="module", params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    if request.param == "docker":
        request.getfixturevalue("engine")
    with RUNTIMES[request.param](ROOT) as runtime:
        started = runtime.start(list(TARGETS.values()), lambda _name, _text: None)
        assert all(isinstance(each, Running) for each in started.values()), started
        yield runtime


@pytest.fixture(scope="module", params=KINDS)
def control(request: pytest.FixtureRequest, runtime: Runtime) -> Iterator[Control]:
    with attach(runtime.name, runtime.where, TARGETS[request.param], ROOT) as control:
        yield control


@pytest.fixture(scope="module")
def store(control: Control) -> Store:
    return control.store()


@pytest.fixture(scope="module")
def instance(control: Control, store: Store) -> Instance:
    return control.instance(store, {})


@pytest.fixture
def visitor(store: Store, instance: Instance) -> Visitor:
    """Somebody called eve, who has counted to 2, and is alone."""
    store.flush()
    return Visitor(Client(instance.url)).count(2).log_in("eve")


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


def test_the_kind_is_the_target_s(control: Control, store: Store) -> None:
    assert store.kind == control.kind
    assert store.app_url.startswith({"postgres": "postgresql"}.get(store.kind, store.kind))


def test_entries_show_what_the_app_stored(store: Store, visitor: Visitor) -> None:
    (entry,) = store.entries()
    assert b"eve" in entry.data
    assert entry.seconds_left
    assert IDLE_SECONDS - 60 < entry.seconds_left <= IDLE_SECONDS
    visitor.post("/reset")
    assert store.entries() == []


def test_what_is_planted_is_what_the_app_sees_and_its_expiry_stays(store: Store, visitor: Visitor) -> None:
    (before,) = store.entries()
    store.plant(before.key, b'"planted"')
    (after,) = store.entries()
    assert b'"planted"' in after.data
    assert b"eve" not in after.data
    assert after.seconds_left
    assert before.seconds_left
    assert after.seconds_left <= before.seconds_left
    assert visitor.state()[0] == 0


def test_planting_without_a_record_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError, match="nobody"):
        store.plant("nobody", b"{}")


def test_a_flush_removes_every_record(store: Store, visitor: Visitor) -> None:
    store.flush()
    assert store.entries() == []
    assert visitor.state() == (0, None)


def test_work_counts_what_the_app_asked_and_not_what_we_did(store: Store, visitor: Visitor) -> None:
    if store.kind == "sqlite":
        with pytest.raises(OutOfReach, match="no server that counts"):
            store.work()
        return
    for _ in range(WARM_UPS):
        visitor.count()
        visitor.state()
    before = store.work()
    store.plant(store.entries()[0].key, b'{"count": 1}')
    assert store.work() == before
    visitor.state()
    after_a_read = store.work()
    visitor.count()
    after_a_write = store.work()
    assert (after_a_read.round_trips - before.round_trips, after_a_read.writes) == (1, before.writes)
    assert 1 <= after_a_write.round_trips - after_a_read.round_trips <= 2
    assert after_a_write.writes > after_a_read.writes


def test_connections_are_those_of_apps(control: Control, store: Store, instance: Instance) -> None:
    if store.kind == "sqlite":
        with pytest.raises(OutOfReach, match="no server that knows"):
            store.connections()
        return
    fresh = control.store()
    assert fresh.connections() == 0
    Visitor(Client(instance.url)).count()
    assert store.connections() > 0


def test_file_modes_are_those_of_the_file_and_its_folder(store: Store, visitor: Visitor) -> None:
    if store.kind != "sqlite":
        with pytest.raises(OutOfReach, match="a server's files are its own"):
            store.file_modes()
        return
    visitor.count()
    modes = dict(store.file_modes())
    assert modes.pop(".") == 0o700
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_there_and_is_undone(runtime: Runtime, store: Store, visitor: Visitor, fault: str) -> None:
    begin: Callable[[], AbstractContextManager[None]] = getattr(store, fault)
    if (store.kind, fault) in OUT_OF_REACH[runtime.name]:
        with pytest.raises(OutOfReach):
            begin()
        return
    before = visitor.state()
    with begin():
        assert visitor.post("/count").status == SERVICE_UNAVAILABLE
        # With a write-ahead log, those who read SQLite do not wait for those who write.
        reads = fault in LETS_READ or store.kind == "sqlite"
        assert visitor.get("/").status == (OK if reads else SERVICE_UNAVAILABLE)
    assert eventually(lambda: visitor.get("/").status == OK)
    assert visitor.state() == before
    assert visitor.post("/count").status == SEE_OTHER


def test_what_a_fault_does_is_undone_when_its_block_raises(store: Store, visitor: Visitor) -> None:
    def broken() -> None:
        with store.frozen():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert visitor.post("/count").status == SEE_OTHER


def test_an_app_that_is_killed_and_started_finds_its_sessions(
    store: Store, visitor: Visitor, instance: Instance
) -> None:
    before = visitor.state()
    instance.kill()
    instance.start()
    assert visitor.at(Client(instance.url)).state() == before
    instance.stop()
    instance.start({"SESSION_COOKIE_SECURE": "true"})
    assert "Secure" in str(Visitor(Client(instance.url)).post("/count").headers)
    instance.stop()
    instance.start({})
    assert instance.log()
    assert store.entries()


def test_two_apps_on_one_store_share_its_sessions(control: Control, store: Store, visitor: Visitor) -> None:
    with ThreadPoolExecutor() as threads:
        others = [threads.submit(control.instance, store, {"WORKERS": workers}) for workers in ("1", "2")]
    assert [visitor.at(Client(each.result().url)).state() for each in others] == [visitor.state()] * 2


def test_stores_of_one_control_share_nothing(control: Control, visitor: Visitor) -> None:
    assert control.store().entries() == []
    assert visitor.state() == (2, "eve")


def test_a_database_on_the_run_s_server_is_apart_from_the_target_s_and_takes_no_fault(
    runtime: docker.DockerRuntime | process.ProcessRuntime, control: Control
) -> None:
    database = control.database()
    Visitor(Client(runtime.url(TARGETS[control.kind].name))).count()
    assert database.entries() == []
    visitor = Visitor(Client(control.instance(database, {}).url)).count(2).log_in("eve")
    (entry,) = database.entries()
    assert b"eve" in entry.data
    for fault in (*FAULTS, "flush"):
        with pytest.raises(OutOfReach, match="only the records can be had"):
            getattr(database, fault)()
    visitor.post("/reset")
    assert database.entries() == []


def test_an_app_that_does_not_start_is_told_with_its_line(control: Control, store: Store) -> None:
    with pytest.raises(CannotStart, match="exited with status 1") as error:
        control.instance(store, {"SESSION_IDLE_SECONDS": "soon"})
    assert "SESSION_IDLE_SECONDS" in error.value.log
    with pytest.raises(CannotStart, match="STORE_URL"):
        control.instance(store, {"STORE_URL": None})


def test_the_cookie_store_is_none_and_needs_none(runtime: Runtime) -> None:
    with attach(runtime.name, runtime.where, TARGETS["cookie"], ROOT) as control:
        assert control.kind == "cookie"
        assert Visitor(Client(control.instance(None, {}).url)).count(2)
        with pytest.raises(OutOfReach, match="no store of the kind cookie"):
            control.store()


def test_an_app_of_somebody_else_is_out_of_reach() -> None:
    with pytest.raises(OutOfReach, match="run by somebody else"):
        attach("url", UrlRuntime().where, None, ROOT)
