from __future__ import annotations

from conformance.forge import altered, lookalike

VALUE = "kLSxmEDaX2nJ0vWq8yTg5bRc3hUf7iOp1eZsAtYuMno.Q2nJ0vWq8yTg5bRc3hUf7iOp1eZ"


def test_a_lookalike_has_the_form_of_the_value_and_another_content() -> None:
    other = lookalike(VALUE)
    assert other != VALUE
    assert [character.isalnum() for character in other] == [character.isalnum() for character in VALUE]


def test_a_lookalike_of_a_hexadecimal_id_is_hexadecimal() -> None:
    assert set(lookalike("0a1b2c3d4e5f")) <= set("0123456789abcdef")


def test_altered_values_differ_in_one_character_and_never_in_the_last_of_a_part() -> None:
    for each in altered(VALUE):
        places = [at for at, (one, other) in enumerate(zip(each, VALUE, strict=True)) if one != other]
        assert len(places) == 1
        assert places[0] not in {len(VALUE) - 1, VALUE.index(".") - 1}
