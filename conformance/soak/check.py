"""After the faults: reads every session that is not given up, and every dead cookie, on both instances."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from conformance.client import Client, NoAnswer
from conformance.patience import until
from conformance.soak import answers
from conformance.soak.findings import Kind, Note
from conformance.soak.session import Dead, Session
from conformance.soak.site import App, Sent, Site

OK = 200
READY_SECONDS = 30.0
READ_SECONDS = 10.0
AT_A_TIME = 4  # requests to one target


def wait_until_ready(site: Site) -> None:
    """Wait until both apps have found their store again; one that does not is found, and asked nothing any more."""
    for app in site.apps:
        if app.url and not until(lambda app=app: _ready(app), READY_SECONDS):  # type: ignore[misc] # mypy wants no defaults in lambdas
            what = f"{app.label} answers no /readyz {READY_SECONDS:.0f} s after the last fault:\n{app.instance.log()}"
            site.found(Kind.DOWN, what)
            app.url = ""


def number(site: Site) -> int:
    """Return how many reads a check of a target takes at most."""
    return len(site.apps) * (sum(not each.left for each in site.sessions) + len(site.dead))


def check(site: Site, progress: Callable[[], None], stop: Event) -> None:
    """Read all on the apps that are there, or as much as there is until `stop`; `progress` is called once a read."""
    sessions = [each for each in site.sessions if not each.left]
    apps = [each for each in site.apps if each.url]
    if not apps:
        return
    with ThreadPoolExecutor(AT_A_TIME) as pool:

        def read(session: Session) -> None:
            for app in apps:
                if stop.is_set():
                    return
                progress()
                if not session.left:
                    check_session(site, session, app)
            site.tally.add("sessions")

        def read_dead(dead: Dead) -> None:
            for app in apps:
                if stop.is_set():
                    return
                progress()
                check_dead(site, dead, app)
            site.tally.add("dead ids")

        futures = [pool.submit(read, each) for each in sessions] + [pool.submit(read_dead, each) for each in site.dead]
        for each in futures:
            each.result()


def check_session(site: Site, session: Session, app: App) -> None:
    """Read a session; what is wrong is found, and the session left."""
    sent = _patiently(site, session.cookie, app)
    told = answers.whole(sent.response) if sent.response and sent.status == OK else None
    if told and session.may_be_gone and told.nothing:
        session.left = True
    elif problem := session.problem(told) if told else (Kind.WRONG, "after all faults it cannot be read"):
        session.left = True
        site.found(*problem, [*session.steps, sent.note])


def check_dead(site: Site, dead: Dead, app: App | None = None) -> None:
    """Read with a dead cookie, at the app whose turn it is where none is named."""
    sent = _patiently(site, dead.cookie, app) if app else site.send("GET", "/_probe/session", dead.cookie)
    if not sent.response or sent.status != OK:
        return
    told = answers.whole(sent.response)
    if told is None or not told.nothing:
        what = f"the cookie that {dead.by} ended at {dead.at:.2f} s opens {told or sent.response.text[:80]}"
        site.found(Kind.RESURRECTED, what, [*dead.session.steps, sent.note])


def _patiently(site: Site, cookie: str, app: App) -> Sent:
    """Read until there is an answer that is not 503, for a while."""
    sent = Sent(Note(site.now, "nothing was sent"), None)

    def answered() -> bool:
        nonlocal sent
        sent = site.send("GET", "/_probe/session", cookie, app=app)
        return sent.status == OK

    until(answered, READ_SECONDS)
    return sent


def _ready(app: App) -> bool:
    try:
        return Client(app.url).get("/readyz").status == OK
    except NoAnswer:
        return False
