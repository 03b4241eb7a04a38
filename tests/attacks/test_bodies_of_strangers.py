"""Bodies that cost memory: of a stranger little is read, and of large ones so many at once."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient
from starlette.types import Scope

from services.web.shell.error_documents import install_error_documents
from services.web.shell.limits import LARGE_BYTES, STRANGERS_BYTES, BodyLimit, SafetyHeaders, limits_of
from tests.services import world as who
from tests.services.world import World

SYNC = f"/api/v1/communes/{who.BAT_MOT}/cases/sync"
FORGED = {"authorization": "Bearer eyJyb2xlIjoiY29tbXVuZV9vZmZpY2VyIn0.forged"}


def stranger(world: World) -> TestClient:
    """Return a client that never signed in."""
    client = TestClient(world.app, raise_server_exceptions=False)
    client.portal = world.client.portal
    return client


def in_parts(size: int) -> Iterator[bytes]:
    """Yield a body of which nobody declares the length."""
    for _ in range(size // 4_096 + 1):
        yield b"x" * 4_096


@pytest.mark.parametrize("path", [SYNC, "/api/v1/promises", "/api/v1/sign-in", "/xa/kho-khan/moi"])
@pytest.mark.parametrize("headers", [{}, FORGED], ids=["nobody", "forged"])
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_strangers_large_body_is_refused_before_it_is_read(
    shared_world: World, path: str, headers: dict[str, str], declared: bool
) -> None:
    size = STRANGERS_BYTES + 1
    body = b"x" * size if declared else in_parts(size)
    answer = stranger(shared_world).post(path, content=body, headers=headers)
    assert answer.status_code == 401
    assert not declared or answer.headers["connection"] == "close"


def test_a_strangers_small_body_gets_the_usual_answer(shared_world: World) -> None:
    answer = stranger(shared_world).post(SYNC, content=b"x" * STRANGERS_BYTES)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:liencap:problem:unauthenticated")


def test_who_signed_in_sends_up_to_the_limit_of_the_address(shared_world: World) -> None:
    answer = shared_world.as_(*who.OFFICER).post(SYNC, json={"rows": [], "more": "x" * (STRANGERS_BYTES + 1)})
    assert answer.status_code == 200 or answer.json()["type"] == "urn:liencap:problem:bad-input"


def test_a_length_that_is_no_number_is_refused(shared_world: World) -> None:
    answer = stranger(shared_world).post(SYNC, content=b"x", headers={"content-length": "1e9"})
    assert answer.status_code == 413


async def _everybody(_scope: Scope) -> bool:
    return True


def _app(large_at_once: int) -> FastAPI:
    app = FastAPI()

    @app.post("/cases/sync")
    async def sync(request: Request) -> int:
        return len(await request.body())

    install_error_documents(app)
    app.add_middleware(
        BodyLimit,
        limit_of=limits_of(1_000, 5 * LARGE_BYTES),
        knows=_everybody,
        large_at_once=large_at_once,
    )
    app.add_middleware(SafetyHeaders)
    return app


def test_more_large_bodies_than_fit_are_asked_to_come_again_and_the_places_come_back() -> None:
    large, over = b"x" * (LARGE_BYTES + 1), b"x" * (2 * LARGE_BYTES)
    with TestClient(_app(2 * LARGE_BYTES - 1)) as client:
        for _ in range(3):
            assert client.post("/cases/sync", content=large).json() == len(large)
        refused = client.post("/cases/sync", content=over)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert client.post("/cases/sync", content=b"x" * 500_000).json() == 500_000


def test_a_redirect_never_leads_to_the_host_that_a_client_named(shared_world: World) -> None:
    answer = shared_world.as_(*who.OFFICER).get(
        "/xa/", headers={"host": "evil.example"}, follow_redirects=False
    )
    assert answer.status_code == 307
    assert answer.headers["location"] == "/xa"


def test_a_path_with_two_slashes_makes_no_link_to_another_host(shared_world: World) -> None:
    answer = shared_world.as_(*who.OFFICER).get(
        httpx2.URL("http://testserver//evil.example/x"), headers={"accept": "text/html"}
    )
    assert answer.status_code == 404
    assert 'href="//' not in answer.text


@pytest.mark.parametrize(("scheme", "expected"), [("https", "max-age=31536000"), ("http", None)])
def test_browsers_keep_to_https_where_they_came_by_it(scheme: str, expected: str | None) -> None:
    with TestClient(_app(1), base_url=f"{scheme}://testserver") as client:
        assert client.get("/").headers.get("strict-transport-security") == expected
