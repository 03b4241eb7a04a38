from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from starlette.testclient import TestClient

from services.access.actors import Actor
from services.access.sessions import HOST_COOKIE, SESSION_COOKIE
from services.access.tokens import create_token
from services.boot.pages import build_whole
from services.web.shell.limits import SAFETY_HEADERS
from tests.services.world import BAT_MOT, SECRET, World

pytestmark = pytest.mark.warehouse

SIGN_IN = "/api/v1/sign-in"
PERSONA = {"role": "commune_officer", "unit": BAT_MOT}
OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def browser(shared_world: World) -> Iterator[TestClient]:
    """A browser with cookies of its own."""
    with TestClient(shared_world.app, raise_server_exceptions=False) as client:
        yield client


def test_a_persona_of_the_demo_signs_in_and_out(browser: TestClient) -> None:
    assert browser.get("/api/v1/session").status_code == 401
    signed_in = browser.post(SIGN_IN, json=PERSONA, headers=OURS)
    assert signed_in.status_code == 200
    seen = browser.get("/api/v1/session").json()
    assert (seen["role_label"], seen["unit_name"], seen["body"]) == (
        "Công chức xã",
        "Xã Bát Mọt",
        "15607.ubnd",
    )
    assert browser.post("/api/v1/sign-out", headers=OURS).status_code == 204
    assert browser.get("/api/v1/session").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: TestClient) -> None:
    header = browser.post(SIGN_IN, json=PERSONA, headers=OURS).headers["set-cookie"]
    cookie = SimpleCookie(header)[SESSION_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "lax"
    assert int(cookie["max-age"]) == 12 * 3600


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_over_https_the_cookie_is_of_this_host_alone(shared_world: World, scheme: str) -> None:
    """Also where a proxy ends TLS and passes plain http on, if the public address says https."""
    access = replace(shared_world.parts.access, secure_cookies=scheme == "http")
    app = build_whole(replace(shared_world.parts, access=access))
    with TestClient(app, base_url=f"{scheme}://testserver") as client:
        cookie = client.post(SIGN_IN, json=PERSONA, headers=OURS).headers["set-cookie"]
        assert cookie.startswith(f"{HOST_COOKIE}=")
        assert "; Secure" in cookie
        assert "; Path=/" in cookie
        assert "domain" not in cookie.lower()
        key = SimpleCookie(cookie)[HOST_COOKIE].value
        client.cookies.clear()
        plain = client.get("/api/v1/session", headers={"cookie": f"{SESSION_COOKIE}={key}"})
        assert plain.status_code == 401, "a cookie that any neighbour of this host could set opens nothing"
        own = client.get("/api/v1/session", headers={"cookie": f"{HOST_COOKIE}={key}"})
        assert own.status_code == 200


def test_a_token_signs_in_too(browser: TestClient, shared_world: World) -> None:
    now = shared_world.clock()
    token = create_token(SECRET, Actor("auditor", "38"), dt.timedelta(days=1), now)
    assert browser.post(SIGN_IN, json={"token": token}).json()["role"] == "auditor"
    assert browser.post(SIGN_IN, json={"token": "x" * 40}).status_code == 401


def test_outside_a_demo_nobody_is_whom_they_say_they_are(shared_world: World) -> None:
    with TestClient(build_whole(replace(shared_world.parts, demo=False))) as client:
        assert client.post(SIGN_IN, json=PERSONA).status_code == 403


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({}, 422, "token"),
        ({"role": "commune_officer"}, 422, "token"),
        ({"role": "mayor", "unit": BAT_MOT}, 422, "role"),
        ({"role": "commune_officer", "unit": "38"}, 422, "unit"),
        ({"role": "commune_officer", "unit": "99999"}, 404, None),
        ({"role": "department_officer", "unit": "38", "body": "01.so_khcn"}, 422, "body"),
        ({"role": "department_officer", "unit": "38", "body": "38.so_gi_do"}, 422, None),
    ],
)
def test_a_persona_that_cannot_be_is_refused(
    browser: TestClient, sent: dict[str, str], status: int, field: str | None
) -> None:
    answer = browser.post(SIGN_IN, json=sent)
    assert (answer.status_code, answer.json().get("field")) == (status, field)


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "http://testserver"}, True),
        ({"origin": "http://elsewhere.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://testserver", "sec-fetch-site": "cross-site"}, False),
        ({}, False),
    ],
)
def test_a_session_changes_something_only_from_our_own_pages(
    browser: TestClient, headers: dict[str, str], *, passes: bool
) -> None:
    browser.post(SIGN_IN, json=PERSONA, headers=OURS)
    answer = browser.post(f"/api/v1/communes/{BAT_MOT}/issues", json={}, headers=headers)
    assert (answer.status_code != 403) is passes
    assert browser.get("/api/v1/session", headers=headers).status_code == 200


def test_another_site_cannot_sign_a_browser_in(browser: TestClient) -> None:
    assert browser.post(SIGN_IN, json=PERSONA, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_a_token_needs_no_page_of_ours(shared_world: World) -> None:
    answer = shared_world.as_("commune_officer", BAT_MOT).post(f"/api/v1/communes/{BAT_MOT}/issues", json={})
    assert answer.status_code == 422


def test_a_key_of_no_session_is_401(browser: TestClient) -> None:
    for key in ("bogus", "x" * 4_000, ""):
        browser.cookies.set(SESSION_COOKIE, key)
        answer = browser.get("/api/v1/session")
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:liencap:problem:unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer", "Bearer  ", "Basic YWJj", "Bearer ey.ey.ey", "bearer \x00"])
def test_nonsense_for_a_token_is_401(shared_world: World, header: str) -> None:
    assert shared_world.client.get("/api/v1/session", headers={"authorization": header}).status_code == 401


def test_every_answer_carries_the_safety_headers(shared_world: World) -> None:
    for path in ("/healthz", "/api/v1/session", "/nowhere", "/openapi.json"):
        answer = shared_world.client.get(path)
        assert {name: answer.headers[name] for name in SAFETY_HEADERS} == SAFETY_HEADERS


def test_what_the_interface_answers_is_not_kept_by_a_browser(shared_world: World) -> None:
    answer = shared_world.as_("commune_officer").get("/api/v1/issues")
    assert answer.headers["cache-control"] == "no-store"


def test_who_read_an_issue_is_logged_without_its_texts(
    shared_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    issue_id = shared_world.report(place="Bản Ruộng")
    capsys.readouterr()
    shared_world.issue(issue_id)
    said = capsys.readouterr().out
    assert "issue.read" in said
    assert issue_id in said
    assert "Bản Ruộng" not in said


def test_nothing_is_loaded_from_elsewhere_to_read_the_interface(shared_world: World) -> None:
    assert shared_world.client.get("/docs").status_code == 404
    assert shared_world.client.get("/openapi.json").json()["info"]["title"] == "LiênCấp"


def test_readiness_names_what_is_missing(shared_world: World) -> None:
    checks = {"store": lambda: None, "streams": lambda: "lane decide stopped"}
    with TestClient(build_whole(replace(shared_world.parts, readiness=checks))) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == {"streams": "lane decide stopped"}
    assert shared_world.client.get("/readyz").json()["status"] == "ready"
    assert shared_world.client.get("/healthz").json() == {"status": "ok"}


def test_metrics_show_what_the_streams_measure(shared_world: World) -> None:
    text = shared_world.client.get("/metrics").text
    assert 'liencap_stream_lag_records{group="decide",topic="issues"}' in text
