"""The application of the province service: the shared JSON API and the pages of the province."""

from __future__ import annotations

from fastapi import APIRouter

from services.province import pages
from services.web.issues.page import PROBLEM_PAGES
from services.web.problems.pages import problem_router

ROUTERS: tuple[APIRouter, ...] = (pages.router, problem_router(PROBLEM_PAGES["province"], pages.at_province))
