"""`python -m gallery`, behind `make up`, `ps` and `logs`: what `python -m targets` does, and the gallery beside it.

`python -m targets down` stops the gallery too. Exit status: that of `python -m targets`; of `up` also 1 where targets
are healthy and the gallery is not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from gallery import as_container, as_process, listing
from gallery.port import PortTaken
from targets import docker, interrupts
from targets.__main__ import LOG_LINES, Standing, all_standing, standing
from targets.__main__ import main as targets_main
from targets.running import CannotStart, RuntimeUnavailable
from targets.runtime import available

ROOT = Path(__file__).parent.parent
USUAL_PORT = 8000
LARGEST_PORT = 65535


class Kind(Protocol):
    """How the gallery runs in a runtime."""

    NAME: str

    def start(self, root: Path, port: int, report: Callable[[str], None]) -> str:
        """Start the gallery, or find it as it is to be, and return its URL; raises `CannotStart` and `PortTaken`."""

    def stop(self, root: Path) -> None:
        """End the gallery, if it runs."""


KINDS: dict[str, Kind] = {"process": as_process, "docker": as_container}


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command line."""
    options = _options(arguments)
    try:
        if options.verb == "up":
            return up(root, available(options.runtime), options.targets, options.port)
        status = targets_main([options.verb, "--runtime", options.runtime, "--targets", options.targets], root)
        if status == 0 and not options.targets:
            _print(options.verb, all_standing(options.runtime, root))
    except RuntimeUnavailable as error:
        print(f"gallery: {error}", file=sys.stderr)
        return 2
    return status


def up(root: Path, runtime: str, patterns: str, port: int) -> int:
    """Start targets, and the gallery that shows them, here and in no other runtime; Ctrl-C stops all of it again."""
    status = targets_main(["up", "--runtime", runtime, "--targets", patterns], root)
    if status not in {0, 1}:
        return status
    try:
        with interrupts.terminate_as_interrupt():
            listing.write(root, standing(runtime, root))
            for name, kind in KINDS.items():
                if name != runtime and not (name == "docker" and docker.problem()):
                    kind.stop(root)
            url = KINDS[runtime].start(root, port, lambda text: print(f"gallery: {text}", flush=True))
    except (CannotStart, PortTaken) as error:
        print(f"gallery: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        targets_main(["down", "--runtime", runtime], root)
        return 130
    print(f"gallery: {url}")
    return status


def _print(verb: str, runtimes: Sequence[Standing]) -> None:
    """Print where the gallery is, or the end of its log."""
    runtime = next((each for each in runtimes if each.url(KINDS[each.name].NAME)), runtimes[-1])
    name = KINDS[runtime.name].NAME
    if verb == "logs":
        for line in runtime.log(name, LOG_LINES).splitlines():
            print(f"gallery: {line}")
    else:
        print(f"gallery: {' '.join(filter(None, [runtime.url(name), runtime.state(name)]))}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gallery", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="up|ps|logs")
    for verb, does in {
        "up": "start targets and the gallery, and wait until they are healthy",
        "ps": "show where they run",
        "logs": "show what they printed",
    }.items():
        each = verbs.add_parser(verb, help=does)
        each.add_argument(
            "--runtime", default="", choices=["", "docker", "process"], help="default: docker where it can run"
        )
        each.add_argument("--targets", default="", help="patterns such as 'flask-*', separated by commas")
        if verb == "up":
            each.add_argument("--port", type=_port, default=USUAL_PORT, help=f"of the gallery; default: {USUAL_PORT}")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    """Read a port."""
    if not text.isdecimal() or not 0 < int(text) <= LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give one from 1 to {LARGEST_PORT}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
