"""`python -m conformance.soak`, behind `make soak`: sessions on all hardened targets while apps and stores fail.

Exit status: 0 where nothing was found, 1 where something was, 2 where nothing could be run, 130 after Ctrl-C (what was
found so far is told then, and is 1 where there is something).
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from conformance import declared, terminal
from conformance.catalogue import catalogue
from conformance.control import attach
from conformance.redact import redact, secrets
from conformance.soak import check, pace, soak
from conformance.soak.report import LEGEND, report, summary, table, told
from conformance.soak.site import Site
from targets import manifest, runtime
from targets.checkout import made
from targets.control import OutOfReach
from targets.manifest import ManifestError, Target
from targets.running import CannotStart

ROOT = Path(__file__).parent.parent.parent
SECRETS = made(ROOT) / "secrets"
LINE_SECONDS = 10.0  # between lines of progress where the output is no terminal
MADE_AT_A_TIME = 2
INTERRUPTED = 130


class NothingToRun(Exception):
    """No target could be run; the message says why."""


def main() -> int:
    """Run the command line."""
    arguments = _arguments()
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell has its background jobs ignore the first
        signal.signal(each, signal.default_int_handler)
    try:
        chosen = _hardened(arguments.targets)
        with runtime.choose(arguments.runtime or None, ROOT) as engine:
            return _run(terminal.console(), engine, chosen, arguments)
    except (ManifestError, declared.DeclarationError, runtime.RuntimeUnavailable, NothingToRun) as error:
        print(f"soak: {redact(str(error), secrets(SECRETS))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("soak: stopped by the user; everything that was started is stopped again", file=sys.stderr)
        return INTERRUPTED


def _hardened(patterns: str) -> list[Target]:
    every = manifest.find(ROOT)
    for target in every:
        declared.check(target, catalogue())
    chosen = [target for target in manifest.select(every, patterns) if target.edition == "hardened"]
    if not chosen:
        raise NothingToRun(f"{patterns!r} matches stock targets alone, and what they lose is written down")
    return chosen


def _run(out: Console, engine: runtime.Runtime, chosen: list[Target], arguments: argparse.Namespace) -> int:
    begun = time.monotonic()
    out.print(f"{arguments.minutes:g} minutes, seed {arguments.seed}, {len(chosen)} targets, runtime {engine.name}")
    started = engine.start(chosen, lambda name, state: out.print(Text(f"  {name}: {state}")))
    missing = [each for each in started.values() if isinstance(each, runtime.NotStarted)]
    if missing:
        raise NothingToRun("; ".join(f"{each.target.name}: {each.reason}" for each in missing))
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
            raise NothingToRun(f"{target.name}: {error}") from None
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
    with _progress(out, "soaking", seconds) as show:

        def tick(over: float) -> None:
            requests = sum(site.tally["requests"] for site in sites)
            show(over, f"{requests} requests, {sum(len(site.findings) for site in sites)} findings")

        soak.run(sites, seconds=seconds, seed=arguments.seed, pace=pace.for_targets(len(sites)), tick=tick)
    reads = 0
    with _progress(out, "checking", sum(map(check.number, sites))) as show:

        def read() -> None:
            nonlocal reads
            reads += 1
            show(reads, f"{reads} reads")

        soak.check_all(sites, read)


@contextmanager
def _progress(out: Console, what: str, total: float) -> Iterator[Callable[[float, str], None]]:
    """Show how far something has come, and the time left."""
    if out.is_terminal:
        columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
        with Progress(*columns, console=out) as bar:
            task = bar.add_task(what, total=total)
            yield lambda done, text: bar.update(task, completed=done, description=f"{what}: {text}")
        return
    last = time.monotonic()

    def tell(done: float, text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            out.print(f"  {what}: {done / total:.0%}, {text}")

    yield tell


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument(
        "--targets", default="", help="patterns such as 'flask-*', separated by commas; hardened ones count"
    )
    parser.add_argument(
        "--runtime", choices=["", "docker", "process"], default="", help="default: docker where it runs"
    )
    parser.add_argument("--minutes", type=_positive, default=5.0, help="how long, without start and check (default: 5)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same choices (default: 0)")
    return parser.parse_args()


def _positive(text: str) -> float:
    number = float(text)
    if number <= 0:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    sys.exit(main())
