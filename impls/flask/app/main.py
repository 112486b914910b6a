"""Puts the app together: the same routes, with the sessions of the chosen edition."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request
from werkzeug.exceptions import NotFound

from app import problems
from app.configuration import Configuration, from_environment
from app.probes import probes
from app.routes import Edition, routes

LARGEST_BODY = 16 * 1024


def refuse_extra_slashes() -> None:
    """Answer 404 to `//count`, which Werkzeug takes for `/count`."""
    if request.environ["PATH_INFO"].startswith("//"):
        raise NotFound


def read_body() -> None:
    """Read the body, also where nobody asks for it: Flask holds only what is read to the limit."""
    request.get_data()


def with_an_end(app: WSGIApplication) -> WSGIApplication:
    """Say that the body ends by itself, as Granian's does, so that Werkzeug reads one that was sent in chunks."""

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input_terminated"] = True
        return app(environ, start_response)

    return wrapped


def edition_of(configuration: Configuration) -> Edition:
    """Return the configured edition, a module; the other one is not even imported."""
    return cast("Edition", import_module(f"app.{configuration.edition}"))


def create() -> WSGIApplication:
    """Make the WSGI application from the environment; Granian calls this once in each worker."""
    configuration = from_environment()
    edition = edition_of(configuration)
    app = Flask(__name__)
    app.url_map.merge_slashes = False
    app.jinja_env.trim_blocks = True
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        SECRET_KEY=configuration.secrets[0],
        SESSION_COOKIE_NAME=configuration.session_cookie_name,
    )
    app.before_request(refuse_extra_slashes)
    app.before_request(read_body)
    store_version = edition.install(app, configuration)
    problems.install(app)
    app.register_blueprint(routes(edition, configuration, store_version))
    if configuration.probes:
        app.register_blueprint(probes(edition))
    return with_an_end(app)
