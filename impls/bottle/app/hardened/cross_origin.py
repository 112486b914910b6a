"""Refuses POST requests that a page of another origin sent (OWASP ASVS 5.0, 3.5.1 and 3.5.3)."""

from __future__ import annotations

from bottle import HTTPError, request

DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def refuse() -> None:
    """Answer 403 to a cross-origin POST; clients that are no browsers send neither header and pass.

    The fields are read as they came: `request.headers` fails on bytes that are not UTF-8, and `request.urlparts`
    believes `X-Forwarded-Host`.
    """
    if request.method != "POST":
        return
    site = request.environ.get("HTTP_SEC_FETCH_SITE")
    origin = request.environ.get("HTTP_ORIGIN")
    if site is not None and site not in {"same-origin", "none"}:
        raise HTTPError(403)
    if site is None and origin is not None and not same_host(origin, request.environ.get("HTTP_HOST", "")):
        raise HTTPError(403)


def same_host(origin: str, host: str) -> bool:
    """Compare host and port; either may leave out the default port."""
    scheme, _, authority = origin.lower().partition("://")
    default = DEFAULT_PORTS.get(scheme, "")
    return authority.removesuffix(default) == host.lower().removesuffix(default)
