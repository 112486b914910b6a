"""A route that ends where its path ends."""

from __future__ import annotations

from starlette.routing import Match, Route
from starlette.types import Scope


class ExactRoute(Route):
    """Starlette's own takes a line feed after the path too, as `$` in a pattern does: `POST /count%0A` would count."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope) if scope["path"] == self.path else (Match.NONE, {})
