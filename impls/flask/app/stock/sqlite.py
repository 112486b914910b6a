"""Flask-Session on SQLite, by Flask-SQLAlchemy."""

from __future__ import annotations

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app.configuration import Configuration
from app.hardened.sqlite_store import create_file, file


def prepare(configuration: Configuration) -> None:
    """Make the file with the mode that SQLite would give it."""
    create_file(file(configuration), 0o644)


def configure(app: Flask, configuration: Configuration) -> None:
    """Tell Flask-Session of SQLAlchemy, as its documentation does."""
    app.config["SESSION_TYPE"] = "sqlalchemy"
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{file(configuration)}"  # it would put a relative one elsewhere
    app.config["SESSION_SQLALCHEMY"] = SQLAlchemy(app)
