"""Reads the app's page as a browser does: the heading, and the forms with their buttons."""

from __future__ import annotations

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from conformance.client import Response


@dataclass(frozen=True)
class Form:
    """A form: its method, the text of its button, the names of its fields."""

    method: str
    button: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """What a visitor sees: heading, and forms by their action."""

    heading: str
    forms: dict[str, Form]


def read(response: Response) -> Page:
    """Read the page; what is missing is empty."""
    tree = LexborHTMLParser(response.text)
    heading = tree.css_first("h1")
    forms = {}
    for form in tree.css("form"):
        button = form.css_first("button")
        forms[form.attributes.get("action") or ""] = Form(
            (form.attributes.get("method") or "get").lower(),
            button.text(strip=True) if button else "",
            tuple(field.attributes.get("name") or "" for field in form.css("input")),
        )
    return Page(heading.text(strip=True) if heading else "", forms)
