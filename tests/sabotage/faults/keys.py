"""Faults in the signing secrets."""

from __future__ import annotations

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.visit import SHORTEST_SECRET, CannotStart


@breaks("keys.rotation")
class ReadsWithTheNewestSecretAlone(App):
    """Of several secrets all but the first are forgotten."""

    def check_secrets(self, given: str | None) -> list[str]:
        return super().check_secrets(given)[:1]


@breaks("keys.rotation")
class SignsWithTheOldestSecret(App):
    """New cookies are signed with the secret that is about to go."""

    def check_secrets(self, given: str | None) -> list[str]:
        return super().check_secrets(given)[::-1]


@breaks("keys.removed")
class NeverForgetsASecret(App):
    """Secrets that were once known are read with for ever."""

    known: set[str] = set()  # noqa: RUF012 (of all instances: the fault)

    def check_secrets(self, given: str | None) -> list[str]:
        mine = super().check_secrets(given)
        self.known.update(mine)
        return [*mine, *self.known]


@breaks("keys.weak")
class TakesShortSecrets(App):
    """The length of secrets is not looked at."""

    def check_secrets(self, given: str | None) -> list[str]:
        if not given:
            raise CannotStart("cannot start: SESSION_SECRETS is missing")
        return given.split(",")


@breaks("keys.weak")
class HasADefaultSecret(App):
    """Without a secret, one that everybody knows is taken."""

    def check_secrets(self, given: str | None) -> list[str]:
        return super().check_secrets(given) if given else ["fallback" * SHORTEST_SECRET]


@breaks("keys.weak")
class DoesNotSayWhichVariable(App):
    """A weak secret is refused without a name."""

    def check_secrets(self, given: str | None) -> list[str]:
        try:
            return super().check_secrets(given)
        except CannotStart:
            raise CannotStart("cannot start: bad configuration") from None
