"""`python -m targets`, behind `make up`, `down`, `ps` and `logs`: targets that go on after the command.

Exit status: 0 where all is well, 1 where a target is not healthy, 2 where nothing could be done, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from targets import docker, interrupts, manifest, process
from targets.manifest import ManifestError, Target
from targets.running import CannotStart, NotStarted, Running, RuntimeUnavailable
from targets.runtime import Runtime, available

ROOT = Path(__file__).parent.parent
PLAIN_WIDTH = 160  # columns where the output is no terminal
LOG_LINES = 100


class Standing(Runtime, Protocol):
    """A runtime whose targets go on after the command."""

    def url(self, name: str) -> str:
        """Return the base URL of a target while it runs, else ""."""

    def stop(self) -> None:
        """Stop everything."""

    def remove_leftovers(self) -> None:
        """Remove what runs left behind that were killed."""

    def follow(self, names: Sequence[str]) -> list[str]:
        """Return the command that shows logs as they grow."""


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command line."""
    options = _options(arguments)
    out = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    try:
        if options.verb == "down":
            return down(all_standing(options.runtime, root))
        targets = manifest.select(manifest.find(root), options.targets)
        if options.verb == "up":
            return up(out, standing(available(options.runtime), root), targets)
        runtimes = all_standing(options.runtime, root)
        if options.verb == "logs":
            return logs(out, runtimes, targets, follow=options.follow)
        return ps(out, runtimes, targets)
    except (ManifestError, RuntimeUnavailable, CannotStart) as error:
        print(f"targets: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def up(out: Console, runtime: Standing, targets: Sequence[Target]) -> int:
    """Start targets, or find that they run already, and show them; Ctrl-C stops them again."""
    runtime.remove_leftovers()
    with interrupts.terminate_as_interrupt():
        try:
            started = _start(out, runtime, targets)
        except KeyboardInterrupt:
            runtime.stop()
            print("targets: stopped", file=sys.stderr)
            raise
    out.print(_table([runtime], targets))
    failed = [each for each in started.values() if isinstance(each, NotStarted)]
    for each in failed:
        _plain(out, f"\n{each.target.name}: {each.reason}\n{each.log or '(it printed nothing)'}")
    return int(bool(failed))


def down(runtimes: Sequence[Standing]) -> int:
    """Stop what `up` started, and what killed runs left behind; runs that go on are left alone."""
    for runtime in runtimes:
        runtime.stop()
        runtime.remove_leftovers()
    return 0


def ps(out: Console, runtimes: Sequence[Standing], targets: Sequence[Target]) -> int:
    """Show targets and where they run."""
    out.print(_table(runtimes, targets))
    return 0


def logs(out: Console, runtimes: Sequence[Standing], targets: Sequence[Target], *, follow: bool) -> int:
    """Print the ends of logs; or become the program that follows them."""
    if follow:
        runtime = _where(runtimes, targets[0])
        command = runtime.follow([target.name for target in targets])
        os.execvp(command[0], command)  # noqa: S606 -- tail or docker, with names of targets
    for target in targets:
        for line in _where(runtimes, target).log(target.name, LOG_LINES).splitlines():
            _plain(out, f"{target.name}: {line}")
    return 0


def standing(name: str, root: Path) -> Standing:
    """Make the runtime of `make up` by its name."""
    return docker.standing(root) if name == "docker" else process.standing(root)


def all_standing(name: str | None, root: Path) -> list[Standing]:
    """Return the runtimes that may have something running: the named one, or each that there is."""
    names = [available(name)] if name else ["process"] + ([] if docker.problem() else ["docker"])
    return [standing(each, root) for each in names]


def _where(runtimes: Sequence[Standing], target: Target) -> Standing:
    """Return the runtime that has a target running, else the last."""
    return next((runtime for runtime in runtimes if runtime.url(target.name)), runtimes[-1])


def _start(out: Console, runtime: Standing, targets: Sequence[Target]) -> dict[str, Running | NotStarted]:
    if not out.is_terminal:
        return runtime.start(targets, lambda name, text: _plain(out, f"{name}: {text}"))
    columns = [SpinnerColumn(finished_text="•"), TextColumn("{task.fields[name]}", style="bold")]
    with Progress(*columns, TextColumn("{task.description}", markup=False), console=out, transient=True) as progress:
        tasks = {target.name: progress.add_task("waiting", total=None, name=target.name) for target in targets}
        return runtime.start(targets, lambda name, text: progress.update(tasks[name], description=text))


def _plain(out: Console, text: str) -> None:
    """Print what a program said, without reading markup into it or breaking its lines."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def _table(runtimes: Sequence[Standing], targets: Sequence[Target]) -> Table:
    table = Table("target", "URL", "store", "edition", "state", box=None, pad_edge=False)
    for target in targets:
        runtime = _where(runtimes, target)
        state = runtime.state(target.name)
        table.add_row(target.name, runtime.url(target.name), target.store, target.edition, state)
    return table


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="targets", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="up|down|ps|logs")
    for verb, does in {
        "up": "start targets and wait until they are healthy",
        "down": "stop all of them",
        "ps": "show where they run",
        "logs": "show what they printed",
    }.items():
        each = verbs.add_parser(verb, help=does)
        each.add_argument("--runtime", choices=["", "docker", "process"], help="default: docker where it can run")
        if verb != "down":
            each.add_argument("--targets", default="", help="patterns such as 'flask-*', separated by commas")
        if verb == "logs":
            each.add_argument("-f", "--follow", action="store_true", help="go on as they grow")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
