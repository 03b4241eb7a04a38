"""Static files under a version of their own, and the service worker that keeps the shell on the device."""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
from pathlib import Path

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_WEB = Path(str(importlib.resources.files("services.web")))
STATIC = _WEB / "static"
# What the form needs without a network; pages of people are never among them.
SHELL_ASSETS = (
    "vendor/bootstrap.css",
    "vendor/htmx.js",
    "vendor/icons.svg",
    "vendor/idb.js",
    "app.css",
    "tokens.css",
    "components.css",
    "app.js",
    "outbox.js",
    "delivery.js",
    "report.js",
    "precedents.js",
    "icons/mark.svg",
    "manifest.webmanifest",
)
SHELL_PAGES = ("/khung/kho-khan-moi", "/khung/ngoai-tuyen")

router = APIRouter(include_in_schema=False)


class VersionedFiles(StaticFiles):
    """Static files; what is asked for under a version may be kept for a year, all else is asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file and say how long it may be kept."""
        response = await super().get_response(path, scope)
        versioned = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return response


@functools.cache
def assets_version() -> str:
    """Return a short hash over everything that the shell is made of, templates and labels included."""
    digest = hashlib.sha256()
    for folder in (STATIC, _WEB / "templates", _WEB / "labels"):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(_WEB).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@router.get("/sw.js")
def service_worker(request: Request) -> Response:
    """Serve the service worker from the root, with the version and the list of what it keeps."""
    tables = request.app.state.parts.tables
    version = assets_version()
    shell = {
        "version": f"{version}-{tables.competence.version}-{tables.place_kinds.version}",
        "assets": [f"/static/{name}?v={version}" for name in SHELL_ASSETS],
        "pages": [f"{page}?lang={lang}" for page in SHELL_PAGES for lang in ("vi", "en")],
    }
    source = (STATIC / "sw.js").read_text(encoding="utf-8")
    body = f"self.SHELL = {orjson.dumps(shell).decode()};\n{source}"
    return Response(body, media_type="text/javascript", headers={"Cache-Control": "no-cache"})
