"""`python -m conformance.differential`, behind `make differential`: random visits to all hardened targets at once.

Exit status: 0 where nothing differs, 1 where something does, 2 where nothing could be run, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir
from rich.console import Console
from rich.text import Text

from conformance import declared, hardened, terminal
from conformance.client import NoAnswer, NotSetUp
from conformance.differential.check import Totals, check
from conformance.differential.play import meet
from conformance.differential.report import report
from targets import runtime
from targets.checkout import made
from targets.manifest import ManifestError, Target

ROOT = Path(__file__).parent.parent.parent


def main() -> int:
    """Run the command line."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    set_hypothesis_home_dir(made(ROOT) / "hypothesis")
    try:
        chosen = hardened.choose(ROOT, arguments.targets, "those differ by their nature")
        with runtime.choose(arguments.runtime or None, ROOT) as engine:
            return _run(terminal.console(), engine, chosen, arguments)
    except (ManifestError, declared.DeclarationError, runtime.RuntimeUnavailable, hardened.NothingToRun) as error:
        print(f"differential: {error}", file=sys.stderr)
        return 2
    except (NoAnswer, NotSetUp) as error:
        print(f"differential: a target does not count: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("differential: stopped by the user; everything that was started is stopped again", file=sys.stderr)
        return 130


def _run(out: Console, engine: runtime.Runtime, chosen: list[Target], arguments: argparse.Namespace) -> int:
    steps = f"{arguments.sequences} sequences of up to {arguments.steps} steps"
    out.print(f"{steps}, seed {arguments.seed}, {len(chosen)} targets, runtime {engine.name}")
    running = hardened.start(out, engine, chosen)
    players = [meet(each.target.name, each.url, each.target.absent) for each in running]
    begun = time.monotonic()
    with terminal.steady_progress(out, "comparing", arguments.sequences) as show:

        def progress(totals: Totals) -> None:
            more = ", shrinking" if totals.sequences > arguments.sequences else ""
            show(totals.sequences, f"{totals.sequences} sequences, {totals.requests} requests{more}")

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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="differential", description=__doc__)
    hardened.add_arguments(parser)
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
