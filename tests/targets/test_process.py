from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from http.client import RemoteDisconnected
from pathlib import Path

import pytest

from targets import manifest, postgres_server, process, processes, started, unprivileged
from targets.running import NotStarted, Running
from tests.targets import miniatures

READY_SECONDS = 5.0  # of those that must not become ready in time
GONE_SECONDS = 10.0
TREE = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path
from targets import manifest, process
with process.for_run(Path(sys.argv[1])) as runtime:
    runtime.start(manifest.find(Path(sys.argv[1])), print)
    print("all started", flush=True)
    time.sleep(60)
"""


def silent(_name: str, _text: str) -> None:
    pass


def start(root: Path, ready_seconds: float = process.READY_SECONDS) -> dict[str, Running | NotStarted]:
    with process.for_run(root, ready_seconds) as runtime:
        return runtime.start(manifest.find(root), silent)


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 -- a target on this machine
        return str(response.read().decode())


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + GONE_SECONDS
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def gone(root: Path) -> bool:
    numbers = miniatures.pids(root)
    return bool(numbers) and not any(started.since(pid) for pid in numbers)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Running | NotStarted]:
    """What becomes of one target of each sort, all started together."""
    root = tmp_path_factory.mktemp("checkout")
    miniatures.add(root, "works")
    miniatures.add(root, "exits-at-once", miniatures.EXITS_AT_ONCE)
    miniatures.add(root, "never-answers", miniatures.NEVER_ANSWERS)
    miniatures.add(root, "answers-rubbish", miniatures.ANSWERS_RUBBISH)
    miniatures.add(root, "is-unwell", miniatures.IS_UNWELL)
    miniatures.add(root, "kills-itself", miniatures.KILLS_ITSELF)
    miniatures.add(root, "has-no-program", command=("no-such-program",))
    folder = miniatures.add(root, "has-bad-requirements")
    (folder / "requirements.txt").write_text("no-hash==1\n")
    begun = time.monotonic()
    found = start(root, READY_SECONDS)
    assert time.monotonic() - begun < READY_SECONDS + GONE_SECONDS
    assert gone(root)
    return found


def reason(outcome: Running | NotStarted) -> tuple[str, str]:
    assert isinstance(outcome, NotStarted)
    return outcome.reason, outcome.log


def test_a_target_that_works_runs_beside_others_that_do_not(outcomes: dict[str, Running | NotStarted]) -> None:
    works = outcomes["works"]
    assert isinstance(works, Running)
    assert works.url.startswith("http://127.0.0.1:")
    assert len(outcomes) == 8


def test_one_that_exits_at_once_is_told_with_its_status_and_log(outcomes: dict[str, Running | NotStarted]) -> None:
    assert reason(outcomes["exits-at-once"]) == ("exited with status 1", "cannot start: STORE_URL: is wrong")


def test_one_that_a_signal_kills_is_told_with_the_signal(outcomes: dict[str, Running | NotStarted]) -> None:
    assert reason(outcomes["kills-itself"])[0] == "killed by signal 9 (SIGKILL)"


def test_one_that_never_answers_is_given_up_at_the_deadline(outcomes: dict[str, Running | NotStarted]) -> None:
    assert reason(outcomes["never-answers"]) == (
        f"not ready after {READY_SECONDS:g} s: GET /healthz: no answer within 2 s",
        "listening",
    )


def test_one_that_answers_rubbish_is_told_so(outcomes: dict[str, Running | NotStarted]) -> None:
    assert "GET /healthz: the answer is not HTTP" in reason(outcomes["answers-rubbish"])[0]


def test_one_that_is_unwell_is_told_with_its_answer(outcomes: dict[str, Running | NotStarted]) -> None:
    assert "GET /healthz: answered 503 with b'not now'" in reason(outcomes["is-unwell"])[0]


def test_a_command_that_is_not_there_is_told(outcomes: dict[str, Running | NotStarted]) -> None:
    assert reason(outcomes["has-no-program"])[0] == "command: no-such-program: No such file or directory"


def test_requirements_that_cannot_be_installed_are_told_with_the_reason(
    outcomes: dict[str, Running | NotStarted],
) -> None:
    told, log = reason(outcomes["has-bad-requirements"])
    assert told.startswith("installing has-bad-requirements/requirements.txt failed")
    assert "--require-hashes" in log


def test_state_and_log_tell_of_a_death_during_the_run(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "works")
    with process.for_run(tmp_path) as runtime:
        outcome = runtime.start(manifest.find(tmp_path), silent)["works"]
        assert isinstance(outcome, Running)
        assert runtime.state("works") == "running"
        with pytest.raises(RemoteDisconnected):
            get(f"{outcome.url}/die")
        assert eventually(lambda: runtime.state("works") == "exited with status 7")
        assert runtime.log("works") == "listening"
    assert runtime.log("works") == "listening"


def test_each_target_on_redis_has_a_database_of_its_own(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "mini", one="redis", two="redis", three="cookie")
    with process.for_run(tmp_path) as runtime:
        started_ones = runtime.start(manifest.find(tmp_path), silent)
        urls = {name: get(f"{each.url}/store") for name, each in started_ones.items() if isinstance(each, Running)}
    assert urls["one"].endswith("/0")
    assert urls["two"].endswith("/1")
    assert urls["one"][:-1] == urls["two"][:-1]
    assert urls["three"] == "cookie:"
    assert not (tmp_path / ".run/process" / str(os.getpid()) / "_redis").exists()


def test_each_target_on_postgres_has_a_database_of_its_own(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "mini", one="postgres", two="postgres")
    with process.for_run(tmp_path) as runtime:
        started_ones = runtime.start(manifest.find(tmp_path), silent)
        urls = {name: get(f"{each.url}/store") for name, each in started_ones.items() if isinstance(each, Running)}
        link = Path(runtime.where) / "_postgres"
        data = link.resolve()
        assert (data / "data/PG_VERSION").exists()
    assert urls["one"].startswith("postgresql://app:")
    assert urls["one"].endswith("/one")
    assert urls["one"].removesuffix("/one") == urls["two"].removesuffix("/two")
    assert not data.exists()
    assert not link.is_symlink()


def test_each_target_on_sqlite_has_a_folder_of_its_own(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "mini", one="sqlite", two="sqlite")
    with process.for_run(tmp_path) as runtime:
        started_ones = runtime.start(manifest.find(tmp_path), silent)
        urls = {name: get(f"{each.url}/store") for name, each in started_ones.items() if isinstance(each, Running)}
        assert urls == {name: f"sqlite:///{runtime.where}/_sqlite/{name}/sessions.db" for name in ("one", "two")}
        assert (Path(runtime.where) / "_sqlite/one").stat().st_mode & 0o777 == 0o700
    assert not (Path(runtime.where) / "_sqlite").exists()


def test_a_server_that_refuses_to_run_is_told_for_those_who_need_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    miniatures.add(tmp_path, "mini", one="postgres", two="cookie")
    monkeypatch.setattr(unprivileged, "user", lambda: None)
    monkeypatch.setattr(postgres_server, "arguments", lambda *_: ["sh", "-c", "echo out of order; exit 3"])
    outcomes = start(tmp_path)
    assert reason(outcomes["one"]) == ("postgres: exited with status 3", "out of order")
    assert isinstance(outcomes["two"], Running)


def test_a_port_that_somebody_else_took_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    miniatures.add(tmp_path, "works")
    with socket.create_server(("127.0.0.1", 0)) as other, process.for_run(tmp_path) as runtime:
        taken, free = other.getsockname()[1], runtime._free_port()  # noqa: SLF001
        monkeypatch.setattr(runtime, "_free_port", iter([taken, free]).__next__)
        outcome = runtime.start(manifest.find(tmp_path), silent)["works"]
    assert isinstance(outcome, Running)
    assert outcome.url == f"http://127.0.0.1:{free}"


def test_everything_is_stopped_when_the_body_is_interrupted(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "mini", mini_redis="redis")
    runtime = process.for_run(tmp_path)

    def body() -> None:
        with runtime:
            runtime.start(manifest.find(tmp_path), silent)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        body()
    assert gone(tmp_path)
    assert runtime.state("_redis") == "exited with status 0"
    assert not list((tmp_path / ".run/process").glob("*/*.json"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_even_while_targets_are_starting(tmp_path: Path, number: signal.Signals) -> None:
    miniatures.add(tmp_path, "never-answers", miniatures.NEVER_ANSWERS)
    run = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], cwd=TREE, stderr=subprocess.DEVNULL)
    assert eventually(lambda: bool(miniatures.pids(tmp_path)))
    run.send_signal(number)
    assert run.wait(GONE_SECONDS) != 0
    assert gone(tmp_path)


def test_what_a_killed_run_left_behind_is_stopped_by_the_next(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "mini", mini_redis="redis")
    run = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], cwd=TREE, stdout=subprocess.PIPE)
    assert run.stdout
    with run.stdout:
        while run.stdout.readline() != b"all started\n":
            assert run.poll() is None
        run.kill()
    run.wait()
    assert not gone(tmp_path)
    with process.for_run(tmp_path):
        assert eventually(lambda: gone(tmp_path))
        assert not (tmp_path / ".run/process" / str(run.pid)).exists()


def test_the_folder_of_a_run_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    with process.for_run(tmp_path):
        processes.remove_leftovers(tmp_path / ".run/process")
        assert (tmp_path / ".run/process" / str(os.getpid())).exists()


def test_an_environment_is_made_again_only_when_the_requirements_change(tmp_path: Path) -> None:
    folder = miniatures.add(tmp_path, "works")
    said: list[str] = []
    with process.for_run(tmp_path) as runtime:
        for content in ("", "", "# another\n"):
            (folder / "requirements.txt").write_text(content)
            runtime.start(manifest.find(tmp_path), lambda _name, text: said.append(text))
    assert said.count("installing requirements") == 2


def test_standing_targets_are_found_again_and_not_started_twice(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "mini", mini_redis="redis")
    first = process.standing(tmp_path)
    try:
        first.start(manifest.find(tmp_path), silent)
        numbers = miniatures.pids(tmp_path)
        second = process.standing(tmp_path)
        second.start(manifest.find(tmp_path), silent)
        assert miniatures.pids(tmp_path) == numbers
        assert second.url("mini-redis") == first.url("mini-redis")
        assert second.state("mini-redis") == "running"
    finally:
        process.standing(tmp_path).stop()
        first.stop()  # collects its children
    assert gone(tmp_path)
    assert process.standing(tmp_path).state("mini-redis") == "not started"


def test_a_process_that_ignores_sigterm_is_killed() -> None:
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    stubborn = subprocess.Popen([sys.executable, "-c", program], start_new_session=True, stdout=subprocess.PIPE)
    assert stubborn.stdout
    with stubborn.stdout:
        stubborn.stdout.readline()
    started.stop([stubborn.pid], seconds=0.2)
    assert stubborn.wait() == -signal.SIGKILL


def test_a_record_of_a_process_that_had_the_same_number_is_not_taken_for_it() -> None:
    now = started.since(os.getpid())
    assert started.Started(os.getpid(), now or "").alive
    assert not started.Started(os.getpid(), "another boot-1").alive


def test_a_process_that_has_the_number_of_one_that_ended_is_left_alone(tmp_path: Path) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleep, start_new_session=True) as other:
        ended = processes.Processes(tmp_path)
        ended._started["ended"] = started.Started(other.pid, "another boot-1")  # noqa: SLF001
        ended.stop()
        ended.kill_all()
        left_alone = other.poll() is None
        other.kill()
    assert left_alone


def test_secrets_are_kept_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "works")
    start(tmp_path)
    path = tmp_path / ".run/secrets/works.env"
    before = path.read_text()
    start(tmp_path)
    assert path.read_text() == before
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(before.strip().removeprefix("SESSION_SECRETS=")) == 64
