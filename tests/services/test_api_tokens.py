"""API tokens from outside: narrowed by scopes, listed and revoked by an administrator, and by the command line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from services.access.actors import Actor
from services.access.keys import Keys
from services.access.token_scopes import FAMILIES, OPEN, family_of
from services.access.tokens import create_token, read_token
from services.errors import BadInput
from tests.journeys.installation import liencap
from tests.services.world import BAT_MOT, SECRET, World

pytestmark = pytest.mark.warehouse

OFFICER = Actor("commune_officer", BAT_MOT)
SYNC, CASES = f"/api/v1/communes/{BAT_MOT}/cases/sync", f"/api/v1/communes/{BAT_MOT}/cases"
ISSUES = f"/api/v1/communes/{BAT_MOT}/issues"


def token_of(world: World, *scopes: str) -> str:
    return create_token(SECRET, OFFICER, dt.timedelta(days=1), world.clock(), scopes=scopes)


def noted(world: World, *scopes: str) -> tuple[str, str]:
    token = token_of(world, *scopes)
    signed = read_token(Keys(SECRET), token, world.clock())
    world.parts.tokens.add(signed, purpose="daily export", key=SECRET)
    return token, signed.token_id


def script(world: World, token: str) -> TestClient:
    headers = {"authorization": f"Bearer {token}"}
    return TestClient(world.app, headers=headers, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ((), {"read": 200, "write": 200, "other": 422, "kinds": 200, "page": 200}),
        (("cases:read",), {"read": 200, "write": 403, "other": 403, "kinds": 200, "page": 403}),
        (("cases:write",), {"read": 200, "write": 200, "other": 403, "kinds": 200, "page": 403}),
        (
            ("figures:read", "issues:write"),
            {"read": 403, "write": 403, "other": 422, "kinds": 200, "page": 403},
        ),
    ],
)
def test_a_narrowed_token_does_no_more_than_its_scopes(
    shared_world: World, scopes: tuple[str, ...], expected: dict[str, int]
) -> None:
    client = script(shared_world, token_of(shared_world, *scopes))
    assert {
        "read": client.get(CASES).status_code,
        "write": client.post(SYNC, json={"rows": []}).status_code,
        "other": client.post(ISSUES, json={}).status_code,
        "kinds": client.get("/api/v1/kinds").status_code,
        "page": client.get("/xa").status_code,
    } == expected


def test_a_narrowed_token_signs_nobody_in(shared_world: World) -> None:
    token = token_of(shared_world, "cases:write")
    assert shared_world.client.post("/api/v1/sign-in", json={"token": token}).status_code == 403


def test_there_is_no_other_scope(shared_world: World) -> None:
    for scope in ("cases", "cases:delete", "everything:read", "*", ""):
        with pytest.raises(BadInput):
            token_of(shared_world, scope)


def test_every_operation_that_asks_who_one_is_has_a_family(shared_world: World) -> None:
    document = shared_world.app.openapi()["paths"]
    asking = {
        path for path, methods in document.items() if any("security" in each for each in methods.values())
    }
    assert {path for path in asking if family_of(path) is None and not OPEN.match(path)} == set()
    assert {family_of(path) for path in asking} == {*FAMILIES, None}


@pytest.mark.parametrize(("unit_code", "status"), [("38", 401), ("vn", 401), ("01", 200)])
def test_an_administrator_lists_and_revokes_the_tokens_of_the_units_within(
    shared_world: World, unit_code: str, status: int
) -> None:
    token, token_id = noted(shared_world, "cases:write")
    client, above = script(shared_world, token), shared_world.as_("administrator", unit_code)
    assert client.get(CASES).status_code == 200
    listed = {one["id"]: one for one in above.get("/api/v1/tokens").json()["items"]}
    assert (token_id in listed) is (status == 401)
    assert token not in above.get("/api/v1/tokens").text
    if status == 401:
        assert (listed[token_id]["purpose"], listed[token_id]["scopes"]) == ("daily export", ["cases:write"])
    revoked = above.post(f"/api/v1/tokens/{token_id}/revoke")
    assert revoked.status_code == (200 if status == 401 else 404)
    assert client.get(CASES).status_code == status


def test_a_revoked_token_begins_no_session_and_ends_those_it_began(shared_world: World) -> None:
    token, token_id = noted(shared_world)
    with TestClient(shared_world.app) as client:
        assert client.post("/api/v1/sign-in", json={"token": token}).status_code == 200
        assert client.get("/phien").status_code == 200
        shared_world.as_("administrator", "38").post(f"/api/v1/tokens/{token_id}/revoke")
        assert client.get("/phien").status_code == 401
        assert client.post("/api/v1/sign-in", json={"token": token}).status_code == 401


@pytest.mark.process
def test_the_command_line_makes_lists_and_revokes(tmp_path: Path) -> None:
    wanted = ("--role", "commune_officer", "--unit", BAT_MOT, "--person", "cb-1", "--purpose", "daily export")
    made = liencap(tmp_path, "token", "create", *wanted, "--scope", "cases:write")
    assert made.returncode == 0, made.stderr
    token = made.stdout.strip()
    listed = liencap(tmp_path, "token", "list").stdout
    assert token not in listed
    assert "commune_officer@15607  cb-1  until " in listed
    assert "never used  cases:write  key " in listed
    assert listed.strip().endswith("daily export")
    number = listed.split()[0]
    assert liencap(tmp_path, "token", "revoke", number).stdout.strip() == f"{number} is revoked"
    assert "  revoked " in liencap(tmp_path, "token", "list").stdout
    assert liencap(tmp_path, "token", "revoke", "0" * 16).returncode == 2
    wrong = liencap(tmp_path, "token", "create", *wanted, "--scope", "cases")
    assert wrong.returncode == 2
    rotated = liencap(tmp_path, "keys", "rotate")
    assert rotated.returncode == 0, rotated.stderr
    assert len(liencap(tmp_path, "keys", "list").stdout.splitlines()) == 2
