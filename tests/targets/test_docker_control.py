"""What control does in Docker alone; what it does in every runtime is in test_control.py."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest
from docker.errors import APIError
from docker.models.containers import Container

from targets import docker, manifest, readiness
from targets.container_server import ContainerServer
from targets.control import Instance
from targets.docker_control import DockerControl
from targets.instance_host import INSTANCES
from targets.manifest import Target
from targets.running import CannotStart
from tests.targets import miniatures
from tests.targets.engine import add, clean, silent, traces

pytestmark = pytest.mark.usefixtures("engine")

TREE = Path(__file__).parents[2]
ATTACHED = """
import os, signal, sys
from pathlib import Path
from targets import manifest
from targets.docker_control import DockerControl
(target,) = manifest.find(Path(sys.argv[1]))
with DockerControl(sys.argv[2], target) as control:
    control.instance(None, {})
    os.kill(os.getpid(), signal.SIGKILL)
"""
WHOLE_RUN = """
import os, signal, sys
from pathlib import Path
from targets import docker, manifest
from targets.docker_control import DockerControl
(target,) = manifest.find(Path(sys.argv[1]))
with docker.for_run(Path(sys.argv[1])) as runtime:
    runtime.start([target], lambda *_: None)
    DockerControl(runtime.where, target).instance(None, {})
    os.kill(os.getpid(), signal.SIGKILL)
"""
QUESTION = "select current_database() || chr(32) || current_user"
ODD = """
if os.environ["PROBES"] == "no":
    sys.exit("cannot start: PROBES: is no")
if os.environ.get("WORKERS") == "2" and not os.fork():
    time.sleep(3600)
"""


def copies(root: Path) -> list[str]:
    """Return the names of the containers of a checkout, without its only target's own."""
    return [each.name for each in traces(root) if "-works-1-" in each.name]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Make a checkout that leaves nothing behind."""
    with clean(tmp_path):
        yield tmp_path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Target]]:
    """Run the only target of a checkout; yields the project and the target."""
    with clean(tmp_path_factory.mktemp("checkout")) as root, docker.for_run(root) as runtime:
        add(
            root,
            "works",
            miniatures.SERVER.format(first=ODD, answer=f"os._exit(7) if self.path == '/die' else {miniatures.ANSWER}"),
        )
        (target,) = manifest.find(root)
        runtime.start([target], silent)
        yield runtime.where, target


@pytest.fixture
def control(running: tuple[str, Target]) -> Iterator[DockerControl]:
    """Attach to it, and see that nothing is left of what a test made."""
    with DockerControl(*running) as control:
        yield control
    assert names(running) == []


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


def names(running: tuple[str, Target]) -> list[str]:
    """Return the names of the containers that were made beside the target's own."""
    return copies(running[1].folder.parents[1])


def test_what_a_killed_worker_had_made_ends_with_the_run(root: Path) -> None:
    add(root, "works")
    with docker.for_run(root) as runtime:
        runtime.start(manifest.find(root), silent)
        subprocess.run([sys.executable, "-c", ATTACHED, root, runtime.where], cwd=TREE, check=False)
        assert len(copies(root)) == 1
        assert runtime.state("works") == "running"
    assert traces(root) == []


def test_what_a_killed_run_had_made_is_removed_by_the_next(root: Path) -> None:
    add(root, "works")
    subprocess.run([sys.executable, "-c", WHOLE_RUN, root], cwd=TREE, check=False)
    assert len(copies(root)) == 1
    with docker.for_run(root):
        assert traces(root) == []


def test_threads_make_instances_at_the_same_time(control: DockerControl, running: tuple[str, Target]) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: control.instance(None, {"WORKERS": str(n)}), range(4)))
    assert len({each.url for each in made}) == 4
    assert len(names(running)) == 1


def test_an_instance_that_cannot_start_leaves_its_last_words_and_its_port(control: DockerControl) -> None:
    for _ in range(INSTANCES + 1):
        with pytest.raises(CannotStart, match="exited with status 1\ncannot start: PROBES: is no"):
            control.instance(None, {"PROBES": "no"})


def test_there_are_only_so_many_instances_at_once(control: DockerControl) -> None:
    made = [control.instance(None, {}) for _ in range(INSTANCES)]
    with pytest.raises(CannotStart, match="8 instances of the target run already"):
        control.instance(None, {})
    made[3].kill()
    assert control.instance(None, {}).url not in {each.url for each in made if each is not made[3]}


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_no_process_of_an_instance_survives_it(control: DockerControl, running: tuple[str, Target], end: str) -> None:
    def processes() -> int:
        return sum(len(each.top()["Processes"]) for each in traces(folder) if "-works-1-" in each.name)

    folder = running[1].folder.parents[1]
    control.instance(None, {})
    before = processes()
    instance = control.instance(None, {"WORKERS": "2"})
    assert processes() > before + 1
    getattr(instance, end)()
    assert eventually(lambda: processes() == before)  # who waited for it has written down how it ended


def test_an_instance_that_died_is_started_again(control: DockerControl) -> None:
    instance = control.instance(None, {})
    with pytest.raises(readiness.NoAnswer):
        asyncio.run(readiness.get(instance.url, "/die"))
    instance.start()
    assert store_url(instance) == b"cookie:"


def test_an_instance_that_has_ended_is_not_taken_for_the_one_that_has_its_port(control: DockerControl) -> None:
    ended = control.instance(None, {})
    ended.kill()
    for _ in range(INSTANCES):
        control.instance(None, {})
    with pytest.raises(readiness.NoAnswer):
        asyncio.run(readiness.check(ended.url))


class FreezesLate:
    """A container that the engine cannot freeze at the first attempts."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def pause(self) -> None:
        if self.failures:
            self.failures -= 1
            raise APIError("OCI runtime pause failed: unable to freeze")


def test_an_engine_that_fails_to_freeze_is_asked_again() -> None:
    ContainerServer(cast("Container", FreezesLate(2))).freeze()
    with pytest.raises(APIError, match="unable to freeze"):
        ContainerServer(cast("Container", FreezesLate(1000))).freeze()


def test_a_setting_is_no_script(control: DockerControl) -> None:
    value = "two\nlines $(exit 1) 'quoted' \" \\ `"
    assert store_url(control.instance(None, {"STORE_URL": value})).decode() == value


def store_url(instance: Instance) -> bytes:
    """Return what the app has for STORE_URL."""
    return asyncio.run(readiness.get(instance.url, "/"))[1]


def test_an_instance_that_is_started_with_other_settings_keeps_none_of_those_before(control: DockerControl) -> None:
    instance = control.instance(None, {"STORE_URL": "cookie:other"})
    assert store_url(instance) == b"cookie:other"
    instance.stop()
    instance.start({"FRUIT": "cherries"})
    assert store_url(instance) == b"cookie:"


def test_a_setting_that_is_none_is_not_set_not_even_by_the_image(control: DockerControl) -> None:
    with pytest.raises(CannotStart, match="KeyError: 'EDITION'"):
        control.instance(None, {"EDITION": None})


def test_an_instance_is_stopped_killed_and_started_again(control: DockerControl) -> None:
    instance = control.instance(None, {})
    instance.stop()
    instance.kill()
    instance.start()
    instance.kill()
    instance.kill()
    assert instance.log().splitlines() == ["listening", "listening"]


def test_a_postgres_of_before_gets_the_databases_of_targets_that_came_later_and_todays_password(tmp_path: Path) -> None:
    """`make up` again, after a new target, and after `make clean`, which forgets the password and not the volume."""

    def compose(*arguments: str, databases: str, password: str) -> str:
        other = tmp_path / "other.yaml"
        other.write_text(f"services: {{postgres: {{environment: {{DATABASES: {databases}}}}}}}")
        command = ["docker", "compose", "--project-name", tmp_path.name.replace("_", "-"), *files, *arguments]
        said = subprocess.run(
            command, env=os.environ | {"STORE_PASSWORD": password}, capture_output=True, text=True, check=True
        )
        return said.stdout

    def answer(database: str, password: str) -> str:
        client = f"PGPASSWORD={password} psql --tuples-only --no-align --username=app --host=$(hostname) {database}"
        wait = "until pg_isready --quiet --host=$(hostname); do sleep 0.1; done"
        script = f"{wait}; {client} --command='{QUESTION}'"
        return compose("exec", "-T", "postgres", "sh", "-c", script, databases="any", password=password).strip()

    before, now = "first", "second"
    files = ["--file", str(TREE / "compose.yaml"), "--file", str(tmp_path / "other.yaml")]
    try:
        compose("up", "--detach", "postgres", databases="one-target", password=before)
        assert answer("one-target", before) == "one-target app"
        compose("up", "--detach", "postgres", databases="one-target another", password=now)
        assert answer("another", now) == "another app"
        assert answer("one-target", now) == "one-target app"
    finally:
        compose("down", "--volumes", databases="any", password="")
