from __future__ import annotations

from pathlib import Path

import pytest

from targets import docker, runtime
from targets.running import RuntimeUnavailable


def test_without_an_engine_the_choice_is_process_and_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    assert runtime.choose(None, tmp_path).name == "process"
    said = capsys.readouterr().err
    assert said.startswith("targets: running as local processes, since Docker cannot: no ")
    assert said.count("\n") == 1


def test_without_a_docker_command_the_choice_is_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert runtime.choose("", tmp_path).name == "process"


def test_with_an_engine_the_choice_is_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "problem", lambda: None)
    monkeypatch.setattr(docker, "for_run", lambda _root: process_named_docker())
    assert runtime.choose(None, tmp_path).name == "docker"


def test_docker_that_was_asked_for_and_cannot_run_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "problem", lambda: "no Docker engine answers")
    with pytest.raises(RuntimeUnavailable, match="no Docker engine answers; start it, or use the runtime process"):
        runtime.choose("docker", tmp_path)


def test_process_that_was_asked_for_asks_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "problem", lambda: pytest.fail("asked"))
    assert runtime.choose("process", tmp_path).name == "process"


def test_an_unknown_runtime_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeUnavailable, match="no runtime 'podman'; use docker or process"):
        runtime.choose("podman", tmp_path)


def process_named_docker() -> object:
    return type("Runtime", (), {"name": "docker"})()
