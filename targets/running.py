"""What a runtime answers for each target: it runs, or it does not and why."""

from __future__ import annotations

import msgspec

from targets.manifest import Target


class Running(msgspec.Struct, frozen=True):
    """A target that answers at a base URL, without a slash at its end."""

    target: Target
    url: str


class NotStarted(msgspec.Struct, frozen=True):
    """A target that does not answer, the reason in one line, and the end of its log or of its build's."""

    target: Target
    reason: str
    log: str


class CannotStart(Exception):
    """Something that a target needs went wrong: what, and the end of what it printed."""

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(f"{reason}\n{log}".strip())
        self.reason = reason
        self.log = log


class RuntimeUnavailable(Exception):
    """The runtime that was asked for cannot run here; the message says why and what to do."""
