"""Puts the app together: the same routes, with the sessions of the chosen edition."""

from __future__ import annotations

from wsgiref.types import WSGIApplication

from bottle import Bottle

from app import hardened, stock, strict_requests
from app.configuration import from_environment
from app.probes import probes
from app.problems import problem
from app.routes import Edition, routes
from app.stores import open_client


def create() -> WSGIApplication:
    """Make the WSGI application from the environment; Granian calls this once in each worker."""
    configuration = from_environment()
    edition: Edition = hardened if configuration.edition == "hardened" else stock
    client = open_client(configuration)
    app = Bottle()
    app.default_error_handler = problem
    app.add_hook("before_request", strict_requests.refuse_undecodable_path)
    app.add_hook("before_request", strict_requests.limit_body)
    routes(app, edition, configuration, client)
    if configuration.probes:
        probes(app, edition)
    return edition.install(app, configuration, client)
