"""`make up` with the gallery as a container: the service of compose.yaml, beside a target of a few lines."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.models.containers import Container
from docker.models.volumes import Volume

from gallery import listing
from targets import compose, containers, docker, ports
from tests.gallery import galleries
from tests.gallery.galleries import page, press, visitor
from tests.gallery.test_up import MAIN
from tests.running import ROOT
from tests.targets import engine as engines
from tests.targets import miniatures

pytestmark = pytest.mark.usefixtures("engine")

NOBODY = "192.0.2.1"  # RFC 5737: packets to it go nowhere
SERVICE = """
  works:
    <<: *app
    image: same-session-${CHECKOUT}/works
    build: {context: impls/works, args: *build-args, labels: *image-labels}
    environment: {EDITION: hardened, STORE_URL: "cookie:"}

networks:
"""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Make a checkout with this one's compose.yaml and gallery, and one target; it leaves nothing behind."""
    services = (ROOT / "compose.yaml").read_text()
    (tmp_path / "compose.yaml").write_text(services.replace("\nnetworks:\n", SERVICE))
    shutil.copytree(ROOT / "gallery", tmp_path / "gallery")
    (miniatures.add(tmp_path, "works") / "Dockerfile").write_text(engines.DOCKERFILE.format(build="true"))
    with engines.clean(tmp_path):
        yield tmp_path
        asyncio.run(compose.down(docker.standing(tmp_path).where, "--volumes"))


def run(module: str, root: Path, *arguments: str) -> tuple[int, str, str]:
    line = [sys.executable, "-c", MAIN.format(module), str(root), *arguments, "--runtime", "docker"]
    ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout, ended.stderr


def test_the_gallery_reaches_targets_by_their_names_and_reads_the_report(root: Path) -> None:
    port = ports.free()
    url = f"http://127.0.0.1:{port}"
    status, shown, errors = run("gallery", root, "up", "--port", str(port))
    assert (status, errors) == (0, "")
    assert shown.endswith(f"\ngallery: {url}\n")
    who = visitor(url)
    press(who, "count", "works")
    assert page(who).answers()["works"]["status"].startswith("501")  # it knows no POST
    assert run("gallery", root, "ps")[1].endswith(f"\ngallery: {url} running\n")

    assert "make report" in who.get("/report/").text
    report = root / ".run/report/index.html"
    report.write_text("<!doctype html><title>Report</title>")
    assert who.get("/report/").status == 200
    report.chmod(0o600)
    assert who.get("/report/").status == 403

    gallery = container(root, "gallery")
    assert gallery.exec_run(gallery.attrs["Config"]["Healthcheck"]["Test"][1:]).exit_code == 0  # after CMD
    container(root, "works").stop(timeout=5)
    begun = time.monotonic()
    assert page(who).state("works").startswith("down: ")
    assert time.monotonic() - begun < 5

    assert run("targets", root, "down")[0] == 0
    assert {type(each) for each in engines.traces(root)} == {Volume}  # sessions outlive it


def test_a_port_that_is_taken_is_told_and_the_targets_are_up(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, shown, errors = run("gallery", root, "up", "--port", str(port))
    assert status == 1
    assert " running" in shown
    assert errors.startswith(f"gallery: not started: port {port} of 127.0.0.1 is taken")


def test_targets_whose_names_nobody_knows_hold_up_no_other(root: Path) -> None:
    compose_file = root / "compose.yaml"
    compose_file.write_text(compose_file.read_text().replace("    dns_opt:", f"    dns: [{NOBODY}]\n    dns_opt:"))
    port = ports.free()
    assert run("gallery", root, "up", "--port", str(port))[0] == 0
    path = listing.folder(root) / "targets.json"
    ended = [galleries.listed(f"ended-{number}", f"http://ended-{number}:8000") for number in range(20)]
    path.write_text(json.dumps([*ended, *json.loads(path.read_text())]))
    shown = page(visitor(f"http://127.0.0.1:{port}"))
    assert shown.state("works") == "up"
    assert {shown.state(each["name"]) for each in ended} <= {"down: no answer within 2 s", "down: no connection"}


def container(root: Path, service: str) -> Container:
    found = containers.find(containers.connect(), docker.standing(root).where, service)
    assert found
    return found
