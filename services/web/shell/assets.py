"""Static files under a versioned address, and the service worker that caches the shell on the device."""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import re
from pathlib import Path

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from reporting.dated.calendar import local_day
from services.web.shell.kind_words import kind_words_url
from services.web.shell.parts import Parts

_WEB = Path(str(importlib.resources.files("services.web")))
STATIC = _WEB / "static"
_LABELS = Path(str(importlib.resources.files("services.language"))) / "labels"
# Files that the report form needs without a network; never a page with data of people.
SHELL_ASSETS = (
    "vendor/htmx.js",
    "vendor/icons.svg",
    "vendor/idb.js",
    "tokens.css",
    "components.css",
    "app.js",
    "letters.js",
    "outbox.js",
    "waits.js",
    "delivery.js",
    "spots.js",
    "kind_search.js",
    "report.js",
    "precedents.js",
    "icons/mark.svg",
    "manifest.webmanifest",
)
SHELL_PAGES = ("/khung/kho-khan-moi", "/khung/hoc-vu-so", "/khung/thon-lom", "/khung/ngoai-tuyen")

router = APIRouter(include_in_schema=False)

_VERSION_BEFORE = re.compile(r"^v-\w+/")


class VersionedFiles(StaticFiles):
    """Static files: a versioned address may be cached for a year, any other is revalidated.

    The version stands behind the address (`?v=…`), or for modules, which name each other, before it (`v-…/`).
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file with its caching header."""
        file = _VERSION_BEFORE.sub("", path)
        response = await super().get_response(file, scope)
        versioned = file != path or b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return response


@functools.cache
def assets_version() -> str:
    """Return a short hash over all files of the shell, templates and labels included."""
    digest = hashlib.sha256()
    for folder in (STATIC, _WEB / "templates", _LABELS):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@router.get("/sw.js")
def service_worker(request: Request) -> Response:
    """Serve the service worker from the root, with the version and the list of cached files."""
    parts: Parts = request.app.state.parts
    tables = parts.tables
    version = assets_version()
    shell = {
        "version": f"{version}-{tables.competence.version}-{tables.place_kinds.version}-{tables.kind_words.version}",
        "assets": [
            *(f"/static/{name}?v={version}" for name in SHELL_ASSETS),
            kind_words_url(tables, local_day(parts.clock())),
        ],
        "pages": [f"{page}?lang={lang}" for page in SHELL_PAGES for lang in ("vi", "en")],
    }
    source = (STATIC / "sw.js").read_text(encoding="utf-8")
    body = f"self.SHELL = {orjson.dumps(shell).decode()};\n{source}"
    return Response(body, media_type="text/javascript", headers={"Cache-Control": "no-cache"})
