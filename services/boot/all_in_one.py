"""The three services as one application, for one process: the demo, the tests, a province without a cluster."""

from __future__ import annotations

from fastapi import FastAPI

from services.commune.app import ROUTERS as COMMUNE
from services.ministry.app import ROUTERS as MINISTRY
from services.parts import Parts
from services.province.app import ROUTERS as PROVINCE
from services.web.app import build_service


def build_demo_app(parts: Parts) -> FastAPI:
    """Build the three services as one application, with the shared routes once."""
    return build_service(parts, "LiênCấp", (*COMMUNE, *PROVINCE, *MINISTRY))
