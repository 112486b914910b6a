"""`python -m conformance.soak`, behind `make soak`: sessions on all hardened targets while apps and stores fail.

Exit status: 0 where nothing was found, 1 where something was, 2 where nothing could be run, 130 after Ctrl-C (what was
found so far is told then, and is 1 where there is something).
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.text import Text

from conformance import declared, hardened, terminal
from conformance.control import attach
from conformance.redact import redact, secrets
from conformance.soak import check, pace, soak
from conformance.soak.report import LEGEND, report, summary, table, told
from conformance.soak.site import Site
from targets import runtime
from targets.checkout import made
from targets.control import OutOfReach
from targets.manifest import ManifestError, Target
from targets.running import CannotStart

ROOT = Path(__file__).parent.parent.parent
SECRETS = made(ROOT) / "secrets"
MADE_AT_A_TIME = 2
INTERRUPTED = 130


def main() -> int:
    """Run the command line."""
    arguments = _arguments()
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell has its background jobs ignore the first
        signal.signal(each, signal.default_int_handler)
    try:
        chosen = hardened.choose(ROOT, arguments.targets, "what they lose is written down")
        with runtime.choose(arguments.runtime or None, ROOT) as engine:
            return _run(terminal.console(), engine, chosen, arguments)
    except (ManifestError, declared.DeclarationError, runtime.RuntimeUnavailable, hardened.NothingToRun) as error:
        print(f"soak: {redact(str(error), secrets(SECRETS))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("soak: stopped by the user; everything that was started is stopped again", file=sys.stderr)
        return INTERRUPTED


def _run(out: Console, engine: runtime.Runtime, chosen: list[Target], arguments: argparse.Namespace) -> int:
    begun = time.monotonic()
    out.print(f"{arguments.minutes:g} minutes, seed {arguments.seed}, {len(chosen)} targets, runtime {engine.name}")
    hardened.start(out, engine, chosen)
    with ExitStack() as until_exit:
        sites = _sites(out, engine, chosen, until_exit)
        interrupted = False
        try:
            _soak(out, sites, arguments)
        except KeyboardInterrupt:
            interrupted = True
    findings = sorted((each for site in sites for each in site.findings), key=lambda each: each.at)
    shown, more = told(findings)
    for each in shown:
        out.print(f"\n[bold red]{each.kind}[/]")
        out.print(Text(report(each, arguments.seed, secrets(SECRETS))), soft_wrap=True)
    if more:
        out.print(f"\nand {more} more of the same kinds on the same targets")
    out.print()
    out.print(table(sites))
    out.print(LEGEND, style="dim")
    for site in sites:
        for text in site.failed_faults:
            out.print(Text(f"not done: {site.name}: {redact(text, secrets(SECRETS))}"), soft_wrap=True)
    verdict = "FAILED" if findings else "stopped by the user before the end of the check" if interrupted else "passed"
    out.print(f"\n{verdict}: {summary(findings)} ({time.monotonic() - begun:.0f} s, seed {arguments.seed})")
    return 1 if findings else INTERRUPTED if interrupted else 0


def _sites(out: Console, engine: runtime.Runtime, chosen: Sequence[Target], until_exit: ExitStack) -> list[Site]:
    """Start instances and a store for each target; raises `NothingToRun` for the first that does not start."""

    def make(target: Target) -> Site:
        try:
            control = until_exit.enter_context(attach(engine.name, engine.where, target.name))
            site = Site(target.name, target.absent, control)
        except (OutOfReach, CannotStart) as error:
            raise hardened.NothingToRun(f"{target.name}: {error}") from None
        out.print(f"  {target.name}: two instances on a store of their own")
        return site

    with ThreadPoolExecutor(MADE_AT_A_TIME) as pool:
        try:
            return list(pool.map(make, chosen))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _soak(out: Console, sites: Sequence[Site], arguments: argparse.Namespace) -> None:
    seconds = 60 * arguments.minutes
    with terminal.steady_progress(out, "soaking", seconds) as show:

        def tick(over: float) -> None:
            requests = sum(site.tally["requests"] for site in sites)
            show(over, f"{requests} requests, {sum(len(site.findings) for site in sites)} findings")

        soak.run(sites, seconds=seconds, seed=arguments.seed, pace=pace.for_targets(len(sites)), tick=tick)
    reads = 0
    with terminal.steady_progress(out, "checking", sum(map(check.number, sites))) as show:

        def read() -> None:
            nonlocal reads
            reads += 1
            show(reads, f"{reads} reads")

        soak.check_all(sites, read)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    hardened.add_arguments(parser)
    parser.add_argument("--minutes", type=_positive, default=5.0, help="how long, without start and check (default: 5)")
    return parser.parse_args()


def _positive(text: str) -> float:
    number = float(text)
    if number <= 0:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    sys.exit(main())
