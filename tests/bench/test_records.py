from __future__ import annotations

from pathlib import Path

import pytest

from bench.records import CampaignError, Line, read
from bench.schema import PATH, schema
from tests.bench.campaigns import BASELINE, cell, header, start, write


def test_the_published_schema_is_fresh() -> None:
    assert PATH.read_text() == schema(), "run: python -m bench.schema"


def test_what_was_written_is_read(tmp_path: Path) -> None:
    lines: list[Line] = [header("flask-redis"), cell(1, BASELINE), cell(1, "flask-redis"), start(1, "flask-redis")]
    campaign = read(write(tmp_path / "campaign.jsonl", lines, rounds=1))
    assert [campaign.header, *campaign.cells, *campaign.starts] == lines
    assert campaign.footer
    assert campaign.footer.rounds == 1


def test_a_campaign_that_was_killed_keeps_what_it_has(tmp_path: Path) -> None:
    path = write(tmp_path / "campaign.jsonl", [header(), cell(1, BASELINE), cell(2, BASELINE)])
    path.write_bytes(path.read_bytes()[:-20])
    campaign = read(path)
    assert campaign.cells == [cell(1, BASELINE)]
    assert campaign.footer is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not the header of a campaign"),
        (b"{}\n", "line 1"),
        (b"none\n", "line 1"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "campaign.jsonl"
    path.write_bytes(content)
    with pytest.raises(CampaignError, match=said):
        read(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="No such file"):
        read(tmp_path / "none.jsonl")


def test_two_campaigns_in_one_file_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "campaign.jsonl", [header(), header()])
    with pytest.raises(CampaignError, match="line 2: it is of another campaign"):
        read(path)
