"""The application of the commune service: the counter and the difficulties of one commune after the other."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from services.commune import pages, report_form, routes
from services.parts import Parts
from services.web.app import build_service

ROUTERS: tuple[APIRouter, ...] = (routes.router, report_form.router, pages.router)


def build_app(parts: Parts) -> FastAPI:
    """Build the commune service alone."""
    return build_service(parts, "LiênCấp: commune", ROUTERS)
