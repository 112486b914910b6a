"""`python -m conformance.differential`, behind `make differential`: random visits to all hardened targets at once.

Exit status: 0 where nothing differs, 1 where something does, 2 where nothing could be run, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir
from rich.console import Console
from rich.text import Text

from conformance import declared, terminal
from conformance.catalogue import catalogue
from conformance.client import NoAnswer, NotSetUp
from conformance.differential.check import Totals, check
from conformance.differential.play import meet
from conformance.differential.report import report
from targets import manifest, runtime
from targets.checkout import made
from targets.manifest import ManifestError, Target

ROOT = Path(__file__).parent.parent.parent
LINE_SECONDS = 5.0  # between lines of progress where the output is no terminal


class NothingToRun(Exception):
    """No target could be checked; the message says why."""


def main() -> int:
    """Run the command line."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    set_hypothesis_home_dir(made(ROOT) / "hypothesis")
    try:
        chosen = _hardened(arguments.targets)
        with runtime.choose(arguments.runtime or None, ROOT) as engine:
            return _run(terminal.console(), engine, chosen, arguments)
    except (ManifestError, declared.DeclarationError, runtime.RuntimeUnavailable, NothingToRun) as error:
        print(f"differential: {error}", file=sys.stderr)
        return 2
    except (NoAnswer, NotSetUp) as error:
        print(f"differential: a target does not count: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("differential: stopped by the user; everything that was started is stopped again", file=sys.stderr)
        return 130


def _hardened(patterns: str) -> list[Target]:
    every = manifest.find(ROOT)
    for target in every:
        declared.check(target, catalogue())
    chosen = [target for target in manifest.select(every, patterns) if target.edition == "hardened"]
    if not chosen:
        raise NothingToRun(f"{patterns!r} matches stock targets alone, and those differ by their nature")
    return chosen


def _run(out: Console, engine: runtime.Runtime, chosen: list[Target], arguments: argparse.Namespace) -> int:
    steps = f"{arguments.sequences} sequences of up to {arguments.steps} steps"
    out.print(f"{steps}, seed {arguments.seed}, {len(chosen)} targets, runtime {engine.name}")
    started = engine.start(chosen, lambda name, state: out.print(f"  {name}: {state}"))
    missing = [each for each in started.values() if isinstance(each, runtime.NotStarted)]
    if missing:
        raise NothingToRun("; ".join(f"{each.target.name}: {each.reason}" for each in missing))
    players = [
        meet(name, each.url, each.target.absent) for name, each in started.items() if isinstance(each, runtime.Running)
    ]
    begun = time.monotonic()
    with _progress(out, arguments.sequences) as progress:
        result = check(
            players, seed=arguments.seed, number=arguments.sequences, longest=arguments.steps, progress=progress
        )
    if result.difference:
        out.print(f"\n[bold red]{'a difference that did not come again' if result.unsteady else 'a difference'}[/]")
        out.print(Text(report(result.difference)), soft_wrap=True)
    out.print(
        f"\n{'FAILED' if result.difference else 'passed'}: {result.totals.sequences} sequences, "
        f"{result.totals.requests} requests, {int(bool(result.difference))} differences "
        f"({time.monotonic() - begun:.1f} s, seed {arguments.seed})"
    )
    return int(bool(result.difference))


@contextmanager
def _progress(out: Console, number: int) -> Iterator[Callable[[Totals], None]]:
    """Show how far the check has come; what goes beyond `number` is shrinking."""
    if out.is_terminal:
        with terminal.progress(out) as bar:
            task = bar.add_task("comparing", total=number)
            yield lambda totals: bar.update(
                task, completed=totals.sequences, description="comparing" if totals.sequences <= number else "shrinking"
            )
        return
    last = time.monotonic()

    def tell(totals: Totals) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            out.print(f"  {totals.sequences} sequences, {totals.requests} requests")

    yield tell


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="differential", description=__doc__)
    parser.add_argument(
        "--targets", default="", help="patterns such as 'flask-*', separated by commas; hardened ones count"
    )
    parser.add_argument(
        "--runtime", choices=["", "docker", "process"], default="", help="default: docker where it runs"
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same sequences (default: 0)")
    parser.add_argument("--sequences", type=_positive, default=50, help="how many (default: 50)")
    parser.add_argument("--steps", type=_positive, default=20, help="the most steps of one sequence (default: 20)")
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    sys.exit(main())
