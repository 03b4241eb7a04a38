"""A period walks through the interface: confirmed, accepted, closed; what comes later stands in the ledger."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from docx import Document
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from dashboards.catalogue import panel_named
from dashboards.grafana.asking import closed_of
from events.codec import decode, encode
from events.log import Message
from events.periods import LogPosition, filing_id
from events.topics import CASES, CASES_BACKFILL, PERIODS
from reporting.dated.calendar import LOCAL, local_day
from reporting.dated.periods import Period
from reporting.filings.figures import FILED
from reporting.filings.register import Filing, fold_all
from services.access.actors import Actor
from services.access.tokens import create_token
from services.acting.filing_acts import FilingDesk
from services.errors import Conflict
from services.maintenance.audit import audit
from services.maintenance.rebuild import rebuild
from services.warehouse.closed_figures import write_closed_figures
from services.warehouse.filing_table import FilingTable, Known, KnownFigures
from services.warehouse.vocabularies import write_vocabularies
from tests.dashboards.plugin import expanded
from tests.databases import Databases
from tests.services.test_api_figures import row
from tests.services.test_grafana_numbers import chosen
from tests.services.test_hand_overs import filed_at
from tests.services.world import (
    AUDITOR,
    BAT_MOT,
    CHAIR,
    LEADER,
    OFFICER,
    REVIEWER,
    SECRET,
    THANH_HOA,
    VAN_XUAN,
    World,
    labels,
    open_world,
    tables,
)

pytestmark = pytest.mark.warehouse

PERIOD = "2026-10"  # 15 September to 14 October
WINDOW = {"from": "2026-09-15", "to": "2026-10-14"}
VAN_XUAN_CHAIR = ("commune_chair", VAN_XUAN)


@pytest.fixture
def world(tmp_path: Path, databases: Databases) -> Iterator[World]:
    """A world in which nothing was filed yet."""
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path, fresh) as opened:
        yield opened


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[World]:
    """A world to look at: filed, opened again and filed anew, summed twice, and moved by late data since."""
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path_factory.mktemp("filings"), fresh) as opened:
        file_and_move(opened)
        say_that_nothing_occurred(opened)
        file_anew(opened)
        sum_up(opened)
        accept_van_xuan(opened)
        sum_up(opened, reason_code="late_data")
        sync(opened, BAT_MOT, row(6, "2026-10-08", NgayHenTra="2026-12-31"))
        yield opened


def sync(world: World, unit_code: str, *rows: dict[str, Any]) -> None:
    path = f"/api/v1/communes/{unit_code}/cases/sync"
    answer = world.as_("commune_officer", unit_code).post(path, json=list(rows))
    assert answer.status_code == 200, answer.text
    assert sum(answer.json()["counts"][told] for told in ("created", "advanced")) == len(rows), answer.text
    world.settle()


def read(world: World, unit_code: str = BAT_MOT, who: tuple[str, ...] = REVIEWER, **query: str) -> Any:
    answer = world.as_(*who).get(f"/api/v1/filings/{unit_code}/{PERIOD}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ledger(world: World) -> Any:
    answer = world.as_(*AUDITOR).get(f"/api/v1/filings/{BAT_MOT}/{PERIOD}/restatements")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def step(
    who: TestClient, what: str, status: int = 202, unit_code: str = BAT_MOT, **sent: Any
) -> dict[str, Any]:
    answer = who.post(f"/api/v1/filings/{unit_code}/{PERIOD}/{what}", json=sent)
    assert answer.status_code == status, answer.text
    said: dict[str, Any] = answer.json()
    return said


def append_again(world: World) -> set[str]:
    """Append every event of a case once more, as a relay does that was killed before it noted the first time."""
    found = set()
    for topic in (CASES, CASES_BACKFILL):
        records = [
            record
            for number in range(topic.partitions)
            for record in world.log.read(topic.name, number, 0, 1_000)
        ]
        world.log.append(topic.name, [Message(one.key, one.value, one.headers) for one in records])
        found |= {str(decode(one.value).id) for one in records}
    world.settle()
    assert found
    return found


def leader_called(world: World, subject: str) -> TestClient:
    token = create_token(
        SECRET, Actor("province_leader", "38", subject=subject), dt.timedelta(days=1), world.clock()
    )
    client = TestClient(
        world.app, headers={"authorization": f"Bearer {token}"}, raise_server_exceptions=False
    )
    client.portal = world.client.portal
    return client


def send_in_time(world: World) -> None:
    sync(
        world,
        BAT_MOT,
        row(1, "2026-09-10", NgayHenTra="2026-09-30"),
        row(2, "2026-09-20", NgayHenTra="2026-10-01", TrangThai=9, NgayKetThucXuLy="2026-09-29"),
        row(3, "2026-10-05", NgayHenTra="2026-10-30", KenhThucHien=2),
        row(4, "2026-10-20", NgayHenTra="2026-10-30"),
    )


def send_late(world: World) -> None:
    """Correct the end of one case, and bring another that was received in the period."""
    sync(
        world,
        BAT_MOT,
        row(2, "2026-09-20", NgayHenTra="2026-10-01", TrangThai=9, NgayKetThucXuLy="2026-10-02"),
        row(5, "2026-10-07", NgayHenTra="2026-12-31"),
    )


def close_period(world: World, leader: TestClient) -> None:
    confirmed = step(world.as_(*CHAIR), "confirmation", digest=read(world)["digest"])["event_id"]
    world.settle()
    step(world.as_(*REVIEWER), "acceptance", confirmed_id=confirmed)
    world.settle()
    step(leader, "closure", confirmed_id=confirmed)
    world.settle()


def file_and_move(world: World) -> None:
    """Close the period of a commune, and let late data move its running figures."""
    send_in_time(world)
    close_period(world, world.as_(*LEADER))
    send_late(world)


def file_anew(world: World) -> None:
    """Let two persons open the period again, and close it with the figures of today."""
    wish = step(leader_called(world, "hoa"), "reopening-request", reason_code="late_data")["event_id"]
    world.settle()
    step(leader_called(world, "lan"), "reopening", asked_id=wish)
    world.settle()
    close_period(world, leader_called(world, "lan"))


def say_that_nothing_occurred(world: World) -> None:
    digest = read(world, VAN_XUAN, VAN_XUAN_CHAIR)["digest"]
    chair = world.as_(*VAN_XUAN_CHAIR)
    step(chair, "confirmation", unit_code=VAN_XUAN, digest=digest, nothing_occurred=True)
    world.settle()


def accept_van_xuan(world: World) -> None:
    confirmed = read(world, VAN_XUAN)["confirmed_id"]
    step(world.as_(*REVIEWER), "acceptance", unit_code=VAN_XUAN, confirmed_id=confirmed)
    world.settle()


def sum_up(world: World, **why: Any) -> None:
    """Let two persons confirm and close the sum of the province."""
    lan, hoa = leader_called(world, "lan"), leader_called(world, "hoa")
    sent = sum_step(lan, "confirmation", digest=summed(world)["digest"], **why)["event_id"]
    world.settle()
    sum_step(hoa, "closure", summed_id=sent)
    world.settle()


def test_a_period_is_filed_and_what_comes_later_is_explained(world: World) -> None:
    chair, reviewer, leader = (world.as_(*who) for who in (CHAIR, REVIEWER, LEADER))
    send_in_time(world)

    # As known now is the running view.
    shown = read(world)
    running = world.as_(*OFFICER).get(f"/api/v1/units/{BAT_MOT}/rollups", params=WINDOW).json()["total"]
    assert shown["now"]["total"] == {key: running[key] for key in FILED}
    assert (shown["state"], shown["timeliness"], shown["filed"]) == ("open", "missing", None)
    assert shown["period"]["sending"]["receiver"] == "38.ubnd"

    # The chair confirms what was shown, and nobody else.
    digest = shown["digest"]
    for who in (OFFICER, VAN_XUAN_CHAIR, REVIEWER):
        step(world.as_(*who), "confirmation", 403, digest=digest)
    step(chair, "confirmation", 409, digest="0" * 64)
    step(chair, "confirmation", 422, digest=digest, nothing_occurred=True)
    first = step(chair, "confirmation", digest=digest)
    world.settle()
    again = step(chair, "confirmation", digest=digest)
    assert (again["event_id"], again["created"]) == (first["event_id"], False)

    # The province accepts and closes it.
    confirmed = first["event_id"]
    step(leader, "closure", 409, confirmed_id=confirmed)
    step(world.as_("province_reviewer", "01"), "acceptance", 403, confirmed_id=confirmed)
    step(reviewer, "acceptance", confirmed_id=confirmed)
    world.settle()
    step(reviewer, "closure", 403, confirmed_id=confirmed)
    step(leader, "closure", confirmed_id=confirmed)
    world.settle()
    filed = read(world)
    assert (filed["state"], filed["timeliness"]) == ("closed", "late")
    assert filed["filed"] == filed["now"] == shown["now"]
    assert ledger(world) == []
    step(chair, "confirmation", 409, digest=digest)

    # What stands in the log a second time is no later event.
    known = append_again(world)
    assert ledger(world) == []

    # What comes later changes the running view alone, and the ledger says by which events.
    send_late(world)
    later = read(world)
    assert later["filed"] == filed["filed"]
    items = ledger(world)
    for key in FILED:
        moved = sum(one["now"] - one["filed"] for one in items if one["number"] == key)
        assert moved == later["now"]["total"][key] - later["filed"]["total"][key]
    said = {one["number"]: one for one in items}
    assert [one["cause"] for one in said["received"]["causes"]] == ["late_data"]
    assert [one["cause"] for one in said["resolved_late"]["causes"]] == ["correction"]
    assert said["received"]["case_count"] == 1
    assert all(one["event_ids"] and one["event_count"] == len(one["event_ids"]) for one in items)
    assert known.isdisjoint(event_id for one in items for event_id in one["event_ids"])


def test_as_filed_as_known_on_a_day_and_as_known_now_stand_side_by_side(history: World) -> None:
    today = local_day(history.clock())
    then = read(history, known_on=str(today - dt.timedelta(days=1)))
    assert set(then["known"]["total"].values()) == {0}
    now = read(history, known_on=str(today))
    assert now["known"] == now["now"] != now["filed"]
    assert read(history, known_on="9999-12-31")["known"] == now["now"]
    assert set(read(history, known_on="0001-01-01")["known"]["total"].values()) == {0}


def test_filed_figures_are_a_recount_at_the_position_that_they_name(history: World) -> None:
    filing = FilingTable(history.parts.warehouse).get(filing_id(BAT_MOT, PERIOD))
    assert filing is not None
    assert filing.filed is not None
    held = filing.filed.figures
    period = tables().periods.named(PERIOD)
    assert KnownFigures(history.parts.warehouse).lines(BAT_MOT, period, Known.of(held)) == held.lines


def test_a_rebuild_leaves_what_was_filed_and_the_log_says_the_same(history: World) -> None:
    before = read(history)
    assert rebuild(history.parts.warehouse, lambda _line: None)
    assert read(history) == before
    told = [
        decode(record.value)
        for partition in range(PERIODS.partitions)
        for record in history.log.read(PERIODS.name, partition, 0, 100)
    ]
    folded, table = fold_all(told), FilingTable(history.parts.warehouse)
    assert len(folded) == 2
    assert [table.get(one.id) for one in folded] == list(folded)


def test_nothing_to_report_is_said_and_the_province_sees_who_is_missing(world: World) -> None:
    file_and_move(world)
    chair = world.as_(*VAN_XUAN_CHAIR)
    shown = read(world, VAN_XUAN, VAN_XUAN_CHAIR)
    assert shown["nothing_occurred"]
    refused = step(chair, "confirmation", 422, VAN_XUAN, digest=shown["digest"])
    assert refused["field"] == "nothing_occurred"
    step(chair, "confirmation", unit_code=VAN_XUAN, digest=shown["digest"], nothing_occurred=True)
    world.settle()
    listed = world.as_(*REVIEWER).get("/api/v1/filings", params={"period": PERIOD}).json()
    lines = {one["unit_code"]: one for one in listed["items"]}
    assert lines[VAN_XUAN]["nothing_occurred"]
    assert lines[BAT_MOT]["state"] == "closed"
    assert (listed["confirmed_count"], listed["late_count"]) == (2, 2)
    assert listed["missing_count"] == listed["unit_count"] - 2
    assert world.as_(*CHAIR).get("/api/v1/filings", params={"period": PERIOD}).status_code == 403


class Earlier(FilingTable):
    """Filings as they had landed at an earlier moment."""

    def __init__(self, world: World, then: Filing | None) -> None:
        super().__init__(world.parts.warehouse)
        self._then = then

    def get(self, filing_id: UUID) -> Filing | None:
        return self._then if self._then is not None and self._then.id == filing_id else None


def desk_before(world: World, then: Filing | None) -> FilingDesk:
    """Return a desk that what was recorded since has not reached."""
    parts = world.parts
    return FilingDesk(
        parts.store, parts.tables, Earlier(world, then), KnownFigures(parts.warehouse), world.clock
    )


def period() -> Period:
    return tables().periods.named(PERIOD)


def acts_offered(who: TestClient) -> set[str]:
    page = who.get(f"/ky-bao-cao/{BAT_MOT}", params={"ky": PERIOD})
    assert page.status_code == 200, page.text
    return set(re.findall(rf'action="/ky-bao-cao/{BAT_MOT}/{PERIOD}/([a-z-]+)"', page.text))


def test_two_persons_open_a_period_again_and_it_is_filed_anew_beside_the_first(world: World) -> None:
    file_and_move(world)
    hoa, lan, chair, reviewer = (
        leader_called(world, "hoa"),
        leader_called(world, "lan"),
        *(world.as_(*who) for who in (CHAIR, REVIEWER)),
    )
    old = read(world)["filed"]
    wish = step(hoa, "reopening-request", reason_code="late_data")["event_id"]
    world.settle()
    asked = FilingTable(world.parts.warehouse).get(filing_id(BAT_MOT, PERIOD))
    assert acts_offered(hoa) == {"rut-de-nghi"}
    assert acts_offered(lan) == {"mo-lai"}
    step(hoa, "reopening", 403, asked_id=wish)
    step(lan, "reopening-withdrawal", 403, asked_id=wish)
    taken_back = step(hoa, "reopening-withdrawal", asked_id=wish)["event_id"]
    world.settle()
    assert step(hoa, "reopening-withdrawal", asked_id=wish)["event_id"] == taken_back
    with pytest.raises(Conflict, match="try again"):
        desk_before(world, asked).ask_to_reopen(
            Actor("province_leader", "38", subject="hoa"), BAT_MOT, period(), "late_data"
        )
    assert read(world)["state"] == "closed"
    step(lan, "reopening", 409, asked_id=wish)
    unnamed = world.as_(*LEADER)
    assert step(unnamed, "reopening-request", 409, reason_code="late_data")["reason"] == "unnamed_person"
    assert acts_offered(unnamed) == set()
    again = step(hoa, "reopening-request", reason_code="late_data")["event_id"]
    assert again != wish
    wish = again
    world.settle()
    step(reviewer, "reopening", 403, asked_id=wish)
    step(lan, "reopening", asked_id=wish)
    world.settle()
    open_again = read(world)
    assert (open_again["state"], open_again["filed"]) == ("reopened", old)
    confirmed = step(chair, "confirmation", digest=open_again["digest"])["event_id"]
    world.settle()
    step(reviewer, "acceptance", confirmed_id=confirmed)
    world.settle()
    step(lan, "closure", confirmed_id=confirmed)
    world.settle()
    anew = read(world)
    assert anew["filed"] == anew["now"] != old
    assert ledger(world) == []
    persons = [one["person"] for one in anew["steps"] if one["event"] == "period.reopened"]
    wishes = [one["person"] for one in anew["steps"] if one["event"] == "period.reopen_asked"]
    assert (len(wishes), len(set(wishes)), set(wishes) & set(persons)) == (2, 1, set())


def summed(world: World, who: tuple[str, ...] = REVIEWER) -> Any:
    answer = world.as_(*who).get(f"/api/v1/sums/38/{PERIOD}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def sum_step(who: TestClient, what: str, status: int = 202, **sent: Any) -> dict[str, Any]:
    answer = who.post(f"/api/v1/sums/38/{PERIOD}/{what}", json=sent)
    assert answer.status_code == status, answer.text
    said: dict[str, Any] = answer.json()
    return said


def sum_acts_offered(who: TestClient) -> set[str]:
    page = who.get("/ky-bao-cao/tong-hop/38", params={"ky": PERIOD})
    assert page.status_code == 200, page.text
    return set(re.findall(rf'action="/ky-bao-cao/tong-hop/38/{PERIOD}/([a-z-]+)"', page.text))


def test_a_province_files_the_sum_of_what_it_accepted_names_who_is_missing_and_says_why_it_files_again(
    world: World,
) -> None:
    file_and_move(world)
    say_that_nothing_occurred(world)
    file_anew(world)
    reviewer, lan = world.as_(*REVIEWER), leader_called(world, "lan")
    shown = summed(world)
    inside = [one["unit_code"] for one in shown["parts"] if one["in_now"]]
    assert (inside, shown["accepted_count"], shown["state"]) == ([BAT_MOT], 1, "open")
    assert shown["now"] == read(world)["filed"]
    assert shown["period"]["sending"]["receiver"] == "bo_tu_phap"
    sum_step(world.as_(*CHAIR), "confirmation", 403, digest=shown["digest"])
    sum_step(reviewer, "confirmation", 409, digest="0" * 64)
    sent = sum_step(reviewer, "confirmation", digest=shown["digest"])["event_id"]
    world.settle()
    assert sum_step(reviewer, "confirmation", digest=shown["digest"])["event_id"] == sent
    sum_step(reviewer, "closure", 403, summed_id=sent)
    sum_step(lan, "closure", summed_id=sent)
    world.settle()
    filed = summed(world, AUDITOR)
    assert (filed["state"], filed["receiver"], filed["moved_count"]) == ("closed", "bo_tu_phap", 0)
    assert filed["filed"] == filed["now"]

    # A commune that is accepted later is named; the sum as filed stays, and is filed again only with a reason.
    accept_van_xuan(world)
    later = summed(world)
    assert [(one["unit_code"], one["moved"]) for one in later["parts"] if one["moved"]] == [
        (VAN_XUAN, "joined")
    ]
    assert later["filed"] == filed["filed"]
    sum_step(lan, "confirmation", 409, digest=later["digest"])
    again = {"digest": later["digest"], "reason_code": "late_data"}
    assert sum_step(reviewer, "confirmation", 409, **again)["reason"] == "unnamed_person"
    assert sum_acts_offered(reviewer) == sum_acts_offered(world.as_(*LEADER)) == set()
    assert sum_acts_offered(lan) == {"xac-nhan"}
    page = lan.get("/ky-bao-cao/tong-hop/38", params={"ky": PERIOD, "lang": "vi"})
    assert page.status_code == 200, page.text
    assert set(re.findall(r'data-unit="(\d+)" data-in="true"', page.text)) == {BAT_MOT}
    written = {"digest": later["digest"], "reason_code": "late_data"}
    done = lan.post(f"/ky-bao-cao/tong-hop/38/{PERIOD}/xac-nhan", data=written, follow_redirects=False)
    assert done.status_code == 303, done.text
    world.settle()
    again = summed(world)
    assert (again["state"], again["reason_code"]) == ("confirmed", "late_data")
    sum_step(lan, "closure", 403, summed_id=again["summed_id"])
    unnamed = sum_step(world.as_(*LEADER), "closure", 409, summed_id=again["summed_id"])
    assert unnamed["reason"] == "unnamed_person"
    assert sum_acts_offered(world.as_(*LEADER)) == set()
    assert "chot" in sum_acts_offered(leader_called(world, "hoa"))
    sum_step(leader_called(world, "hoa"), "closure", summed_id=again["summed_id"])
    world.settle()
    assert {one["unit_code"] for one in summed(world)["parts"] if one["in_sum"]} == {BAT_MOT, VAN_XUAN}
    report = audit(world.parts.warehouse, world.log)
    assert report.findings["audit_filings"] == ()
    assert report.filings.recounted >= 3


def test_the_pages_show_the_three_truths_the_steps_and_the_ledger(history: World) -> None:
    listed = history.as_(*REVIEWER).get("/ky-bao-cao", params={"ky": PERIOD, "lang": "en"})
    assert listed.status_code == 200, listed.text
    assert f'href="/ky-bao-cao/{BAT_MOT}?ky={PERIOD}"' in listed.text
    today = str(local_day(history.clock()))
    page = leader_called(history, "hoa").get(
        f"/ky-bao-cao/{BAT_MOT}", params={"ky": PERIOD, "ngay": today, "lang": "vi"}
    )
    assert page.status_code == 200, page.text
    line = re.search(r'data-number="received">.*?</tr>', page.text, re.DOTALL)
    assert line is not None
    filed, known, now = (int(one) for one in re.findall(r"<td[^>]*>(\d+)</td>", line[0]))
    assert filed < known == now
    assert f"/{PERIOD}/de-nghi-mo-lai" in page.text
    assert f"/{PERIOD}/chot" not in page.text
    written = history.as_(*AUDITOR).get(f"/ky-bao-cao/{BAT_MOT}/{PERIOD}/dieu-chinh.csv")
    assert written.status_code == 200, written.text
    rows = list(csv.DictReader(io.StringIO(written.text.removeprefix("\ufeff"))))
    assert {one["number"]: int(one["now"]) - int(one["filed"]) for one in rows}["received"] == now - filed


def form(world: World, **query: str) -> Any:
    answer = world.as_(*OFFICER).get(
        f"/api/v1/units/{BAT_MOT}/forms/ii-06a", params={"period": PERIOD, **query}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_form_as_filed_is_drawn_from_the_filed_facts_and_a_correction_says_why(history: World) -> None:
    held, running, filed = read(history), form(history), form(history, as_filed="true")
    for found, figures in ((running, held["now"]), (filed, held["filed"])):
        total = found["honest"]["total"]
        assert total["received_all"] == figures["total"]["received"] + figures["total"]["carried_over"]
        assert total["pending_all"] == figures["total"]["open"]
        assert total["resolved_late"] == figures["total"]["resolved_late"]
        assert all(check["holds"] for side in ("honest", "in_use") for check in found[side]["checks"])
    assert filed["honest"]["total"] != running["honest"]["total"]
    assert (filed["correction"], filed["correction_reason"]) == (1, "late_data")
    assert (running["correction"], running["filed_at"]) == (None, None)

    at = f"/bieu/ii-06a/{PERIOD}/honest.docx"
    drawn = {
        chosen: history.as_(*OFFICER).get(at, params=chosen and {"da_chot": "1"}) for chosen in ("", "filed")
    }
    words = {
        chosen: "\n".join(one.text for one in Document(io.BytesIO(answer.content)).paragraphs)
        for chosen, answer in drawn.items()
    }
    assert {check["words"] for check in filed["honest"]["checks"]}.isdisjoint(
        check["words"] for check in running["honest"]["checks"] if check["key"] == "figures"
    )
    said = "Bản sửa lần 1 của kỳ đã chốt, lý do: Hồ sơ đến muộn."
    assert (said in words["filed"], said in words[""]) == (True, False)
    assert "da-chot" in drawn["filed"].headers["content-disposition"]
    page = history.as_(*OFFICER).get("/bieu/ii-06a", params={"ky": PERIOD, "da_chot": "1", "lang": "vi"}).text
    assert said in page
    assert "da_chot=1" not in page.partition("Bản theo số liệu hiện nay")[0].rpartition("href")[2]
    for who, unit, status in ((OFFICER, BAT_MOT, 404), (REVIEWER, "38", 404)):
        asked = {"period": "2026-09", "as_filed": "true"}
        answer = history.as_(*who).get(f"/api/v1/units/{unit}/forms/ii-06a", params=asked)
        assert answer.status_code == status, answer.text


def test_the_form_of_a_province_as_filed_is_the_sum_of_what_its_communes_confirmed(history: World) -> None:
    reviewer, held = history.as_(*REVIEWER), summed(history)
    at, asked = "/api/v1/units/38/forms/ii-06a", {"period": PERIOD}
    running = reviewer.get(at, params=asked).json()
    answer = reviewer.get(at, params={**asked, "as_filed": "true"})
    assert answer.status_code == 200, answer.text
    filed = answer.json()
    inside = [one["unit_code"] for one in held["parts"] if one["in_sum"]]
    assert filed["unit_count"] == len(inside) == 2
    assert filed["missing_count"] == len(held["parts"]) - len(inside)
    total, figures = filed["honest"]["total"], held["filed"]["total"]
    assert total["received_all"] == figures["received"] + figures["carried_over"]
    assert total["pending_all"] == figures["open"]
    assert total["resolved_all"] == figures["resolved"]
    assert running["honest"]["total"] != total  # a case of Bát Mọt came after it had confirmed
    assert all(check["holds"] for side in ("honest", "in_use") for check in filed[side]["checks"])
    assert (filed["correction"], filed["correction_reason"]) == (1, "late_data")
    for side in ("in_use", "honest"):
        whole = [sum(one[key] for one in filed[side]["items"]) for key in ("received_all", "pending_all")]
        assert whole == [filed[side]["total"][key] for key in ("received_all", "pending_all")]

    page = reviewer.get("/bieu/ii-06a", params={"ky": PERIOD, "don_vi": "38", "da_chot": "1", "lang": "vi"})
    assert "Tổng của 2 đơn vị đã được tiếp nhận" in page.text
    linked = reviewer.get("/ky-bao-cao/tong-hop/38", params={"ky": PERIOD}).text
    assert f"/bieu/ii-06a?ky={PERIOD}&amp;don_vi=38&amp;da_chot=1" in linked
    query = {"don_vi": "38", "da_chot": "1"}
    paper = Document(io.BytesIO(reviewer.get(f"/bieu/ii-06a/{PERIOD}/in_use.docx", params=query).content))
    assert any("Tổng của 2 đơn vị" in one.text for one in paper.paragraphs)
    assert paper.tables[1].rows[-1].cells[2].text == str(filed["in_use"]["total"]["received_all"])
    sheet = reviewer.get(f"/bieu/ii-06a/{PERIOD}/in_use.xlsx", params=query)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    [drawn] = [one for one in rows if one[1] == "Tổng cộng"]
    assert drawn[2] == filed["in_use"]["total"]["received_all"]
    written = reviewer.get(f"/bieu/ii-06a/{PERIOD}.csv", params=query).text.lstrip("\ufeff")
    totals = [one["received_all"] for one in csv.DictReader(io.StringIO(written)) if not one["field_code"]]
    assert totals == [str(filed[side]["total"]["received_all"]) for side in ("in_use", "honest")]


def panel_of(world: World, name: str, ending: str = "json", **query: str) -> Any:
    answer = world.as_(*OFFICER).get(f"/bang/so/{name}.{ending}", params={"unit": BAT_MOT, **query})
    assert answer.status_code == 200, answer.text
    return answer.json() if ending == "json" else answer.text


def in_grafana(world: World, sql: str, days: dict[str, str], unit: str = BAT_MOT) -> list[dict[str, Any]]:
    """Return the rows of a target as Grafana gets them for the communes of a unit."""
    first, last = (dt.datetime.combine(dt.date.fromisoformat(days[key]), dt.time(12), LOCAL) for key in days)
    return world.parts.warehouse.rows(expanded(sql, chosen(unit), first, last))


def test_boards_of_a_period_compare_with_the_closed_one_before_as_it_was_filed(history: World) -> None:
    officer, held, panel = history.as_(*OFFICER), read(history), partial(panel_of, history)
    assert held["filed"]["total"] != held["now"]["total"]

    def by_field(lines: list[dict[str, Any]], number: str) -> dict[str, int]:
        found: Counter[str] = Counter()
        for one in lines:
            found[one["field_code"]] += one[number]
        return +found

    # What came after the period was closed is not in the comparison; of days the running figures are compared.
    whole = panel("tai", period="2026-11")
    assert (whole["period"], whole["before_filed_at"] is not None) == ("2026-11", True)
    days = {"from": "2026-10-15", "to": "2026-11-14"}
    assert panel("tai", **days)["before_filed_at"] is None
    for number in ("received", "resolved", "open", "overdue"):
        assert whole["total"][f"{number}_before"] == held["filed"]["total"][number]
        assert whole["total"][number] == panel("tai", **days)["total"][number]
        fields = {
            one["field_code"]: one[f"{number}_before"]
            for one in panel("linh-vuc", period="2026-11")["rows"]
            if one[f"{number}_before"]
        }
        filed = by_field(held["filed"]["lines"], number)
        assert {key: value for key, value in filed.items() if key in fields} == fields
    written = panel("linh-vuc", "csv", period="2026-11")
    assert "period=2026-11;before_filed_at=" in written
    page = officer.get("/bang/to-xa", params={"unit": BAT_MOT, "period": "2026-11", "lang": "vi"})
    assert page.status_code == 200, page.text
    assert "kỳ trước lấy số liệu đã chốt" in page.text
    for query in ({"period": "2026-11", "from": "2026-11-01"}, {"period": "2099-01"}, {"period": "mai"}):
        assert officer.get("/bang/so/tai.json", params=query).status_code in {404, 422}

    # The closed sum of the province misses communes: the days before are counted again, of all communes.
    assert summed(history)["state"] == "closed"
    reviewer = history.as_(*REVIEWER)

    def of_province(period: str) -> Any:
        answer = reviewer.get("/bang/so/tai.json", params={"unit": THANH_HOA, "period": period})
        assert answer.status_code == 200, answer.text
        return answer.json()

    province, counted = of_province("2026-11"), of_province(PERIOD)
    assert (province["before_filed_at"], province["before_of_today"]) == (None, "communes_missing")
    for number in ("received", "resolved", "open", "overdue"):
        assert province["total"][f"{number}_before"] == counted["total"][number]

    # The interface of figures takes the same periods.
    of_period = officer.get(f"/api/v1/units/{BAT_MOT}/rollups", params={"period": PERIOD}).json()
    assert {key: of_period["total"][key] for key in FILED} == held["now"]["total"]
    both = officer.get(f"/api/v1/units/{BAT_MOT}/rollups", params={"period": PERIOD, "from": "2026-10-01"})
    assert both.status_code == 422


def test_what_the_filed_figures_hold_is_compared_with_them_and_the_rest_says_that_it_is_not(
    history: World,
) -> None:
    officer, held, panel = history.as_(*OFFICER), read(history), partial(panel_of, history)
    whole, days = panel("tai", period="2026-11"), {"from": "2026-10-15", "to": "2026-11-14"}
    channels = panel("linh-vuc-kenh", period="2026-11")
    assert channels["before_filed_at"] == whole["before_filed_at"]
    received = Counter[tuple[str, str]]()
    for one in held["filed"]["lines"]:
        received[one["field_code"], f"{one['channel']}_count_before"] += one["received"]
    shown = {
        (one["field_code"], name): one[name]
        for one in channels["rows"]
        for name in one
        if name.endswith("_count_before") and one[name]
    }
    assert shown == {place: count for place, count in received.items() if count and place in shown}
    assert shown
    # What the filed figures do not hold is compared with the figures of today, and says so.
    assert panel("tai", **days)["before_of_today"] is whole["before_of_today"] is None
    whys = {
        ("tu-nop-linh-vuc", "2026-11"): "not_filed",
        ("tai-moi-nguoi", "2026-11"): "not_filed",
        ("tai", PERIOD): "not_closed",
        ("tai", "2026-12"): "period_runs",
    }
    for (name, period), why in whys.items():
        found = panel(name, period=period)
        assert (found["before_filed_at"], found["before_of_today"]) == (None, why), name
    page = officer.get("/bang/ho-tro", params={"unit": BAT_MOT, "period": "2026-11", "lang": "vi"})
    assert "số đã chốt của kỳ trước không có số này" in page.text


def test_grafana_draws_the_closed_period_before_from_a_copy_of_the_filed_figures(history: World) -> None:
    days, panel = {"from": "2026-10-15", "to": "2026-11-14"}, partial(panel_of, history)
    write_vocabularies(history.parts.warehouse, tables(), labels())
    for name in ("nam-so", "tai", "kenh"):
        drawn = panel_named(name)
        assert drawn is not None
        lines = in_grafana(history, closed_of(drawn), days)
        shown = panel(name, period="2026-11")["rows"]
        assert [
            [line[column.name] for column in drawn.columns if column.measure == "count"] for line in lines
        ] == [
            [one[f"{column.name}_before"] for column in drawn.columns if column.measure == "count"]
            for one in shown
            if one[f"{drawn.columns[0].name}_before"] is not None
        ], name
        assert lines, name
        of_thirty_days = {"from": "2026-10-15", "to": "2026-11-25"}
        assert in_grafana(history, closed_of(drawn), of_thirty_days) == [], "no reporting period"
        assert in_grafana(history, closed_of(drawn), days, THANH_HOA) == [], "communes have not closed it"
    assert write_closed_figures(history.parts.warehouse) == 0, "what landed is written already"


def test_a_chair_confirms_on_the_page_and_says_that_nothing_occurred(world: World) -> None:
    chair, at = world.as_("commune_chair", VAN_XUAN), f"/ky-bao-cao/{VAN_XUAN}"
    page = chair.get(at, params={"ky": "2026-09", "lang": "en"})
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page.text)
    assert digest is not None, page.text
    silent = chair.post(f"{at}/2026-09/xac-nhan", data={"digest": digest[1]})
    assert silent.status_code == 422
    assert "Tick “nothing occurred”" in silent.text
    said = {"digest": digest[1], "nothing_occurred": "1"}
    done = chair.post(f"{at}/2026-09/xac-nhan", data=said, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"{at}?ky=2026-09&done=filing")
    world.settle()
    assert "/xac-nhan" not in chair.get(at, params={"ky": "2026-09"}).text
    assert world.as_("commune_officer", VAN_XUAN).post(f"{at}/2026-09/xac-nhan", data=said).status_code == 403
    for wrong in ({}, {"confirmed_id": "none"}):
        refused = world.as_(*REVIEWER).post(f"{at}/2026-09/tiep-nhan", data=wrong)
        assert refused.status_code == 422, refused.text


def test_an_auditor_counts_whose_figures_changed_after_closing_and_opens_them(world: World) -> None:
    period = tables().periods.latest_ended(local_day(world.clock()))[0]
    at, home = f"/api/v1/filings/{VAN_XUAN}/{period.key}", {"accept": "text/html"}
    assert changed(world.as_(*AUDITOR).get("/tinh", headers=home).text) == "0"
    shown = world.as_(*VAN_XUAN_CHAIR).get(at).json()
    sent = {"digest": shown["digest"], "nothing_occurred": shown["nothing_occurred"]}
    confirmed = world.as_(*VAN_XUAN_CHAIR).post(f"{at}/confirmation", json=sent).json()["event_id"]
    world.settle()
    for who, step_of in ((REVIEWER, "acceptance"), (LEADER, "closure")):
        done = world.as_(*who).post(f"{at}/{step_of}", json={"confirmed_id": confirmed})
        assert done.status_code == 202, done.text
        world.settle()
    sync(world, VAN_XUAN, row(8, period.first_on.isoformat(), NgayHenTra="2099-01-05"))
    assert changed(world.as_(*AUDITOR).get("/tinh", headers=home).text) == "1"
    listed = world.as_(*AUDITOR).get("/ky-bao-cao?sua=1", headers=home).text
    assert re.findall(r'data-item="([^"]+)"', listed) == [VAN_XUAN]


def changed(page: str) -> str:
    found = re.search(r'data-number="changed_after_closing" data-value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_periods_name_their_receivers(history: World) -> None:
    answer = history.as_(*REVIEWER).get("/api/v1/periods", params={"lang": "en"}).json()
    kinds = {one["kind"] for one in answer["ended"]}
    assert kinds == {"month", "quarter", "half_year", "nine_months", "year"}
    month = next(one for one in answer["ended"] if one["kind"] == "month")
    assert month["sending"]["receiver_name"] == "Ministry of Justice"


def test_a_form_as_filed_by_a_log_that_this_warehouse_never_had_is_refused_and_not_offered(
    world: World,
) -> None:
    earlier = filed_at(BAT_MOT, "2026-08", LogPosition(topic="cases", partition=0, offset=7), epoch=900)
    world.log.append(PERIODS.name, [Message(one.partition_key, encode(one)) for one in earlier])
    world.settle()
    officer = world.as_(*OFFICER)
    assert officer.get(f"/api/v1/filings/{BAT_MOT}/2026-08").json()["state"] == "closed"
    asked = {"period": "2026-08", "as_filed": "true"}
    refused = officer.get(f"/api/v1/units/{BAT_MOT}/forms/ii-06a", params=asked)
    assert (refused.status_code, refused.json().get("field")) == (404, "period"), refused.text[:200]
    page = officer.get("/bieu/ii-06a", params={"ky": "2026-08"})
    assert (page.status_code, "da_chot=1" in page.text) == (200, False)
