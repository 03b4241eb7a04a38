"""Bad input at the door: answered clearly, with the field that was wrong, and nothing recorded."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.services.world import BAT_MOT, SAID, World

pytestmark = pytest.mark.warehouse

ISSUES = f"/api/v1/communes/{BAT_MOT}/issues"
SYNC = f"/api/v1/communes/{BAT_MOT}/cases/sync"
JSON = {"content-type": "application/json"}


def megabytes(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b" " * 1_000_000


@pytest.mark.parametrize("path", [ISSUES, SYNC])
def test_fifty_megabytes_are_refused_declared_or_not(shared_world: World, path: str) -> None:
    officer = shared_world.as_("commune_officer")
    for answer in (
        officer.post(path, content=megabytes(50), headers=JSON),
        officer.post(path, content=b" " * 50_000_000, headers=JSON),
    ):
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:liencap:problem:too-large")


@pytest.mark.parametrize("path", [ISSUES, SYNC, "/api/v1/escalations/{id}/accept", "/api/v1/sign-in"])
@pytest.mark.parametrize(
    "body",
    [b"{", b"[1,", b'{"id": NaN', b"\xff\xfe\x00", b'{"a":' * 50_000],
    ids=["open", "list", "nan", "bytes", "deep"],
)
def test_broken_json_is_a_problem_document(shared_world: World, path: str, body: bytes) -> None:
    answer = shared_world.as_("commune_officer").post(
        path.format(id=uuid.uuid4()), content=body, headers=JSON
    )
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:liencap:problem:broken-json"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "seven"}, "id"),
        ({"kind": "no_such_kind"}, "kind"),
        ({"kind": "Điểm lõm"}, "kind"),
        ({"severity": "terrible"}, "severity"),
        ({"people_affected": -1}, "people_affected"),
        ({"cases_blocked": "many"}, "cases_blocked"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "occurred_at"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"place": "x" * 100_000}, "place"),
        ({"place": " "}, "place"),
        ({"place": "Nhà ông Nguyễn Văn An, 0912 345 678"}, "place"),
        ({"surprise": 1}, "surprise"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(next(iter(value.values())))[:20],
)
def test_a_wrong_field_of_a_report_is_named(shared_world: World, change: dict[str, Any], field: str) -> None:
    body = {"id": str(uuid.uuid4()), "kind": "mobile_dead_spot", "severity": "high", **SAID, **change}
    answer = shared_world.as_("commune_officer").post(ISSUES, json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_missing_place_is_said_with_the_key_of_its_sentence(shared_world: World) -> None:
    body = {"id": str(uuid.uuid4()), "kind": "mobile_dead_spot", "severity": "high", **SAID}
    answer = shared_world.as_("commune_officer").post(ISSUES, json=body)
    assert (answer.status_code, answer.json()["field"], answer.json()["fault"]) == (422, "place", "place")
    assert answer.json()["type"] == "urn:liencap:problem:bad-input"


def test_the_same_report_gets_the_same_answer_and_another_under_its_id_a_conflict(
    shared_world: World,
) -> None:
    officer = shared_world.as_("commune_officer")
    body = {
        "id": str(uuid.uuid4()),
        "kind": "mobile_dead_spot",
        "severity": "high",
        "place": "Bản Vịn",
        **SAID,
    }
    first, again = officer.post(ISSUES, json=body), officer.post(ISSUES, json=body)
    assert (first.status_code, first.json()) == (201, again.json())
    other = officer.post(ISSUES, json={**body, "severity": "low"})
    assert (other.status_code, other.json()["type"]) == (409, "urn:liencap:problem:key-reused")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-13-01"}, "from"),
        ({"to": "tomorrow"}, "to"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "from"),
        ({"from": "2020-01-01", "to": "2026-01-01"}, "from"),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "from"),
        ({"by": "astrology"}, "by"),
        ({"lang": "fr"}, "lang"),
    ],
    ids=str,
)
def test_a_window_that_cannot_be_is_refused(shared_world: World, query: dict[str, str], field: str) -> None:
    answer = shared_world.as_("commune_officer").get(f"/api/v1/units/{BAT_MOT}/rollups", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize("on", ["2026-02-30", "1066-01-01", "3000-01-01", "x"])
def test_a_day_that_cannot_be_is_refused(shared_world: World, on: str) -> None:
    answer = shared_world.as_("commune_officer").get(f"/api/v1/units/{BAT_MOT}/overview", params={"on": on})
    assert (answer.status_code, answer.json()["field"]) == (422, "on")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "100000"}, "limit"),
        ({"after": "rubbish"}, "after"),
        ({"after": "99999999999999999999999.0"}, "after"),
        ({"state": "'; DROP TABLE issues_current; --"}, "state"),
        ({"unit": "Bát Mọt"}, "unit"),
    ],
    ids=str,
)
def test_a_list_asked_for_wrongly_says_which_part_is_wrong(
    shared_world: World, query: dict[str, str], field: str
) -> None:
    for path in ("/api/v1/issues", "/api/v1/escalations"):
        answer = shared_world.as_("commune_officer").get(path, params=query)
        assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_wrong_method_names_the_right_ones(shared_world: World) -> None:
    answer = shared_world.as_("commune_officer").put(ISSUES, json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "document",
    [
        {"number": "15/TTr-UBND"},
        {"date": "2026-11-20"},
        {"number": "15/TTr-UBND", "date": "20/11/2026"},
        {"number": "15/TTr-UBND", "date": "2026-11-20", "stamp": True},
    ],
    ids=["no date", "no number", "other date", "unknown member"],
)
def test_a_document_that_lacks_something_is_refused(shared_world: World, document: dict[str, Any]) -> None:
    sent = {"expected_version": 3, "document": document}
    answer = shared_world.as_("commune_clerk").post(f"/api/v1/escalations/{uuid.uuid4()}/send", json=sent)
    assert answer.status_code == 422
    assert answer.json()["field"].startswith("document.")
