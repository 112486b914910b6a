"""`python -m bench`, behind `make bench`: a campaign, and its tables. `--show FILE` shows one that was measured.

Exit status: 0 where all rounds were measured, 2 where nothing could be, 130 after Ctrl-C: what was measured by then is
kept and shown.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from bench import contenders, eligible, machine, plan, records, scenarios, tables, wrk
from bench.campaign import Campaign
from bench.records import CampaignError, Footer, Header, Writer
from bench.summary import Summary
from conformance import declared, terminal
from targets import manifest, runtime
from targets.checkout import made
from targets.control import OutOfReach
from targets.manifest import ManifestError
from targets.running import CannotStart

ROOT = Path(__file__).parent.parent
RESULTS = made(ROOT) / "results"
CAMPAIGNS = made(ROOT) / "bench"
INTERRUPTED = 130
MINUTE = 60


def main() -> int:
    """Run the command line."""
    arguments = _arguments()
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell has its background jobs ignore the first
        signal.signal(each, signal.default_int_handler)
    out = terminal.console()
    try:
        if arguments.show:
            return _show(out, Path(arguments.show), arguments.format)
        wrk.find()
        chosen = contenders.choose(manifest.find(ROOT), arguments.targets, arguments.store)
        wanted = scenarios.select(arguments.scenario)
        with runtime.choose(arguments.runtime or None, ROOT) as engine:
            return _run(out, engine, chosen, wanted, arguments)
    except (
        CampaignError,
        CannotStart,
        ManifestError,
        OutOfReach,
        contenders.NothingToMeasure,
        declared.DeclarationError,
        eligible.NoVerdict,
        runtime.RuntimeUnavailable,
        scenarios.UnknownScenario,
        wrk.GeneratorError,
    ) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench: stopped by the user; everything that was started is stopped again", file=sys.stderr)
        return INTERRUPTED


def _run(
    out: Console,
    engine: runtime.Runtime,
    chosen: list[manifest.Target],
    wanted: Sequence[scenarios.Scenario],
    arguments: argparse.Namespace,
) -> int:
    begun = datetime.now(UTC)
    out.print(f"{arguments.rounds} rounds, {len(chosen)} targets, {', '.join(wanted)}; runtime {engine.name}")
    started = engine.start(chosen, lambda name, state: out.print(Text(f"  {name}: {state}")))
    described = machine.describe()
    taking_turns = contenders.make(engine, chosen, started, results=RESULTS, machine=described, say=out.print)
    header = Header(
        format=records.FORMAT,
        campaign=f"{begun:%Y%m%dT%H%M%SZ}-{os.getpid()}",
        begun=begun,
        seed=arguments.seed,
        rounds=arguments.rounds,
        seconds=arguments.duration,
        runtime=engine.name,
        commit=machine.commit(ROOT),
        generators=[wrk.version(), "open loop of our own, HdrHistogram"],
        machine=described,
        baseline=contenders.BASELINE,
        slots=taking_turns.slots,
        scenarios=list(wanted),
    )
    path = Path(arguments.output) if arguments.output else CAMPAIGNS / f"{header.campaign}.jsonl"
    status = 0
    with Writer(path) as file, tempfile.TemporaryDirectory() as folder:
        file.write(header)
        if described.generator_cpus:
            os.sched_setaffinity(0, described.generator_cpus)  # generators take that over
        try:
            done = _rounds(out, header, taking_turns, file, Path(folder))
        except KeyboardInterrupt:
            out.print("stopped by the user: these are the rounds that were measured", style="bold yellow")
            status, done = INTERRUPTED, 0
        file.write(Footer(campaign=header.campaign, ended=datetime.now(UTC), rounds=done))
    _show(out, path, "text")
    out.print(f"\nresults: {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}", soft_wrap=True)
    return status


def _rounds(out: Console, header: Header, taking_turns: contenders.Contenders, file: Writer, folder: Path) -> int:
    """Do all rounds behind a progress bar; return how many."""
    begun, cells = time.monotonic(), 0
    total = header.rounds * plan.cells_a_round(list(taking_turns.eligible), header.scenarios)
    with terminal.steady_progress(out, "measuring", total) as show:

        def tick(number: int, name: str) -> None:
            nonlocal cells
            cells += 1
            left = (time.monotonic() - begun) / cells * max(0, total - cells)
            show(cells, f"round {number} of {header.rounds}, {name}, about {left / MINUTE:.0f} min left")

        campaign = Campaign(header, taking_turns.eligible, file, folder, tick)
        for number in range(1, header.rounds + 1):
            campaign.round(number)
    return header.rounds


def _show(out: Console, path: Path, form: str) -> int:
    summary = Summary(records.read(path))
    if form == "markdown":
        print(tables.as_markdown(summary))
        return 0
    out.print()
    for line in tables.heading(summary):
        out.print(Text(line))
    for table in tables.tables(summary):
        out.print(Text.assemble("\n", (table.title, "bold"), f": {table.text}"))
        shown = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
        for number, name in enumerate(table.head):
            shown.add_column(name, justify="right" if number else "left", no_wrap=number == 0)
        for row in table.rows:
            shown.add_row(*row)
        out.print(shown)
    for line in tables.closing(summary):
        out.print(Text(line), soft_wrap=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--show", default="", metavar="FILE", help="show a campaign that was measured already")
    parser.add_argument("--format", choices=["text", "markdown"], default="text", help="with --show")
    parser.add_argument("--targets", default="", help="patterns such as 'flask-*'; the baseline is always among them")
    parser.add_argument(
        "--store", default="", help="a kind of store, or all; default: redis where no targets are named"
    )
    parser.add_argument("--scenario", default="", help=f"some of {', '.join(scenarios.OF_TARGETS)}; default: all")
    parser.add_argument("--runtime", choices=["", "docker", "process"], default="")
    parser.add_argument("--rounds", type=_positive_int, default=10)
    parser.add_argument("--duration", type=_positive, default=2.0, help="seconds of each measurement (default: 2)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="", help="the file for the results; default: one in .run/bench")
    return parser.parse_args()


def _positive(text: str) -> float:
    number = float(text)
    if number <= 0:
        raise ValueError(text)
    return number


def _positive_int(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    sys.exit(main())
