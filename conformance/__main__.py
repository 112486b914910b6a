"""`python -m conformance`, behind `make conformance`: starts targets, runs the suite, prints the matrix, keeps results.

Exit status: 0 where every outcome is as it should be, 1 where one fails the run, 2 where nothing could be run.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from rich.console import Console
from rich.text import Text

from conformance import declared, facts, terminal
from conformance.catalogue import SelectionError, catalogue, select
from conformance.clause import Capability, Clause
from conformance.outcomes import Outcome, Seen
from conformance.record import Record
from conformance.redact import redact, secrets
from conformance.results import Deriving, Result, results
from conformance.results_file import Broken, Header, Line, Writer, point_latest_at
from conformance.run import Hand, SuiteError, run
from targets import manifest, runtime, url
from targets.checkout import made
from targets.manifest import ManifestError, Target

ROOT = Path(__file__).parent.parent
SECRETS = made(ROOT) / "secrets"
RESULTS = made(ROOT) / "results"


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
            return _run(terminal.console(), engine, chosen, clauses, arguments)
    except (ManifestError, SelectionError, declared.DeclarationError, runtime.RuntimeUnavailable, SuiteError) as error:
        print(f"conformance: {_clean(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        if error.filename is None or not arguments.results:
            raise
        print(f"conformance: --results: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("conformance: stopped by the user; everything that was started is stopped again", file=sys.stderr)
        return 130


def _run(
    out: Console,
    engine: runtime.Runtime,
    chosen: list[Target],
    clauses: dict[str, Clause],
    arguments: argparse.Namespace,
) -> int:
    begun = time.monotonic()
    out.print(f"{len(clauses)} clauses, {len(chosen)} targets, runtime {engine.name}")
    started = engine.start(chosen, lambda name, state: out.print(Text(f"  {name}: {_clean(state)}")))
    ready = time.monotonic()
    running = {name: each.url for name, each in started.items() if isinstance(each, runtime.Running)}
    urls = {each.name: running[each.name] for each in _mixed(chosen) if each.name in running}
    dead = [
        Record(name, clause, Seen.BROKEN, each.reason, 0.0)
        for name, each in started.items()
        if isinstance(each, runtime.NotStarted)
        for clause in clauses
    ]
    header = facts.header(engine, chosen, urls, clauses.values())
    path = Path(arguments.results) if arguments.results else RESULTS / f"{header.run}.jsonl"
    with Writer(path, header) as file:
        book = _Book(header, urls, Deriving(chosen, clauses), file)
        for record in dead:
            book.seen(record)
        suspects = {target.name: declared.not_to_hold(target, clauses.values()) for target in chosen}
        hand = Hand(runtime=engine.name, where=engine.where)
        _check(out, urls, clauses.values(), book.seen, arguments, suspects=suspects, hand=hand)
        book.close()
        footer = file.finish(_how_they_broke(engine, book.lines))
    if not arguments.results:
        point_latest_at(path)
    made = results(chosen, clauses, book.records)
    out.print(terminal.matrix([terminal.Cell(each.target.name, each.clause.area, each.outcome) for each in made]))
    out.print(terminal.LEGEND, style="dim")
    terminal.show_failures(out, header, book.lines, footer.broken)
    out.print(f"\nresults: {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}", soft_wrap=True)
    out.print(
        f"{'FAILED' if footer.exit_status else 'passed'}: {terminal.totals(each.outcome for each in made)} "
        f"({ready - begun:.1f} s to start, {time.monotonic() - ready:.1f} s to check)"
    )
    return footer.exit_status


def _mixed(targets: Iterable[Target]) -> list[Target]:
    """Order targets so that those who wait run beside those who work: stock and hardened in turn, the longest first.

    What a stock one waits for is a store that is away, as its manifest says.
    """
    ordered = sorted(targets, key=_longest_first)
    stock, hardened = ([each for each in ordered if (each.edition == "stock") is wanted] for wanted in (True, False))
    return [each for pair in zip_longest(stock, hardened) for each in pair if each]


def _longest_first(target: Target) -> tuple[bool, bool, int]:
    waits = sum(each.clause.startswith("outage.") for each in target.deviations)
    return target.store == "cookie", target.store == "redis", -waits


class _Book:
    """Takes records as they come, and writes each result down as soon as it is known."""

    def __init__(self, header: Header, urls: Mapping[str, str], deriving: Deriving, file: Writer) -> None:
        self.records: list[Record] = []
        self.lines: list[Line] = []
        self._header, self._urls, self._deriving, self._file = header, urls, deriving, file
        self._secrets = secrets(SECRETS)

    def seen(self, record: Record) -> None:
        """Take a record."""
        self.records.append(record)
        self._write(self._deriving.add(record))

    def close(self) -> None:
        """Write what has no record."""
        self._write(self._deriving.rest())

    def _write(self, results: Iterable[Result]) -> None:
        for each in results:
            line = facts.line(self._header.run, self._urls.get(each.target.name, ""), each, self._secrets)
            self.lines.append(line)
            self._file.add(line)


def _check(
    out: Console,
    urls: dict[str, str],
    clauses: Iterable[Clause],
    seen: Callable[[Record], None],
    arguments: argparse.Namespace,
    *,
    suspects: Mapping[str, Sequence[str]],
    hand: Hand,
) -> None:
    """Check the clauses on the targets that run, behind a progress bar."""
    clauses = list(clauses)
    with terminal.progress(out) as bar:
        task = bar.add_task("checking", total=len(urls) * len(clauses))

        def advance(record: Record) -> None:
            seen(record)
            bar.advance(task)

        if urls:
            run(urls, clauses, advance, arguments.workers, shuffle=arguments.shuffle, suspects=suspects, hand=hand)


def _how_they_broke(engine: runtime.Runtime, lines: Iterable[Line]) -> dict[str, Broken]:
    names = dict.fromkeys(line.target for line in lines if line.outcome is Outcome.BROKEN)
    return {name: Broken(_clean(engine.state(name)), _clean(engine.log(name))) for name in names}


def _clean(text: str) -> str:
    return redact(text, secrets(SECRETS))


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
    parser.add_argument("--shuffle", type=int, metavar="SEED", help="run the clauses in a random order")
    parser.add_argument(
        "--results", default="", help="the file for the results; default: one of its own in .run/results"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
