"""`make prove`: the suite against the correct app and against every fault; every clause has to be turned red by one.

Fails where the correct app is not green, where a clause is never turned red, where a fault turns nothing red, and where
it turns red what its entry does not name, or leaves green what it names. Clauses that need a hand on the target, and
those that do not, are checked on the faults that name one of their kind, and on the correct app.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from fnmatch import fnmatchcase
from pathlib import Path

from rich.console import Console

from conformance import terminal
from conformance.catalogue import catalogue
from conformance.clause import Level
from conformance.outcomes import Outcome
from conformance.record import Record
from conformance.results import results
from conformance.run import Hand, run
from targets.manifest import Target
from tests.sabotage import fault
from tests.sabotage.control import CORRECT
from tests.sabotage.fault import Fault
from tests.sabotage.servers import serving

HAND = Hand("tests.sabotage.control:attach")
WAITING_WORKERS = 24  # apps in memory cost little: these mostly wait for timeouts
RED = frozenset({Outcome.FAIL, Outcome.WARN, Outcome.BROKEN})


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="prove", description=__doc__)
    parser.add_argument("--faults", default="*", help="a pattern")
    pattern = parser.parse_args().faults
    out = terminal.console()
    faults = {name: each for name, each in fault.catalogue().items() if fnmatchcase(name, pattern)}
    if not faults:
        sys.exit(f"prove: '{pattern}' matches no fault; there are {', '.join(fault.catalogue())}")
    begun = time.monotonic()
    red = seen_red(out, faults)
    problems = compare(faults, red, complete=pattern == "*")
    show(out, faults, red)
    for problem in problems:
        out.print(f"[bold red]wrong[/] {problem}")
    proved = set().union(*(red[name] for name in faults))
    out.print(
        f"\n{'FAILED' if problems else 'passed'}: {len(proved)} clauses turned red by {len(faults)} faults "
        f"({time.monotonic() - begun:.1f} s)"
    )
    return int(bool(problems))


def seen_red(out: Console, faults: dict[str, Fault]) -> dict[str, set[str]]:
    """Run the suite against the correct app and the faults; return the clauses that each turned red."""
    by_http = {name: each for name, each in catalogue().items() if not each.hand}
    by_hand = {name: each for name, each in catalogue().items() if each.hand}
    stateful = [CORRECT, *(name for name, each in faults.items() if each.breaks & set(by_hand))]
    stateless = [CORRECT, *(name for name, each in faults.items() if each.breaks & set(by_http))]
    records: list[Record] = []
    with serving([CORRECT, *faults]) as urls, terminal.progress(out) as bar:
        task = bar.add_task("proving", total=len(stateless) * len(by_http) + len(stateful) * len(by_hand))

        def seen(record: Record) -> None:
            records.append(record)
            bar.advance(task)

        run({name: urls[name] for name in stateless}, by_http.values(), seen, hand=HAND)
        many = min(len(stateful), WAITING_WORKERS)
        run({name: urls[name] for name in stateful}, by_hand.values(), seen, many, hand=HAND)
    derived = results([_target(name) for name in stateless], by_http, records)
    derived += results([_target(name) for name in stateful], by_hand, records)
    red: dict[str, set[str]] = defaultdict(set)
    for result in derived:
        if result.outcome in RED:
            red[result.target.name].add(result.clause.id)
            if result.target.name == CORRECT or result.clause.id not in faults[result.target.name].breaks:
                out.print(f"{result.target.name}: {result.clause.id}: {result.record.detail}", markup=False)
    return red


def compare(faults: dict[str, Fault], red: dict[str, set[str]], *, complete: bool) -> list[str]:
    """Return what is wrong with the suite or with the catalogue."""
    problems = [f"the correct app: {clause} is red" for clause in sorted(red[CORRECT])]
    for name, each in faults.items():
        if not red[name]:
            problems.append(f"{name} turns nothing red")
        problems += [f"{name} turns {clause} red, which it does not name" for clause in sorted(red[name] - each.breaks)]
        problems += [f"{name} names {clause}, and does not turn it red" for clause in sorted(each.breaks - red[name])]
    if complete:
        proved = set().union(*(red[name] for name in faults))
        can_fail = {clause.id for clause in catalogue().values() if clause.level is not Level.OBSERVE}
        problems += [f"no fault turns {clause} red" for clause in sorted(can_fail - proved)]
    return problems


def show(out: Console, faults: dict[str, Fault], red: dict[str, set[str]]) -> None:
    """Print the faults with the clauses that each turns red, and the clauses with the number of faults that do."""
    for name, each in faults.items():
        out.print(f"[bold]{name}[/]  {each.sentence}")
        out.print(f"    {', '.join(sorted(red[name])) or 'nothing'}", style="red" if red[name] else "")
    proved = Counter(clause for name in faults for clause in red[name])
    out.print("\nclauses, each with the number of faults that turn it red:")
    out.print(", ".join(f"{clause} {proved[clause]}" for clause in catalogue() if proved[clause]))


def _target(name: str) -> Target:
    return Target(
        name=name,
        implementation="sabotage",
        store="memory",
        edition="hardened",
        absent=frozenset(),
        deviations=(),
        manifest=Path(__file__),
        folder=Path(__file__).parent,
        environment="",
        command=(),
    )


if __name__ == "__main__":
    sys.exit(main())
