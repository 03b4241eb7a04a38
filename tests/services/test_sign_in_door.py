"""The door itself: how often one may fail, and that no answer leads to another host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from services.boot.pages import build_whole
from services.errors import TooManyAttempts
from services.web.sign_in.attempts import MOST_FAILURES, WINDOW_SECONDS, Attempts
from tests.services.world import World

pytestmark = pytest.mark.warehouse

SIGN_IN = "/api/v1/sign-in"


@pytest.fixture
def client(shared_world: World) -> Iterator[TestClient]:
    """A browser before an application that nobody has tried yet."""
    app = build_whole(shared_world.parts)
    headers = {"origin": "http://testserver", "accept": "text/html"}
    with TestClient(app, headers=headers, raise_server_exceptions=False) as opened:
        yield opened


def test_who_fails_too_often_waits_as_long_as_the_answer_says(client: TestClient) -> None:
    wrong = {"token": "x" * 40}
    statuses = [client.post(SIGN_IN, json=wrong).status_code for _ in range(MOST_FAILURES)]
    assert set(statuses) == {401}
    answer = client.post(SIGN_IN, json=wrong, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (429, "urn:liencap:problem:too-many-attempts")
    assert 1 <= int(answer.headers["retry-after"]) <= WINDOW_SECONDS + 1
    page = client.post("/dang-nhap?lang=en", data=wrong)
    assert (page.status_code, "Wait a minute" in page.text) == (429, True)
    assert "retry-after" in page.headers


def test_what_is_wrong_without_being_a_guess_counts_as_no_failure(client: TestClient) -> None:
    assert {client.post(SIGN_IN, json={}).status_code for _ in range(MOST_FAILURES + 5)} == {422}


def test_failures_are_forgotten_after_a_while_and_are_of_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    at = 100.0
    monkeypatch.setattr("services.web.sign_in.attempts.time.monotonic", lambda: at)
    attempts = Attempts()
    for number in range(MOST_FAILURES):
        attempts.failed(f"2001:db8::{number:x}")
    for other in ("2001:db8:1::1", "192.0.2.1", "testclient"):
        attempts.check(other)
    with pytest.raises(TooManyAttempts) as refused:
        attempts.check("2001:db8::ffff")
    assert refused.value.retry_after == WINDOW_SECONDS + 1
    at += WINDOW_SECONDS + 0.1
    attempts.check("2001:db8::ffff")
    attempts.failed("2001:db8::1")
    attempts.check("2001:db8::1")


def test_a_redirect_never_takes_its_host_from_the_request(client: TestClient) -> None:
    answer = client.get("/xa/?due=late", headers={"host": "evil.example"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/xa?due=late")


@pytest.mark.parametrize("path", ["//evil.example/x", "///evil.example", "/\\evil.example"])
def test_a_page_for_a_strange_address_links_to_no_other_host(client: TestClient, path: str) -> None:
    page = client.get(f"http://testserver{path}")
    assert page.status_code == 404
    assert 'href="//' not in page.text
    assert 'href="/\\' not in page.text
    assert "evil.example" in page.text, "the page would show where it leads"


def test_over_https_a_browser_is_told_to_stay_there(shared_world: World) -> None:
    name = "strict-transport-security"
    assert name not in shared_world.client.get("/healthz").headers
    with TestClient(shared_world.app, base_url="https://testserver") as client:
        assert client.get("/healthz").headers[name] == "max-age=31536000"
    access = replace(shared_world.parts.access, secure_cookies=True)
    with TestClient(build_whole(replace(shared_world.parts, access=access))) as client:
        assert name in client.get("/nowhere").headers
