"""`python -m conformance`, behind `make conformance`: starts targets, runs the suite, prints the matrix.

Exit status: 0 where every outcome is as it should be, 1 where one fails the run, 2 where nothing could be run.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from rich.console import Console

from conformance import declared, terminal
from conformance.catalogue import SelectionError, catalogue, select
from conformance.clause import Capability, Clause
from conformance.outcomes import Seen
from conformance.record import Record
from conformance.results import results
from conformance.run import SuiteError, run
from targets import manifest, runtime, url
from targets.manifest import ManifestError, Target

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Run the command line."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        clauses = select(arguments.clauses)
        if arguments.url:
            engine: runtime.Runtime = url.UrlRuntime()
            chosen = [url.target_at(arguments.url, frozenset(arguments.absent.replace(",", " ").split()))]
        else:
            every = manifest.find(ROOT)
            for target in every:
                declared.check(target, catalogue())
            chosen = manifest.select(every, arguments.targets)
            engine = runtime.choose(arguments.runtime or None, ROOT)
        for target in chosen:
            declared.check(target, catalogue())
        with engine:
            return _run(terminal.console(), engine, chosen, clauses, arguments.workers)
    except (ManifestError, SelectionError, declared.DeclarationError, runtime.RuntimeUnavailable, SuiteError) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("conformance: stopped by the user; everything that was started is stopped again", file=sys.stderr)
        return 130


def _run(
    out: Console, engine: runtime.Runtime, chosen: list[Target], clauses: dict[str, Clause], workers: int | None
) -> int:
    begun = time.monotonic()
    out.print(f"{len(clauses)} clauses, {len(chosen)} targets, runtime {engine.name}")
    started = engine.start(chosen, lambda name, state: out.print(f"  {name}: {state}"))
    ready = time.monotonic()
    records: list[Record] = []
    urls = {}
    for name, each in started.items():
        if isinstance(each, runtime.Running):
            urls[name] = each.url
        else:
            records += [Record(name, clause, Seen.BROKEN, each.reason, 0.0) for clause in clauses]
    with terminal.progress(out) as bar:
        task = bar.add_task("checking", total=len(urls) * len(clauses))

        def seen(record: Record) -> None:
            records.append(record)
            bar.advance(task)

        if urls:
            run(urls, clauses.values(), seen, workers)
    made = results(chosen, clauses, records)
    logs = {}
    for result in made:
        if result.record.seen is Seen.BROKEN and result.target.name not in logs:
            name = result.target.name
            logs[name] = f"state: {engine.state(name)}\n{engine.log(name)}"
    out.print(terminal.matrix(made))
    out.print(terminal.LEGEND, style="dim")
    terminal.show_failures(out, made, logs)
    failed = any(result.outcome.fails_the_run for result in made)
    out.print(
        f"\n{'FAILED' if failed else 'passed'}: {terminal.totals(made)} "
        f"({ready - begun:.1f} s to start, {time.monotonic() - ready:.1f} s to check)"
    )
    return int(failed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("--targets", default="", help="patterns such as 'flask-*', separated by commas")
    parser.add_argument("--clauses", default="", help="patterns such as 'login.*', separated by commas")
    parser.add_argument(
        "--runtime", choices=["", "docker", "process"], default="", help="default: docker where it runs"
    )
    parser.add_argument("--url", default="", help="check an app that runs there already, instead of our targets")
    parser.add_argument("--absent", default="", help=f"with --url: what it cannot do, of {', '.join(Capability)}")
    parser.add_argument("--workers", type=int, help="processes that check; default: two a core")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
