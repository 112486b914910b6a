"""Puts the app together: the same routes, with the sessions of the chosen edition."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware

from app import hardened, problems, stock
from app.body_limit import BodyLimit
from app.configuration import from_environment
from app.probes import probes
from app.routes import routes
from app.sessions import Edition


def create() -> Starlette:
    """Make the ASGI application from the environment; Granian calls this once in each worker."""
    configuration = from_environment()
    edition: Edition = hardened if configuration.edition == "hardened" else stock
    app = Starlette(
        routes=[*routes, *probes] if configuration.probes else routes,
        middleware=[Middleware(BodyLimit), *edition.middleware(configuration)],
        exception_handlers=problems.handlers,
    )
    app.router.redirect_slashes = False
    app.state.configuration = configuration
    app.state.edition = edition
    return app
