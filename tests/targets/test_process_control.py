"""What control does with local processes alone; what it does in every runtime is in test_control.py."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from targets import manifest, process, started, unprivileged
from targets.attach import attach
from targets.checkout import made
from targets.control import Control
from targets.running import CannotStart
from tests.running import ROOT
from tests.targets import miniatures
from tests.targets.test_process import TREE, eventually, get, gone

# A worker that freezes its store, and is killed.
ATTACHED = """
import os, signal, sys
from pathlib import Path
from targets import manifest
from targets.attach import attach
root = Path(sys.argv[1])
(target,) = manifest.find(root)
with attach("process", sys.argv[2], target, root) as control:
    store = control.store()
    control.instance(store, {})
    with store.frozen():
        os.kill(os.getpid(), signal.SIGKILL)
"""


def families(where: Path) -> set[int]:
    """Return the living processes that controls started in a run's folder."""
    records = [json.loads(path.read_text()) for path in where.glob("control/*/*.json")]
    return started.family([each["pid"] for each in records])


def elsewhere(root: Path) -> set[Path]:
    """Return the folders of other users that the runs of a checkout have links to."""
    links = {path for path in (root / ".run/process").rglob("*") if path.is_symlink()}
    return {path.readlink() for path in links if path.readlink().name.startswith(unprivileged.PREFIX)}


def attached(root: Path, where: str) -> Control:
    return attach("process", where, manifest.find(root)[0], root)


@pytest.mark.parametrize("store", ["redis", "postgres"])
def test_what_a_killed_worker_had_started_ends_with_the_run(tmp_path: Path, store: str) -> None:
    miniatures.add(tmp_path, "works", works=store)
    with process.for_run(tmp_path) as runtime:
        worker = subprocess.run([sys.executable, "-c", ATTACHED, tmp_path, runtime.where], cwd=TREE, check=False)
        assert worker.returncode == -signal.SIGKILL
        left, folders = families(Path(runtime.where)), elsewhere(tmp_path)
        assert len(left) > 1
    assert not any(map(started.since, left))
    assert not list(Path(runtime.where).glob("control/*"))
    assert not any(map(Path.exists, folders))


def test_what_a_killed_run_had_started_is_ended_by_the_next(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "works", works="postgres")
    program = (
        f"{ATTACHED.partition('with attach')[0]}from targets import process\n"
        "with process.for_run(root) as runtime:\n"
        '    control = attach("process", runtime.where, target, root)\n'
        "    control.instance(control.store(), {})\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path], cwd=TREE, check=False)
    assert not gone(tmp_path)
    folders = elsewhere(tmp_path)
    with process.for_run(tmp_path):
        assert eventually(lambda: gone(tmp_path))
        assert [path.name for path in (tmp_path / ".run/process").iterdir()] == [str(os.getpid())]
    assert not any(map(Path.exists, folders))


def test_nothing_is_left_after_the_block(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "works", works="redis")
    with process.for_run(tmp_path) as runtime:
        with attached(tmp_path, runtime.where) as control:
            control.instance(control.store(), {})
            families_of_it = families(Path(runtime.where))
            assert len(families_of_it) == 2
        assert not any(map(started.since, families_of_it))
        assert not list(Path(runtime.where).glob("control/*"))


def test_settings_are_those_of_the_run_with_probes_but_for_those_given(tmp_path: Path) -> None:
    show = "self.say(200, 'ok' if self.path == '/healthz' else __import__('json').dumps(dict(os.environ)))"
    miniatures.add(tmp_path, "works", miniatures.SERVER.format(first="", answer=show))
    with process.for_run(tmp_path) as runtime, attached(tmp_path, runtime.where) as control:
        instance = control.instance(None, {"WORKERS": "3", "SESSION_COOKIE_NAME": None})
        first = json.loads(get(instance.url))
        instance.stop()
        instance.start({"WORKERS": "2"})
        second = json.loads(get(instance.url))
    assert (first["WORKERS"], first["PROBES"], first["STORE_URL"]) == ("3", "1", "cookie:")
    assert "SESSION_COOKIE_NAME" not in first
    assert (second["WORKERS"], second["SESSION_COOKIE_NAME"]) == ("2", "works-sid")
    assert first["SESSION_SECRETS"] == second["SESSION_SECRETS"]


def test_an_app_that_does_not_start_leaves_no_process(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "kills-itself", miniatures.KILLS_ITSELF)
    with process.for_run(tmp_path) as runtime, attached(tmp_path, runtime.where) as control:
        with pytest.raises(CannotStart, match="killed by signal 9"):
            control.instance(None, {})
        assert families(Path(runtime.where)) == set()


def test_a_full_disk_is_one_for_files_and_not_for_the_log(tmp_path: Path) -> None:
    """The app writes a file and says so in its log."""
    write = "print(self.path, flush=True); pathlib.Path('written').write_text('x'); self.say(200, 'ok')"
    miniatures.add(tmp_path, "works", miniatures.SERVER.format(first="", answer=write), works="sqlite")
    with process.for_run(tmp_path) as runtime, attached(tmp_path, runtime.where) as control:
        store = control.store()
        instance = control.instance(store, {})
        with store.full(), pytest.raises(OSError, match="Remote end closed"):
            get(f"{instance.url}/while-full")
        assert get(f"{instance.url}/afterwards") == "ok"
        instance.stop()
        assert "/while-full" in instance.log(100)
        assert "File too large" in instance.log(100)
        assert "/afterwards" in instance.log(100)


def test_servers_are_installed_where_the_machine_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    miniatures.add(tmp_path, "works", works="postgres")
    (tmp_path / ".run").mkdir(parents=True)
    (tmp_path / ".run/venvs").symlink_to(made(ROOT) / "venvs")
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr("targets.postgres_server.DEBIAN", tmp_path)
    with process.for_run(tmp_path) as runtime, attached(tmp_path, runtime.where) as control:
        assert control.store().entries() == []
