"""The gallery's port on this machine, which may be somebody else's."""

from __future__ import annotations


class PortTaken(Exception):
    """Somebody else listens on the port."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"not started: port {port} of 127.0.0.1 is taken, maybe by another checkout's gallery; "
            f"use another one: make up GALLERY_PORT={port + 1}"
        )
