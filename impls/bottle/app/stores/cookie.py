"""The store that needs no server: the library that signs the cookies."""

from __future__ import annotations

from importlib.metadata import version

from app.configuration import Configuration


class Client:
    """Always there."""

    def __init__(self, url: str) -> None:
        """Need nothing of the URL."""

    def version(self) -> str:
        return version("itsdangerous")


def start(configuration: Configuration) -> None:
    """Wait for nothing."""
