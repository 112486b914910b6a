"""Which answers are not like the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from app.cookies import SetCookie
from app.pressing import Answer


def _kinds(lines: Iterable[SetCookie]) -> Hashable:
    return frozenset(Counter(line.kind for line in lines).items())


FIELDS: dict[str, Callable[[Answer], Hashable]] = {
    "status": lambda answer: answer.status,
    "Location": lambda answer: answer.location,
    "count": lambda answer: answer.count,
    "name": lambda answer: answer.name,
    "session id": lambda answer: answer.session_id,
    "Set-Cookie": lambda answer: (_kinds(answer.set_cookies), _kinds(answer.set_by_reading)),
}


def differences(answers: Sequence[Answer]) -> dict[str, frozenset[str]]:
    """Return for each field the names of the targets that are `odd` in it, among those that answered."""
    answered = [answer for answer in answers if not answer.problem]
    return {field: odd({each.target.name: of(each) for each in answered}) for field, of in FIELDS.items()}


def odd(values: Mapping[str, Hashable]) -> frozenset[str]:
    """Return the names whose value is not the most common one; all of them, where two values are equally common."""
    common = Counter(values.values()).most_common(2)
    if len(common) > 1 and common[0][1] == common[1][1]:
        return frozenset(values)
    return frozenset(name for name, value in values.items() if value != common[0][0])


def verdict(answers: Sequence[Answer]) -> str:
    """Say in one or two sentences how many answered, in what they differ, and who did not answer."""
    count = sum(not answer.problem for answer in answers)
    fields = ", ".join(field for field, names in differences(answers).items() if names)
    silent = ", ".join(answer.target.name for answer in answers if answer.problem)
    said = f"{count} answer{'' if count == 1 else 's'}"
    if count > 1:
        said += f" that differ in {fields}." if fields else ", all alike."
    else:
        said += "."
    return f"{said} No answer from {silent}." if silent else said
