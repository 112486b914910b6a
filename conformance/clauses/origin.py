"""Posts that another site's page sends in the visitor's name (ASVS 5.0 3.5, WSTG-SESS-05)."""

from __future__ import annotations

from conformance.clause import Level, clause
from conformance.visitor import Visitor

MUST = Level.MUST
FOREIGN = (
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": "https://sibling.example"},
)


@clause(
    "origin.cross-site",
    MUST,
    sources=("ASVS 5.0 3.5.1 and 3.5.3", "WSTG-SESS-05", "SPEC.md, Everywhere"),
    builds_on=("app.counts",),
)
def test_cross_site(visitor: Visitor) -> None:
    """A POST from another origin is 403 and changes nothing.

    `SameSite` alone leaves out sibling hosts, and browsers that do not know it.
    """
    visitor.count()
    for headers in FOREIGN:
        for path, form in (("/count", None), ("/reset", None), ("/logout", None), ("/user/login", {"username": "Eve"})):
            response = visitor.post(path, headers=headers, form=form)
            assert response.status == 403, f"POST {path} with {headers} answered {response.status}"
    assert visitor.state() == (1, None), f"count and name are {visitor.state()}"


@clause("origin.same-site", MUST, sources=("SPEC.md, Everywhere", "research: CSR-03"), builds_on=("app.counts",))
def test_same_site(visitor: Visitor) -> None:
    """The app's own page may post, and so may a client that is no browser.

    A check that locks out curl gets turned off.
    """
    own = f"http://{visitor.client.host}:{visitor.client.port}"
    kinds: tuple[dict[str, str], ...] = (
        {},
        {"origin": own},
        {"origin": own, "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    )
    for number, headers in enumerate(kinds, 1):
        response = visitor.post("/count", headers=headers)
        assert response.status == 303, f"with {headers} answered {response.status}"
        assert visitor.state()[0] == number, f"with {headers} the count is {visitor.state()[0]}"
