"""Puts the app together: the same routes, with the sessions of the chosen edition."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from starlette.applications import Starlette
from starlette.middleware import Middleware

from app import problems
from app.body_limit import BodyLimit
from app.configuration import Configuration, from_environment
from app.probes import probes
from app.routes import routes
from app.sessions import Edition


def edition_of(configuration: Configuration) -> Edition:
    """Import what gives the app its sessions, and nothing else: each edition has libraries of its own."""
    name = "hardened" if configuration.edition == "hardened" else f"stock_{configuration.store}"
    return cast("Edition", import_module(f"app.{name}"))


def create() -> Starlette:
    """Make the ASGI application from the environment; Granian calls this once in each worker."""
    configuration = from_environment()
    edition = edition_of(configuration)
    middleware, lifespan = edition.sessions(configuration)
    app = Starlette(
        routes=[*routes, *probes] if configuration.probes else routes,
        middleware=[Middleware(BodyLimit), *middleware],
        exception_handlers=problems.handlers,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.configuration = configuration
    app.state.edition = edition
    return app
