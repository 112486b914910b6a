"""Questions to a program in a container, over its standard input and output, to which the engine attaches us."""

from __future__ import annotations

import threading
from typing import Any

from docker.models.containers import Container
from docker.utils.socket import frames_iter

from targets import containers

LOG_LINES = 5


class Conversation:
    """What one program is asked, one question at a time; `socket` is that of `Copies.connect`."""

    def __init__(self, container: Container, socket: Any) -> None:
        self._container = container
        self._socket = socket
        self._frames = frames_iter(socket, tty=False)
        self._rest = b""
        self._one_at_a_time = threading.Lock()

    def ask(self, question: bytes, end: bytes = b"\n") -> bytes:
        """Send a question and return the answer, without its end; raises OSError where the program has ended."""
        with self._one_at_a_time:
            self._socket._sock.sendall(question)  # noqa: SLF001 -- the SDK's object can only read
            while end not in self._rest:
                _, said = next(self._frames, (0, b""))
                if not said:
                    raise OSError(f"{self._container.name} has ended: {containers.log(self._container, LOG_LINES)}")
                self._rest += said
            answer, _, self._rest = self._rest.partition(end)
            return answer
