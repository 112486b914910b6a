"""The report under /report/, as it is in its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.visitor import Visitor
from tests.gallery import galleries

PAGE = "<!doctype html><title>Report</title><script>1</script>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make the folder of a gallery, with a report and a secret beside it."""
    (tmp_path / "report/badges").mkdir(parents=True)
    (tmp_path / "report/index.html").write_text(PAGE)
    (tmp_path / "report/badges/one.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "secret").write_text("not telling")
    (tmp_path / "report/link").symlink_to(tmp_path / "secret")
    return tmp_path


@pytest.fixture
def who(folder: Path) -> Iterator[Visitor]:
    """Make a visitor of that gallery."""
    with galleries.serving(folder, []) as url:
        yield galleries.visitor(url)


def test_where_there_is_no_report_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    with galleries.serving(tmp_path, []) as url:
        missing = galleries.visitor(url).get("/report/")
        assert missing.status == 404
        assert "make report" in missing.text
        (tmp_path / "report").mkdir()
        assert "make report" in galleries.visitor(url).get("/report/").text
        (tmp_path / "report/index.html").write_text(PAGE)
        assert galleries.visitor(url).get("/report/").text == PAGE


def test_the_report_may_run_its_own_scripts_and_load_nothing(who: Visitor) -> None:
    page = who.get("/report/")
    assert (page.status, page.media_type, page.text) == (200, "text/html", PAGE)
    policy = page.header("content-security-policy")
    assert "default-src 'none'" in policy
    assert "script-src 'unsafe-inline'" in policy
    assert "form-action 'none'" in policy
    assert "http" not in policy


def test_what_the_browser_has_already_keeps_its_policy(who: Visitor) -> None:
    page = who.get("/report/")
    again = who.get("/report/", headers={"If-None-Match": page.header("etag")})
    assert again.status == 304
    assert again.header("content-security-policy") == page.header("content-security-policy")


def test_pictures_are_served_as_such_and_run_no_scripts(who: Visitor) -> None:
    badge = who.get("/report/badges/one.svg")
    assert badge.media_type == "image/svg+xml"
    assert "script-src" not in badge.header("content-security-policy")


def test_the_path_without_a_slash_leads_to_the_report(who: Visitor) -> None:
    assert who.get("/report").header("location").endswith("/report/")


@pytest.mark.parametrize(
    "path",
    [
        "/report/../secret",
        "/report/%2e%2e/secret",
        "/report/..%2fsecret",
        "/report/link",
        "/report//secret",
        "/report/no%00",
    ],
)
def test_nothing_outside_of_the_report_is_served(who: Visitor, path: str) -> None:
    answer = who.get(path)
    assert answer.status == 404
    assert "not telling" not in answer.text


def test_the_report_is_only_read(who: Visitor, folder: Path) -> None:
    assert who.post("/report/index.html").status == 405
    assert who.request("PUT", "/report/index.html", body=b"x").status == 405
    assert who.request("DELETE", "/report/index.html").status == 405
    assert (folder / "report/index.html").read_text() == PAGE
