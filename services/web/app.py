"""Build the web application of a service: shared routes, limits and headers, error documents, pages."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Scope

from services.web.annex import pages as annex_pages
from services.web.boards import cases as board_cases
from services.web.boards import mismatches as board_mismatches
from services.web.boards import pages as board_pages
from services.web.figures import routes as rollups
from services.web.filings import pages as filing_pages
from services.web.filings import routes as filings
from services.web.filings import sum_pages as filing_sums
from services.web.imports import new_pages as new_import_pages
from services.web.imports import pages as import_pages
from services.web.issues import attachment_routes as attachments
from services.web.issues import escalation_routes as escalations
from services.web.issues import precedent_routes as precedents
from services.web.issues import routes as issues
from services.web.issues import text_routes as texts
from services.web.kit import pages as kit
from services.web.lessons import pages as lesson_pages
from services.web.lessons import routes as lessons
from services.web.notices import pages as notice_pages
from services.web.operations import grafana_page
from services.web.operations import routes as operations
from services.web.prescribed import pages as form_pages
from services.web.prescribed import routes as forms
from services.web.problems import routes as problems
from services.web.promises import pages as promise_pages
from services.web.promises import routes as promises
from services.web.sharing import pages as share_pages
from services.web.shell import assets
from services.web.shell.error_documents import install_error_documents
from services.web.shell.identity import actor_behind
from services.web.shell.layout import build_layout, error_page
from services.web.shell.limits import BodyLimit, SafetyHeaders, limits_of
from services.web.shell.openapi import document_of, operation_id
from services.web.shell.parts import Parts
from services.web.shell.request_metrics import RequestMetrics, gauges_of
from services.web.shell.taken_letters import TakenLetters
from services.web.sign_in import pages as sign_in
from services.web.sign_in import routes as session
from services.web.sign_in import session_pages, token_routes
from services.web.sign_in.attempts import Attempts
from services.web.tables import routes as dated_tables
from services.web.weekly import pages as weekly_pages
from services.web.work import live as work_live
from services.web.work import pages as work_pages
from services.web.work.live import Streams
from services.web.workload import pages as workload_pages
from services.web.workload import routes as workloads

_SHARED = (
    operations,
    session,
    token_routes,
    dated_tables,
    # Above the act that no issue has.
    attachments,
    issues,
    escalations,
    problems,
    precedents,
    rollups,
    forms,
    workloads,
    promises,
    lessons,
    filings,
    texts,
)


def build_service(parts: Parts, title: str, routers: Iterable[APIRouter]) -> FastAPI:
    """Build one application from the shared routes and those of a service."""
    app = build_routes(title, routers)
    app.state.parts = parts
    app.state.layout = build_layout(parts.labels)
    app.state.streams = Streams()
    app.state.attempts = Attempts()
    # The server ends the open streams when it stops.
    app.state.stopping = _never
    install_error_documents(app, error_page)
    app.add_middleware(
        BodyLimit,
        limit_of=limits_of(parts.max_body_bytes, parts.max_sync_body_bytes),
        knows=functools.partial(_knows, app),
    )
    app.add_middleware(TakenLetters)
    app.add_middleware(SafetyHeaders, is_https=parts.access.secure_cookies)
    _add_site(app)
    # Outermost, so that what the others refuse is counted too.
    app.add_middleware(RequestMetrics, gauges=gauges_of(parts.registry))
    return app


async def _knows(app: FastAPI, scope: Scope) -> bool:
    """Return whether the sender of a request signed in; a session may have to be looked up in the store."""
    return await run_in_threadpool(actor_behind, Request({**scope, "app": app})) is not None


def build_routes(title: str, routers: Iterable[APIRouter]) -> FastAPI:
    """Build an application with its routes and its OpenAPI document, without collaborators.

    FastAPI's interactive pages load scripts from another host, so they are off; `/openapi.json` stays.
    """
    app = FastAPI(
        title=title,
        docs_url=None,
        redoc_url=None,
        lifespan=_bounded_threads,
        generate_unique_id_function=operation_id,
    )
    own, shared = list(routers), [module.router for module in _SHARED]
    # The framework asks one router after the other, and a service's own take the most requests. No shared router knows
    # an address of theirs, so that their order changes nothing else.
    for router in (*own, *shared):
        app.include_router(router)
    app.openapi = functools.cache(functools.partial(document_of, app, [*shared, *own]))  # type: ignore[method-assign]
    return app


def _never() -> bool:
    return False


@asynccontextmanager
async def _bounded_threads(app: FastAPI) -> AsyncIterator[None]:
    """Bound the request threads, because each opens its own clients of the store and the engine."""
    parts: Parts = app.state.parts
    current_default_thread_limiter().total_tokens = parts.request_threads
    yield


def _add_site(app: FastAPI) -> None:
    """Add the browser's part (static files, sessions, pages) to an app whose parts and layout are set."""
    # Compression turns the first visit of 250 KB into 78 KB on a thin line.
    app.add_middleware(GZipMiddleware, minimum_size=1_024)
    app.mount("/static", assets.VersionedFiles(directory=assets.STATIC), name="static")
    app.include_router(assets.router)
    app.include_router(sign_in.router)
    app.include_router(session_pages.router)
    app.include_router(notice_pages.router)
    app.include_router(annex_pages.router)
    app.include_router(form_pages.router)
    app.include_router(workload_pages.router)
    app.include_router(filing_pages.router)
    app.include_router(filing_sums.router)
    app.include_router(board_pages.router)
    app.include_router(board_cases.router)
    app.include_router(board_mismatches.router)
    app.include_router(grafana_page.router)
    app.include_router(share_pages.router)
    app.include_router(weekly_pages.router)
    app.include_router(new_import_pages.router)
    app.include_router(import_pages.router)
    app.include_router(promise_pages.router)
    app.include_router(lesson_pages.router)
    app.include_router(work_live.router)
    app.include_router(work_pages.router)
    app.include_router(kit.router)
