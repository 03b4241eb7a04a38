from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from events.cases import CaseEvent, CaseState
from events.codec import decode
from events.envelope import ALLOWED_SKEW
from events.errors import LienCapError
from events.issues import IntakeChannel, IssueReported
from reporting.dated.place_kinds import parse_place_kinds
from reporting.errors import PersonalData, UnknownUnit
from reporting.privacy import case_key
from services.access.actors import SYSTEM, Actor
from services.commune.case_list import CaseFilter, list_cases
from services.dated_tables import load_tables
from services.errors import BadInput, Conflict, Forbidden, KeyReused, NotFound, TooLarge
from services.intake.case_sync import CHUNK, RowResult
from services.intake.intake import MOST_ROWS, Intake
from services.intake.issue_input import IssueInput, read_issue
from services.intake.keys import ProvinceKeys
from services.intake.national_rows import read_row
from services.intake.reports import IssueReceipt
from services.log.sqlite import SqliteLog
from services.store.outbox import Relay
from services.store.store import CASES, IDEMPOTENCY, OUTBOX, TEXTS, Store
from services.store.texts import TextStore
from tests.stores import empty_store

TABLES = load_tables()
NOW = dt.datetime(2026, 7, 15, 2, 0, tzinfo=dt.UTC)
UNIT = "15607"
NEIGHBOUR = next(u.code for u in TABLES.units.communes_of("38") if u.code != UNIT)
ELSEWHERE = TABLES.units.communes_of("01")[0].code
OFFICER = Actor(role="commune_officer", unit_code=UNIT, body=f"{UNIT}.ubnd")
OUTSIDE_KIND = next((k.key for k in TABLES.competence.kinds(NOW.date()) if k.lane == "outside"), None)


class Commune:
    """A store with its intake; by default all in one folder."""

    def __init__(self, folder: Path, store_url: str | None = None) -> None:
        self.store = Store(store_url or empty_store(folder / "store.db"))
        self.texts = TextStore(self.store)
        self.keys = ProvinceKeys(folder / "keys")
        self.intake = Intake(self.store, TABLES, self.keys)

    def sync(self, *rows: Any, unit: str = UNIT, now: dt.datetime = NOW, **kwargs: Any) -> list[RowResult]:
        return self.intake.sync_cases(unit, rows, actor=SYSTEM, now=now, **kwargs)

    def report(self, now: dt.datetime = NOW, actor: Actor = OFFICER, unit: str = UNIT, **said: Any) -> Any:
        body = {
            "id": str(uuid.UUID(int=7)),
            "kind": "mobile_dead_spot",
            "severity": "high",
            "place": "Bản Vịn",
            "content": "Cả bản không có sóng",
            "request": "Đề nghị kiểm tra, khắc phục",
            **said,
        }
        return self.intake.report_issue(unit, read_issue(body), actor=actor, now=now)

    def events(self) -> list[Any]:
        with self.store.read() as conn:
            return [decode(value) for value in conn.scalars(select(OUTBOX.c.value).order_by(OUTBOX.c.id))]

    def count(self, table: Any) -> int:
        with self.store.read() as conn:
            return conn.scalar(select(func.count()).select_from(table)) or 0

    def state(self, code: str) -> CaseState:
        key = case_key(self.keys.of("38").secret, code)
        with self.store.read() as conn:
            written = conn.scalar(select(CASES.c.state).where(CASES.c.case_key == key))
        return CaseState.model_validate_json(written or b"")


@pytest.fixture
def commune(tmp_path: Path, store_url: str) -> Iterator[Commune]:
    opened = Commune(tmp_path, store_url)
    yield opened
    opened.store.close()


def row(code: str = "H56.20-260715-0001", status: object = 2, **said: Any) -> dict[str, Any]:
    return {
        "MaHoSo": code,
        "MaTTHC": "1.004873",
        "NgayTiepNhan": "15/07/2026 08:10",
        "TrangThai": status,
        **said,
    }


def outcomes(results: list[RowResult]) -> list[str]:
    return [result.outcome for result in results]


def test_a_row_becomes_a_case_and_an_event(commune: Commune) -> None:
    [result] = commune.sync(row(KenhThucHien="2", LoaiDoiTuong=0, QuaHanNguon=False))
    assert result == RowResult(0, "H56.20-260715-0001", "created", status_code=2)
    [event] = commune.events()
    assert isinstance(event, CaseEvent)
    assert (event.type, event.partition_key, event.source) == ("case.received", UNIT, f"/vn/38/{UNIT}")
    assert (event.actor_role, event.actor_unit) == ("system", "vn")
    assert event.data == commune.state("H56.20-260715-0001")
    assert event.data.channel == "online"
    assert event.data.key_id == commune.keys.of("38").key_id
    assert b"H56.20" not in event.model_dump_json().encode()


def test_the_same_call_again_changes_nothing(commune: Commune) -> None:
    rows = [row(f"A-{n}", 9, NgayKetThucXuLy="2026-07-15") for n in range(20)]
    assert set(outcomes(commune.sync(*rows))) == {"created"}
    assert set(outcomes(commune.sync(*rows, now=NOW + dt.timedelta(days=3)))) == {"unchanged"}
    assert len(commune.events()) == commune.count(CASES) == 20


def test_a_rejected_row_harms_no_other(commune: Commune) -> None:
    bad: list[tuple[Any, str | None]] = [
        (row(""), "MaHoSo"),
        (row("A" * 101), "MaHoSo"),
        (row("A\x00B"), "MaHoSo"),
        (row("B", None), "TrangThai"),
        (row("B", 11), "TrangThai"),
        (row("B", "2.5"), "TrangThai"),
        (row("B", 2.5), "TrangThai"),
        (row("B", [2]), "TrangThai"),
        (row("B", NgayTiepNhan="31/02/2026"), "NgayTiepNhan"),
        (row("B", NgayTiepNhan="yesterday"), "NgayTiepNhan"),
        (row("B", NgayTiepNhan="15/07/1026"), "NgayTiepNhan"),
        (row("B", NgayTiepNhan=20260715), "NgayTiepNhan"),
        (row("B", NgayTiepNhan="2026-07-17"), "NgayTiepNhan"),
        (row("B", NgayNop="2026-07-16T00:00"), "NgayTiepNhan"),
        (row("B", MaTTHC="khai sinh"), "MaTTHC"),
        (row("B", KenhThucHien=4), "KenhThucHien"),
        (row("B", LinhVuc="Hộ tịch"), "LinhVuc"),
        (row("B", MaDonViThamQuyen="99999"), "MaDonViThamQuyen"),
        (row("B", MaDonViThamQuyen=ELSEWHERE), "MaDonViThamQuyen"),
        (row("B", MaDonViHoTro="38"), "MaDonViHoTro"),
        (row("B", MaDonViTiepNhan=NEIGHBOUR, MaDonViThamQuyen=NEIGHBOUR), "MaDonViTiepNhan"),
        ("no row", None),
        (None, None),
    ]
    good = [row(f"A-{n}") for n in range(len(bad))]
    mixed = [each for pair in zip([raw for raw, _ in bad], good, strict=True) for each in pair]
    results = commune.sync(*mixed)
    assert [result.row for result in results] == list(range(len(mixed)))
    assert set(outcomes(results[1::2])) == {"created"}
    assert [(r.outcome, r.field) for r in results[::2]] == [("rejected", field) for _, field in bad]
    assert all(result.reason for result in results[::2])
    assert commune.count(CASES) == len(commune.events()) == len(good)


def test_a_refused_step_names_what_may_follow(commune: Commune) -> None:
    commune.sync(row(status=9, NgayKetThucXuLy="15/07/2026"))
    [result] = commune.sync(row(status=4))
    assert (result.outcome, result.status_code, result.allowed) == ("rejected", 9, (10,))
    assert result.field == "TrangThai"


def test_rows_of_one_case_in_one_call_go_in_their_order(commune: Commune) -> None:
    results = commune.sync(
        row(), row(status=4), row(status=4), row(status=2.0), row("h56.20-260715-0001 ", 9)
    )
    assert outcomes(results) == ["created", "advanced", "unchanged", "advanced", "advanced"]
    events = commune.events()
    assert [event.data.status_code for event in events] == [2, 4, 2, 9]
    assert [event.data.seq for event in events] == [events[0].data.seq + n for n in range(4)]
    assert commune.count(CASES) == 1


def test_a_call_longer_than_a_transaction_is_one_call(commune: Commune) -> None:
    rows = [row(f"A-{n}") for n in range(CHUNK + 5)]
    rows.append(row("A-0", 4))
    results = commune.sync(*rows)
    assert Counter(outcomes(results)) == {"created": CHUNK + 5, "advanced": 1}
    assert [result.row for result in results] == list(range(len(rows)))


def test_more_than_ten_thousand_rows_are_refused_whole(commune: Commune) -> None:
    with pytest.raises(TooLarge, match="10,001 rows"):
        commune.sync(*[row()] * 10_001)
    assert commune.count(CASES) == 0


def test_a_dry_run_says_what_would_happen_and_writes_nothing(commune: Commune) -> None:
    commune.sync(row("A-1"))
    results = commune.sync(row("A-1", 4), row("A-2"), row("A-2", 3), row("A-3", 12), dry_run=True)
    assert outcomes(results) == ["advanced", "created", "rejected", "rejected"]
    assert commune.count(CASES) == len(commune.events()) == 1
    assert commune.state("A-1").status_code == 2


def test_only_a_unit_of_the_case_may_speak_about_it(commune: Commune) -> None:
    commune.sync(row("A-1"))
    [foreign] = commune.sync(row("A-1", 4), unit=NEIGHBOUR)
    assert (foreign.outcome, foreign.field) == ("rejected", "MaHoSo")
    assert outcomes(commune.sync(row("A-1", 2, MaDonViThamQuyen=NEIGHBOUR))) == ["advanced"]
    # Now the neighbour is competent, and its silence about the reception changes nothing.
    assert outcomes(commune.sync(row("A-1", 4), unit=NEIGHBOUR)) == ["advanced"]
    state = commune.state("A-1")
    assert (state.unit_code, state.received_unit_code) == (NEIGHBOUR, UNIT)
    assert [event.partition_key for event in commune.events()] == [UNIT, NEIGHBOUR, NEIGHBOUR]


def named(unit: str, number: int = 1) -> str:
    return f"H56.{unit}-260715-{number:04d}"


def as_itself(commune: Commune, *rows: Any, unit: str = UNIT) -> list[RowResult]:
    """Send rows as an officer of the commune that they are sent for."""
    actor = Actor(role="commune_officer", unit_code=unit, body=f"{unit}.ubnd")
    return commune.intake.sync_cases(unit, rows, actor=actor, now=NOW)


def test_rows_of_a_source_show_that_it_lives_also_wrong_ones_and_notes_of_persons_do_not(
    commune: Commune,
) -> None:
    heard: list[str] = []
    intake = Intake(commune.store, TABLES, commune.keys, on_active=lambda unit, _at: heard.append(unit))
    sent = intake.sync_cases(UNIT, [row("A-1")], actor=SYSTEM, now=NOW)
    wrong = intake.sync_cases(UNIT, [row("A-2", 99)], actor=SYSTEM, now=NOW)
    assert [one.outcome for one in (*sent, *wrong)] == ["created", "rejected"]
    assert heard == [UNIT, UNIT]
    note = {"MaHoSo": "A-1", "SaiLechDuLieu": "2"}
    [noted] = intake.note_cases(UNIT, [note], actor=OFFICER, now=NOW)
    assert (noted.outcome, commune.state("A-1").mismatch) == ("advanced", "population")
    with pytest.raises(TooLarge):
        intake.note_cases(UNIT, [note] * (MOST_ROWS + 1), actor=OFFICER, now=NOW)
    assert heard == [UNIT, UNIT]
    intake.close()


def test_a_report_of_a_person_is_no_sign_that_the_feed_of_cases_lives(commune: Commune) -> None:
    heard: list[str] = []
    intake = Intake(commune.store, TABLES, commune.keys, on_active=lambda unit, _at: heard.append(unit))
    said = {"kind": "mobile_dead_spot", "severity": "high", "place": "Bản Vịn", "content": "Mất sóng."}
    said |= {"request": "Đề nghị phủ sóng."}
    for number in (1, 2):
        body = read_issue({"id": str(uuid.UUID(int=number)), **said})
        if number == 1:
            receipt = intake.report_issue(UNIT, body, actor=OFFICER, now=NOW)
        else:
            receipt = asyncio.run(intake.post_issue(UNIT, body, actor=OFFICER, now=NOW))
        assert receipt.created
    assert heard == []
    intake.sync_cases(UNIT, [row("A-1")], actor=SYSTEM, now=NOW)
    assert heard == [UNIT]
    intake.close()


def test_no_commune_moves_a_figure_of_another(commune: Commune) -> None:
    commune.sync(row("A-1", MaDonViTiepNhan=UNIT), row("A-2"), unit=NEIGHBOUR)
    commune.sync(row("A-3"))
    refused = {
        "a load of cases for another": (row(named(UNIT), MaDonViThamQuyen=NEIGHBOUR), "MaDonViThamQuyen"),
        "a code of another": (row(named(NEIGHBOUR)), "MaHoSo"),
        "a reception by another": (row(named(UNIT), MaDonViTiepNhan=NEIGHBOUR), "MaDonViTiepNhan"),
        "a case received for another": (row("A-1", 4, MaDonViTiepNhan=UNIT), "MaHoSo"),
        "a case of another": (row("A-2", 4), "MaHoSo"),
        "its own case given away": (row("A-3", MaDonViThamQuyen=NEIGHBOUR), "MaDonViThamQuyen"),
    }
    found = as_itself(commune, *[sent for sent, _ in refused.values()])
    assert {what: (result.outcome, result.field) for what, result in zip(refused, found, strict=True)} == {
        what: ("rejected", field) for what, (_, field) in refused.items()
    }
    assert all(UNIT in (found[n].reason or "") and NEIGHBOUR in (found[n].reason or "") for n in range(3))
    assert len(commune.events()) == 3
    # Whom one helped moves nothing: it is kept beside the sender's own case.
    assert outcomes(as_itself(commune, row(named(UNIT), MaDonViHoTro=NEIGHBOUR))) == ["created"]
    # The feed of the province brings all of it.
    rows = [row("A-1", 4, MaDonViTiepNhan=UNIT), row("A-3", MaDonViThamQuyen=NEIGHBOUR)]
    assert outcomes(commune.sync(*rows)) == ["advanced", "advanced"]
    assert outcomes(commune.sync(row(named(UNIT, 2), MaDonViThamQuyen=NEIGHBOUR))) == ["created"]


def test_a_code_that_others_took_comes_back_to_the_unit_that_it_names(commune: Commune) -> None:
    commune.sync(row(named(UNIT), 10, NgayKetThucXuLy="15/07/2026"), unit=NEIGHBOUR)
    [taken] = as_itself(commune, row(named(UNIT)))
    assert (taken.outcome, taken.status_code) == ("advanced", 2)
    state = commune.state(named(UNIT))
    assert (state.unit_code, state.received_unit_code, state.status_code) == (UNIT, UNIT, 2)
    assert state.previous is not None
    assert state.previous.unit_code == NEIGHBOUR
    assert commune.events()[-1].type == "case.transferred"
    assert outcomes(as_itself(commune, row(named(UNIT), 4))) == ["advanced"]
    assert outcomes(as_itself(commune, row(named(UNIT), 4), unit=NEIGHBOUR)) == ["rejected"]


def test_the_successors_of_a_commune_that_is_gone_bring_its_codes(commune: Commune) -> None:
    today = {one.code for one in TABLES.units.communes_of("38")}
    gone, heir = next(
        (one.old_code, heir)
        for heir in sorted(today - {NEIGHBOUR})
        for one in TABLES.units.predecessors(heir)
        if one.kind == "merged" and len(one.old_code) == len(heir) and one.old_code not in today
    )
    assert outcomes(as_itself(commune, row(named(gone)), unit=NEIGHBOUR)) == ["rejected"]
    assert outcomes(as_itself(commune, row(named(gone)), unit=heir)) == ["created"]


def test_what_is_anothers_is_refused_without_its_status_and_alike_whether_it_exists_or_not(
    commune: Commune,
) -> None:
    commune.sync(row(named(NEIGHBOUR), 9, NgayKetThucXuLy="15/07/2026"), row("A-1"), unit=NEIGHBOUR)
    both = {"MaDonViTiepNhan": NEIGHBOUR, "MaDonViThamQuyen": NEIGHBOUR}
    for said in ({}, both):
        there, not_there = as_itself(commune, *(row(named(NEIGHBOUR, n), 2, **said) for n in (1, 2)))
        assert (there.outcome, there.status_code, there.allowed) == ("rejected", None, None)
        assert (there.reason, there.field) == (not_there.reason, not_there.field)

    def refused(code: str, **step: Any) -> tuple[type[LienCapError], str, str | None]:
        with pytest.raises(LienCapError) as error:
            commune.intake.take_step(UNIT, code, step, actor=OFFICER, now=NOW)
        return type(error.value), error.value.message, error.value.field

    for step in ({"TrangThai": 4}, {"TrangThai": 2}, {"TrangThai": 4, "MaDonViThamQuyen": NEIGHBOUR}):
        answers = {refused(code, **step) for code in (named(NEIGHBOUR, 1), named(NEIGHBOUR, 2), "A-1", "A-2")}
        assert len(answers) == 1


def test_who_helped_is_known_only_where_it_is_said(commune: Commune) -> None:
    commune.sync(row("A-1"), row("A-2", MaDonViHoTro=NEIGHBOUR))
    assert commune.state("A-1").helped_unit_code is None
    assert commune.state("A-2").helped_unit_code == NEIGHBOUR


@pytest.mark.parametrize(
    ("unit", "error"), [("99999", UnknownUnit), ("38", UnknownUnit), ("vn", UnknownUnit)]
)
def test_only_a_commune_sends(commune: Commune, unit: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        commune.sync(row(), unit=unit)


def test_an_actor_of_another_unit_is_refused(commune: Commune) -> None:
    for unit, actor_unit in ((NEIGHBOUR, UNIT), (UNIT, "01")):
        with pytest.raises(Forbidden):
            commune.intake.sync_cases(
                unit, [row()], actor=Actor(role="administrator", unit_code=actor_unit), now=NOW
            )
        with pytest.raises(Forbidden):
            commune.report(unit=unit, actor=Actor(role="commune_officer", unit_code=actor_unit))


def test_old_cases_take_the_lane_for_history(commune: Commune) -> None:
    old = {"NgayTiepNhan": "01/03/2019", "NgayKetThucXuLy": "04/03/2019"}
    commune.sync(row("A-1", 9, **old), row("A-2"))
    with commune.store.read() as conn:
        topics = conn.scalars(select(OUTBOX.c.topic).order_by(OUTBOX.c.id)).all()
    assert topics == ["cases-backfill", "cases"]


@pytest.mark.parametrize(
    ("written", "day", "at"),
    [
        ("2026-07-01", dt.date(2026, 7, 1), None),
        ("1/7/2026", dt.date(2026, 7, 1), None),
        ("01/07/2026 8:05", dt.date(2026, 7, 1), "2026-07-01T01:05:00+00:00"),
        ("01/07/2026 23:59:30", dt.date(2026, 7, 1), "2026-07-01T16:59:30+00:00"),
        ("2026-07-01T08:05", dt.date(2026, 7, 1), "2026-07-01T01:05:00+00:00"),
        ("2026-07-01 08:05:00.250", dt.date(2026, 7, 1), "2026-07-01T01:05:00.250000+00:00"),
        ("2026-06-30T18:30:00Z", dt.date(2026, 7, 1), "2026-06-30T18:30:00+00:00"),
        (dt.date(2026, 7, 1), dt.date(2026, 7, 1), None),
        (dt.datetime(2026, 7, 1, 0, 30), dt.date(2026, 7, 1), "2026-06-30T17:30:00+00:00"),  # noqa: DTZ001 -- spreadsheets hold local times without a zone
    ],
)
def test_dates_are_local_however_they_are_written(written: object, day: dt.date, at: str | None) -> None:
    found = read_row(row(NgayTiepNhan=written)).received
    assert found is not None
    assert found.day == day
    assert found.at == (dt.datetime.fromisoformat(at) if at else None)


def test_one_step_moves_a_known_case(commune: Commune) -> None:
    def take(code: str, **step: Any) -> RowResult:
        return commune.intake.take_step(UNIT, code, step, actor=OFFICER, now=NOW)

    commune.sync(row("A-1"))
    assert take("A-1", TrangThai=5).outcome == "advanced"
    with pytest.raises(Conflict) as refused:
        take("A-1", TrangThai=9)
    assert refused.value.current == {"current_status": 5, "allowed": [2, 4, 7, 8]}
    with pytest.raises(BadInput, match="national codes"):
        take("A-1", TrangThai="nine")
    with pytest.raises(NotFound):
        take("A-9", TrangThai=2)
    assert commune.count(CASES) == 1


def test_a_page_of_cases_holds_only_the_units_own(commune: Commune) -> None:
    commune.sync(
        *[row(f"A-{n}", 4, NgayHenTra=f"{n % 3 + 20}/07/2026") for n in range(7)],
        row("A-8", 9, NgayKetThucXuLy="15/07/2026", NgayHenTra="16/07/2026"),
    )
    commune.sync(row("B-1"), unit=NEIGHBOUR)
    seen: list[str] = []
    after = None
    while True:
        page = list_cases(
            commune.store, UNIT, CaseFilter(status_code=4, after=after, limit=3), with_codes=True
        )
        seen += [item.dossier_code or "" for item in page.items]
        days = [item.due_on for item in page.items if item.due_on is not None]
        assert len(days) == len(page.items)
        assert days == sorted(days)
        after = page.next
        if after is None:
            break
    assert sorted(seen) == [f"A-{n}" for n in range(7)]
    [hidden] = list_cases(commune.store, NEIGHBOUR, CaseFilter(), with_codes=False).items
    assert hidden.dossier_code is None
    with pytest.raises(BadInput, match="not a place"):
        list_cases(commune.store, UNIT, CaseFilter(after="2026-13-01_" + "0" * 64), with_codes=True)


def test_overdue_is_asked_for_a_day(commune: Commune) -> None:
    commune.sync(
        row("late", 4, NgayHenTra="16/07/2026"),
        row("done late", 9, NgayHenTra="16/07/2026", NgayKetThucXuLy="20/07/2026"),
        row("paused in time", 5, NgayHenTra="16/07/2026", NgayTrangThai="16/07/2026"),
        row("paused late", 5, NgayHenTra="16/07/2026", NgayTrangThai="18/07/2026"),
        row("in time", 4, NgayHenTra="30/07/2026"),
        now=NOW + dt.timedelta(days=7),
    )

    def overdue(day: int) -> set[str]:
        asked = CaseFilter(overdue_on=dt.date(2026, 7, day))
        return {
            item.dossier_code or "" for item in list_cases(commune.store, UNIT, asked, with_codes=True).items
        }

    assert overdue(16) == set()
    assert overdue(17) == {"late", "done late", "paused late"}
    assert overdue(20) == {"late", "paused late"}


def texts_of(commune: Commune, event: IssueReported) -> dict[str, str | None]:
    """Read back what a report says, by field."""
    said = event.data
    refs = {"place": said.place, "content": said.content, "request": said.request, "tried": said.tried}
    kept = commune.texts.fetch(ref.id for ref in refs.values() if ref is not None)
    return {name: kept[ref.id] for name, ref in refs.items() if ref is not None}


def test_a_report_is_recorded_with_its_texts_and_its_event(commune: Commune) -> None:
    receipt = commune.report(
        place=" Bản Vịn ",
        content="Cả bản mất sóng",
        request="Lắp trạm tại bản",
        tried="Đã gọi trạm",
        people_affected=120,
        cases_blocked=3,
        occurred_at="2026-07-14T09:00",
    )
    assert (receipt.id, receipt.state, receipt.created) == (uuid.UUID(int=7), "received", True)
    [event] = commune.events()
    assert isinstance(event, IssueReported)
    assert (event.id, event.subject, event.partition_key) == (
        receipt.event_id,
        str(receipt.id),
        str(receipt.id),
    )
    assert (event.actor_role, event.actor_unit, event.actor_body) == ("commune_officer", UNIT, f"{UNIT}.ubnd")
    assert event.data.occurred_at == dt.datetime(2026, 7, 14, 2, 0, tzinfo=dt.UTC)
    assert texts_of(commune, event) == {
        "place": "Bản Vịn",
        "content": "Cả bản mất sóng",
        "request": "Lắp trạm tại bản",
        "tried": "Đã gọi trạm",
    }
    assert "Vịn" not in event.model_dump_json()


def test_the_same_report_again_gets_the_same_answer(commune: Commune) -> None:
    first = commune.report(place="Bản Vịn")
    again = commune.report(place=" Bản Vịn", now=NOW + dt.timedelta(days=2))
    assert (again.id, again.state, again.event_id, again.created) == (
        first.id,
        "received",
        first.event_id,
        False,
    )
    assert len(commune.events()) == 1
    assert commune.count(TEXTS) == 3


def test_a_report_carries_the_facts_that_competence_may_depend_on(commune: Commune) -> None:
    commune.report(amount_dong=650_000_000, place_type="service_centre", tried_step="own_means")
    [event] = commune.events()
    assert isinstance(event, IssueReported)
    said = event.data
    assert (said.amount_dong, said.place_type, said.tried_step) == (
        650_000_000,
        "service_centre",
        "own_means",
    )


def test_a_report_without_these_facts_is_the_same_as_before_they_could_be_said() -> None:
    report = IssueInput.model_validate({"id": str(uuid.UUID(int=7)), "kind": "unclear", "severity": "low"})
    earlier = {"unit_code": UNIT, **report.model_dump(mode="json")}
    for later in ("content", "request", "cases_overdue", "amount_dong", "place_type", "tried_step"):
        del earlier[later]
    canonical = orjson.dumps(earlier, option=orjson.OPT_SORT_KEYS)
    assert report.fingerprint(UNIT) == hashlib.sha256(canonical).hexdigest()


def test_another_report_under_the_same_id_is_refused(commune: Commune) -> None:
    commune.report(place="Bản Vịn")
    changes: list[dict[str, Any]] = [
        {"place": "Bản Đục"},
        {"severity": "low"},
        {"people_affected": 1},
        {"amount_dong": 1},
        {"content": "Một điều khác"},
        {"request": "Đề nghị việc khác"},
    ]
    for changed in changes:
        said: dict[str, Any] = {"place": "Bản Vịn", **changed}
        with pytest.raises(KeyReused):
            commune.report(**said)
    with pytest.raises(KeyReused):
        commune.report(place="Bản Vịn", unit=NEIGHBOUR, actor=SYSTEM)
    assert len(commune.events()) == 1
    assert commune.count(TEXTS) == 3


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"id": "not a uuid"}, "id"),
        ({"kind": "no_such_kind"}, "kind"),
        ({"kind": "Sóng yếu"}, "kind"),
        ({"severity": "khẩn"}, "severity"),
        ({"people_affected": -1}, "people_affected"),
        ({"cases_blocked": 2.5}, "cases_blocked"),
        ({"place": "a" * 2_001}, "place"),
        ({"content": "a" * 501}, "content"),
        ({"request": "a" * 501}, "request"),
        ({"content": ["x"]}, "content"),
        ({"tried": 7}, "tried"),
        ({"occurred_at": "soon"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00"}, "occurred_at"),
        ({"occurred_at": (NOW + ALLOWED_SKEW + dt.timedelta(minutes=1)).isoformat()}, "occurred_at"),
        ({"written_at": (NOW + ALLOWED_SKEW + dt.timedelta(minutes=1)).isoformat()}, "written_at"),
        ({"name": "x"}, "name"),
    ],
)
def test_a_wrong_report_is_refused_by_field_and_nothing_is_kept(
    commune: Commune, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        commune.report(**said)
    assert refused.value.field == field
    assert commune.count(OUTBOX) == commune.count(TEXTS) == commune.count(IDEMPOTENCY) == 0


@pytest.mark.parametrize("place", [None, "", "  \u00a0\n"])
def test_what_is_about_a_place_is_refused_without_one_and_nothing_is_kept(
    commune: Commune, place: str | None
) -> None:
    for kind in sorted(TABLES.place_kinds.on(NOW.date())):
        with pytest.raises(BadInput) as refused:
            commune.report(kind=kind, place=place)
        assert (refused.value.field, refused.value.error_key) == ("place", "place")
    assert commune.count(OUTBOX) == commune.count(TEXTS) == commune.count(IDEMPOTENCY) == 0
    assert commune.report(kind="staff_shortage", place=place).created


def test_what_was_written_before_a_place_was_asked_for_comes_in_without_one(tmp_path: Path) -> None:
    rule = "kind,confidence,source,valid_from,valid_to\nmobile_dead_spot,high,Quy ước,2026-07-10,\n"
    tables = replace(TABLES, place_kinds=parse_place_kinds(rule, {"mobile_dead_spot"}))
    commune = Commune(tmp_path)
    commune.intake = Intake(commune.store, tables, commune.keys)
    assert commune.report(place=None, written_at="2026-07-09T23:59:00+07:00").created
    with pytest.raises(BadInput):
        commune.report(id=str(uuid.UUID(int=8)), place=None, written_at="2026-07-10T00:00:00+07:00")
    with pytest.raises(BadInput):
        commune.report(id=str(uuid.UUID(int=9)), place=None)


@pytest.mark.parametrize("field", ["content", "request"])
@pytest.mark.parametrize("said", [None, "", "  \u00a0\n"])
@pytest.mark.parametrize("channel", ["web", "api", "phone", "zalo", "paper"])
def test_a_report_of_people_says_what_it_is_and_what_is_asked(
    commune: Commune, channel: str, said: str | None, field: str
) -> None:
    fields: dict[str, Any] = {field: said, "intake_channel": channel}
    with pytest.raises(BadInput) as refused:
        commune.report(**fields)
    assert (refused.value.field, refused.value.error_key) == (field, field)
    assert commune.count(OUTBOX) == commune.count(TEXTS) == commune.count(IDEMPOTENCY) == 0


def test_a_letter_that_the_form_of_an_earlier_release_wrote_is_taken_as_it_is(commune: Commune) -> None:
    """It lay on a device without a signal; the form of its day did not ask for what it is and what is wanted."""
    letter = {"id": str(uuid.UUID(int=7)), "kind": "mobile_dead_spot", "severity": "high", "place": "Bản Vịn"}
    letter |= {"tried": "Đã gọi trạm", "intake_channel": "web", "written_at": "2026-07-13T08:00:00+07:00"}
    first = commune.intake.report_issue(UNIT, read_issue(letter), actor=OFFICER, now=NOW)
    again = commune.intake.report_issue(UNIT, read_issue(letter), actor=OFFICER, now=NOW)
    assert (first.created, again.created) == (True, False)
    [event] = commune.events()
    assert texts_of(commune, event) == {"place": "Bản Vịn", "tried": "Đã gọi trạm"}


@given(
    channel=st.sampled_from(get_args(IntakeChannel)),
    said=st.dictionaries(
        st.sampled_from(["content", "request"]), st.sampled_from([None, "", " ", "Mất sóng"])
    ),
)
def test_whoever_names_one_of_the_two_texts_names_both(channel: str, said: dict[str, str | None]) -> None:
    body = {
        "id": str(uuid.UUID(int=7)),
        "kind": "unclear",
        "severity": "low",
        "intake_channel": channel,
        **said,
    }
    unsaid = read_issue(body).unsaid()
    lacking = [name for name in ("content", "request") if not (said.get(name) or "").strip()]
    is_excused = channel == "import" or (channel == "web" and not said)
    assert unsaid == (None if is_excused or not lacking else lacking[0])


def test_personal_data_is_refused_and_not_kept(commune: Commune) -> None:
    for field in ("place", "content", "request", "tried"):
        said: dict[str, Any] = {field: "nhà ông Lò Văn Bun, 0912345678"}
        with pytest.raises(PersonalData) as refused:
            commune.report(**said)
        assert refused.value.field == field
        assert "0912345678" not in refused.value.message
    assert commune.count(TEXTS) == commune.count(OUTBOX) == 0


@pytest.mark.skipif(OUTSIDE_KIND is None, reason="the table names no kind outside")
def test_what_is_not_handled_here_takes_no_text(commune: Commune) -> None:
    with pytest.raises(BadInput) as refused:
        commune.report(kind=OUTSIDE_KIND, place=None, content=None, request=None, tried="một câu")
    assert refused.value.field == "tried"
    assert commune.report(kind=OUTSIDE_KIND, place=None, content=None, request=None).created


def test_the_device_s_clock_travels_beside_the_receipt(commune: Commune) -> None:
    commune.report(written_at="2026-07-13T08:00:00+07:00")
    [event] = commune.events()
    assert (event.time, event.recorded_at) == (dt.datetime(2026, 7, 13, 1, 0, tzinfo=dt.UTC), NOW)


STEPS = st.lists(
    st.lists(
        st.builds(
            lambda case, status, day, due: row(
                f"C-{case}",
                status,
                NgayTiepNhan=f"{10 + case}/07/2026",
                NgayTrangThai=f"{day}/07/2026" if day else None,
                NgayKetThucXuLy=f"{day}/07/2026" if day and status in {8, 9, 10} else None,
                NgayHenTra=f"{due}/07/2026" if due else None,
            ),
            case=st.integers(0, 3),
            status=st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            day=st.sampled_from([None, None, 9, 13, 14, 15]),
            due=st.sampled_from([None, None, 12, 16, 20]),
        ),
        max_size=6,
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(calls=STEPS)
@pytest.mark.slow
def test_how_rows_are_split_into_calls_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, calls: list[list[dict[str, Any]]]
) -> None:
    """Rows one by one, in calls, and each call sent twice: the same cases, the same events but for their numbers."""
    told = []
    for number in range(3):
        commune = Commune(tmp_path_factory.mktemp("commune"))
        for call in calls:
            if number == 0:
                commune.sync(*call)
            elif number == 1:
                for each in call:
                    commune.sync(each)
            else:
                for each in call:
                    before = commune.sync(each)
                    again = commune.sync(each)
                    if before[0].outcome != "rejected":
                        assert outcomes(again) == ["unchanged"]
        events = commune.events()
        told.append([(e.type, e.data.model_dump(exclude={"key_id"})) for e in events])
        latest = {event.subject: event.data for event in events}
        assert commune.count(CASES) == len(latest)
        for code in range(4):
            key = case_key(commune.keys.of("38").secret, f"C-{code}")
            if key in latest:
                assert commune.state(f"C-{code}") == latest[key]
        commune.store.close()
    assert told[0] == told[1] == told[2]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do things in as many threads at the same moment; return what each gave, or its error."""
    ready = threading.Barrier(len(acts))

    def do(act: Callable[[], Any]) -> Any:
        ready.wait(10)
        try:
            return act()
        except LienCapError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def test_two_instances_that_take_in_the_same_cases_at_once_record_them_once(
    commune: Commune, tmp_path: Path, store_url: str
) -> None:
    other = Commune(tmp_path, store_url)
    for turn, status in enumerate((2, 4, 9)):
        said = {"NgayKetThucXuLy": "2026-07-15"} if status == 9 else {}
        rows = [row(f"A-{number}", status, **said) for number in range(50)]
        results = at_once(*[partial(each.sync, *rows) for each in (commune, other) * 2])
        changed = "created" if turn == 0 else "advanced"
        for number in range(50):
            assert Counter(result[number].outcome for result in results) == {changed: 1, "unchanged": 3}
    assert len(commune.events()) == 150
    assert len({(event.subject, event.data.seq) for event in commune.events()}) == 150
    other.store.close()


def test_two_instances_that_get_the_same_report_at_once_give_one_answer(
    commune: Commune, tmp_path: Path, store_url: str
) -> None:
    other = Commune(tmp_path, store_url)
    for number in range(5):
        report_id = str(uuid.UUID(int=number + 100))
        receipts = at_once(
            *[partial(each.report, id=report_id, place="Bản Vịn") for each in (commune, other) * 2]
        )
        assert Counter(receipt.created for receipt in receipts) == {True: 1, False: 3}
        assert len({receipt.event_id for receipt in receipts}) == 1
    assert (commune.count(OUTBOX), commune.count(TEXTS), commune.count(IDEMPOTENCY)) == (5, 15, 5)
    other.store.close()


def test_of_two_reports_under_one_key_at_once_one_is_refused(
    commune: Commune, tmp_path: Path, store_url: str
) -> None:
    other = Commune(tmp_path, store_url)
    answers = at_once(
        lambda: commune.report(place="Bản Vịn", people_affected=3),
        lambda: other.report(place="Bản Khẹo", people_affected=4),
    )
    assert {type(answer) for answer in answers} == {IssueReceipt, KeyReused}
    [event] = commune.events()
    [winner] = [answer for answer in answers if isinstance(answer, IssueReceipt)]
    assert event.data.people_affected == (3 if answers[0] is winner else 4)
    assert commune.count(TEXTS) == 3
    other.store.close()


KILLED = """
import sys, datetime as dt
from functools import partial
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.services.test_intake import Commune, row
from services.log.sqlite import SqliteLog
from services.store.outbox import Relay
folder = Path(sys.argv[1])
commune = Commune(folder, sys.argv[4])
log = SqliteLog(folder / "log.db")
relay = Relay(commune.store, log)
relay.start()
number = int(sys.argv[3])
while True:
    results = commune.sync(*[row(f"A-{number + n}") for n in range(20)])
    assert all(result.outcome != "rejected" for result in results)
    print(" ".join(result.dossier_code for result in results), flush=True)
    number += 20
"""


@pytest.mark.process
def test_after_kill_9_every_acknowledged_row_is_there_once(tmp_path: Path, store_url: str) -> None:
    root = str(Path(__file__).resolve().parents[2])
    acknowledged: set[str] = set()
    for turn in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path), root, str(turn * 100_000), store_url],
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
        ) as process:
            assert process.stdout is not None
            for _ in range(8 + 7 * turn):
                acknowledged.update(process.stdout.readline().split())
            os.kill(process.pid, signal.SIGKILL)
            # What the process still printed before it died was acknowledged too; a torn last line was not.
            rest = process.stdout.read()
        acknowledged.update(rest.rpartition("\n")[0].split())
    commune = Commune(tmp_path, store_url)
    log = SqliteLog(tmp_path / "log.db")
    Relay(commune.store, log).publish_all()
    seen = [
        decode(record.value).subject
        for partition in range(8)
        for record in log.read("cases", partition, 0, 1_000_000)
    ]
    with commune.store.read() as conn:
        asked = select(CASES.c.dossier_code, CASES.c.case_key)
        kept = {found.dossier_code: found.case_key for found in conn.execute(asked)}
    assert len(acknowledged) >= 2 * 8 * 20
    assert acknowledged <= set(kept)
    assert set(seen) == set(kept.values())
    assert len(kept) == commune.count(OUTBOX)
    log.close()
    commune.store.close()


def test_an_update_row_adds_a_step_to_its_case_and_begins_none(commune: Commune) -> None:
    born = row(MaTTHC="2.000986", status=10, NgayKetThucXuLy="15/07/2026", NgayTraKetQua="15/07/2026")
    sent = {"MaHoSo": born["MaHoSo"], "NgayGuiDinhDanh": "15/07/2026", "CoQuanDangCho": "38.cong_an"}
    commune.sync(born)
    assert outcomes(commune.sync(sent, sent, now=NOW)) == ["advanced", "unchanged"]
    state = commune.state(born["MaHoSo"])
    assert (state.status_code, state.personal_id_sent_on, state.waiting_for) == (
        10,
        dt.date(2026, 7, 15),
        "38.cong_an",
    )
    assert outcomes(commune.sync(born)) == ["unchanged"]
    elsewhere, unknown = {**sent, "MaHoSo": "B-1"}, {**sent, "MaHoSo": "C-1"}
    commune.sync({**born, "MaHoSo": "B-1"}, unit=NEIGHBOUR)
    foreign, nobodys = commune.intake.sync_cases(UNIT, [elsewhere, unknown], actor=OFFICER, now=NOW)
    assert (foreign.outcome, foreign.reason, foreign.status_code) == ("rejected", nobodys.reason, None)
    assert commune.count(CASES) == 2
    [wrong] = commune.sync({**sent, "CoQuanDangCho": "Nguyễn Văn A"})
    assert (wrong.outcome, wrong.field) == ("rejected", "CoQuanDangCho")


def test_a_file_of_causes_needs_no_status_moves_nothing_else_and_knows_its_table(commune: Commune) -> None:
    late = row(
        status=9, NgayTiepNhan="01/07/2026 08:10", NgayHenTra="10/07/2026", NgayKetThucXuLy="14/07/2026"
    )
    commune.sync(late)
    cause = {"MaHoSo": late["MaHoSo"], "NguyenNhanQuaHan": "other_body"}
    before = commune.state(late["MaHoSo"])
    assert outcomes(commune.sync(cause, cause, now=NOW)) == ["advanced", "unchanged"]
    after = commune.state(late["MaHoSo"])
    assert (after.late_cause, after.reason_code, after.previous) == ("other_body", "later_step", None)
    kept = {"seq", "late_cause", "reason_code", "backfill"}
    assert after.model_dump(exclude=kept) == before.model_dump(exclude=kept)
    # Who names another replaces it, who names none leaves it.
    assert outcomes(commune.sync({**cause, "NguyenNhanQuaHan": "disaster"}, late)) == [
        "advanced",
        "unchanged",
    ]
    assert commune.state(late["MaHoSo"]).late_cause == "disaster"
    [wrong] = commune.sync({**cause, "NguyenNhanQuaHan": "nguyen_van_a"})
    assert (wrong.outcome, wrong.field) == ("rejected", "NguyenNhanQuaHan")


COLUMNS = sorted(
    {
        *("MaHoSo", "TrangThai", "MaTTHC", "LinhVuc", "LyDo", "KenhThucHien", "LoaiDoiTuong", "HoTroNopHoSo"),
        *("NhomTuoi", "QuaHanNguon", "DuocThanhToanTrucTuyen", "NgayNop", "NgayTiepNhan", "NgayHenTra"),
        *("NgayKetThucXuLy", "NgayTraKetQua", "NgayTrangThai", "MaDonViTiepNhan", "MaDonViThamQuyen"),
        *("MaDonViHoTro", "NgayCapDinhDanh", "NgayGuiDinhDanh", "CoQuanDangCho"),
        "NguyenNhanQuaHan",
        *("SaiLechDuLieu", "CoQuanDuLieu", "NgaySaiLech", "NgayHetSaiLech", "NhapLaiDuLieu"),
    }
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(said=st.dictionaries(st.sampled_from(COLUMNS), ANY_JSON, max_size=4))
def test_any_value_in_any_column_is_read_or_names_its_column(said: dict[str, Any]) -> None:
    try:
        read_row({**row(), **said})
    except BadInput as error:
        assert error.field in COLUMNS  # noqa: PT017 -- most rows are taken


@pytest.mark.parametrize("column", ["NgayCapDinhDanh", "NgayGuiDinhDanh", "CoQuanDangCho"])
@pytest.mark.parametrize("wrong", [[], {}, ["15/07/2026"], True, 1])
def test_a_value_of_a_wrong_kind_rejects_its_own_row_alone(
    commune: Commune, column: str, wrong: object
) -> None:
    good, bad = commune.sync(row("A-1"), row("A-2", **{column: wrong}))
    assert good.outcome == "created"
    assert (bad.outcome, bad.field) == ("rejected", column)


@pytest.mark.parametrize("column", ["MaHoSo", "MaTTHC", "LinhVuc", "LyDo", "TrangThai", "KenhThucHien"])
def test_a_truth_is_no_text_and_no_number(column: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_row({**row(), column: True})
    assert refused.value.field == column


@pytest.mark.parametrize("blank", ["", " ", None])
def test_a_blank_step_makes_no_update_row(blank: str | None) -> None:
    with pytest.raises(BadInput) as refused:
        read_row({"MaHoSo": "A-1", "NgayCapDinhDanh": blank, "CoQuanDangCho": blank})
    assert refused.value.field == "TrangThai"


def test_only_a_body_of_the_table_is_awaited(commune: Commune) -> None:
    """Any other key could be a person's name and telephone, and events are for good."""
    said = {"MaTTHC": "2.000986", "CoQuanDangCho": "nguyen_van_an.0912345678"}
    good, bad = commune.sync(row("A-1", MaTTHC="2.000986", CoQuanDangCho="38.cong_an"), row("A-2", **said))
    assert good.outcome == "created"
    assert (bad.outcome, bad.field) == ("rejected", "CoQuanDangCho")
    assert "nguyen_van_an" not in (bad.reason or "")
    assert [event.data.waiting_for for event in commune.events()] == ["38.cong_an"]


@pytest.mark.parametrize("column", ["NgayTrangThai", "NgayKetThucXuLy", "NgayTraKetQua"])
def test_an_update_row_moves_no_day_of_a_status(commune: Commune, column: str) -> None:
    born = row(
        MaTTHC="2.000986",
        status=10,
        NgayTiepNhan="13/07/2026",
        NgayKetThucXuLy="14/07/2026",
        NgayTraKetQua="14/07/2026",
    )
    commune.sync(born)
    before = commune.state(born["MaHoSo"])
    sent = {"MaHoSo": born["MaHoSo"], "NgayGuiDinhDanh": "15/07/2026", column: "15/07/2026"}
    [refused] = commune.sync(sent)
    assert (refused.outcome, refused.field) == ("rejected", column)
    assert commune.state(born["MaHoSo"]) == before
    assert outcomes(commune.sync({**sent, column: ""})) == ["advanced"]


def test_a_number_from_before_the_reception_is_refused(commune: Commune) -> None:
    said = {"MaTTHC": "2.000986", "NgayNop": "01/07/2026", "NgayTiepNhan": "12/07/2026"}
    [early] = commune.sync(row("A-1", **said, NgayCapDinhDanh="03/07/2026"))
    assert (early.outcome, early.field) == ("rejected", "NgayCapDinhDanh")


@pytest.mark.parametrize(("column", "word"), [("LyDo", "nguyen_van_an"), ("LinhVuc", "nguyen_van_an.1990")])
def test_a_reason_or_field_that_no_list_names_reaches_no_event(
    commune: Commune, column: str, word: str
) -> None:
    good, bad = commune.sync(row("A-1", LinhVuc="ho_tich", LyDo="wrong_date"), row("A-2", **{column: word}))
    assert good.outcome == "created"
    assert (bad.outcome, bad.field) == ("rejected", column)
    assert word not in (bad.reason or "")
    assert len(commune.events()) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("NgayNop", "10/07/2026"),
        ("NgayTiepNhan", "14/07/2026"),
        ("NgayHenTra", "30/07/2026"),
        ("MaTTHC", "1.001193"),
        ("LinhVuc", "dat_dai"),
        ("KenhThucHien", 3),
        ("MaDonViHoTro", NEIGHBOUR),
        ("DuocThanhToanTrucTuyen", 1),
    ],
)
def test_a_row_without_a_status_may_repeat_what_is_known_and_changes_nothing_of_it(
    commune: Commune, column: str, value: object
) -> None:
    born = row(
        MaTTHC="2.000986", LinhVuc="ho_tich", status=2, NgayTiepNhan="13/07/2026", NgayNop="13/07/2026"
    )
    commune.sync(born)
    sent = {"MaHoSo": born["MaHoSo"], "NgayGuiDinhDanh": "15/07/2026"}
    [refused] = commune.sync({**sent, column: value}, now=NOW)
    assert (refused.outcome, refused.field) == ("rejected", column)
    assert commune.state(born["MaHoSo"]).personal_id_sent_on is None
    repeated = {name: born[name] for name in ("NgayNop", "NgayTiepNhan", "MaTTHC", "LinhVuc")}
    assert outcomes(commune.sync({**repeated, **sent}, now=NOW)) == ["advanced"]


def test_a_dash_takes_a_step_back_and_help_is_noted_without_a_status(commune: Commune) -> None:
    born = row(MaTTHC="2.000986")
    commune.sync(born)
    code = {"MaHoSo": born["MaHoSo"]}
    for said in (
        {"NgayGuiDinhDanh": "15/07/2026", "CoQuanDangCho": "38.cong_an"},
        {"HoTroNopHoSo": 1, "NhomTuoi": 1},
    ):
        assert outcomes(commune.sync({**code, **said}, now=NOW)) == ["advanced"]
    state = commune.state(born["MaHoSo"])
    assert (state.assisted, state.age_band, state.waiting_for) == ("counter", "60_plus", "38.cong_an")
    back = {**code, "NgayGuiDinhDanh": "-", "CoQuanDangCho": "-", "HoTroNopHoSo": "-"}
    assert outcomes(commune.sync(back, back, now=NOW)) == ["advanced", "unchanged"]
    state = commune.state(born["MaHoSo"])
    assert (state.personal_id_sent_on, state.waiting_for, state.assisted) == (None, None, None)
