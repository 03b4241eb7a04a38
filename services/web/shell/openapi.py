"""The OpenAPI document of an application: adds the models that FastAPI cannot find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.web.shell.error_schemas import ProblemDocument

VERSION = "1"
Document = dict[str, Any]
"""An OpenAPI document, as FastAPI makes it."""

_TEMPLATE = "#/components/schemas/{model}"
_SCHEME = {"token": {"type": "http", "scheme": "bearer", "description": "`liencap token create` makes one."}}
_OPEN = frozenset({"/healthz", "/readyz", "/metrics", "/api/v1/sign-in", "/api/v1/sign-out"})
_READ = "__reads__"

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def reads(model: type[BaseModel]) -> Callable[[Endpoint], Endpoint]:
    """Declare the model of a body that an operation reads as bytes."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _READ, model)
        return endpoint

    return mark


def operation_id(route: APIRoute) -> str:
    """Return the id of an operation: the name of its function, which a generated client uses."""
    return route.name


def document_of(app: FastAPI, routers: Iterable[APIRouter]) -> Document:
    """Return the OpenAPI document of an application built from these routers, with its paths in their order."""
    routers = tuple(routers)
    document = get_openapi(title=app.title, version=VERSION, routes=app.routes)
    written = dict.fromkeys(
        route.path_format for router in routers for route in router.routes if isinstance(route, APIRoute)
    )
    document["paths"] = {path: document["paths"][path] for path in written if path in document["paths"]}
    sent = {
        (route.path_format, method.lower()): model
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and (model := getattr(route.endpoint, _READ, None)) is not None
        for method in route.methods or ()
    }
    _, extra = models_json_schema(
        [(ProblemDocument, "serialization"), *((model, "validation") for model in sent.values())],
        ref_template=_TEMPLATE,
    )
    components = document.setdefault("components", {})
    components["schemas"] = dict(sorted((components.get("schemas", {}) | extra["$defs"]).items()))
    components["securitySchemes"] = _SCHEME
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if (model := sent.get((path, method))) is not None:
                schema = {"$ref": _TEMPLATE.format(model=model.__name__)}
                operation["requestBody"] = {
                    "required": True,
                    "content": {"application/json": {"schema": schema}},
                }
            if path not in _OPEN:
                operation["security"] = [{"token": []}]
    return document
