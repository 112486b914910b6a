"""`python -m bench.fleet`, behind `make bench-fleet`: Locust, a master and workers, on one target or an app anywhere.

Exit status: 0 where the figures can be used, 1 where answers were wrong, counts were lost or the rate was not kept,
2 where there are no figures, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bench import scenarios, sessions, wrk
from bench.fleet import against, figures
from bench.fleet.figures import Figures
from bench.fleet.site import MOST_WORKERS, USER_CLASSES, NoFigures, Plan, Site, make_python
from bench.scenarios import Scenario
from conformance import terminal
from targets import manifest, runtime, url
from targets.checkout import made
from targets.manifest import ManifestError, Target
from targets.running import CannotStart, NotStarted

ROOT = Path(__file__).parent.parent.parent
USUAL_TARGET = "flask-redis"
USUAL_PORT = 5557  # Locust's own
OPEN_LOOP = "open-loop"
INTERRUPTED = 130


class CannotAsk(Exception):
    """The options do not fit together; the message says why."""


def main() -> int:
    """Run the command line."""
    arguments = _arguments()
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell has its background jobs ignore the first
        signal.signal(each, signal.default_int_handler)
    try:
        _check(arguments)
        return _run(terminal.console(), arguments)
    except (
        CannotAsk,
        CannotStart,
        ManifestError,
        NoFigures,
        runtime.RuntimeUnavailable,
        scenarios.UnknownScenario,
        sessions.NoSession,
        wrk.GeneratorError,
    ) as error:
        print(f"bench-fleet: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench-fleet: stopped by the user; everything that was started is stopped again", file=sys.stderr)
        return INTERRUPTED


def _check(arguments: argparse.Namespace) -> None:
    """Raise `CannotAsk` for what cannot be asked; `UnknownScenario` too."""
    chosen = scenarios.select(arguments.scenario)
    if len(chosen) != 1 or chosen[0] not in USER_CLASSES:
        raise CannotAsk(f"give one scenario of {', '.join(USER_CLASSES)}")
    if not 0 < arguments.workers + arguments.remote <= MOST_WORKERS:
        raise CannotAsk(f"give 1 to {MOST_WORKERS} workers, those on other machines (REMOTE) among them")
    if arguments.users < arguments.workers + arguments.remote:
        raise CannotAsk("give each worker a user at least")
    if arguments.against and (arguments.web or chosen[0] not in against.KNOWN):
        raise CannotAsk(f"the open-loop driver knows {', '.join(sorted(against.KNOWN))}, and no page")


def _run(out: Console, arguments: argparse.Namespace) -> int:
    python = make_python(lambda text: out.print(f"  Locust: {text}"))
    folder = made(ROOT) / "bench" / f"fleet-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}"
    with ExitStack() as until_exit:
        plan = Plan(
            url=_start(out, until_exit, arguments),
            scenario=Scenario(arguments.scenario),
            rate=arguments.rate,
            users=arguments.users,
            seconds=arguments.duration,
            local=arguments.workers,
            remote=arguments.remote,
            bind=arguments.bind,
            port=arguments.port or (USUAL_PORT if arguments.remote else 0),
        )
        site = Site(python, folder)
        out.print(
            f"{plan.scenario} at {plan.url}: {plan.rate:g} a second, {plan.users} users, {plan.seconds:g} s; "
            f"{plan.local} workers here, {plan.remote} elsewhere; master on {plan.bind}"
        )
        try:
            if arguments.web:
                out.print(f"Locust's page: http://127.0.0.1:{arguments.web_port} (Ctrl-C ends it)")
                site.serve(plan, arguments.web_port, lambda made: _told(out, made))
            done = _beside(out, site, plan, arguments.rounds) if arguments.against else [_once(out, site, plan)]
        finally:
            out.print(f"figures, reports and logs: {folder.relative_to(ROOT)}", soft_wrap=True)
    return int(any(each.invalid or each.counts.lost for each in done))


def _start(out: Console, until_exit: ExitStack, arguments: argparse.Namespace) -> str:
    """Return the URL of the app, which is started where none was named; raises `CannotStart`."""
    engine: url.UrlRuntime | runtime.Runtime
    target: Target
    if arguments.url:
        target, engine = url.target_at(arguments.url, frozenset()), url.UrlRuntime()
    else:
        chosen = manifest.select(manifest.find(ROOT), arguments.targets or USUAL_TARGET)
        if len(chosen) != 1:
            raise CannotAsk(f"give one target, not {len(chosen)}: {', '.join(each.name for each in chosen)}")
        target, engine = chosen[0], runtime.choose(arguments.runtime or None, ROOT)
    until_exit.enter_context(engine)
    started = engine.start([target], lambda name, state: out.print(Text(f"  {name}: {state}")))[target.name]
    if isinstance(started, NotStarted):
        raise CannotStart(f"{target.name}: {started.reason}", started.log)
    return started.url


def _once(out: Console, site: Site, plan: Plan) -> Figures:
    with terminal.steady_progress(out, "Locust", plan.seconds) as show:
        return _told(out, site.run(plan, lambda over: show(min(over, plan.seconds), f"{over:.0f} s with its start")))


def _beside(out: Console, site: Site, plan: Plan, rounds: int) -> list[Figures]:
    driver = against.Driver(plan)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_once(out, site, plan))
        theirs.append(_told(out, driver.run()))
    for each in against.compare(ours, theirs):
        out.print(Text(f"  {each}"))
    return ours + theirs


def _told(out: Console, done: Figures) -> Figures:
    out.print(Text(figures.line(done)), soft_wrap=True)
    for reason in done.invalid:
        out.print(Text(f"  invalid: {reason}"))
    return done


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench-fleet", description=__doc__)
    parser.add_argument("--targets", default="", help=f"one target (default: {USUAL_TARGET})")
    parser.add_argument("--url", default="", help="an app that runs elsewhere, in place of a target")
    parser.add_argument("--runtime", choices=["", "docker", "process"], default="")
    parser.add_argument("--scenario", default="read", help=f"one of {', '.join(USER_CLASSES)} (default: read)")
    parser.add_argument("--rate", type=_positive(float), default=200.0, help="requests a second of all users together")
    parser.add_argument("--users", type=_positive(int), default=16, help="users, each with a session and a connection")
    parser.add_argument("--duration", type=_positive(float), default=10.0, help="seconds that are measured")
    parser.add_argument("--workers", type=int, default=2, help="workers that are started here")
    parser.add_argument("--remote", type=int, default=0, help="workers on other machines that are waited for")
    parser.add_argument("--bind", default="127.0.0.1", help="the address at which workers find the master")
    parser.add_argument("--port", type=int, default=0, help=f"its port; {USUAL_PORT} where workers are elsewhere")
    parser.add_argument("--web", action="store_true", help="serve Locust's page on loopback; runs are started there")
    parser.add_argument("--web-port", type=int, default=8089, help="its port (default: 8089, Locust's own)")
    parser.add_argument("--against", choices=["", OPEN_LOOP], default="", help="measure the same with that driver too")
    parser.add_argument("--rounds", type=_positive(int), default=5, help="with --against")
    return parser.parse_args()


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        if (number := kind(text)) <= 0:
            raise ValueError(text)
        return number

    parse.__name__ = "positive number"
    return parse


if __name__ == "__main__":
    sys.exit(main())
