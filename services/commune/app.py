"""The application of the commune service: the counter and the difficulties of a commune."""

from __future__ import annotations

from fastapi import APIRouter

from services.commune import case_notes, late_pages, late_routes, pages, report_form, routes

ROUTERS: tuple[APIRouter, ...] = (
    routes.router,
    late_routes.router,
    report_form.router,
    late_pages.router,
    pages.router,
    case_notes.router,
)
