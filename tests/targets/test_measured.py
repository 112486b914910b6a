"""What a benchmark does with a target, in both runtimes: start, pin, measure, empty the store, stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bench import sessions
from targets import docker, manifest, process, resources
from targets.control import OutOfReach
from targets.measured import Measured
from targets.resources import ControlGroup, ProcessTree
from targets.running import Running
from tests.running import ROOT

TARGETS = ["starlette-redis", "flask-sqlite", "bottle-postgres", "starlette-cookie"]
SESSIONS = 3
FIRST_CPU = {min(os.sched_getaffinity(0))}


@pytest.fixture(scope="module", params=["process", "docker"])
def targets(request: pytest.FixtureRequest) -> Iterator[dict[str, Measured]]:
    if request.param == "docker":
        request.getfixturevalue("engine")
    runtime: Any = docker if request.param == "docker" else process
    chosen = manifest.select(manifest.find(ROOT), ",".join(TARGETS))
    with runtime.for_run(ROOT) as run:
        started = run.start(chosen, lambda _name, _state: None)
        assert all(isinstance(each, Running) for each in started.values()), started
        yield {each.name: run.measured(each) for each in chosen}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_is_started_measured_and_stopped(targets: dict[str, Measured], name: str) -> None:
    target = targets[name]
    target.spare_the_disk()
    assert 0 < target.start(FIRST_CPU) < 30
    made = sessions.make(target.url, SESSIONS)
    assert sessions.lost(target.url, made) == 0
    assert 10 << 20 < target.app.memory_bytes() < 128 << 20
    before = target.app.cpu_seconds(), target.store.cpu_seconds() if target.store else 0.0
    while target.app.cpu_seconds() == before[0] or (target.store and target.store.cpu_seconds() == before[1]):
        sessions.lost(target.url, made)
    if name.endswith("-cookie"):
        assert target.store is None
    else:
        target.empty_store()
        with pytest.raises(sessions.NoSession, match="does not show"):
            sessions.lost(target.url, made)
    url = target.url
    target.stop()
    with pytest.raises(sessions.NoSession, match="no answer"):
        sessions.make(url, 1)


def test_processes_run_where_they_are_pinned() -> None:
    child = os.fork()
    if not child:
        signal.pause()
    try:
        ProcessTree(lambda: [child]).pin(FIRST_CPU)
        assert os.sched_getaffinity(child) == FIRST_CPU
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


class FakeContainer:
    """What a control group is found by."""

    attrs = {"State": {"Pid": 7}}  # noqa: RUF012

    def reload(self) -> None:
        pass


@pytest.mark.parametrize("version", [1, 2])
def test_both_versions_of_control_groups_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    proc, groups = tmp_path / "proc", tmp_path / "groups"
    files = {
        1: {
            proc / "7/cgroup": "4:memory:/docker/x\n2:cpu,cpuacct:/docker/x\n0::/\n",
            groups / "cpuacct/docker/x/cpuacct.usage": "1500000000\n",
            groups / "memory/docker/x/memory.stat": "rss 1\ntotal_rss 4096\n",
        },
        2: {
            proc / "7/cgroup": "0::/system.slice/docker-x.scope\n",
            groups / "system.slice/docker-x.scope/cpu.stat": "usage_usec 1500000\nuser_usec 1\n",
            groups / "system.slice/docker-x.scope/memory.stat": "anon 4096\nfile 9999\n",
        },
    }[version]
    for path, text in {**files, proc / "self": ""}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(resources, "PROC", proc)
    monkeypatch.setattr(resources, "CONTROL_GROUPS", groups)
    group = ControlGroup(FakeContainer())  # type: ignore[arg-type] # as much of one as it takes
    assert (group.cpu_seconds(), group.memory_bytes()) == (1.5, 4096)


def test_a_machine_without_the_files_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "PROC", tmp_path)
    with pytest.raises(OutOfReach, match="Linux"):
        ProcessTree(lambda: [1]).cpu_seconds()


@pytest.mark.usefixtures("engine")
def test_a_program_in_its_place_is_reached_the_same_way() -> None:
    [target] = manifest.select(manifest.find(ROOT), "starlette-cookie")
    with docker.for_run(ROOT) as run:
        run.start([target], lambda _name, _state: None)
        app = run.measured(target)  # which stops it
        program = run.measured(target, ["python", "-m", "app"])
        hosts = []
        for each in (app, program):
            each.start(FIRST_CPU)
            hosts.append(urlsplit(each.url).hostname)
            each.stop()
    assert len({host == "127.0.0.1" for host in hosts}) == 1, f"one goes through the published port: {hosts}"
