from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from targets import started
from targets.running import CannotStart
from targets.tls_proxy import tls_proxy
from tests.running import ROOT
from tests.serving import Handler, serving


class Echo(Handler):
    def do_GET(self) -> None:  # noqa: N802 -- http.server names it so
        self.answer(200, f"{self.headers['Host']} {self.headers['X-Forwarded-Proto']} {self.path}".encode())

    def do_POST(self) -> None:  # noqa: N802 -- http.server names it so
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.path = f"{self.path} {len(body)}"
        self.do_GET()


@pytest.fixture
def upstream() -> Iterator[str]:
    with serving(Echo) as url:
        yield url


def get(url: str, context: ssl.SSLContext, data: bytes | None = None) -> str:
    with urllib.request.urlopen(url, data, context=context, timeout=5) as response:  # noqa: S310 -- on this machine
        return str(response.read().decode())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_what_comes_by_tls_is_passed_on_and_said_to_be_https(upstream: str, tmp_path: Path, host: str) -> None:
    with tls_proxy(ROOT, upstream, tmp_path) as (url, authority):
        trusting = ssl.create_default_context(cafile=authority)
        address = f"{host}:{url.rpartition(':')[2]}"
        assert get(f"https://{address}/a%20b?c", trusting) == f"{address} https /a%20b?c"


def test_a_large_body_is_the_app_s_to_refuse(upstream: str, tmp_path: Path) -> None:
    with tls_proxy(ROOT, upstream, tmp_path) as (url, authority):
        assert get(f"{url}/", ssl.create_default_context(cafile=authority), bytes(2 << 20)).endswith(" / 2097152")


def test_only_who_trusts_its_authority_connects(upstream: str, tmp_path: Path) -> None:
    with tls_proxy(ROOT, upstream, tmp_path) as (url, _), pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED"):
        get(url, ssl.create_default_context())


def test_it_ends_with_its_block(upstream: str, tmp_path: Path) -> None:
    with tls_proxy(ROOT, upstream, tmp_path):
        process = started.read(tmp_path / "nginx.json")
        assert process
        assert process.alive
    assert not started.family([process.pid])
    assert not (tmp_path / "nginx.json").exists()


def test_one_that_does_not_start_is_told_with_its_line(tmp_path: Path) -> None:
    with (
        pytest.raises(CannotStart, match=r"(?s)nginx: exited with status 1.*no host"),
        tls_proxy(ROOT, "http://", tmp_path),
    ):
        pass
