"""A look into a SQLite file from a container, by a program that stays: each `docker exec` costs a fifth of a second."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from targets import sqlite_file
from targets.containers import Copies
from targets.conversation import Conversation


class Helper:
    """`sqlite_file` in a container of the app's image, as its user. While it runs, the volume keeps what it holds."""

    def __init__(self, copies: Copies, app: Mapping[str, Any], mounts: Mapping[str, Any], path: Path) -> None:
        program = Path(sqlite_file.__file__).read_text()
        config = {"Entrypoint": ["python", "-c", program], "Cmd": [str(path)], "OpenStdin": True}
        container = copies.make(app, config, {"PortBindings": {}, **mounts}, [])
        self._conversation = Conversation(container, copies.connect(container))
        container.start()

    def exchange(self, line: str) -> str:
        """Send a line and return the one that comes back; raises OSError where the helper has ended."""
        return self._conversation.ask(line.encode() + b"\n").decode()
