"""What operators and their tools ask: alive, ready, metrics. Open to anybody who reaches the port; no figures inside."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from services.web.access import Here
from services.web.problems import problem, problem_response

router = APIRouter(tags=["operations"])


@router.get("/healthz")
def health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readiness(parts: Here) -> Response:
    """Say whether every part that is needed is there; 503 names those that are not."""
    found = {name: check() for name, check in parts.readiness.items()}
    missing = {name: reason for name, reason in found.items() if reason is not None}
    if missing:
        detail = "; ".join(f"{name}: {reason}" for name, reason in missing.items())
        return problem_response(problem("not-ready", detail, "/readyz", missing=missing))
    return JSONResponse({"status": "ready", "parts": sorted(found)})


@router.get("/metrics")
def metrics(parts: Here) -> Response:
    """Show the metrics in Prometheus' text form."""
    return Response(generate_latest(parts.registry), media_type=CONTENT_TYPE_LATEST)
