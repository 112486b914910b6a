"""README, `make help` and what there is agree."""

from __future__ import annotations

import re
import subprocess

import pytest

from conformance.catalogue import catalogue as clauses
from conformance.clause import Capability
from conformance.outcomes import Outcome
from targets import manifest
from tests.running import ROOT
from tests.sabotage.fault import catalogue

README = (ROOT / "README.md").read_text()
DOCUMENTS = [
    "README.md",
    "SPEC.md",
    *(f"docs/{each.name}" for each in sorted((ROOT / "docs").glob("*.md"))),
    *(f"impls/{each.name}/README.md" for each in sorted((ROOT / "impls").glob("*/"))),
]
MAKEFILE = (ROOT / "Makefile").read_text()


def test_every_make_target_in_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z-]+)", README))
    assert named <= targets, named - targets


def test_make_help_lists_every_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    for target in re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE):
        assert f"make {target} " in shown


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_to_a_file_leads_somewhere(document: str) -> None:
    path = ROOT / document
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
        assert (path.parent / link).exists(), link


def test_every_outcome_is_explained() -> None:
    for outcome in Outcome:
        assert f"| {outcome} |" in README


def test_readmes_matrix_has_every_target() -> None:
    targets = manifest.find(ROOT)
    assert f"{len(clauses())} clauses, {len(targets)} targets" in README
    for target in targets:
        assert f"\n{target.name} " in README, target.name


def test_every_capability_that_readme_names_exists() -> None:
    named = re.search(r"ABSENT='([^']+)'", README)
    assert named
    assert set(named[1].split(",")) <= set(Capability)


@pytest.mark.parametrize("implementation", sorted(each.name for each in (ROOT / "impls").glob("*/")))
def test_the_numbers_of_lines_in_an_implementations_readme_are_true(implementation: str) -> None:
    folder = ROOT / "impls" / implementation
    for name, told in re.findall(r"^\| `([^`]+)` \| (\d+) \|", (folder / "README.md").read_text(), re.MULTILINE):
        path = next(each for each in (folder / name, folder / "app" / name) if each.exists())
        assert len(path.read_text().splitlines()) == int(told), f"{name} has not {told} lines"


def test_readme_knows_the_number_of_faults() -> None:
    assert f"and {len(catalogue())} faults in it" in README
