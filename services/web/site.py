"""What every service shows a browser beside its own pages: static files, the service worker, signing in."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from services.web.annex import pages as annex_pages
from services.web.notices import pages as notice_pages
from services.web.promises import pages as promise_pages
from services.web.shell import assets
from services.web.sign_in import pages as sign_in


def add_site(app: FastAPI) -> None:
    """Add what a browser needs to an app whose parts and layout are set."""
    # The first visit of a commune on a thin line: 290 KB become 65.
    app.add_middleware(GZipMiddleware, minimum_size=1_024)
    app.mount("/static", assets.VersionedFiles(directory=assets.STATIC), name="static")
    app.include_router(assets.router)
    app.include_router(sign_in.router)
    app.include_router(notice_pages.router)
    app.include_router(annex_pages.router)
    app.include_router(promise_pages.router)
