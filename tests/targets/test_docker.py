from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from targets import docker, manifest
from targets.checkout import identity
from targets.running import CannotStart, NotStarted, Running, RuntimeUnavailable
from tests.targets import miniatures
from tests.targets.engine import add, clean, silent, traces

pytestmark = pytest.mark.usefixtures("engine")

TREE = Path(__file__).parents[2]
DIES = """
import os, signal, sys
from pathlib import Path
from targets import docker, manifest
root = Path(sys.argv[1])
with docker.for_run(root) as runtime:
    runtime.start(manifest.find(root), print)
    os.kill(os.getpid(), getattr(signal, sys.argv[2]))
"""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Make a checkout that leaves nothing behind."""
    with clean(tmp_path):
        yield tmp_path


def test_targets_of_all_sorts_start_together(root: Path) -> None:
    add(root, "works")
    add(root, "exits-at-once", miniatures.EXITS_AT_ONCE)
    add(root, "cannot-be-built", build="echo no such package >&2; exit 1")
    miniatures.add(root, "has-no-service")
    said: list[tuple[str, str]] = []
    with docker.for_run(root) as runtime:
        outcomes = runtime.start(manifest.find(root), lambda name, text: said.append((name, text)))
        assert runtime.state("works") == "running"
        assert runtime.log("works") == "listening"
        assert runtime.state("exits-at-once") == "exited with status 1"
    works = outcomes.pop("works")
    assert isinstance(works, Running)
    assert ip_address(urlsplit(works.url).hostname or "").is_private  # the container's own, or loopback
    told = {name: (each.reason, each.log) for name, each in outcomes.items() if isinstance(each, NotStarted)}
    assert told["exits-at-once"] == ("exited with status 1", "cannot start: STORE_URL: is wrong")
    assert told["cannot-be-built"][0] == "building the image failed with status 17"
    assert "no such package" in told["cannot-be-built"][1]
    assert told["has-no-service"][0].startswith("compose.yaml has no service 'has-no-service'")
    assert ("works", "ready") in said


def test_a_project_that_cannot_start_as_a_whole_starts_one_by_one(root: Path) -> None:
    add(root, "works")
    add(root, "wants-the-impossible")
    compose = root / "compose.yaml"
    compose.write_text(compose.read_text() + "    cpus: 10000\n")
    with docker.for_run(root) as runtime:
        outcomes = runtime.start(manifest.find(root), silent)
    assert isinstance(outcomes["works"], Running)
    impossible = outcomes["wants-the-impossible"]
    assert isinstance(impossible, NotStarted)
    assert "CPUs" in impossible.log


def test_a_compose_file_that_is_wrong_is_told_for_every_target(root: Path) -> None:
    add(root, "works")
    (root / "compose.yaml").write_text("services: {works: {imag: x}}")
    with docker.for_run(root) as runtime:
        works = runtime.start(manifest.find(root), silent)["works"]
    assert isinstance(works, NotStarted)
    assert works.reason.startswith("reading compose.yaml failed")
    assert "imag" in works.log


def test_a_run_is_removed_when_it_is_told_to_stop(root: Path) -> None:
    add(root, "works")
    run = subprocess.run([sys.executable, "-c", DIES, root, "SIGTERM"], cwd=TREE, capture_output=True, check=False)
    assert run.returncode != 0
    assert traces(root) == []


def test_what_a_killed_run_left_behind_is_removed_by_the_next_which_leaves_others_alone(root: Path) -> None:
    add(root, "works")
    standing = docker.standing(root)
    standing.start(manifest.find(root), silent)
    subprocess.run([sys.executable, "-c", DIES, root, "SIGKILL"], cwd=TREE, capture_output=True, check=False)
    assert any("-run-" in each.name for each in traces(root))
    with docker.for_run(root):
        assert not any("-run-" in each.name for each in traces(root))
        assert standing.state("works") == "running"
    standing.stop()
    assert [each.name for each in traces(root)] == [
        f"same-session-{identity(root)}_data"
    ]  # sessions outlive `make down`
    traces(root)[0].remove()


def test_a_network_that_the_engine_does_not_let_go_is_told_and_stops_no_run(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add(root, "works")
    with docker.for_run(root) as runtime:
        runtime.start(manifest.find(root), silent)
        monkeypatch.setattr(docker, "down", cannot_remove_the_network)
        with pytest.raises(RuntimeUnavailable, match="has active endpoints"):  # since something still runs
            runtime.stop()
        monkeypatch.undo()
        runtime.stop()
        monkeypatch.setattr(docker, "down", cannot_remove_the_network)
    assert capsys.readouterr().err == "targets: left behind: network front has active endpoints\n"


async def cannot_remove_the_network(_project: str, *_options: str) -> None:
    raise CannotStart("docker compose down failed with status 1", "Removing\nnetwork front has active endpoints")
