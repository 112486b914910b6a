"""README's matrix and picture, and docs/matrix.csv from which both are made; a test keeps the three together.

They show a whole run in containers, so that whoever makes them anew gets the same.
"""

from __future__ import annotations

import re
from pathlib import Path

from rich.console import Console

from conformance.catalogue import catalogue
from conformance.terminal import PLAIN_WIDTH, Cell, matrix, totals
from report import csv_matrix, picture
from report.csv_matrix import Outcomes
from report.read import ResultsError, Run
from targets import manifest

BLOCK = re.compile(r"(<!-- matrix: [^\n]*-->\n).*(<!-- /matrix -->)", re.DOTALL)
CSV, PICTURE = Path("docs/matrix.csv"), Path("docs/matrix.svg")
RUNTIME = "docker"
CAPTION = (
    "Green: all kept. Orange: so many clauses broken, as written down. Blue: beyond what the store can do.\n"
    "Grey: observed alone, or out of reach. The same in numbers:"
)


def write(run: Run, root: Path) -> None:
    """Write all three. Raises `ResultsError` where the run is not whole, or did not pass."""
    if problem := _problem(run, root):
        raise ResultsError(f"README shows a whole run that passed, and {problem}; make conformance RUNTIME={RUNTIME}")
    text = csv_matrix.of(run) + "\n"
    found = csv_matrix.read(text)
    readme = root / "README.md"
    (root / CSV).write_text(text)
    (root / PICTURE).write_text(picture.of(found))
    readme.write_text(with_matrix(readme.read_text(), found))


def with_matrix(readme: str, found: Outcomes) -> str:
    """Return README's text with that matrix in it."""
    console = Console(width=PLAIN_WIDTH, color_system=None)
    cells = [
        Cell(target, clause.partition(".")[0], found.outcomes[target, clause])
        for target in found.targets
        for clause in found.levels
    ]
    with console.capture() as shown:
        console.print(matrix(cells))
    table = "\n".join(line.rstrip() for line in shown.get().splitlines())
    text = (
        f"{len(found.levels)} clauses, {len(found.targets)} targets\n{table}\n{totals(cell.outcome for cell in cells)}"
    )
    shown_as = (
        f"\n![Areas of clauses against targets, coloured by outcome]({PICTURE})\n\n{CAPTION}\n\n```text\n{text}\n```\n"
    )
    return BLOCK.sub(lambda found: f"{found[1]}{shown_as}{found[2]}", readme)


def _problem(run: Run, root: Path) -> str:
    """Say what keeps a run out of README; "" where nothing does."""
    header = run.header
    if run.footer.exit_status:
        return "this one failed"
    if header.runtime != RUNTIME:
        return f"this one is of the runtime {header.runtime}"
    if {each.name for each in header.targets} != {each.name for each in manifest.find(root)}:
        return f"this one has {len(header.targets)} targets"
    if {each.id for each in header.clauses} != set(catalogue()):
        return f"this one has {len(header.clauses)} clauses"
    return ""
