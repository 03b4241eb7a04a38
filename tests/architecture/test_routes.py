"""Addresses of routes: a service's own routers are asked before the shared ones, which must know none of theirs."""

from __future__ import annotations

import re

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from services.boot.pages import ROUTERS
from services.web.app import _SHARED

OWN = [router for routers in ROUTERS.values() for router in routers]
SHARED = [module.router for module in _SHARED]
IN_BRACES = re.compile(r"\{[^}]+\}")


def routes_of(routers: list[APIRouter]) -> list[APIRoute]:
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]


@pytest.mark.parametrize(("one", "other"), [(OWN, SHARED), (SHARED, OWN)], ids=["own", "shared"])
def test_no_shared_route_takes_an_address_of_a_service_s_own(
    one: list[APIRouter], other: list[APIRouter]
) -> None:
    asked = [(IN_BRACES.sub("15607", route.path_format), route.path_format) for route in routes_of(one)]
    assert len(asked) > 10
    taken = [
        (path, route.path_format)
        for sample, path in asked
        for route in routes_of(other)
        if route.path_regex.match(sample)
    ]
    assert taken == []
