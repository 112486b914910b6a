from __future__ import annotations

import socket
import subprocess
import sys

from targets import ports
from tests.running import ROOT

PORTS, PROCESSES = 300, 4
GIVE = f"""
from targets import ports
print(*(ports.free() for _ in range({PORTS})), flush=True)
input()
"""


def test_no_two_processes_are_given_the_same_port() -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", GIVE], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(PROCESSES)
    ]
    given: list[str] = []
    for each in processes:
        assert each.stdout
        given += each.stdout.readline().split()
    for each in processes:
        each.communicate("\n")
    assert len(given) == PORTS * PROCESSES
    assert len(set(given)) == len(given)


def test_a_process_is_not_given_a_port_twice() -> None:
    assert len({ports.free() for _ in range(PORTS)}) == PORTS


def test_a_port_that_is_given_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", ports.free())) as server:
        assert ports.taken(server.getsockname()[1])
