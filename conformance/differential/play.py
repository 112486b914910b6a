"""Plays a sequence on one target, with the worlds that it may live in beside it, up to the first difference."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.client import Client, Connection, NoAnswer, NotSetUp, Response
from conformance.cookies import parse
from conformance.differential import compare, steps
from conformance.differential.model import Request
from conformance.differential.steps import Neighbour, Plant, Send, Source, Step
from conformance.differential.world import Expected, World
from conformance.forge import lookalike

FIRST, LAST = 0, -1  # of several session cookies, the one that counts


@dataclass(frozen=True)
class Player:
    """A target as the check sees it: where it is, what it can promise, and the form of its cookie."""

    name: str
    url: str
    absent: frozenset[str]
    cookie_name: str
    lookalike: str


@dataclass(frozen=True)
class Outcome:
    """What one target did up to its first difference, or to the end. `problems` is what was wrong, by aspect."""

    player: Player
    requests: int
    answers: dict[int, tuple[Expected, Response | None]]  # by the step's place in the sequence
    problems: dict[str, str]

    @property
    def last(self) -> int:
        """The place of the last step that was answered, or -1."""
        return max(self.answers, default=-1)


def meet(name: str, url: str, absent: frozenset[str]) -> Player:
    """Count once, to see the name and the form of the cookie; raises `NotSetUp` or `NoAnswer`."""
    response = Client(url).post("/count")
    cookies = [parse(line) for line in response.set_cookies]
    if len(cookies) != 1:
        raise NotSetUp(f"{name}: POST /count answers {response.status} with {len(cookies)} cookies, not with one")
    return Player(name, url, absent, cookies[0].name, lookalike(cookies[0].value))


def play(player: Player, sequence: Sequence[Step]) -> Outcome:
    """Play a sequence over one connection; stops at the first difference, since all after it would follow from it."""
    playing = Play(player)
    try:
        return playing.play(sequence)
    finally:
        playing.connection.close()


class Play:
    """The clients' jars and the worlds of one sequence on one target."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.connection = Connection(Client(player.url))
        self.begun = time.monotonic()
        self.history: defaultdict[str, list[str | None]] = defaultdict(lambda: [None])
        ids, revocable = "session-ids" not in player.absent, "revocation" not in player.absent
        self.worlds = [World(position, ids, revocable) for position in (FIRST, LAST)]

    def play(self, sequence: Sequence[Step]) -> Outcome:
        """Take each step."""
        answers: dict[int, tuple[Expected, Response | None]] = {}
        found: dict[str, str] = {}
        for place, step in enumerate(sequence):
            jar = self.history[step.client]
            if isinstance(step, Plant):
                jar.append(self.value(step.source))
                continue
            expected, response, found = self.send(step)
            answers[place] = expected, response
            if found or response is None:
                break
            jar.append(self.jar_after(jar[-1], response))
        return Outcome(self.player, len(answers), answers, found)

    def send(self, step: Send) -> tuple[Expected, Response | None, dict[str, str]]:
        """Send a request and hold the answer against every world that is still possible."""
        before, mine, after = (
            self.cookies(step.before),
            self.pair(self.history[step.client][-1]),
            self.cookies(step.after),
        )
        parts = [*before, *mine, *after]
        own = f"{self.player.cookie_name}="
        sent = [part.removeprefix(own) for part in parts if part.startswith(own)]
        expectations = [(world, world.expect(sent, step.request)) for world in self.worlds]
        try:
            response = self.ask(step.request, "; ".join(parts) if parts else None)
        except NoAnswer as error:
            return expectations[0][1], None, {"answer": str(error)}
        elapsed = time.monotonic() - self.begun
        found = [
            compare.problems(world, expected, response, self.player.cookie_name, elapsed)
            for world, expected in expectations
        ]
        possible = [each for each, wrong in zip(expectations, found, strict=True) if not wrong]
        if not possible:
            return expectations[0][1], response, found[0]
        for world, expected in possible:
            world.go_on(expected, compare.given(response))
        self.worlds = [world for world, _ in possible]
        return possible[0][1], response, {}

    def ask(self, request: Request, cookie: str | None) -> Response:
        """Send a request; a connection that the answer ends is opened anew."""
        path = f"{request.path}?{request.query}" if request.query else request.path
        response = self.connection.request(
            request.method, path, cookie=cookie, headers=dict(request.headers), body=request.body
        )
        if response.header("connection").lower() == "close" or response.status == 413:  # noqa: PLR2004 (too large)
            self.connection.close()
            self.connection = Connection(Client(self.player.url))
        return response

    def value(self, source: Source) -> str | None:
        """Return the value that a source stands for here."""
        return steps.value(source, self.history, self.player.lookalike)

    def cookies(self, extra: Neighbour | Source | None) -> list[str]:
        """Return what stands beside the client's own cookie."""
        if isinstance(extra, Neighbour):
            return [extra.text.replace("{name}", self.player.cookie_name)]
        return [] if extra is None else self.pair(self.value(extra))

    def pair(self, value: str | None) -> list[str]:
        """Return a session cookie as it is sent."""
        return [] if value is None else [f"{self.player.cookie_name}={value}"]

    def jar_after(self, before: str | None, response: Response) -> str | None:
        """Return what a browser keeps."""
        for cookie in map(parse, response.set_cookies):
            before = None if cookie.deletes else cookie.value
        return before
