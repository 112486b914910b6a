"""The flows of the five tutorials that the app comes from, each from its first step to its last."""

from __future__ import annotations

from collections.abc import Callable

from conformance.clause import Level, clause
from conformance.page import read
from conformance.visitor import Visitor

MUST = Level.MUST
Step = Callable[[str], None]


@clause("flow.count-and-reset", MUST, sources=("seed: Architect, learn sessions",))
def test_count_and_reset(visitor: Visitor, step: Step) -> None:
    """A visitor counts, reloads, resets and counts again.

    The first session that a newcomer to the field builds.
    """
    step("open the page: nothing is counted")
    assert read(visitor.get("/")).forms["/count"].button == "Count 0", "the first page does not say Count 0"
    step("press Count twice")
    visitor.post("/count")
    response = visitor.post("/count")
    assert response.header("location") == "/", f"Count leads to {response.header('location')!r}"
    step("reload: the count is 2")
    assert read(visitor.get("/")).forms["/count"].button == "Count 2", "the page does not say Count 2"
    step("press Reset: the count is 0")
    visitor.post("/reset")
    assert read(visitor.get("/")).forms["/count"].button == "Count 0", "the page does not say Count 0 after the reset"
    step("press Count: it starts at 1")
    visitor.post("/count")
    assert read(visitor.get("/")).forms["/count"].button == "Count 1", "the count after a reset does not start at 1"


@clause("flow.greeting", MUST, sources=("seed: HTTP sessions with ExpressJS",))
def test_greeting(visitor: Visitor, step: Step) -> None:
    """A visitor logs in by a link, tries another name, and logs out by a link.

    The name lasts until log-out, whatever links the visitor follows.
    """
    step("open the page: no name")
    assert read(visitor.get("/")).heading == "Hello", "a stranger is greeted by name"
    step("follow /login?username=Lindani: back to the page")
    assert visitor.get("/login?username=Lindani").header("location") == "/", "log-in does not lead to the page"
    assert read(visitor.get("/")).heading == "Hello, Lindani", "Lindani is not greeted"
    step("reload: still there")
    assert read(visitor.get("/")).heading == "Hello, Lindani", "Lindani is forgotten on reload"
    step("follow /login?username=Other: the first name stays")
    visitor.get("/login?username=Other")
    assert read(visitor.get("/")).heading == "Hello, Lindani", "another link replaced the name"
    step("follow /logout: no name")
    visitor.get("/logout")
    assert read(visitor.get("/")).heading == "Hello", "the name is still there after log-out"


@clause("flow.visits", MUST, sources=("seed: ExpressJS sessions, Tutorialspoint",))
def test_visits(new_visitor: Callable[[], Visitor], step: Step) -> None:
    """Two visitors come again and again; each sees the number of their own visits.

    A counter is the smallest thing that a session must keep apart.
    """
    ada, bob = new_visitor(), new_visitor()
    step("Ada comes for the first time")
    assert ada.get("/visits").text == "Welcome to this page for the first time!", "Ada is not welcomed"
    step("Ada comes 41 times more")
    texts = [ada.get("/visits").text for _ in range(41)]
    assert texts[-1] == "You visited this page 42 times", f"the last answer is {texts[-1]!r}"
    step("Bob comes for the first time")
    assert bob.get("/visits").text == "Welcome to this page for the first time!", "Bob is taken for Ada"


@clause("flow.fruit", MUST, sources=("seed: web sessions explained (Flask)",))
def test_fruit_flow(visitor: Visitor, step: Step) -> None:
    """A visitor says hello, picks cherries, then blueberries, and destroys the session.

    Keys are added, replaced and gone, and every answer shows which.
    """
    step("say hello")
    assert visitor.get("/hello").text == "hello", "no hello"
    step("pick cherries: two keys")
    assert visitor.get("/cherries").json()["session"] == {"fruit": "cherries", "start": True}, "not cherries and start"
    step("pick blueberries: replaced")
    assert visitor.get("/blueberries").json()["session"] == {"fruit": "blueberries", "start": True}, "not replaced"
    step("destroy: nothing left")
    assert visitor.get("/destroy-session").json()["session"] == {}, "something is left"
    step("pick cherries again: a new session")
    assert visitor.get("/cherries").json()["session"] == {"fruit": "cherries"}, "the old session came back"


@clause("flow.log-in-form", MUST, sources=("seed: Hello NodeJS, sessions",))
def test_log_in_form(visitor: Visitor, step: Step) -> None:
    """A visitor fills in the form on the page, is greeted, and logs out by the button.

    The way that most people log in.
    """
    step("open the page: it has a log-in form")
    form = read(visitor.get("/")).forms.get("/user/login")
    assert form is not None and form.fields == ("username",), f"the log-in form is {form}"
    step("send it: back to the page")
    response = visitor.post("/user/login", form={"username": "paranerd"})
    assert response.header("location") == "/", f"log-in leads to {response.header('location')!r}"
    step("the page greets, and has a log-out form in its place")
    page = read(visitor.get("/"))
    assert page.heading == "Hello, paranerd", f"the heading is {page.heading!r}"
    assert "/logout" in page.forms and "/user/login" not in page.forms, f"the forms are {sorted(page.forms)}"
    step("press Log out: a stranger again")
    visitor.post("/logout")
    assert read(visitor.get("/")).heading == "Hello", "still greeted after log-out"
