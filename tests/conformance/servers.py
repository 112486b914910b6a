"""Servers of a few lines, each named for what it does wrong. Each handles the sockets that it accepts."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Handler = Callable[[socket.socket], None]


@contextmanager
def serving(handle: Handler) -> Iterator[str]:
    """Serve on a free port of the loopback interface; yields the base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=answer, args=(connection,), daemon=True).start()

        def answer(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.recv(65536)
                handle(connection)

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def never_answers(_: socket.socket) -> None:
    """Keep the connection open and silent."""
    threading.Event().wait(60)


def answers_a_byte_at_a_time(connection: socket.socket) -> None:
    """Be never silent for long, and never done."""
    for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + b"x" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def closes(_: socket.socket) -> None:
    """Hang up without a word."""


def resets(connection: socket.socket) -> None:
    """Hang up rudely."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def answers_rubbish(connection: socket.socket) -> None:
    """Speak another protocol."""
    connection.sendall(b"220 mail.example ESMTP\r\n\r\n")


def answers_too_much(connection: socket.socket) -> None:
    """Send a body of 100 MB."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"x" * 1_000_000)


def redirects_for_ever(connection: socket.socket) -> None:
    """Send everybody on to the same place."""
    connection.sendall(b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n")


def sets_two_cookies(connection: socket.socket) -> None:
    """Answer with two lines of one name."""
    lines = b"set-cookie: sid=one\r\nset-cookie: sid=two; Path=/\r\n"
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + lines + b"content-length: 2\r\n\r\nok")
