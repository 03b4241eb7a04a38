"""The application of the province service: the shared JSON API and the pages of its people."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from services.parts import Parts
from services.province import pages, problem_pages
from services.web.app import build_service

ROUTERS: tuple[APIRouter, ...] = (pages.router, problem_pages.router)


def build_app(parts: Parts) -> FastAPI:
    """Build the province service alone."""
    return build_service(parts, "LiênCấp: province", ROUTERS)
