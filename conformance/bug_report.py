"""A result that is not green, as one would report it: what is required and why, what happened, how to see it again.

Made from a file of results alone, for the terminal and for `report`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from conformance.outcomes import Outcome
from conformance.results_file import ClauseFacts, Header, Line, Step

LONGEST_TEXT = 400
LAST_STEPS = 6


def body(header: Header, line: Line) -> str:
    """Return all but the title."""
    clause = clause_of(header, line)
    return "\n".join(
        [
            f"expected: {clause.text}",
            f"because:  {clause.why} ({'; '.join(clause.sources)})",
            f"seen:     {seen(header, line)}",
            *_steps(line.steps),
            f"again:    {again(header, line)}",
            *_curl(header, line),
        ]
    )


def title(line: Line) -> str:
    """Return target, clause and level."""
    return f"{line.target} {line.clause} ({line.level})"


def seen(header: Header, line: Line) -> str:
    """Say in one line what happened; of a manifest that is wrong, what to change in it."""
    if line.outcome is Outcome.BLOCKED and line.blocked_by:
        return f"{line.blocked_by} did not hold"
    if line.outcome is not Outcome.FIXED:
        return line.detail
    manifest = next(each.manifest for each in header.targets if each.name == line.target)
    where = f"{manifest}, target {line.target}" if manifest else "the option ABSENT"
    if line.absent:
        return f"it holds; {where}: take '{line.absent[0]}' out{' of absent' if manifest else ''}"
    return f"it holds; {where}: take the deviation '{line.deviation.clause if line.deviation else ''}' out"


def again(header: Header, line: Line) -> str:
    """Return the command that checks this clause on this target once more."""
    target = next(each for each in header.targets if each.name == line.target)
    if header.runtime == "url":
        options = {"URL": target.url, "ABSENT": ",".join(target.absent)}
    else:
        options = {"TARGETS": target.name, "RUNTIME": header.runtime}
    given = {name: value for name, value in options.items() if value} | {"CLAUSES": line.clause}
    return " ".join(["make conformance", *(f"{name}={shlex.quote(value)}" for name, value in given.items())])


def clause_of(header: Header, line: Line) -> ClauseFacts:
    """Return the clause of a line."""
    return next(each for each in header.clauses if each.id == line.clause)


def _steps(steps: list[Step]) -> Iterator[str]:
    numbered = list(enumerate(steps, 1))
    if len(numbered) > LAST_STEPS:
        yield f"the last {LAST_STEPS} of {len(numbered)} requests (all are in the file of results):"
    for number, step in numbered[-LAST_STEPS:]:
        yield from _step(number, step)


def _step(number: int, step: Step) -> Iterator[str]:
    if step.step:
        yield f"({step.step})"
    yield from (f"{number:3} > {each}" for each in _short(step.request[0]))
    yield from (f"    > {each}" for field in step.request[1:] for each in _short(field))
    yield from (f"    > {each}" for each in _short(step.body))
    if step.reply:
        yield f"    < {step.reply.status}"
        yield from (f"    < {each}" for name, value in step.reply.headers for each in _short(f"{name}: {value}"))
        yield from (f"    < {each}" for each in _short(step.reply.body))
    else:
        yield f"    < {step.problem}"
    yield from (f"    = the cookie {name} says {each}" for name, data in step.cookies.items() for each in _short(data))


def _curl(header: Header, line: Line) -> Iterator[str]:
    if line.curl:
        where = "" if header.runtime == "url" else f"; `make up TARGETS={line.target}` starts one and tells it"
        probes = "; /_probe/ is there with PROBES=1 only" if "/_probe/" in line.curl else ""
        yield f"as curl:  in bash, with the target's address in URL{where}{probes}"
        yield from (f"    {each}" for each in line.curl.splitlines())


def _short(text: str) -> list[str]:
    shown = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
    return shown.splitlines()
