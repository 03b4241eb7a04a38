"""The application of the province service: the shared JSON API and the pages of the province."""

from __future__ import annotations

from fastapi import APIRouter

from services.province import audit_pages, pages
from services.web.issue_page.page import PROBLEM_PAGES
from services.web.issue_page.routes import hand_off_router
from services.web.problems.pages import problem_router
from services.web.problems.views import fitting_problems

ROUTERS: tuple[APIRouter, ...] = (
    pages.router,
    audit_pages.router,
    hand_off_router(pages.HAND_OFFS, pages.at_province, fitting_problems),
    problem_router(PROBLEM_PAGES["province"], pages.at_province),
)
