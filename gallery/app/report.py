"""The folder of the report, as it is at the moment of each request."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; {}base-uri 'none'; \
form-action 'none'; frame-ancestors 'none'"
INDEX = {".", "index.html"}


class Report(StaticFiles):
    """Serves the report, whose pages may run their own scripts; where there is none, says how to get one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)

    async def check_config(self) -> None:
        """Ask for nothing: the folder may come later."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find a file that we may read; raises PermissionError for one that we may not."""
        full_path, found = super().lookup_path(path)
        if found and not os.access(full_path, os.R_OK):
            raise PermissionError(full_path)
        return full_path, found

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file, or raise HTTPException with what is wrong."""
        try:
            response = await super().get_response(path, scope)
        except (HTTPException, PermissionError) as error:
            if isinstance(error, PermissionError) or error.status_code == 401:
                raise HTTPException(403, "The report is there, but the gallery may not read it.") from None
            if error.status_code == 404 and path in INDEX:
                raise HTTPException(404, "There is no report yet. Make one: make report") from None
            raise
        scripts = "script-src 'unsafe-inline'; " if path in INDEX or path.endswith(".html") else ""
        response.headers["Content-Security-Policy"] = POLICY.format(scripts)  # that of a 304 counts from then on
        response.headers["Cache-Control"] = "no-cache"
        return response
