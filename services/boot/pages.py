"""Build the application of one service or of all three.

The one module of a start that loads every page. A worker and most commands never do: the pages are a third of what a start
costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.boot.system import Role, Service, System
from services.commune.app import ROUTERS as COMMUNE
from services.ministry.app import ROUTERS as MINISTRY
from services.province.app import ROUTERS as PROVINCE
from services.web.app import build_routes, build_service

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

    from services.web.shell.openapi import Document
    from services.web.shell.parts import Parts

TITLE = "LiênCấp"
ROUTERS: dict[Role, Sequence[APIRouter]] = {
    "commune": COMMUNE,
    "province": PROVINCE,
    "ministry": MINISTRY,
}


def build_app(opened: System | Service) -> FastAPI:
    """Build the application of what was opened: the three services as one, or one of them."""
    if isinstance(opened, System):
        return build_whole(opened.parts)
    return build_service(opened.parts, f"{TITLE}: {opened.role}", ROUTERS[opened.role])


def build_whole(parts: Parts) -> FastAPI:
    """Build the three services as one application, with the shared routes once."""
    return build_service(parts, TITLE, _every_router())


def describe() -> Document:
    """Return the OpenAPI document of the three services together."""
    return build_routes(TITLE, _every_router()).openapi()


def _every_router() -> list[APIRouter]:
    return [router for routers in ROUTERS.values() for router in routers]
