"""Faults that show behind a proxy that ends TLS, and in long requests."""

from __future__ import annotations

from tests.sabotage.app import App
from tests.sabotage.fault import breaks
from tests.sabotage.http import Request
from tests.sabotage.visit import Problem, Visit


@breaks("tls.secure", "tls.host-prefix")
class IsNeverSecure(App):
    """The cookie is not Secure, whatever the configuration says."""

    def attributes(self, visit: Visit) -> str:
        return super().attributes(visit).replace("; Secure", "")


@breaks("tls.secure", "tls.host-prefix")
class DeletesWithoutSecure(App):
    """The cookie is deleted without Secure."""

    def attributes(self, visit: Visit) -> str:
        written = super().attributes(visit)
        return written.replace("; Secure", "") if visit.request.path == "/reset" else written


@breaks("tls.host-prefix")
class NamesItsHostWhenSecure(App):
    """A Secure cookie has a Domain."""

    def attributes(self, visit: Visit) -> str:
        return super().attributes(visit) + ("; Domain=127.0.0.1" if self.secure else "")


@breaks("tls.host-prefix")
class HasItsOwnNameForTheCookie(App):
    """The configured name of a Secure cookie gets a suffix, for the sake of old browsers."""

    def attributes(self, visit: Visit) -> str:
        self.cookie_name = self.cookie_name.removeprefix("__Host-") if self.secure else self.cookie_name
        return super().attributes(visit)


@breaks("tls.works-behind-a-proxy")
class ComparesSchemes(App):
    """A post is refused whose origin is not http."""

    def check_origin(self, request: Request) -> None:
        if request.header("origin").startswith("https:"):
            raise Problem(403)
        super().check_origin(request)


@breaks("tls.spoofed-proto")
class BelievesInForwardedProto(App):
    """Whoever says that there is TLS gets a Secure cookie."""

    def attributes(self, visit: Visit) -> str:
        spoofed = visit.request.header("x-forwarded-proto") == "https"
        return super().attributes(visit) + ("; Secure" if spoofed else "")


@breaks("size.headers")
class ReadsTheFirst4KilobytesOfCookies(App):
    """What comes after the first 4096 bytes of the cookies is not looked at."""

    def cookie_values(self, request: Request) -> list[str]:
        short = [(name, value[:4096] if name == "cookie" else value) for name, value in request.headers]
        return super().cookie_values(Request(request.method, request.path, request.query, short, request.body))
