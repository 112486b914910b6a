"""An app as benchmarks see it, in a process that tests can freeze: `python -m tests.bench.responder PORT FAULT`."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from urllib.parse import parse_qs

from targets import ports
from tests.running import ROOT

LOSES_EVERY = 10


class App(http.server.BaseHTTPRequestHandler):
    """Log in, count, show, reset; the fault "loses" forgets every tenth count, "mixes" shows another name."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    fault = ""
    sessions: dict[str, dict[str, object]] = {}  # noqa: RUF012 -- one app
    ids = count()
    counts = count(1)
    lock = threading.Lock()

    def do_GET(self) -> None:
        session = self._session()
        name = "nobody" if self.fault == "mixes" else session.get("username")
        shown = {"count": session.get("count", 0), "username": name}
        self._answer(200, b"ok" if self.path == "/healthz" else json.dumps(shown).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/user/login":
            self._answer(303, b"", self._make({"username": parse_qs(body)["username"][0], "count": 0}))
        elif self.path == "/reset":
            self.sessions.pop(self._id(), None)
            self._answer(303, b"")
        else:
            self._count()

    def _count(self) -> None:
        if self._id() not in self.sessions:
            self._answer(303, b"", self._make({"username": None, "count": 1}))
            return
        with self.lock:
            if self.fault != "loses" or next(self.counts) % LOSES_EVERY:
                session = self._session()
                session["count"] = int(str(session["count"])) + 1
        self._answer(303, b"")

    def _make(self, session: dict[str, object]) -> str:
        made = f"id-{next(self.ids)}"
        self.sessions[made] = session
        return made

    def _id(self) -> str:
        return self.headers.get("Cookie", "").partition("=")[2]

    def _session(self) -> dict[str, object]:
        return self.sessions.get(self._id(), {})

    def _answer(self, status: int, body: bytes, made: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if made:
            self.send_header("Set-Cookie", f"sid={made}; Path=/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class names it so
        pass


@contextmanager
def responding(fault: str = "") -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the app while the block runs; yields its base URL and its process."""
    port = ports.free()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.responder", str(port), fault], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        try:
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.kill()


if __name__ == "__main__":
    App.fault = sys.argv[2]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), App)
    print("ready", flush=True)
    server.serve_forever()
