"""The gallery's page and its buttons, with correct targets behind it, and one that keeps the id at log-in."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conformance.visitor import Visitor
from tests.gallery import galleries
from tests.gallery.galleries import listed, page, press, visitor
from tests.sabotage.app import App
from tests.sabotage.fault import catalogue
from tests.sabotage.http import Server

ALIKE = ("one", "two", "three")
APPS: dict[str, type[App]] = dict.fromkeys(ALIKE, App) | {"careless": catalogue()["keeps-the-id-at-log-in"].app}
EDITIONS = {"careless": "stock"}


@pytest.fixture(scope="module")
def apps() -> dict[str, App]:
    return {name: make() for name, make in APPS.items()}


@pytest.fixture(scope="module")
def url(apps: dict[str, App], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a gallery of targets that answer, and of one that was not started."""
    running = {name: Server(app) for name, app in apps.items()}
    targets = [listed(name, each.url, edition=EDITIONS.get(name, "hardened")) for name, each in running.items()]
    with galleries.serving(tmp_path_factory.mktemp("gallery"), [*targets, listed("absent", "")]) as served:
        yield served
    for each in running.values():
        each.close()


def test_every_target_is_shown_with_its_state_and_the_running_ones_with_a_link(url: str) -> None:
    shown = page(visitor(url))
    assert [shown.state(name) for name in APPS] == ["up"] * len(APPS)
    assert shown.state("absent") == "not started"
    links = [link.attributes["href"] for link in shown.tree.css("li a")]
    assert len(set(links)) == len(APPS)
    assert all(link and link.startswith("http://127.0.0.1:") for link in links)


def test_a_press_goes_to_all_chosen_targets_and_to_no_other(url: str) -> None:
    who = visitor(url)
    answer = press(who, "count", "one", "two")
    assert (answer.status, answer.header("location")) == (303, "/")
    shown = page(who)
    assert set(shown.answers()) == {"one", "two"}
    assert shown.checked() == {"one", "two"}
    for cells in shown.answers().values():
        assert cells.pop("seconds").startswith("0.")
        assert cells.pop("Set-Cookie").endswith("…; Max-Age=43200; Path=/; HttpOnly; SameSite=Lax")
        expected = {"status": "303 See Other", "Location": "/", "count": "1", "name": "none", "session id": "new"}
        assert cells == expected
    press(who, "count", *ALIKE)
    assert {name: cells["count"].split()[0] for name, cells in page(who).answers().items()} == {
        "one": "2",
        "two": "2",
        "three": "1",
    }


def test_count_log_in_and_reset_do_what_they_say(url: str) -> None:
    who = visitor(url)
    seen = []
    for button in ("count", "login", "count", "reset"):
        press(who, button, "one", name="Ada Lovelace")
        cells = page(who).answers()["one"]
        seen.append((cells["count"], cells["name"], cells["session id"]))
    assert seen == [
        ("1", "none", "new"),
        ("1", "Ada Lovelace", "changed"),
        ("2", "Ada Lovelace", "kept"),
        ("0", "none", "deleted"),
    ]


def test_answers_that_are_alike_are_not_marked(url: str) -> None:
    who = visitor(url)
    press(who, "count", *APPS)
    assert page(who).verdict == "4 answers, all alike."
    assert page(who).odd() == set()


def test_what_differs_from_most_is_marked_in_words(url: str) -> None:
    who = visitor(url)
    press(who, "count", *APPS)
    press(who, "login", *APPS)
    shown = page(who)
    assert shown.verdict == "4 answers that differ in session id, Set-Cookie."
    assert shown.odd() == {("careless", "session id"), ("careless", "Set-Cookie")}
    assert shown.answers()["careless"]["session id"] == "kept differs"


def test_where_there_is_no_majority_both_are_marked(url: str) -> None:
    who = visitor(url)
    press(who, "count", "one")
    press(who, "count", "one", "two")
    assert page(who).odd() == {
        (name, column) for name in ("one", "two") for column in ("count", "session id", "Set-Cookie")
    }


def test_a_cookies_value_is_shown_by_its_first_characters_alone(url: str, apps: dict[str, App]) -> None:
    who = visitor(url)
    before = set(apps["one"].sessions)
    press(who, "count", "one")
    (sid,) = set(apps["one"].sessions) - before
    shown = page(who)
    assert f"sid={sid[:6]}…; Max-Age" in shown.text
    assert sid[:7] not in shown.text
    assert who.session[1] not in shown.text


def test_a_hostile_name_is_shown_as_text(url: str) -> None:
    who = visitor(url)
    name = """<script>alert('1')</script>"><img src=x onerror=alert(1)>"""
    press(who, "login", "one", name=name)
    shown = page(who)
    assert shown.answers()["one"]["name"] == name
    field = shown.tree.css_first("input[name=name]")
    assert field
    assert field.attributes["value"] == name
    assert not shown.tree.css("script, img")


def test_a_press_from_a_page_of_another_origin_does_nothing(url: str) -> None:
    who = visitor(url)
    press(who, "count", "one")
    own = {"Origin": url}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", **own},
        {"Origin": "http://evil.example"},
        {"Origin": url.replace("http:", "https:")},
        {"Origin": url.rpartition(":")[0]},
        {"Origin": "null"},
    ):
        assert press(who, "count", "one", headers=headers).status == 403
    assert page(who).answers()["one"]["count"] == "1"
    assert press(who, "count", "one", headers=own).status == 303
    assert press(who, "count", "one", headers={"Sec-Fetch-Site": "same-origin"}).status == 303
    assert page(who).answers()["one"]["count"] == "3"


def test_other_hosts_are_refused_so_that_a_name_that_leads_here_reads_nothing(url: str) -> None:
    for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "10.0.0.1", ""):
        assert visitor(url).get("/", headers={"Host": host}).status == 400
    for host in ("127.0.0.1", "localhost", "localhost:8000", "[::1]:8000"):
        assert visitor(url).get("/", headers={"Host": host}).status == 200


def test_the_visitors_own_cookie_comes_with_the_first_press_and_stays(url: str) -> None:
    who = visitor(url)
    assert not who.get("/").set_cookies
    (line,) = press(who, "count", "one").set_cookies
    name, value = who.session
    assert name == galleries.COOKIE
    assert len(value) == 43  # 256 bits in Base64
    assert line == f"{name}={value}; HttpOnly; Path=/; SameSite=lax"
    assert not press(who, "count", "one").set_cookies


def test_an_id_that_the_gallery_did_not_make_is_not_adopted(url: str) -> None:
    who = visitor(url)
    who.cookies = {galleries.COOKIE: "A" * 43}
    press(who, "count", "one")
    assert who.session[1] != "A" * 43


def test_visitors_who_press_at_once_see_their_own_answers(url: str) -> None:
    def visit(number: int) -> list[tuple[str, str]]:
        who = visitor(url)
        press(who, "login", *ALIKE, name=f"visitor {number}")
        for _ in range(number):
            press(who, "count", *ALIKE)
        return [(cells["name"], cells["count"]) for cells in page(who).answers().values()]

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(visit, range(1, 9)))
    assert seen == [[(f"visitor {number}", str(number))] * len(ALIKE) for number in range(1, 9)]


def test_one_visitor_who_presses_twice_at_once_loses_nothing(url: str) -> None:
    who = visitor(url)
    press(who, "count", "one")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: press(same(who, url), "count", "one"), range(8)))
    press(who, "count", "one")
    assert page(who).answers()["one"]["count"] == "10"


def same(who: Visitor, url: str) -> Visitor:
    other = visitor(url)
    other.cookies = dict(who.cookies)
    return other


@pytest.mark.parametrize(
    ("choice", "takes"),
    [
        ("all", set(APPS)),
        ("hardened", set(ALIKE)),
        ("redis", set(APPS)),
        ("pairs", set(APPS)),
        ("none", set()),
        ("no-such-choice", set(APPS)),
    ],
)
def test_quick_choices_check_the_boxes_of_targets_that_were_started(url: str, choice: str, takes: set[str]) -> None:
    assert page(visitor(url), f"/?choose={choice}").checked() == takes


def test_what_cannot_be_pressed_is_told(url: str) -> None:
    who = visitor(url)
    assert press(who, "count", "nowhere").status == 400
    assert press(who, "explode", "one").status == 400
    assert "No target was chosen" in press(who, "count").text
    assert press(who, "login", "one", name="x" * 17000).status == 413
    assert who.post("/press", body=b"{}", headers={"Content-Type": "application/json"}).status == 415
    assert who.get("/press").status == 405
    assert who.get("/nowhere").status == 404
    assert not who.cookies


def test_every_answer_forbids_scripts_frames_and_caches(url: str) -> None:
    for path in ("/", "/nowhere", "/healthz", "/static/gallery.css"):
        answer = visitor(url).get(path)
        policy = answer.header("content-security-policy")
        assert "default-src 'none'; style-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("cache-control") == "no-store"


def test_the_list_is_read_anew_when_it_changes(tmp_path: Path) -> None:
    with galleries.serving(tmp_path, []) as served:
        assert "make up" in page(visitor(served)).text
        galleries.write(tmp_path, [listed("new", "")])
        assert page(visitor(served)).state("new") == "not started"
        (tmp_path / "targets.json").unlink()
        assert "make up" in page(visitor(served)).text
