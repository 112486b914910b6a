from __future__ import annotations

from conformance.clause import Capability
from conformance.spec import SPEC, expected_page, with_table


def test_the_table_of_clauses_in_spec_is_fresh() -> None:
    text = SPEC.read_text()
    assert with_table(text) == text, "SPEC.md is stale: run `make spec`"


def test_spec_explains_every_capability() -> None:
    for capability in Capability:
        assert f"| `{capability}` |" in SPEC.read_text()


def test_the_page_shows_count_and_escaped_name() -> None:
    page = expected_page(3, "<\"'&>")
    assert "<h1>Hello, &lt;&#34;&#39;&amp;&gt;</h1>" in page
    assert "<button>Count 3</button>" in page
    assert 'action="/logout"' in page


def test_the_page_of_a_stranger_has_the_log_in_form() -> None:
    page = expected_page(0, None)
    assert "<h1>Hello</h1>" in page
    assert 'action="/user/login"' in page
    assert "/logout" not in page
