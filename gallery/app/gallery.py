"""The gallery's page, and what its buttons do."""

from __future__ import annotations

import asyncio
from itertools import groupby
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app import asking, listed, post
from app.alive import State, state
from app.choosing import CHOICES, chosen, offered
from app.comparing import differences, verdict
from app.configuration import Configuration
from app.listed import Target
from app.pages import templates
from app.pressing import BUTTONS, Press, press
from app.visitors import Visitor, Visitors

FIRST_NAME = "Ada"


class Row(NamedTuple):
    """A target and how it is now."""

    target: Target
    state: State

    def implementation(self) -> str:
        """Return what rows are grouped by."""
        return self.target.implementation


class Gallery:
    """The gallery of the targets that are listed in a file."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._visitors = Visitors()
        self._through = asking.transport()

    async def show(self, request: Request) -> Response:
        """Show every target as it is now, and the answers to the visitor's last press."""
        targets = listed.read(self._configuration.targets_file)
        states = await asyncio.gather(*(state(self._through, target) for target in targets))
        visitor = self._visitor(request)
        last = visitor.last if visitor else None
        if (choice := request.query_params.get("choose")) in CHOICES:
            checked = chosen(choice, targets)
        else:
            checked = {each.target.name for each in last.answers} if last else chosen("all", targets)
        shown = {
            "groups": [list(rows) for _, rows in groupby(map(Row, targets, states), Row.implementation)],
            "up": sum(each.kind == "up" for each in states),
            "total": len(targets),
            "checked": checked,
            "choices": offered(targets),
            "buttons": BUTTONS,
            "last": last,
            "odd": differences(last.answers) if last else {},
            "verdict": verdict(last.answers) if last else "",
            "name": last.name if last else FIRST_NAME,
        }
        return templates.TemplateResponse(request, "gallery.html", shown, headers={"Vary": "Cookie"})

    async def press(self, request: Request) -> Response:
        """Press a button at all chosen targets at once, remember their answers, and go back to the page."""
        given = await post.fields(request)
        button, names, name = BUTTONS.get(given["press"][0]), given["target"], given["name"][0]
        targets = {each.name: each for each in listed.read(self._configuration.targets_file)}
        if not button or not targets.keys() >= set(names):
            raise HTTPException(400, "The gallery has no such button, or no such target.")
        if not names:
            raise HTTPException(400, "No target was chosen. Go back and choose at least one.")
        response = RedirectResponse("/", 303)
        visitor = self._visitor(request) or self._welcome(response)
        async with visitor.lock:
            answers = await asyncio.gather(
                *(
                    press(self._through, target, button, name, visitor.jars[target.name])
                    for target in targets.values()
                    if target.name in names
                )
            )
            visitor.last = Press(button, name, answers)
        return response

    def _visitor(self, request: Request) -> Visitor | None:
        return self._visitors.find(request.cookies.get(self._configuration.cookie_name, ""))

    def _welcome(self, response: Response) -> Visitor:
        visitor_id, visitor = self._visitors.welcome()
        response.set_cookie(self._configuration.cookie_name, visitor_id, httponly=True, samesite="lax")
        return visitor
