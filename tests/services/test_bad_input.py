"""The worst that comes in, through every door at once: a clear answer, nothing lost, nobody else harmed."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest

from events.errors import EventTooLarge
from events.log import Message, Record
from events.topics import MAX_EVENT_BYTES, TOPICS
from services.consuming.dead_letters import listing, replay
from services.maintenance.audit import audit
from services.store.outbox import outbox_stats
from tests.services.world import BA_DINH, BAT_MOT, CHAIR, OFFICER, SAID, VAN_XUAN, World

pytestmark = pytest.mark.warehouse


def days_ago(count: int) -> str:
    return (dt.datetime.now(dt.UTC).date() - dt.timedelta(days=count)).isoformat()


def row(code: str, **more: Any) -> dict[str, Any]:
    usual = {"MaTTHC": "1.001193", "NgayTiepNhan": days_ago(3), "TrangThai": 2, "KenhThucHien": 1}
    return {"MaHoSo": code, **usual, **more}


def sync(world: World, *rows: Any, unit_code: str = BAT_MOT) -> list[dict[str, Any]]:
    client = world.as_("commune_officer", unit_code)
    answer = client.post(f"/api/v1/communes/{unit_code}/cases/sync", json=list(rows))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    assert [each["row"] for each in found] == list(range(len(rows)))
    return found


def total(world: World, *, unit_code: str = BAT_MOT, ago: int = 10) -> dict[str, Any]:
    window = {"from": days_ago(ago), "to": days_ago(0)}
    answer = world.as_("commune_officer", unit_code).get(f"/api/v1/units/{unit_code}/rollups", params=window)
    found: dict[str, Any] = answer.json()["total"]
    return found


def records(world: World, topic: str) -> list[Record]:
    log = world.log
    return [each for n in range(TOPICS[topic].partitions) for each in log.read(topic, n, 0, 10_000)]


def in_order(world: World) -> bool:
    return audit(world.parts.warehouse, world.log).ok


WRONG_ROWS: list[tuple[Any, str | None]] = [
    (row("W-status", TrangThai=77), "TrangThai"),
    (row("W-no-status", TrangThai=None), "TrangThai"),
    (row("W-procedure", MaTTHC="DROP TABLE"), "MaTTHC"),
    (row("W-channel", KenhThucHien=9), "KenhThucHien"),
    (row("W-applicant", LoaiDoiTuong="ai đó"), "LoaiDoiTuong"),
    (row("W-field", LinhVuc="Hộ tịch"), "LinhVuc"),
    (row("W-day", NgayTiepNhan="31/02/2026"), "NgayTiepNhan"),
    (row("W-shape", NgayTiepNhan=["2026-01-01"]), "NgayTiepNhan"),
    (row("W-filed-late", NgayNop=days_ago(1)), "NgayTiepNhan"),
    (row("W-due-early", NgayHenTra=days_ago(9)), "NgayHenTra"),
    (row("W-ended-early", TrangThai=9, NgayKetThucXuLy=days_ago(9)), "NgayKetThucXuLy"),
    (row("W-open-ended-early", TrangThai=4, NgayKetThucXuLy=days_ago(9)), "NgayKetThucXuLy"),
    (
        row("W-given-early", TrangThai=10, NgayKetThucXuLy=days_ago(1), NgayTraKetQua=days_ago(2)),
        "NgayTraKetQua",
    ),
    (row("W-ahead", NgayTiepNhan=days_ago(-5)), "NgayTiepNhan"),
    (row("W-no-unit", MaDonViThamQuyen="99999"), "MaDonViThamQuyen"),
    (row("W-province", MaDonViThamQuyen=BA_DINH), "MaDonViThamQuyen"),
    (row("W-others", MaDonViTiepNhan=VAN_XUAN, MaDonViThamQuyen=VAN_XUAN), "MaDonViThamQuyen"),
    (row(""), "MaHoSo"),
    (row("x" * 5_000), "MaHoSo"),
    ("a row", None),
    (None, None),
    ([], None),
]


def test_each_wrong_row_is_named_in_its_place_and_the_others_are_taken(world: World) -> None:
    good = [row(f"G-{number}") for number in range(len(WRONG_ROWS))]
    mixed = [each for pair in zip(good, [wrong for wrong, _ in WRONG_ROWS], strict=True) for each in pair]
    found = sync(world, *mixed)
    assert {each["outcome"] for each in found[::2]} == {"created"}
    assert [(each["outcome"], each["field"]) for each in found[1::2]] == [
        ("rejected", field) for _, field in WRONG_ROWS
    ]
    assert all(each["reason"] for each in found[1::2])
    assert {each["outcome"] for each in sync(world, *mixed)[::2]} == {"unchanged"}
    world.settle()
    assert total(world)["received"] == len(good)
    assert len(records(world, "cases")) == len(good)
    assert in_order(world)


def test_a_code_that_comes_twice_with_two_contents_is_one_case_with_the_later_one(world: World) -> None:
    ended = {"TrangThai": 9, "NgayKetThucXuLy": days_ago(1)}
    found = sync(world, row("D-1"), row("D-1", KenhThucHien=2), row("D-1", **ended), row("D-1"))
    assert [each["outcome"] for each in found] == ["created", "advanced", "advanced", "rejected"]
    assert (found[3]["status_code"], found[3]["field"]) == (9, "TrangThai")
    world.settle()
    assert (total(world)["received"], total(world)["resolved"], total(world)["open"]) == (1, 1, 0)
    assert in_order(world)


def test_history_counts_on_its_day_and_does_not_hold_up_today(world: World) -> None:
    old = {"NgayTiepNhan": "2019-03-04", "NgayHenTra": "2019-03-08"}
    rows = [row(f"H-{n}", TrangThai=9, NgayKetThucXuLy="2019-03-11", **old) for n in range(40)]
    assert {each["outcome"] for each in sync(world, *rows, row("today"))} == {"created"}
    world.settle()
    assert len(records(world, "cases-backfill")) == len(rows)
    assert len(records(world, "cases")) == 1
    asked = {"from": "2019-03-01", "to": "2019-03-31"}
    shown = world.as_(*OFFICER).get(f"/api/v1/units/{BAT_MOT}/rollups", params=asked).json()["total"]
    assert (shown["received"], shown["resolved_late"], shown["open"]) == (40, 40, 0)
    assert (total(world)["received"], total(world)["carried_over"]) == (1, 0)
    assert in_order(world)


def spoilt(record: Record, **changes: Any) -> Message:
    """Return the record's event with another id and some of its members changed."""
    event = {**json.loads(record.value), "id": str(uuid.uuid4()), **changes}
    return Message(record.key, json.dumps(event).encode())


def test_events_that_nobody_can_read_are_set_aside_with_their_reason_and_harm_no_other(world: World) -> None:
    sync(world, row("A-1"))
    sync(world, row("B-1"), unit_code=VAN_XUAN)
    issue_id = world.report()
    log = world.log
    [case] = [each for each in records(world, "cases") if each.key == BAT_MOT]
    issue = next(each for each in records(world, "issues") if b"issue.reported" in each.value)
    ahead = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).isoformat()
    log.append(
        "cases",
        [
            spoilt(case, dataschema="urn:liencap:case.received:99"),
            spoilt(case, time=ahead),
            spoilt(case, type="case.vanished"),
            Message(case.key, b"\xff\x00 no event"),
            Message(case.key, case.value),  # the same event again: a duplicate in the log
        ],
    )
    log.append(
        "issues",
        [
            spoilt(issue, dataschema="urn:liencap:issue.reported:99"),
            Message(issue.key, b"{"),
            Message(issue.key, issue.value),
        ],
    )
    sync(world, row("A-2"))
    world.settle()

    letters = listing(log)
    assert sorted(letter.reason for letter in letters if letter.position.topic == "cases") == [
        "invalid-event",
        "malformed-event",
        "unknown-event-type",
        "unknown-event-version",
    ]
    assert sorted(letter.reason for letter in letters if letter.position.topic == "issues") == [
        "malformed-event",
        "unknown-event-version",
    ]
    assert all(letter.text() for letter in letters)
    assert (total(world)["received"], total(world, unit_code=VAN_XUAN)["received"]) == (2, 1)
    assert world.act(CHAIR, "approve", issue_id)["state"] == "awaiting_document"
    assert in_order(world)
    # What is sent again before it is mended comes back as a new letter, and still harms nobody.
    assert replay(log, "cases") == 4
    world.settle()
    assert len(listing(log, "cases")) == 8
    assert total(world)["received"] == 2
    assert in_order(world)


def test_an_event_over_the_limit_is_refused_whole_and_what_follows_goes_on(world: World) -> None:
    log = world.log
    before = log.end_positions("cases")
    with pytest.raises(EventTooLarge, match="limit"):
        log.append("cases", [Message(BAT_MOT, b"{}"), Message(BAT_MOT, b" " * (MAX_EVENT_BYTES + 1))])
    assert log.end_positions("cases") == before
    sync(world, row("A-1"))
    world.settle()
    assert total(world)["received"] == 1
    assert outbox_stats(world.parts.store).set_aside_count == 0


@pytest.mark.parametrize("unit_code", [VAN_XUAN, BA_DINH])
def test_rows_for_another_commune_are_refused_whole(shared_world: World, unit_code: str) -> None:
    officer = shared_world.as_(*OFFICER)
    answer = officer.post(f"/api/v1/communes/{unit_code}/cases/sync", json=[row("X-1")])
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:liencap:problem:forbidden")
    administrator = shared_world.as_("administrator", "vn")
    listed = administrator.get(f"/api/v1/communes/{unit_code}/cases").json()["items"]
    assert listed == []


@pytest.mark.parametrize("unit_code", ["99999", "38", "vn", "x"])
def test_rows_for_a_unit_that_is_no_commune_are_not_found(shared_world: World, unit_code: str) -> None:
    client = shared_world.as_("administrator", "vn")
    for what, body in (("cases/sync", [row("X-1")]), ("issues", {"id": str(uuid.uuid4())})):
        answer = client.post(f"/api/v1/communes/{unit_code}/{what}", json=body)
        assert answer.status_code in ({404} if what == "cases/sync" else {403, 404})
        assert answer.headers["content-type"] == "application/problem+json"


def test_one_id_for_the_reports_of_two_communes_is_a_conflict_that_tells_nothing(world: World) -> None:
    issue_id = world.report(place="Bản Vịn")
    body = {"id": issue_id, "kind": "mobile_dead_spot", "severity": "high", "place": "Bản Vịn", **SAID}
    answer = world.as_("commune_officer", VAN_XUAN).post(f"/api/v1/communes/{VAN_XUAN}/issues", json=body)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:liencap:problem:key-reused")
    assert BAT_MOT not in answer.text
    world.settle()
    assert world.issue(issue_id)["unit_code"] == BAT_MOT
