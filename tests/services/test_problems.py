from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, Response
from starlette.testclient import TestClient
from starlette.types import Scope

from reporting.errors import IllegalTransition, PersonalData, UnknownUnit
from services.errors import Conflict, Forbidden, SetupError, Unauthenticated
from services.web.shell.error_documents import PROBLEMS, Problem, install_error_documents
from services.web.shell.limits import SAFETY_HEADERS, BodyLimit, SafetyHeaders, limits_of

ERRORS: dict[str, Exception] = {
    "transition": IllegalTransition("no way from 3", current="3", allowed=["4", "8"], field="TrangThai"),
    "conflict": Conflict("somebody was first", version=7, state="accepted"),
    "forbidden": Forbidden("not yours"),
    "unauthenticated": Unauthenticated("sign in"),
    "unit": UnknownUnit("no unit 99999"),
    "personal": PersonalData("place holds a telephone number", field="place"),
    "setup": SetupError("the secret is xyzzy"),
    "bug": ZeroDivisionError("inside: xyzzy"),
}


class Report(BaseModel):
    place: str
    people: Annotated[int, Field(ge=0)]


async def _everybody(_scope: Scope) -> bool:
    return True


def build() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.get("/fail/{name}")
    def fail(name: str) -> None:
        raise ERRORS[name]

    @app.post("/api/v1/report")
    def report(sent: Report) -> dict[str, str]:
        return {"place": sent.place}

    @app.post("/api/v1/communes/15607/cases/sync")
    async def sync(request: Request) -> int:
        return len(await request.body())

    def page(_request: Request, found: Problem) -> Response:
        return HTMLResponse(f"<h1>{found.document.title}</h1>", found.status)

    install_error_documents(app, page)
    app.add_middleware(BodyLimit, limit_of=limits_of(1_000, 5_000), knows=_everybody)
    app.add_middleware(SafetyHeaders)
    return app


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(build(), raise_server_exceptions=False) as client:
        yield client


def test_every_kind_of_error_has_its_own_slug_and_a_status() -> None:
    root = Path(__file__).resolve().parents[2]
    files = [
        file for package in ("events", "reporting", "services") for file in (root / package).rglob("*.py")
    ]
    texts = [file.read_text(encoding="utf-8") for file in files]
    slugs = [
        slug
        for text in texts
        for slug in re.findall(r'^    slug(?:: ClassVar\[str\])? = "([a-z-]+)"$', text, re.MULTILINE)
    ]
    assert len(slugs) > 25
    assert sorted(set(slugs)) == sorted(slugs)
    assert set(slugs) - set(PROBLEMS) == set()


@pytest.mark.parametrize(
    ("name", "status", "slug"),
    [
        ("transition", 409, "illegal-transition"),
        ("conflict", 409, "conflict"),
        ("forbidden", 403, "forbidden"),
        ("unauthenticated", 401, "unauthenticated"),
        ("unit", 404, "unknown-unit"),
        ("personal", 422, "personal-data"),
    ],
)
def test_an_error_is_answered_as_a_problem_document(
    client: TestClient, name: str, status: int, slug: str
) -> None:
    answer = client.get(f"/fail/{name}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["type"] == f"urn:liencap:problem:{slug}"
    assert found["status"] == status
    assert found["instance"] == f"/fail/{name}"
    assert found["detail"] == str(ERRORS[name])


def test_a_refused_step_names_the_current_status_and_the_allowed_ones(client: TestClient) -> None:
    found = client.get("/fail/transition").json()
    assert (found["current"], found["allowed"], found["field"]) == ("3", ["4", "8"], "TrangThai")


def test_a_conflict_carries_the_current_state(client: TestClient) -> None:
    found = client.get("/fail/conflict").json()
    assert (found["version"], found["state"]) == (7, "accepted")


@pytest.mark.parametrize("name", ["bug", "setup"])
def test_a_fault_of_ours_says_nothing_about_our_inside(
    client: TestClient, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.get(f"/fail/{name}")
    assert answer.status_code == 500
    assert "xyzzy" not in answer.text
    said = capsys.readouterr()
    assert answer.json()["error_id"] in said.out + said.err


def test_a_wrong_field_is_named(client: TestClient) -> None:
    found = client.post("/api/v1/report", json={"place": "Bản Vịn", "people": -1}).json()
    assert (found["status"], found["field"]) == (422, "people")
    assert found["type"] == "urn:liencap:problem:bad-input"


def test_every_wrong_field_is_listed_and_nothing_sent_is_repeated(client: TestClient) -> None:
    answer = client.post("/api/v1/report", json={"place": 7, "people": "0912345678 Nguyễn"})
    assert [error["field"] for error in answer.json()["errors"]] == ["place", "people"]
    assert "0912345678" not in answer.text


@pytest.mark.parametrize("body", ["{", "", "{'place': 1}", '{"place": "Bản Vịn",', "\x00"])
def test_broken_json_is_said_to_be_that(client: TestClient, body: str) -> None:
    answer = client.post("/api/v1/report", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in ({400} if body else {422})
    assert answer.headers["content-type"] == "application/problem+json"


def test_json_that_is_not_unicode_is_refused(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/report", content=b'{"place": "\xff\xfe"}', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:liencap:problem:broken-json"


def test_an_unknown_address_and_a_wrong_method_are_problems_too(client: TestClient) -> None:
    assert client.get("/api/v1/nowhere").json()["type"] == "urn:liencap:problem:not-found"
    wrong = client.delete("/api/v1/report")
    assert (wrong.status_code, wrong.json()["type"]) == (405, "urn:liencap:problem:method-not-allowed")
    assert wrong.headers["allow"] == "POST"


def test_a_person_gets_a_page_and_a_script_gets_json(client: TestClient) -> None:
    accept = {"accept": "text/html,*/*"}
    page = client.get("/fail/forbidden", headers=accept)
    assert (page.status_code, page.text) == (403, "<h1>Not allowed for this role or unit</h1>")
    assert client.get("/api/v1/nowhere", headers=accept).json()["status"] == 404


def test_a_body_over_the_limit_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/report", json={"place": "x" * 2_000, "people": 1})
    assert (answer.status_code, answer.json()["field"]) == (413, "body")


def test_a_body_without_a_declared_length_is_counted_while_it_comes(client: TestClient) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 1
            yield b"x" * 100

    answer = client.post("/api/v1/report", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_a_sync_call_may_be_larger(client: TestClient) -> None:
    path = "/api/v1/communes/15607/cases/sync"
    assert client.post(path, content=b"x" * 4_000).json() == 4_000
    assert client.post(path, content=b"x" * 6_000).status_code == 413


def test_a_length_that_is_no_number_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/report", content=b"{}", headers={"content-length": "-5"})
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/fail/forbidden", "/fail/bug", "/api/v1/nowhere"])
def test_every_answer_carries_the_safety_headers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    for name, value in SAFETY_HEADERS.items():
        assert answer.headers[name] == value


def test_no_script_or_style_inside_a_page_is_let_run() -> None:
    policy = SAFETY_HEADERS["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
