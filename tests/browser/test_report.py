"""The report in a browser, from disk: filters, evidence, deep links, hostile values, accessibility."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from conformance.outcomes import Outcome
from report import pages
from report.read import Run
from tests.browser.conftest import Check, NewContext, Screenshot
from tests.report.test_report import HARDENED, STOCK, campaign, run
from tests.running import ROOT

HOSTILE = "<script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">"
PHONE = {"width": 390, "height": 800}


@pytest.fixture
def made(tmp_path: Path) -> Run:
    return run(tmp_path, Outcome.DEVIATES, Outcome.FAIL)


@pytest.fixture
def address(tmp_path: Path, made: Run) -> str:
    (tmp_path / "index.html").write_text(pages.report(made, campaign(tmp_path, 0.25), ROOT))
    (tmp_path / "spec.html").write_text(pages.specification(made, (ROOT / "SPEC.md").read_text()))
    return (tmp_path / "index.html").as_uri()


def test_filters_hide_columns_and_rows_and_stay_in_the_address(page: Page, address: str) -> None:
    page.goto(address)
    stock, hardened = (page.locator(".matrix thead th", has_text=name).first for name in (STOCK, HARDENED))
    row = page.get_by_role("row").filter(has_text="race.many-counts").last
    expect(stock).to_be_visible()
    page.get_by_role("combobox", name="outcome").select_option("fail")
    expect(row).to_be_hidden()
    page.get_by_role("combobox", name="edition").select_option("stock")
    expect(page).to_have_url(re.compile("#edition=stock&outcome=fail$"))
    expect(page.locator("#shown")).to_have_text("1 of 2 targets, 1 clauses")
    page.reload()
    expect(page.get_by_role("combobox", name="edition")).to_have_value("stock")
    expect(row).to_be_hidden()
    page.go_back()
    expect(page.get_by_role("combobox", name="edition")).to_have_value("")
    page.get_by_role("button", name="Show all").click()
    expect(row).to_be_visible()
    expect(hardened).to_be_visible()


def test_a_cell_opens_its_evidence_and_escape_closes_it(page: Page, address: str) -> None:
    page.goto(f"{address}#edition=stock")
    page.locator(f'.matrix a[href="#cell={STOCK}/race.many-counts"]').click()
    dialog = page.get_by_role("dialog", name=f"race.many-counts on {STOCK}")
    for text in (
        "It holds.",
        "It matters.",
        "RFC 1",
        "it was | not",
        "the default",
        "POST /count HTTP/1.1",
        "curl -sSi",
    ):
        expect(dialog).to_contain_text(text)
    expect(page).to_have_url(re.compile("edition=stock&cell="))  # the filter is kept
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile("#edition=stock$"))
    page.go_back()
    expect(dialog).to_be_visible()


def test_evidence_is_reached_by_keyboard(page: Page, address: str) -> None:
    page.goto(address)
    link = page.locator(f'.matrix a[href="#cell={STOCK}/login.rotates-id"]')
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.get_by_role("button", name="Close").press("Enter")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()


def test_a_link_to_evidence_opens_it(page: Page, address: str) -> None:
    page.goto(f"{address}#cell={STOCK}/race.many-counts")
    expect(page.get_by_role("dialog")).to_contain_text("it was | not")


def test_a_clause_shows_every_target(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="race.many-counts", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="race.many-counts")
    expect(dialog.get_by_role("row")).to_have_count(2)
    dialog.get_by_role("link", name=STOCK).click()
    expect(page.get_by_role("dialog", name=f"race.many-counts on {STOCK}")).to_be_visible()


def test_an_address_of_nothing_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}#cell=nobody/nothing")
    expect(page.get_by_role("dialog")).to_contain_text("This run has no result of nothing on nobody.")


def test_the_specification_leads_to_the_evidence(page: Page, address: str) -> None:
    page.goto(address.replace("index", "spec"))
    page.locator("section.clause", has_text="login.rotates-id").get_by_role("link", name=STOCK).click()
    expect(page.get_by_role("dialog", name=f"login.rotates-id on {STOCK}")).to_be_visible()


def test_hostile_values_do_not_run(page: Page, tmp_path: Path, made: Run) -> None:
    lines = [
        replace(
            line,
            detail=HOSTILE,
            curl=HOSTILE,
            steps=[replace(step, body=HOSTILE, cookies={HOSTILE: HOSTILE}) for step in line.steps],
        )
        for line in made.lines
    ]
    clauses = [replace(each, text=HOSTILE, why=HOSTILE, sources=[HOSTILE]) for each in made.header.clauses]
    hostile = Run(replace(made.header, clauses=clauses), lines, made.footer)
    (tmp_path / "hostile.html").write_text(pages.report(hostile, None, ROOT))
    page.goto(f"{(tmp_path / 'hostile.html').as_uri()}#cell={STOCK}/race.many-counts")
    expect(page.get_by_role("dialog")).to_contain_text("<script>")
    assert page.title().startswith("Same Session")


def test_the_matrix_is_there_without_scripts(new_context: NewContext, address: str) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(address)
    expect(page.locator(".matrix").first.get_by_role("row", name="race.many-counts")).to_be_visible()
    expect(page.locator("#filters")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "spec"])
def test_pages_are_accessible(new_context: NewContext, axe: Check, address: str, scheme: str, name: str) -> None:
    page = new_context(color_scheme=scheme).new_page()
    page.goto(address.replace("index", name))
    axe(page)


def test_pictures_are_kept(page: Page, screenshot: Screenshot, address: str) -> None:
    for name in ("index", "spec"):
        page.goto(address.replace("index", name))
        screenshot(page, f"report-{name}")


def test_evidence_is_accessible(page: Page, axe: Check, address: str) -> None:
    page.goto(f"{address}#cell={STOCK}/race.many-counts")
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page)


@pytest.mark.parametrize("name", ["index", "spec"])
def test_a_phone_scrolls_down_and_not_sideways(
    new_context: NewContext, screenshot: Screenshot, address: str, name: str
) -> None:
    page = new_context(viewport=PHONE).new_page()
    page.goto(address.replace("index", name))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    screenshot(page, f"report-{name}-phone")
