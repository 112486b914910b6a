"""A look into a SQLite file in a container, by a program that stays: one question costs less than a `docker exec`."""

from __future__ import annotations

from pathlib import Path

from docker.models.containers import Container

from targets import sqlite_file
from targets.containers import Copies
from targets.conversation import Conversation


class Helper:
    """`sqlite_file` in a container of the app's image that runs, as its user."""

    def __init__(self, copies: Copies, container: Container, path: str) -> None:
        program = Path(sqlite_file.__file__).read_text()
        self._conversation = Conversation(container, copies.run_in(container, ["python", "-c", program, path]))

    def exchange(self, line: str) -> str:
        """Send a line and return the one that comes back; raises OSError where the helper has ended."""
        return self._conversation.ask(line.encode() + b"\n").decode()
