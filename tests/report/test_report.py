"""The report, the specification with results, badges and CSV: every figure from the files, every value as text."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode as Node

from bench import records
from bench.records import Campaign, Line
from conformance.outcomes import Outcome
from report import badges, csv_matrix, pages
from report.__main__ import main
from report.read import ResultsError, Run, read
from tests.bench import campaigns
from tests.report.runs import one_of_each, write
from tests.running import ROOT

STOCK, HARDENED = "flask-redis-stock", "flask-redis"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def run(folder: Path, *outcomes: Outcome) -> Run:
    """Return a run of two clauses on a stock target, whose outcomes are given, and on a hardened one that passes."""
    keys = [(STOCK, "race.many-counts"), (STOCK, "login.rotates-id")]
    passing = {(HARDENED, clause): Outcome.PASS for _, clause in keys}
    made = read(write(folder / "run.jsonl", dict(zip(keys, outcomes, strict=True)) | passing))
    targets = [replace(each, edition="stock" if each.name == STOCK else "hardened") for each in made.header.targets]
    return Run(replace(made.header, targets=targets), made.lines, made.footer)


def campaign(folder: Path, cpu: float) -> Campaign:
    """Return a campaign in which a target takes so much CPU time, and the baseline half a core."""
    slots = {campaigns.BASELINE: 0.5, f"{campaigns.BASELINE}-again": 0.5, HARDENED: cpu}
    cells = [campaigns.cell(number, slot, cpu=each) for number in range(1, 11) for slot, each in slots.items()]
    starts = [campaigns.start(1, slot) for slot in slots]
    lines: list[Line] = [campaigns.header(HARDENED), *starts, *cells]
    return records.read(campaigns.write(folder / "campaign.jsonl", lines, rounds=10))


def parsed(made: Run, measured: Campaign | None = None) -> HTMLParser:
    return HTMLParser(pages.report(made, measured, ROOT))


def one(tree: HTMLParser, selector: str) -> Node:
    [found] = tree.css(selector)
    return found


def evidence(tree: HTMLParser) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(one(tree, "#packed").text())))


def test_the_matrix_shows_each_outcome_of_the_file(tmp_path: Path) -> None:
    for outcome in (Outcome.DEVIATES, Outcome.FAIL, Outcome.UNSUPPORTED):
        tree = parsed(run(tmp_path, outcome, Outcome.PASS))
        link = one(tree, f'.matrix a[href="#cell={STOCK}/race.many-counts"]')
        assert link.text() == outcome
        assert link.parent
        assert link.parent.attributes["class"] == f"o-{outcome}"
        assert "login.rotates-id" in one(tree, "#same").text(), "what passes everywhere is folded"


def test_another_outcome_in_the_file_is_another_page(tmp_path: Path) -> None:
    broken = parsed(run(tmp_path, Outcome.DEVIATES, Outcome.DEVIATES))
    sound = parsed(run(tmp_path, Outcome.PASS, Outcome.DEVIATES))
    told = "clauses broken, "
    assert f"2 {told}2 of them" in one(broken, "#quick-starts article").text()
    assert f"1 {told}1 of them" in one(sound, "#quick-starts article").text()
    assert "it was | not" in one(broken, "#hazards").text()
    assert [row.text() for row in sound.css("#hazards tbody tr:first-child td")] == ["no"]


def test_another_figure_in_the_campaign_is_another_page(tmp_path: Path) -> None:
    shown = [parsed(run(tmp_path, *[Outcome.PASS] * 2), campaign(tmp_path, cpu)) for cpu in (0.25, 0.4)]
    for tree, ratio in zip(shown, ("0.50", "0.80"), strict=True):
        assert f"{HARDENED}{ratio} {ratio} to {ratio}" in re.sub(r"\s*\n\s*", "", one(tree, "#short").text())
        assert f">{ratio}<" in (one(tree, "#costs").html or ""), "the chart has the figure as well"


def test_a_run_without_a_campaign_says_how_to_get_one(tmp_path: Path) -> None:
    assert "make bench measures one" in one(parsed(run(tmp_path, *[Outcome.PASS] * 2)), "#costs").text()


def test_a_target_that_is_not_eligible_is_shown_as_such(tmp_path: Path) -> None:
    measured = campaign(tmp_path, 0.25)
    slots = [
        replace(each, not_eligible="one clause fails") if each.name == HARDENED else each
        for each in measured.header.slots
    ]
    header = replace(measured.header, slots=slots)
    tree = parsed(
        run(tmp_path, *[Outcome.PASS] * 2), Campaign(header, measured.starts, measured.cells, measured.footer)
    )
    assert f"not eligible: {HARDENED}: one clause fails" in one(tree, "#costs").text()


def test_every_result_has_its_evidence(tmp_path: Path) -> None:
    made = one_of_each(tmp_path)
    found = evidence(parsed(made))
    for line in made.lines:
        packed = found["results"][line.target][line.clause]
        assert packed["outcome"] == line.outcome
        assert len(packed.get("steps", [])) == len(line.steps)
        assert f"CLAUSES={line.clause}" in packed["again"]
    assert found["clauses"]["a.fail"]["why"] == "It matters."


def test_values_are_text_and_never_markup(tmp_path: Path) -> None:
    made = run(tmp_path, Outcome.DEVIATES, Outcome.FAIL)
    clauses = [
        replace(each, text=HOSTILE, why=HOSTILE, sources=[HOSTILE, "javascript:alert(3)"])
        for each in made.header.clauses
    ]
    lines = [replace(line, detail=HOSTILE) for line in made.lines]
    hostile = Run(replace(made.header, clauses=clauses, run=HOSTILE), lines, made.footer)
    for page in (pages.report(hostile, None, ROOT), pages.specification(hostile, f"# A\n{HOSTILE}\n## Clauses\n")):
        tree = HTMLParser(page)
        assert "alert(1)" in page, "it is there, as text"
        assert not tree.css("img")
        assert "<script>alert" not in page
        assert not [link for link in tree.css("a") if (link.attributes.get("href") or "").startswith("javascript:")]


def test_the_pages_need_no_network(tmp_path: Path) -> None:
    made = run(tmp_path, Outcome.DEVIATES, Outcome.PASS)
    for page in (pages.report(made, campaign(tmp_path, 0.25), ROOT), pages.specification(made, "# A\n")):
        tree = HTMLParser(page)
        assert not tree.css("link[rel=stylesheet], script[src], img, iframe, object")
        assert "url(http" not in page
        assert "@import" not in page


def test_the_lines_that_mend_a_quick_start_are_those_of_the_checkout(tmp_path: Path) -> None:
    tree = parsed(run(tmp_path, Outcome.DEVIATES, Outcome.DEVIATES))
    blocks = {block.css("summary")[0].text(): block for block in tree.css("#quick-starts .code")}
    assert any("app/hardened/redis_store.py" in name for name in blocks)
    for name, block in blocks.items():
        path, first, last = re.findall(r"(\S+), lines (\d+) to (\d+)", name)[0]
        shown = [line.text() for line in block.css(".line")]
        assert shown == (ROOT / path).read_text().splitlines()[int(first) - 1 : int(last)]


def test_the_specification_has_every_clause_with_every_target(tmp_path: Path) -> None:
    made = one_of_each(tmp_path)
    tree = HTMLParser(pages.specification(made, (ROOT / "SPEC.md").read_text()))
    for line in made.lines:
        section = next(each for each in tree.css("section.clause") if each.attributes["id"] == line.clause)
        [link] = section.css("li a")
        assert link.attributes["href"] == f"index.html#cell={line.target}/{line.clause}"
        assert f"1 {line.outcome}" in section.text()


def test_links_within_the_specification_lead_somewhere(tmp_path: Path) -> None:
    tree = HTMLParser(pages.specification(one_of_each(tmp_path), (ROOT / "SPEC.md").read_text()))
    ids = {each.attributes["id"] for each in tree.css("[id]")}
    links = [each.attributes["href"] or "" for each in tree.css('a[href^="#"]')]
    assert links
    assert not [link for link in links if link[1:] not in ids]


def test_links_within_the_report_lead_somewhere(tmp_path: Path) -> None:
    tree = parsed(run(tmp_path, Outcome.DEVIATES, Outcome.FAIL), campaign(tmp_path, 0.25))
    ids = [each.attributes["id"] for each in tree.css("[id]")]
    assert len(ids) == len(set(ids)), "an id stands twice"
    found = evidence(tree)
    for link in tree.css('a[href^="#"]'):
        name, _, value = (link.attributes["href"] or "")[1:].partition("=")
        target, _, clause = value.partition("/")
        assert name in ids or value in found["clauses"] or clause in found["results"][target]


def test_badges_say_what_is_kept(tmp_path: Path) -> None:
    for outcome, text in (
        (Outcome.PASS, "2 MUST kept"),
        (Outcome.DEVIATES, "1 MUST broken, as written down"),
        (Outcome.FAIL, "conformance fails"),
        (Outcome.UNSUPPORTED, "1 MUST kept, 1 beyond its store"),
    ):
        made = badges.of(run(tmp_path, outcome, Outcome.PASS))
        assert set(made) == {STOCK, HARDENED}
        assert ET.fromstring(made[STOCK]).get("aria-label") == f"{STOCK}: {text}"  # noqa: S314 -- our own


def test_the_matrix_as_csv_reads_back(tmp_path: Path) -> None:
    made = one_of_each(tmp_path)
    found = csv_matrix.read(csv_matrix.of(made) + "\n")
    assert found.targets == ("flask",)
    assert found.outcomes == {("flask", f"a.{outcome}"): outcome for outcome in Outcome}
    assert set(found.levels.values()) == {"MUST"}


@pytest.mark.parametrize("text", ["", "clause,level,a\nx,MUST", "clause,level,a\nx,MUST,splendid"])
def test_a_csv_that_is_no_matrix_is_refused(text: str) -> None:
    with pytest.raises(ResultsError):
        csv_matrix.read(text)


def test_a_run_in_part_does_not_get_into_readme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (ROOT / "README.md").read_text()
    path = write(tmp_path / "run.jsonl", {("flask", "a.one"): Outcome.PASS})
    assert main(["make", "--results", str(path), "--readme"]) == 2
    assert "README shows a whole run" in capsys.readouterr().err
    assert (ROOT / "README.md").read_text() == before
