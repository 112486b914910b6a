from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.records import Line
from report.__main__ import main
from tests.bench.campaigns import BASELINE, cell, header, write

FLASK = "flask-redis"


def campaign(path: Path, cpu: float, target: str = FLASK) -> str:
    lines: list[Line] = [header(target)]
    for number in range(1, 11):
        lines += [cell(number, BASELINE, cpu=0.5), cell(number, target, cpu=cpu + number / 1000)]
    return str(write(path, lines, rounds=10))


@pytest.mark.parametrize(
    ("cpu", "status", "said"),
    [
        ((0.5, 0.25), 0, "better"),
        ((0.25, 0.5), 1, "worse"),
        ((0.5, 0.501), 0, "no difference shown"),
    ],
)
def test_a_change_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cpu: tuple[float, float], status: int, said: str
) -> None:
    files = [campaign(tmp_path / "old.jsonl", cpu[0]), campaign(tmp_path / "new.jsonl", cpu[1])]
    assert main(["compare", *files, "--format", "json"]) == status
    found = {each["measure"]: each["change"] for each in json.loads(capsys.readouterr().out)["differences"]}
    assert found["CPU time a request"] == said
    assert found["requests a second"] == "no difference shown"
    for form in ("text", "markdown"):
        assert main(["compare", *files, "--format", form]) == status
        assert said in capsys.readouterr().out


def test_a_target_that_is_gone_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [campaign(tmp_path / "old.jsonl", 0.5), campaign(tmp_path / "new.jsonl", 0.5, "bottle-redis")]
    assert main(["compare", *files]) == 1
    assert f"not measured any more: {FLASK}" in capsys.readouterr().out


def test_a_campaign_and_a_run_cannot_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run.jsonl").write_text("{}\n")
    assert main(["compare", campaign(tmp_path / "old.jsonl", 0.5), str(tmp_path / "run.jsonl")]) == 2
    assert "report: " in capsys.readouterr().err
