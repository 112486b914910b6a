"""What a POST has to be: from our own page, a form, and small."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

LARGEST_BODY = 16 * 1024
MOST_FIELDS = 200
FORM = "application/x-www-form-urlencoded"
DEFAULTS = {"press": [""], "name": [""], "target": list[str]()}


async def fields(request: Request) -> dict[str, list[str]]:
    """Return the values of each field of the form, with `DEFAULTS` for those that are missing.

    Raises HTTPException: 403 for another origin's, 415 for what is no form, 413 for a large one, 400 for a broken one.
    """
    if not _from_our_page(request):
        raise HTTPException(403, "This came from a page of another origin, and nothing was done.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HTTPException(413)
    try:
        return DEFAULTS | parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(400, "This is not the gallery's form.") from None


def _from_our_page(request: Request) -> bool:
    """Whether a page of this very origin sent a request, or a client that is no browser and says nothing of it."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in {"same-origin", "none"}
    return origin in {None, f"http://{request.headers['host']}"}
