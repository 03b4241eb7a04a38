"""Sessions from outside: when they end, who sees and ends them, and what an abolished commune may still do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.access.keys import Keys
from services.access.sessions import SESSION_COOKIE
from services.access.tokens import create_token, of_person, serializer
from services.boot.pages import build_whole
from services.dated_tables import load_tables
from services.web.sign_in.devices import device_of
from tests.services.world import BAT_MOT, SAID, SECRET, VAN_XUAN, World

pytestmark = pytest.mark.warehouse

DATA = Path(__file__).resolve().parents[2] / "reporting" / "data"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
)
SITE = {"accept": "text/html", "origin": "http://testserver"}


def token_of(world: World, actor: Actor, lifetime: dt.timedelta = dt.timedelta(days=1)) -> str:
    return create_token(SECRET, actor, lifetime, world.clock())


def person(code: str, unit_code: str = BAT_MOT) -> Actor:
    return of_person(Actor("commune_officer", unit_code), code)


@contextmanager
def signed_in(world: World, actor: Actor, app: Any = None, **of_token: Any) -> Iterator[TestClient]:
    """A browser that signed in on the page by a token."""
    with TestClient(app or world.app, headers=SITE, raise_server_exceptions=False) as client:
        answer = client.post(
            "/dang-nhap", data={"token": token_of(world, actor, **of_token)}, follow_redirects=False
        )
        assert answer.status_code == 303, answer.text
        yield client


def ids_on(page: str) -> list[str]:
    return re.findall(r'data-session="([0-9a-f-]{36})"', page)


def test_a_cookie_that_was_copied_opens_nothing_after_signing_out(world: World) -> None:
    with signed_in(world, person("cb-1")) as client:
        copied = client.cookies[SESSION_COOKIE]
        assert client.get("/phien").status_code == 200
        client.post("/dang-xuat")
        client.cookies.set(SESSION_COOKIE, copied)
        assert client.get("/phien").status_code == 401


def test_a_session_lives_no_longer_than_its_token(world: World) -> None:
    with signed_in(world, person("cb-1"), lifetime=dt.timedelta(minutes=5)) as client:
        world.clock.ahead = dt.timedelta(minutes=4)
        assert client.get("/phien").status_code == 200
        world.clock.ahead = dt.timedelta(minutes=5, seconds=1)
        assert client.get("/phien").status_code == 401


def test_signing_in_again_ends_the_session_before(world: World) -> None:
    with signed_in(world, person("cb-1")) as client:
        before = client.cookies[SESSION_COOKIE]
        client.post("/dang-nhap", data={"token": token_of(world, person("cb-1"))})
        assert client.get("/phien").status_code == 200
        client.cookies.clear()
        client.cookies.set(SESSION_COOKIE, before)
        assert client.get("/phien").status_code == 401


def test_a_person_sees_and_ends_a_session_elsewhere(world: World) -> None:
    with signed_in(world, person("cb-1")) as here, signed_in(world, person("cb-1")) as there:
        page = here.get("/phien/danh-sach?lang=en").text
        assert page.count("this one") == 1
        own, other = ids_on(page)[::-1]
        assert here.post(f"/phien/{other}/ket-thuc").status_code == 200
        assert there.get("/phien").status_code == 401
        assert ids_on(here.get("/phien/danh-sach").text) == [own]


def test_all_other_sessions_end_at_once_and_this_one_stays(world: World) -> None:
    with (
        signed_in(world, person("cb-1")) as here,
        signed_in(world, person("cb-1")) as there,
        signed_in(world, person("cb-2")) as colleague,
    ):
        here.post("/phien/ket-thuc-khac")
        assert [each.get("/phien").status_code for each in (here, there, colleague)] == [200, 401, 200]


def test_nobody_sees_or_ends_the_session_of_a_colleague_or_of_a_namesake_elsewhere(world: World) -> None:
    with (
        signed_in(world, person("cb-1")) as client,
        signed_in(world, person("cb-2")) as colleague,
        signed_in(world, person("cb-1", VAN_XUAN)) as namesake,
    ):
        [own] = ids_on(client.get("/phien/danh-sach").text)
        for other in (colleague, namesake):
            assert own not in other.get("/phien/danh-sach").text
            assert other.post(f"/phien/{own}/ket-thuc").status_code == 404
        assert client.get("/phien").status_code == 200


@pytest.mark.parametrize(("unit_code", "status"), [("38", 401), ("vn", 401), ("01", 200)])
def test_an_administrator_ends_the_sessions_of_the_units_within(
    world: World, unit_code: str, status: int
) -> None:
    administrator = of_person(Actor("administrator", unit_code), "qt-1")
    with signed_in(world, person("cb-1")) as client, signed_in(world, administrator) as above:
        [own] = ids_on(client.get("/phien/danh-sach").text)
        assert (own in above.get("/phien/danh-sach").text) is (status == 401)
        above.post(f"/phien/{own}/ket-thuc")
        assert client.get("/phien").status_code == status


def test_an_auditor_ends_nothing(world: World) -> None:
    with signed_in(world, person("cb-1")) as client, signed_in(world, Actor("auditor", "38")) as auditor:
        [own] = ids_on(client.get("/phien/danh-sach").text)
        assert own not in auditor.get("/phien/danh-sach").text
        assert auditor.post(f"/phien/{own}/ket-thuc").status_code == 404


def test_another_site_ends_no_session(world: World) -> None:
    with signed_in(world, person("cb-1")) as client:
        [own] = ids_on(client.get("/phien/danh-sach").text)
        evil = {"origin": "https://evil.example"}
        for path in (f"/phien/{own}/ket-thuc", "/phien/ket-thuc-khac", "/api/v1/sign-out"):
            assert client.post(path, headers=evil).status_code == 403
        assert client.get("/phien").status_code == 200


def test_a_role_that_this_release_does_not_know_is_401_and_never_500(world: World) -> None:
    content = {"body": None, "sub": "cb-1", "jti": "0" * 16, "exp": 4_000_000_000}
    for role, unit_code in (("mayor", "38"), ("commune_officer", "99999"), ("system", "vn")):
        token = str(serializer(Keys(SECRET), "token").dumps(content | {"role": role, "unit": unit_code}))
        headers = {"authorization": f"Bearer {token}", "accept": "text/html"}
        for path in ("/xa", "/", "/api/v1/kinds", "/phien/danh-sach", "/nowhere"):
            asked = world.client.get(path, headers=headers)
            assert asked.status_code == {"/": 200, "/nowhere": 404}.get(path, 401), (role, path)
        assert world.client.post("/api/v1/sign-in", json={"token": token}).status_code == 401


def ended_tables(folder: Path, day: dt.date) -> Any:
    """Return the dated tables with Bát Mọt taken over by Vạn Xuân on a day."""
    lines = (DATA / "units.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    at = lines[0].rstrip("\n").split(",").index("valid_to")
    [row] = [number for number, line in enumerate(lines) if line.startswith(f"{BAT_MOT},")]
    cells = lines[row].split(",")
    cells[at] = day.isoformat()
    lines[row] = ",".join(cells)
    (folder / "units.csv").write_text("".join(lines), encoding="utf-8")
    later = f"{BAT_MOT},Bát Mọt,xa,38,{VAN_XUAN},merged,false,{day.isoformat()},a test,low\n"
    known = (DATA / "succession.csv").read_text(encoding="utf-8")
    (folder / "succession.csv").write_text(known.rstrip("\n") + "\n" + later, encoding="utf-8")
    return load_tables(folder)


def test_the_people_of_an_abolished_commune_read_what_was_theirs_and_write_nothing(
    world: World, tmp_path: Path
) -> None:
    issue_id = world.report()
    today = local_day(world.clock())
    folder = tmp_path / "tables"
    folder.mkdir()
    app = build_whole(replace(world.parts, tables=ended_tables(folder, today)))
    body = {"kind": "mobile_dead_spot", "severity": "high", "place": "Bản Vịn", **SAID}
    with signed_in(world, person("cb-1"), app) as client:
        for path in ("/xa", f"/xa/kho-khan/{issue_id}", "/xa/ho-so", "/bang"):
            page = client.get(path, params={"lang": "en"})
            assert page.status_code == 200, path
            assert "Vạn Xuân" in page.text, path
        answer = client.post(
            f"/api/v1/communes/{BAT_MOT}/issues", json=body, headers={"accept": "application/json"}
        )
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:liencap:problem:unit-ended")
        assert "Vạn Xuân" in answer.json()["detail"]
        [own] = ids_on(client.get("/phien/danh-sach").text)
        assert client.post(f"/phien/{own}/ket-thuc").status_code == 200, (
            "one's own sign-in is no act of the unit"
        )
    token = token_of(world, person("cb-1"))
    headers = {"authorization": f"Bearer {token}"}
    with TestClient(app, headers=headers, raise_server_exceptions=False) as script:
        assert script.post(f"/api/v1/communes/{BAT_MOT}/cases/sync", json={"rows": []}).status_code == 403
        assert script.get(f"/api/v1/communes/{BAT_MOT}/cases").status_code == 200


def test_a_commune_writes_until_the_day_of_its_end(world: World, tmp_path: Path) -> None:
    tomorrow = local_day(world.clock()) + dt.timedelta(days=1)
    app = build_whole(replace(world.parts, tables=ended_tables(tmp_path, tomorrow)))
    with signed_in(world, person("cb-1"), app) as client:
        answer = client.post(f"/api/v1/communes/{BAT_MOT}/cases/sync", json={"rows": []})
        assert answer.status_code == 200, answer.text
        assert "data-ended" not in client.get("/xa").text


def test_a_device_is_named_so_that_one_knows_it_again() -> None:
    assert device_of(PHONE) == "Chrome, Android"
    assert device_of(PHONE + " Edg/130.0") == "Edge, Android"
    assert device_of("curl/8") == ""
