"""An HTTP/1.1 client that hides nothing: no cookie jar, no redirects, every header line, and any bytes one likes.

h11 reads the answers to the letter; the requests are written here, because a clause may need one that is wrong.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import h11

TIMEOUT_SECONDS = 10.0
LARGEST_ANSWER = 4 << 20
FORM = "application/x-www-form-urlencoded"


class NoAnswer(Exception):
    """The target refused, hung, closed the connection or sent what is not HTTP; the message says which."""


class NotSetUp(Exception):
    """A step that only prepares a check went wrong, so that the check would mean nothing."""


@dataclass(frozen=True)
class Request:
    """What was sent, to the byte."""

    method: str
    path: str
    raw: bytes


@dataclass(frozen=True)
class Response:
    """What came back: header lines in their order, with names in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float = 0.0  # from the request to the end of the answer

    def all(self, name: str) -> list[str]:
        """Return the values of every header line of that name."""
        return [value for each, value in self.headers if each == name]

    def header(self, name: str) -> str:
        """Return the values of a header as one list, empty where there is none (RFC 9110, 5.3)."""
        return ", ".join(self.all(name))

    @property
    def set_cookies(self) -> list[str]:
        """Every `Set-Cookie` line."""
        return self.all("set-cookie")

    @property
    def media_type(self) -> str:
        """The media type without its parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body as JSON; what is not JSON is a failed assertion."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise AssertionError(f"the body is not JSON: {self.text[:80]!r}") from None


@dataclass(frozen=True)
class Exchange:
    """A request with its answer, or with the reason why there is none."""

    step: str
    request: Request
    response: Response | None
    problem: str = ""


@dataclass
class Transcript:
    """What went over the wire in one check, in order. `step` names what the check is about to do."""

    exchanges: list[Exchange] = field(default_factory=list)
    step: str = ""


class Client:
    """Sends requests to one base URL, each over a connection of its own, and writes them into a transcript.

    `trusted` is a file with the certificate of whoever signed that of an https server.
    """

    def __init__(
        self, url: str, transcript: Transcript | None = None, timeout: float = TIMEOUT_SECONDS, trusted: str = ""
    ) -> None:
        self.url = url
        parts = urlsplit(url)
        self.tls = ssl.create_default_context(cafile=trusted or None) if parts.scheme == "https" else None
        self.host, self.port = parts.hostname or "", parts.port or (443 if self.tls else 80)
        self.transcript = transcript or Transcript()
        self.timeout = timeout

    def get(self, path: str, **options: Any) -> Response:
        """Send a GET; the options are those of `request`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        """Send a POST; the options are those of `request`."""
        return self.request("POST", path, **options)

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Send a request over a new connection and return the answer; raises `NoAnswer`."""
        with self.connection() as connection:
            return connection.request(method, path, **options)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Open a connection that may carry several requests."""
        connection = Connection(self)
        try:
            yield connection
        finally:
            connection.close()


class Connection:
    """One TCP connection, opened by the first request."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._socket: socket.socket | None = None
        self._reader = h11.Connection(h11.CLIENT)
        self._sent: Request | None = None
        self._begun = 0.0

    def close(self) -> None:
        """Close the socket."""
        if self._socket:
            self._socket.close()

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Send a request and return the answer; the options are those of `send`."""
        self.send(method, path, **options)
        return self.receive()

    def send(
        self,
        method: str,
        path: str,
        *,
        cookie: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        """Send a request, whose answer `receive` returns.

        `cookie` is the value of the one `Cookie` line, sent as it is. `form` is sent URL-encoded.
        """
        fields = {"host": f"{self._client.host}:{self._client.port}", "accept": "*/*"}
        if form is not None:
            fields["content-type"], body = FORM, urlencode(form).encode()
        fields |= {name.lower(): value for name, value in (headers or {}).items()}
        if (method == "POST" or body) and "transfer-encoding" not in fields:
            fields["content-length"] = str(len(body))
        lines = [f"{method} {path} HTTP/1.1".encode()]
        lines += [f"{name}: {value}".encode() for name, value in fields.items()]
        if cookie is not None:
            lines.append(b"cookie: " + (cookie.encode() if isinstance(cookie, str) else cookie))
        self._sent = Request(method, path, b"\r\n".join([*lines, b"", body]))
        self._begun = time.monotonic()
        with self._explained(self._sent):
            self._write(self._sent)

    @property
    def answered(self) -> bool:
        """Whether an answer has begun to come in."""
        return self._socket is not None and bool(select.select([self._socket], [], [], 0)[0])

    def receive(self) -> Response:
        """Return the answer to what was sent."""
        if self._sent is None:
            raise RuntimeError("nothing was sent")
        with self._explained(self._sent):
            response = self._read(time.monotonic() + self._client.timeout)
        transcript = self._client.transcript
        transcript.exchanges.append(Exchange(transcript.step, self._sent, response))
        return response

    @contextmanager
    def _explained(self, request: Request) -> Iterator[None]:
        """Turn whatever goes wrong into `NoAnswer`, and write it into the transcript."""
        try:
            yield
        except (OSError, h11.RemoteProtocolError, NoAnswer) as error:
            problem = _in_words(error)
            transcript = self._client.transcript
            transcript.exchanges.append(Exchange(transcript.step, request, None, problem))
            raise NoAnswer(f"{request.method} {request.path}: {problem}") from None

    def _write(self, request: Request) -> None:
        if self._socket and self._reader.our_state is not h11.DONE:  # the server keeps no connections
            self.close()
            self._socket, self._reader = None, h11.Connection(h11.CLIENT)
        if self._socket is None:
            self._socket = self._connect()
        else:
            self._reader.start_next_cycle()
        self._socket.settimeout(self._client.timeout)
        with suppress(
            BrokenPipeError, ConnectionResetError
        ):  # it may have answered before it had read everything (413)
            self._socket.sendall(request.raw)
        self._reader.send(_asked(request.method))
        self._reader.send(h11.EndOfMessage())

    def _connect(self) -> socket.socket:
        client = self._client
        connected = socket.create_connection((client.host, client.port), client.timeout)
        return client.tls.wrap_socket(connected, server_hostname=client.host) if client.tls else connected

    def _read(self, deadline: float) -> Response:
        head: h11.Response | None = None
        body = bytearray()
        while True:
            event = self._reader.next_event()
            if event is h11.NEED_DATA:
                data = self._receive(deadline)
                if not data and head is None:
                    raise NoAnswer("the connection was closed without an answer")
                self._reader.receive_data(data)
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > LARGEST_ANSWER:
                    raise NoAnswer(f"the answer is longer than {LARGEST_ANSWER} bytes")
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                fields = tuple((name.decode(), value.decode("latin-1")) for name, value in head.headers)
                return Response(head.status_code, fields, bytes(body), time.monotonic() - self._begun)

    def _receive(self, deadline: float) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0 or self._socket is None:
            raise TimeoutError
        self._socket.settimeout(left)
        return self._socket.recv(65536)


@cache
def _asked(method: str) -> h11.Request:
    """Return what the reader has to know: what was asked, not how it was written."""
    return h11.Request(method=method, target="/", headers=[("host", "x")])


def _in_words(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "no complete answer in time"
        case ConnectionRefusedError():
            return "connection refused"
        case ConnectionResetError():
            return "connection reset"
        case h11.RemoteProtocolError():
            return f"not HTTP: {error}"
        case _:
            return str(error)
