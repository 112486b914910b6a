"""Implementations of a few lines, each named for what it does; written into a checkout of their own."""

from __future__ import annotations

import json
from pathlib import Path

SERVER = """
import http.server, os, pathlib, socket, sys, time
{first}
pathlib.Path(os.environ.get("PID_FILE", f"{{os.environ['EDITION']}}.pid")).write_text(str(os.getpid()))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        {answer}
    def log_message(self, *_): pass
    def say(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())
print("listening", flush=True)
http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
"""

ANSWER = "self.say(200, 'ok' if self.path == '/healthz' else os.environ['STORE_URL'])"
WORKS = SERVER.format(first="", answer=f"os._exit(7) if self.path == '/die' else {ANSWER}")
EXITS_AT_ONCE = SERVER.format(first="sys.exit('cannot start: STORE_URL: is wrong')", answer="pass")
NEVER_ANSWERS = SERVER.format(first="", answer="time.sleep(60)")
ANSWERS_RUBBISH = SERVER.format(first="", answer="self.wfile.write(b'rubbish\\r\\n\\r\\n')")
IS_UNWELL = SERVER.format(first="", answer="self.say(503, 'not now')")
KILLS_ITSELF = SERVER.format(first="os.kill(os.getpid(), 9)", answer="pass")


def add(
    root: Path, name: str, program: str = WORKS, command: tuple[str, ...] = ("python", "app.py"), **stores: str
) -> Path:
    """Write an implementation with a target of its own name, or with `target="store"` each; return its folder."""
    folder = root / "impls" / name
    folder.mkdir(parents=True)
    (folder / "app.py").write_text(program)
    (folder / "requirements.txt").write_text("")
    tables = "".join(
        f'\n[[targets]]\nname = "{target.replace("_", "-")}"\nstore = "{store}"\nedition = "hardened"\n'
        for target, store in (stores or {name: "cookie"}).items()
    )
    (folder / "implementation.toml").write_text(
        f'name = "{name}"\nframework = "none"\nlibrary = "none"\nlanguage = "Python"\n'
        'homepage = "https://example.org/"\n'
        f'environment = "python"\ncommand = {json.dumps(command)}\n{tables}'
    )
    return folder


def pids(root: Path) -> list[int]:
    """Return the process numbers that programs wrote down."""
    return [int(path.read_text()) for path in root.glob("impls/*/*.pid")]
