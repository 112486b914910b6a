"""A small HTTP server on h11: a thread a connection, on a free port of the loopback interface."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import h11

LARGEST_BODY = 16 * 1024


@dataclass(frozen=True)
class Request:
    """What came in; header names in lower case."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int = 0  # differs between connections

    def header(self, name: str) -> str:
        """Return a header's value, empty where there is none."""
        return next((value for each, value in self.headers if each == name), "")


@dataclass
class Response:
    """What goes out."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class HangUp(BaseException):  # past every `except Exception`
    """Close the connection without an answer."""


Handler = Callable[[Request], Response]


class Server:
    """Serves a handler until it is closed."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle
        self._numbers = itertools.count(1)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening, also where somebody is just waiting for the next connection."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        protocol = h11.Connection(h11.SERVER)
        number = next(self._numbers)
        with connection, suppress(OSError, HangUp):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                while (request := _read(connection, protocol, number)) is not None:
                    connection.sendall(_written(protocol, request, self._handle(request)))
                    if protocol.our_state is not h11.DONE or protocol.their_state is not h11.DONE:
                        return
                    protocol.start_next_cycle()
            except h11.RemoteProtocolError as error:
                connection.sendall(f"HTTP/1.1 {error.error_status_hint} Bad\r\ncontent-length: 0\r\n\r\n".encode())


def _read(connection: socket.socket, protocol: h11.Connection, number: int) -> Request | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            protocol.receive_data(connection.recv(65536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head:
            parts = urlsplit("//host" + head.target.decode("latin-1"))
            headers = [(name.decode(), value.decode("latin-1")) for name, value in head.headers]
            return Request(head.method.decode(), parts.path, parts.query, headers, bytes(body), number)
        else:
            return None


def _written(protocol: h11.Connection, request: Request, response: Response) -> bytes:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in response.headers]
    headers.append((b"content-length", str(len(response.body)).encode()))
    sent = protocol.send(h11.Response(status_code=response.status, headers=headers)) or b""
    if request.method != "HEAD":
        sent += protocol.send(h11.Data(data=response.body)) or b""
    return sent + (protocol.send(h11.EndOfMessage()) or b"")
