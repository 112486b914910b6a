"""Tells a difference: the step, what was expected of it, what each target did, and the script to see it again."""

from __future__ import annotations

from conformance.client import Response
from conformance.differential.check import Difference
from conformance.differential.model import JsonBody, ProblemBody
from conformance.differential.play import Outcome
from conformance.differential.script import describe, script
from conformance.differential.world import Expected
from conformance.redact import redact

LONGEST_BODY = 300  # characters


def report(difference: Difference) -> str:
    """Return a difference as text; the script is for the first of the targets that differ."""
    place = min(outcome.last for outcome in difference.outcomes if outcome.problems)
    wrong = [outcome for outcome in difference.outcomes if outcome.problems and outcome.last == place]
    right = [outcome.player.name for outcome in difference.outcomes if outcome not in wrong]
    sequence = difference.sequence[: place + 1]
    expected, _ = wrong[0].answers[place]
    lines = [f"step {place + 1} of {len(sequence)}: {describe(sequence[place])}", f"expected: {due(expected)}"]
    for outcome in wrong:
        _, response = outcome.answers[place]
        lines.append(f"{outcome.player.name}: {redact(got(response))}")
        lines += [f"    wrong: {aspect}: {shorten(redact(what))}" for aspect, what in outcome.problems.items()]
    lines.append(f"as expected: {', '.join(right) or 'no target'}")
    lines += ["", "to see it again, in bash:", "", script(wrong[0].player, sequence, notes(wrong[0]))]
    return "\n".join(lines)


def notes(outcome: Outcome) -> dict[int, str]:
    """Say for each step what was expected, and what came at the one that differs."""
    told = {place: f"expected: {due(expected)}" for place, (expected, _) in outcome.answers.items()}
    told[outcome.last] += f"\n{outcome.player.name}: {redact(got(outcome.answers[outcome.last][1]))}"
    return told


def due(expected: Expected) -> str:
    """Say what was expected, in one line."""
    answer = expected.answer
    words = [str(answer.status)]
    words += [f"Location {answer.location}"] if answer.location else []
    words += [f"Allow {', '.join(sorted(answer.allow))}"] if answer.allow else []
    words += [answer.content_type] if answer.content_type else []
    words.append(expected.cookie)
    match answer.body:
        case bytes() as body:
            words.append(f"body {shorten(repr(heading(body.decode())))}")
        case JsonBody(value):
            words.append(f"body {value!r} as JSON")
        case ProblemBody(status):
            words.append(f"a problem with the status {status}")
        case None:
            pass
    return "; ".join(words)


def got(response: Response | None) -> str:
    """Say what came, in one line."""
    if response is None:
        return "no answer"
    words = [str(response.status)]
    words += [
        f"{name}: {response.header(name)}" for name in ("location", "allow", "content-type") if response.all(name)
    ]
    words += [f"Set-Cookie: {line}" for line in response.set_cookies] or ["no Set-Cookie"]
    return "; ".join([*words, f"body {shorten(repr(heading(response.text)))}"])


def heading(text: str) -> str:
    """Cut a page to what tells pages apart."""
    start, end = text.find("<main>"), text.find("</main>")
    return f"…{text[start:end]}…" if -1 < start < end and "<!doctype" in text else text


def shorten(text: str) -> str:
    """Cut a long text."""
    return text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}… ({len(text)} characters)"
