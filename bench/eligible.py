"""Only what is right is timed: whether each target is green for its edition, by the suite's own results."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from conformance import facts
from conformance.catalogue import catalogue
from report.read import ResultsError, Run, read

SHOWN = 3
ROOT = Path(__file__).parent.parent


class NoVerdict(Exception):
    """The suite did not come to an end; the message says what it said."""


def reasons(images: Mapping[str, str], runtime: str, results: Path, say: Callable[[str], None]) -> dict[str, str]:
    """Return by target why it is not eligible, "" where it is.

    Takes the last whole run of this suite over the very same images from the folder `results`; where there is none, as
    always for processes, which have none, it runs the suite now. Raises `NoVerdict`.
    """
    verdicts: dict[str, str] = {}
    for path in sorted(results.glob("*.jsonl"), key=lambda each: each.stat().st_mtime, reverse=True):
        run = _whole(path)
        for name, image in images.items():
            if run and name not in verdicts and image and _image(run, name) == image:
                verdicts[name] = _verdict(run, name)
    left = [name for name in images if name not in verdicts]
    if left:
        say(f"checking that {len(left)} of {len(images)} targets are right, before they are timed")
        run = _check(left, runtime, results)
        verdicts |= {name: _verdict(run, name) for name in left}
    return verdicts


def _whole(path: Path) -> Run | None:
    """Return a run in which every clause of today's suite was checked, None where it is none."""
    try:
        run = read(path)
    except ResultsError:
        return None
    whole = {each.id for each in run.header.clauses} == set(catalogue())
    return run if whole and run.header.suite == facts.suite() else None


def _check(names: Sequence[str], runtime: str, results: Path) -> Run:
    path = results / "eligible.jsonl"
    command = [sys.executable, "-m", "conformance", "--runtime", runtime, "--targets", ",".join(names)]
    done = subprocess.run(  # noqa: S603 -- our own program
        [*command, "--results", str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    try:
        if done.returncode not in {0, 1}:
            raise NoVerdict(done.stderr.strip() or done.stdout.strip()[-400:])
        return read(path)
    except ResultsError as error:
        raise NoVerdict(str(error)) from None


def _image(run: Run, name: str) -> str:
    return next((each.image for each in run.header.targets if each.name == name), "")


def _verdict(run: Run, name: str) -> str:
    failed = [line for line in run.lines if line.target == name and line.outcome.fails_the_run]
    if not failed:
        return ""
    told = ", ".join(f"{line.clause} ({line.outcome})" for line in failed[:SHOWN])
    more = len(failed) - SHOWN
    return f"it is not green for its edition: {told}{f' and {more} more' if more > 0 else ''}"
