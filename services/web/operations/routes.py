"""Routes for operators and their tools: alive, ready, metrics. Open to whoever reaches the port; no figures inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Protocol, cast

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import PlainTextResponse, Response

from services.web.operations.schemas import Alive, Ready
from services.web.shell.error_documents import problem, problem_response
from services.web.shell.error_schemas import problems
from services.web.shell.parts import Readiness

router = APIRouter(tags=["operations"])


class Mortal(Protocol):
    """The engine, as `/healthz` needs it."""

    def death(self) -> str | None:
        """Return why the engine in this process has ended for good; None while it lives or runs elsewhere."""
        ...


class Operated(Protocol):
    """The owner of the operators' routes: the parts of a service, or a worker."""

    @property
    def readiness(self) -> Mapping[str, Readiness]:
        """Return the named checks of `/readyz`."""
        ...

    @property
    def warehouse(self) -> Mortal:
        """Return the engine; where it runs in this process, its death ends the process."""
        ...

    @property
    def registry(self) -> CollectorRegistry:
        """Return the registry of `/metrics`."""
        ...


def _operated(request: Request) -> Operated:
    return cast("Operated", request.app.state.parts)


Here = Annotated[Operated, Depends(_operated)]


@router.get("/healthz", response_model=Alive, responses=problems(503))
def health(parts: Here) -> Alive | Response:
    """Return 200 while the process can go on; 503 where its engine is dead and only a new process helps."""
    said = parts.warehouse.death()
    if said is not None:
        return problem_response(problem("not-ready", said, "/healthz"))
    return Alive()


@router.get("/readyz", response_model=Ready, responses=problems(503))
def readiness(parts: Here) -> Ready | Response:
    """Return 200 where every needed part is ready; 503 names the parts that are not."""
    found = {name: check() for name, check in parts.readiness.items()}
    missing = {name: reason for name, reason in found.items() if reason is not None}
    if missing:
        detail = "; ".join(f"{name}: {reason}" for name, reason in missing.items())
        return problem_response(problem("not-ready", detail, "/readyz", missing=missing))
    return Ready(parts=sorted(found))


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(parts: Here) -> Response:
    """Return the metrics in Prometheus' text form."""
    return Response(generate_latest(parts.registry), media_type=CONTENT_TYPE_LATEST)
