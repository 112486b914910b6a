"""How sequences are made up: Hypothesis draws them, and shrinks them to the first of each list below.

What SPEC.md leaves open is not drawn: it says nothing of U+001C to U+001F at a name's ends, which not everybody calls
white space; of two empty names in a link; or whether a cookie in malformed quotes counts beside a good one.
"""

from __future__ import annotations

from itertools import chain
from typing import TypeVar, cast
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from conformance.client import FORM
from conformance.differential.model import LARGEST_BODY, ROUTES, Request
from conformance.differential.steps import DAMAGES, LOOKALIKE, Damaged, Handed, Invented, Neighbour, Plant, Send, Step

T = TypeVar("T")
CLIENTS = ("ann", "ann", "bob", "cid")
FORM_TYPES = (FORM, f"{FORM}; charset=utf-8")
OTHER_TYPES = ("", "application/json", "text/plain", "multipart/form-data; boundary=x", f"{FORM}-not")
JSON_ONLY = (("accept", "application/json"),)
BROWSER = (("accept", "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"),)
PLAIN = (
    Request("POST", "/count"),
    Request("GET", "/", headers=JSON_ONLY),
    Request("GET", "/"),
    Request("GET", "/", headers=BROWSER),
    Request("POST", "/reset"),
    Request("POST", "/logout"),
    Request("GET", "/logout"),
    Request("GET", "/visits"),
    Request("GET", "/hello"),
    Request("GET", "/cherries"),
    Request("GET", "/blueberries"),
    Request("GET", "/destroy-session"),
)
LOOKS = (PLAIN[1], PLAIN[2], Request("GET", "/cherries"), Request("POST", "/count"))
CHANGES = (*[PLAIN[0]] * 3, *(request for request in PLAIN if request.path != "/"))  # most sessions count
TIMES = (1, 2, 3, 6)
GOOD_NAMES = (
    "Ada", "Eve", " Ada", "Ada ", "<b>&\"'</b>", "{{7*7}}", "Zoë", "Zoe\u0308", "李雷", "مرحبا", "👩‍👩‍👧",
    "\ufeffAda", "\u200b", "a\u2028b",
    "x" * 64, "😀" * 64, "\tAda\r\n", "\u3000Ada\xa0", "null", "None", "0", "false", "a  b", "a;b,c=d", "100%",
    "%41", "a+b", "&amp;", "\\x41\\u0041", "$`x`", "\u202eadA", "\U0010ffff", "İ", "../..", "__proto__",
)  # fmt: skip
BAD_FIELDS = (
    b"", b"other=x", b"username", b"username=", b"username=+", b"username=%20%20", b"username=%E3%80%80",
    b"username=a&username=b",
    b"username=&username=Ada", b"username&username=Ada", b"username=Ada&user%6eame=Eve", b"username=" + b"x" * 65,
    b"username=" + b"%F0%9F%98%80" * 65, b"username=a%00b", b"username=a%0Ab", b"username=a%0D%0AX-Evil:+1",
    b"username=a%1Fb",
    b"username=a%7Fb", b"username=a%C2%85b", b"username=%FF", b"username=%ED%A0%80", b"username=%C0%80",
    b"username=%F4%90%80%80", b"username=a%E2%82", b"Username=Ada", b"username%00=Ada", b"+username=Ada",
)  # fmt: skip
ODD_FIELDS = (
    b"user%6eame=Ada", b"a=b&username=Ada", b"username=Ada&a=%FF", b"%FF=a&username=Ada", b"&&username=Ada&&",
    b"username=a%zzb",
    b"username=%", b"username=a=b", b"username=a;username=b", b"username=%41%64%61", b"USERNAME=Eve&username=Ada",
    b"username[]=Eve&username=Ada",
)  # fmt: skip
EMPTY_LINKS = ("", "username=", "username", "other=x", "Username=Ada", "username[]=Ada")
UNKNOWN = (
    "/nowhere",
    "/count/",
    "/COUNT",
    "/user/login/",
    "/user",
    "//count",
    "/count.json",
    "/visits/1",
    "/favicon.ico",
)
WRONG_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
FOREIGN = (
    (("sec-fetch-site", "cross-site"),),
    (("sec-fetch-site", "same-site"),),
    (("origin", "http://evil.example"),),
    (("origin", "null"),),
)
OWN = ((("sec-fetch-site", "same-origin"),), (("sec-fetch-site", "none"), ("origin", "http://evil.example")))
NEIGHBOURS = (
    "a=b", 'prefs={"a":1}', "c[0]=x", "flag", "d=a b", "=x", "a=b=c", "", 'q="unclosed', "username=Eve",
    "x{name}=1", "{name}2=1",
    "$Version=1", "a=%00", "e=\\073",
)  # fmt: skip
INVENTED = (
    LOOKALIKE,
    "",
    "1",
    "null",
    "undefined",
    "''",
    '""',
    "a" * 300,
    "a.b",
    "a.b.c",
    "..",
    "%2E",
    "session:1",
    "-",
    "{}",
    "e30",
)

clients = st.sampled_from(CLIENTS)
any_text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=66)
ends = st.sampled_from(("", "", " ", "\t", "\u3000"))
names = st.builds(lambda start, name, end: start + name + end, ends, st.sampled_from(GOOD_NAMES) | any_text, ends)


@st.composite
def one(draw: DrawFn, *strategies: SearchStrategy[T]) -> T:
    """Draw from one of several, each as likely: `one_of` would flatten those that are choices themselves."""
    return cast("T", draw(st.one_of(*strategies)))


def by_form(fields: bytes, content_type: str = FORM) -> Request:
    """Make a log-in by the form."""
    return Request(
        "POST", "/user/login", headers=(("content-type", content_type),) if content_type else (), body=fields
    )


def by_link(query: str) -> Request:
    """Make a log-in by a link."""
    return Request("GET", "/login", query)


def log_ins() -> SearchStrategy[Request]:
    """Draw log-ins by form and by link, good and bad."""
    good = (
        names.map(lambda name: by_form(b"username=" + quote_plus(name).encode())),
        names.filter(bool).map(lambda name: by_link(f"username={quote(name, safe='')}")),
    )
    odd = one(
        st.sampled_from(EMPTY_LINKS).map(by_link),
        st.builds(by_form, st.sampled_from(ODD_FIELDS + BAD_FIELDS), st.sampled_from(FORM_TYPES)),
        st.sampled_from([fields for fields in ODD_FIELDS + BAD_FIELDS if fields.decode() not in EMPTY_LINKS]).map(
            lambda fields: by_link(fields.decode())
        ),
        st.sampled_from(OTHER_TYPES).map(lambda content_type: by_form(b"username=Ada", content_type)),
        names.map(
            lambda name: by_form(
                b"username=" + name.replace("%", "%25").replace("&", "%26").replace("+", "%2B").encode()
            )
        ),
    )
    return one(*good, odd)


def odd_requests() -> SearchStrategy[Request]:
    """Draw what scanners, link checkers and other sites send."""
    paths = st.sampled_from(sorted(ROUTES))
    posts = st.sampled_from([path for path, methods in ROUTES.items() if "POST" in methods and path != "/user/login"])
    return one(
        paths.map(lambda path: Request("HEAD", path)),
        st.builds(Request, st.sampled_from(WRONG_METHODS[2:]), paths),
        paths.map(lambda path: Request("GET", path)),
        st.sampled_from([path for path in ROUTES if path != "/user/login"]).map(lambda path: Request("POST", path)),
        st.builds(Request, st.sampled_from(WRONG_METHODS), st.sampled_from(UNKNOWN)),
        st.just(Request("HEAD", "/login", "username=Ada")),
        st.builds(lambda path, headers: Request("POST", path, headers=headers), posts, st.sampled_from(FOREIGN + OWN)),
        st.sampled_from(FOREIGN).map(
            lambda headers: Request("POST", "/user/login", "", (*headers, ("content-type", FORM)), b"username=Eve")
        ),
        st.builds(
            lambda path, size: Request("POST", path, body=b"x" * size),
            posts,
            st.sampled_from([LARGEST_BODY + 1, LARGEST_BODY]),
        ),
        st.sampled_from(["count=99", "sid=1", "username=Eve", "x=%FF"]).map(
            lambda query: Request("GET", "/", query, JSON_ONLY)
        ),
    )


def sources() -> SearchStrategy[Handed | Damaged | Invented]:
    """Draw where a cookie comes from: this client or another had it, now or earlier; or nobody."""
    return one(
        st.builds(Handed, clients, st.integers(0, 3)),
        st.builds(Damaged, clients, st.sampled_from(sorted(DAMAGES))),
        st.sampled_from(INVENTED).map(Invented),
    )


def sends() -> SearchStrategy[Step]:
    """Draw requests; most have the client's own cookie alone."""
    own = st.builds(Send, clients, one(st.sampled_from(PLAIN), log_ins(), odd_requests()))
    beside = one(st.none(), sources(), sources(), st.sampled_from(NEIGHBOURS).map(Neighbour))
    return one(own, st.builds(Send, clients, st.sampled_from(PLAIN), beside, beside))


def turns() -> SearchStrategy[list[Step]]:
    """Draw what often belongs together: changes and a look; a change, and a look with the cookie from before."""
    plants = st.builds(Plant, clients, sources())
    changes = one(st.sampled_from(CHANGES), st.sampled_from(CHANGES), log_ins())
    look = st.none() | st.sampled_from(LOOKS)
    return one(
        st.builds(several, clients, changes, st.sampled_from(TIMES), look),
        *[sends().map(lambda step: [step])] * 4,  # half of all
        plants.map(lambda step: [step]),
        st.builds(replayed, clients, changes, clients, look),
    )


def several(client: str, request: Request, times: int, look: Request | None) -> list[Step]:
    """Send a request several times, and look."""
    return [*[Send(client, request)] * times, *([Send(client, look)] if look else [])]


def replayed(client: str, request: Request, other: str, look: Request | None) -> list[Step]:
    """Send a request; somebody has the cookie from before it, and looks."""
    return [Send(client, request), Plant(other, Handed(client, 1)), *([Send(other, look)] if look else [])]


def sequences(longest: int) -> SearchStrategy[list[Step]]:
    """Draw sequences of up to `longest` steps, half of them long, since lists alone would mostly be short."""
    lists = st.lists(turns(), min_size=1, max_size=longest) | st.lists(turns(), min_size=longest // 2, max_size=longest)
    return lists.map(lambda each: list(chain.from_iterable(each))[:longest])
