"""Makes cookies that the server did not hand out, from one that it did. Used by the clauses about forged cookies."""

from __future__ import annotations

import random
import string

LETTERS = string.ascii_letters + string.digits


def lookalike(value: str) -> str:
    """Return another value of the same form: every letter and digit replaced by a random one of its kind."""
    chance = random.SystemRandom()  # a target that adopts it must not know it from another check

    def other(character: str) -> str:
        for kind in ("0123456789abcdef" if set(value) <= set("0123456789abcdef-") else "", string.digits, LETTERS):
            if character in kind and (kind != string.digits or value.isdigit()):
                return chance.choice(kind)
        return character

    return "".join(other(character) for character in value)


def altered(value: str) -> list[str]:
    """Return copies with one character changed, spread over the value.

    The last character of each part is left alone: in base64 some of its bits may mean nothing.
    """
    keep = {at - 1 for at, character in enumerate(value) if character in ".|"} | {len(value) - 1}
    places = [at for at, character in enumerate(value) if character in LETTERS and at not in keep]
    chosen = places[:: max(1, len(places) // 24)]
    return [f"{value[:at]}{'B' if value[at] == 'A' else 'A'}{value[at + 1 :]}" for at in chosen]
