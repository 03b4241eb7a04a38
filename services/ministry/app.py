"""The application of the ministry service: the shared JSON API and the pages of its people."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from services.ministry import pages, problem_pages
from services.parts import Parts
from services.web.app import build_service

ROUTERS: tuple[APIRouter, ...] = (pages.router, problem_pages.router)


def build_app(parts: Parts) -> FastAPI:
    """Build the ministry service alone."""
    return build_service(parts, "LiênCấp: ministry", ROUTERS)
