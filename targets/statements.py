"""What PostgreSQL's log says of the statements that clients sent, and which of them wrote data, as their text tells."""

from __future__ import annotations

import re
from collections.abc import Iterator

SENT = re.compile(r"(?:statement|execute [^:]*): (?P<text>.*)", re.DOTALL)
PREPARED = re.compile(r"duration: \S+ ms  parse (?!<unnamed>)")  # an unnamed one comes with its execution
LITERAL = re.compile(r"'(?:[^']|'')*'|--[^\n]*")
INNERMOST = re.compile(r"\(([^()]*)\)")
WRITES = re.compile(r"\b(?:insert\s+into|delete\s+from|merge\s+into|truncate)\b", re.IGNORECASE)
UPDATES = re.compile(r"\bupdate\s+(?:only\s+)?\S+(?:\s+(?:as\s+)?\w+)?\s+set\s+(?P<list>.*)", re.IGNORECASE | re.DOTALL)
LIST_ENDS = re.compile(r"\b(?:from|where|returning)\b", re.IGNORECASE)
SET = re.compile(r'(?:^|,)\s*"?(\w+)"?\s*=')
EXPIRIES = {"expires", "expiry"}


def sent(message: str) -> str | None:
    """Return the statement that a message of the log is about, "" where one was only prepared, None where none is.

    With `log_statement = all`, PostgreSQL writes a message for each statement before it runs it; with
    `log_min_duration_statement = 0`, one for each that was prepared.
    """
    if found := SENT.match(message):
        return found["text"]
    return "" if PREPARED.match(message) else None


def writes(statement: str) -> bool:
    """Tell whether a statement inserts or deletes rows, or sets other columns than an expiry."""
    return any(WRITES.search(each) or _sets_data(each) for each in _levels(LITERAL.sub("''", statement)))


def _levels(statement: str) -> Iterator[str]:
    """Take a statement apart: what each pair of parentheses holds, the innermost first, and what is outside."""
    while found := INNERMOST.search(statement):
        yield found[1]
        statement = f"{statement[: found.start()]} {statement[found.end() :]}"
    yield statement


def _sets_data(level: str) -> bool:
    update = UPDATES.search(level)
    if not update:
        return False
    columns = set(SET.findall(LIST_ENDS.split(update["list"])[0]))
    return not columns or not columns <= EXPIRIES  # none: `SET (a, b) = …`
