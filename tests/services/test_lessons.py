"""Lessons, help with filing and data that do not agree: recorded by a commune, counted on the boards, listed for the owner."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from python_calamine import CalamineWorkbook

from reporting.dated.calendar import local_day
from services.web.boards import mismatches
from services.web.shell.layout import LANG_COOKIE
from tests.services.world import BAT_MOT, OFFICER, REVIEWER, THANH_HOA, World

pytestmark = pytest.mark.warehouse

POLICE = ("department_officer", THANH_HOA, "38.cong_an")
COMMUNE = ("commune_officer", BAT_MOT)
LESSON = {"village": "Bản Vịn", "people_count": "32", "confirmed_count": "11"}


def rows_of(
    world: World, panel: str, who: tuple[str, ...] = REVIEWER, unit: str = BAT_MOT
) -> list[dict[str, Any]]:
    day = local_day(world.clock())
    window = {"unit": unit}
    if panel.startswith("hoc-vu-so"):
        window |= {"from": (day - dt.timedelta(days=20)).isoformat(), "to": day.isoformat()}
    answer = world.as_(*who).get(f"/bang/so/{panel}.json", params=window)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["rows"])


def test_a_lesson_is_recorded_corrected_shown_beside_the_difficulties_and_struck(world: World) -> None:
    today = local_day(world.clock()).isoformat()
    client = world.as_(*COMMUNE)
    world.report(kind="digital_illiteracy")
    for people in ("30", "32"):
        sent = client.post(
            "/hoc-vu-so", data={**LESSON, "held_on": today, "people_count": people}, follow_redirects=False
        )
        assert sent.status_code == 303, sent.text
        world.settle()
    [lesson] = client.get("/api/v1/lessons").json()["items"]
    assert (lesson["people_count"], lesson["confirmed_count"], lesson["village"]) == (32, 11, "Bản Vịn")
    [week] = rows_of(world, "hoc-vu-so-tuan")
    assert [week[name] for name in ("lesson_count", "people_count", "confirmed_count", "issue_count")] == [
        1,
        32,
        11,
        1,
    ]
    assert rows_of(world, "hoc-vu-so-xa", unit=THANH_HOA)[0]["people_count"] == 32
    assert "Bản Vịn" in world.as_(*REVIEWER).get("/hoc-vu-so").text
    strike = {"reason_code": "not_held", "event_id": lesson["event_id"]}
    wrong = client.post("/hoc-vu-so", data={**LESSON, "held_on": "2099-01-01"})
    assert wrong.status_code == 422
    assert (
        world.as_("commune_officer", "15622").post(f"/hoc-vu-so/{lesson['id']}/bo", data=strike).status_code
        == 403
    )
    client.post(f"/hoc-vu-so/{lesson['id']}/bo", data=strike)
    world.settle()
    assert client.get("/api/v1/lessons").json()["items"] == []
    [week] = rows_of(world, "hoc-vu-so-tuan")
    assert (week["lesson_count"], week["issue_count"]) == (0, 1)


def send(world: World, **more: Any) -> Response:
    """Record a lesson of today over the API, under a new id unless one is given."""
    today = local_day(world.clock()).isoformat()
    sent = {"id": str(uuid4()), "held_on": today, "village": "Bản Vịn", "people_count": 32}
    return world.as_(*COMMUNE).post("/api/v1/lessons", json={**sent, **more})


def standing(world: World) -> dict[str, int]:
    """Return the people of each village that the register lists."""
    world.settle()
    items = world.as_(*COMMUNE).get("/api/v1/lessons").json()["items"]
    found = {one["village"]: one["people_count"] for one in items}
    assert len(found) == len(items)
    return found


def test_names_that_differ_in_marks_are_two_villages_and_one_name_is_one_in_every_case_and_form(
    world: World,
) -> None:
    villages = {"Thôn Mới": 10, "Thôn Mỏi": 12, "Bản Vịn": 20, "Bản Vín": 22}
    for village, people in villages.items():
        assert send(world, village=village, people_count=people).status_code == 202
    assert standing(world) == villages
    assert rows_of(world, "hoc-vu-so-xa", unit=THANH_HOA)[0]["lesson_count"] == 4
    decomposed = unicodedata.normalize("NFD", "BẢN   VỊN")
    assert send(world, village=decomposed, people_count=21).status_code == 202
    assert standing(world) == {"Thôn Mới": 10, "Thôn Mỏi": 12, "BẢN VỊN": 21, "Bản Vín": 22}
    assert send(world, village="...").status_code == 422


def test_an_id_is_recorded_once_and_never_answers_for_other_content(world: World) -> None:
    sent = str(uuid4())
    first = send(world, id=sent)
    again = send(world, id=sent, village="Bản  Vịn")
    assert (first.status_code, again.status_code) == (202, 202)
    assert (first.json()["created"], again.json()["created"]) == (True, False)
    yesterday = (local_day(world.clock()) - dt.timedelta(days=1)).isoformat()
    for other in (
        {"people_count": 23},
        {"confirmed_count": 2},
        {"village": "Bản Vín"},
        {"held_on": yesterday},
    ):
        refused = send(world, id=sent, **other)
        assert (refused.status_code, refused.json()["field"]) == (409, "id"), other
    assert standing(world) == {"Bản Vịn": 32}
    neighbour = world.as_("commune_officer", "15622").post(
        "/api/v1/lessons", json={"id": sent, "held_on": yesterday, "village": "Na Mèo", "people_count": 5}
    )
    assert neighbour.json()["created"], "an id is its commune's"


@pytest.mark.parametrize(("lang", "words"), [("vi", "Ghi mới"), ("en", "Record it anew")])
def test_a_form_sent_back_to_keeps_what_was_typed_and_records_it_under_a_fresh_id(
    world: World, lang: str, words: str
) -> None:
    client = world.as_(*COMMUNE)
    client.cookies.set(LANG_COOKIE, lang)
    today = local_day(world.clock()).isoformat()
    [sent] = re.findall(r'name="id" value="([^"]+)"', client.get("/hoc-vu-so").text)
    form = {**LESSON, "id": sent, "held_on": today}
    assert client.post("/hoc-vu-so", data=form, follow_redirects=False).status_code == 303
    corrected = {**form, "people_count": "23"}
    page = client.post("/hoc-vu-so", data=corrected, follow_redirects=False)
    assert page.status_code == 409
    assert words in page.text
    assert 'value="23"' in page.text
    assert 'value="Bản Vịn"' in page.text
    [fresh] = re.findall(r'name="id" value="([^"]+)"', page.text)
    assert fresh != sent
    assert (
        client.post("/hoc-vu-so", data={**corrected, "id": fresh}, follow_redirects=False).status_code == 303
    )
    assert standing(world) == {"Bản Vịn": 23}


def test_a_strike_from_an_old_page_strikes_no_count_that_nobody_saw(world: World) -> None:
    client = world.as_(*COMMUNE)
    first = send(world).json()
    world.settle()
    old = re.findall(r'name="event_id" value="([^"]+)"', client.get("/hoc-vu-so").text)
    assert old == [first["event_id"]]
    send(world, people_count=40)
    at, why = f"/api/v1/lessons/{first['lesson_id']}/strike", {"reason_code": "not_held"}
    recorded = client.post(at, json={**why, "event_id": old[0]})
    assert recorded.status_code == 409, "also before it has landed"
    assert standing(world) == {"Bản Vịn": 40}
    refused = client.post(at, json={**why, "event_id": old[0]})
    assert (refused.status_code, refused.json()["field"], refused.json()["reason"]) == (
        409,
        "event_id",
        "changed_meanwhile",
    )
    page = client.post(f"/hoc-vu-so/{first['lesson_id']}/bo", data={**why, "event_id": old[0]})
    assert page.status_code == 409
    assert "Buổi này đã được ghi lại" in page.text
    assert client.post(f"/hoc-vu-so/{first['lesson_id']}/bo", data=why).status_code == 422
    assert standing(world) == {"Bản Vịn": 40}
    [now] = re.findall(r'name="event_id" value="([^"]+)"', page.text)
    for created in (True, False):
        struck = client.post(at, json={**why, "event_id": now})
        assert (struck.status_code, struck.json()["created"]) == (202, created)
    assert standing(world) == {}


def test_a_lesson_names_nobody(world: World) -> None:
    sent = {
        **LESSON,
        "id": "7b1f0c52-3a0e-4f43-9a61-0f5d5a6f1c01",
        "held_on": "2026-01-05",
        "people_count": 1,
        "confirmed_count": 1,
    }
    answer = world.as_(*COMMUNE).post(
        "/api/v1/lessons", json={**sent, "village": "ông Nguyễn Văn An 0912345678"}
    )
    assert answer.status_code == 422
    answer = world.as_(*COMMUNE).post("/api/v1/lessons", json={**sent, "confirmed_count": 2})
    assert answer.status_code == 422


def _says_where_its_file_was_cut(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = "Tệp không đủ danh sách: có {} hồ sơ lâu nhất trong 2."
    asked = f"/bang/lien-thong/ho-so.xlsx?unit={THANH_HOA}&lang=vi"
    for most, says in ((1, True), (2, False)):
        monkeypatch.setattr(mismatches, "MOST_CASES", most)
        book = CalamineWorkbook.from_filelike(io.BytesIO(world.as_(*REVIEWER).get(asked).content))
        assert len(book.get_sheet_by_index(0).to_python()) == 1 + most
        assert (cut.format(most) in str(book.get_sheet_by_index(1).to_python())) is says


def test_the_counter_notes_help_and_a_mismatch_and_the_owner_gets_the_list(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = local_day(world.clock())
    began = (day - dt.timedelta(days=6)).isoformat()
    sent = [
        {
            "MaHoSo": f"H56.{BAT_MOT}-{n}",
            "TrangThai": 2,
            "MaTTHC": "1.004884",
            "KenhThucHien": 2,
            "NgayTiepNhan": began,
        }
        for n in range(3)
    ]
    client = world.as_(*COMMUNE)
    assert client.post(f"/api/v1/communes/{BAT_MOT}/cases/sync", json=sent).json()["counts"]["created"] == 3
    first, second, _ = client.get(f"/api/v1/communes/{BAT_MOT}/cases").json()["items"]
    assert f"/xa/ho-so/{first['case_key']}/ghi-them" in client.get("/xa/ho-so").text
    form = {
        "HoTroNopHoSo": "1",
        "SaiLechDuLieu": "2",
        "CoQuanDuLieu": "38.cong_an",
        "NgaySaiLech": began,
        "NhapLaiDuLieu": "3",
    }
    for one, typed in ((first, form), (second, {"SaiLechDuLieu": "4"})):
        done = client.post(f"/xa/ho-so/{one['case_key']}/ghi-them", data=typed, follow_redirects=False)
        assert done.status_code == 303, done.text
    assert client.post(f"/xa/ho-so/{first['case_key']}/ghi-them", data={}).status_code == 422
    # A form that was shown before does not write over what was noted since; sent again, it is no conflict.
    stale = {"seen": "----", "HoTroNopHoSo": "3"}
    late = client.post(f"/xa/ho-so/{first['case_key']}/ghi-them", data=stale)
    assert (late.status_code, "đã được người khác sửa" in late.text) == (409, True)
    same = {"seen": "----", **form}
    again = client.post(f"/xa/ho-so/{first['case_key']}/ghi-them", data=same, follow_redirects=False)
    assert again.status_code == 303
    foreign = world.as_("commune_officer", "15622").get(f"/xa/ho-so/{first['case_key']}/ghi-them")
    assert foreign.status_code == 404
    for wrong in ("A-1", "%00" * 64, "g" * 64):
        assert client.get(f"/xa/ho-so/{wrong}/ghi-them").status_code == 422
    world.settle()
    noted = {one["case_key"]: one for one in client.get(f"/api/v1/communes/{BAT_MOT}/cases").json()["items"]}
    assert (noted[first["case_key"]]["assisted"], noted[first["case_key"]]["status_code"]) == ("counter", 2)
    owners = {row["owner"]: row for row in rows_of(world, "ho-so-sai-lech-co-quan")}
    assert (owners["38.cong_an"]["on_count"], owners["38.cong_an"]["longest_days"]) == (1, 6)
    assert owners[""]["on_count"] == 1
    assert {
        row["data"]: row["on_count"] for row in rows_of(world, "ho-so-sai-lech-du-lieu") if row["on_count"]
    } == {"population": 1, "land": 1}
    assert [row["twice_count"] for row in rows_of(world, "nhap-lai") if row["data"] == "civil_status"] == [1]
    own = client.get(f"/bang/lien-thong/ho-so.csv?unit={BAT_MOT}").text
    assert f"H56.{BAT_MOT}-" in own
    listed = world.as_(*POLICE).get(f"/bang/lien-thong/ho-so.csv?unit={THANH_HOA}").text
    assert first["case_key"][:12] in listed
    assert second["case_key"][:12] not in listed, "the data of another body"
    assert f"H56.{BAT_MOT}-" not in listed, "dossier codes stay with their commune"
    assert world.as_(*POLICE).get("/bang/lien-thong/ho-so?co_quan=bhxh_vn").status_code == 403
    _says_where_its_file_was_cut(world, monkeypatch)
    at = f"/xa/ho-so/{first['case_key']}/ghi-them"
    client.post(at, data={"SaiLechDuLieu": "0"})
    world.settle()
    owners = {row["owner"]: row for row in rows_of(world, "ho-so-sai-lech-co-quan")}
    assert (owners["38.cong_an"]["on_count"], owners["38.cong_an"]["over_count"]) == (0, 1)
    page = client.get(at).text
    choices = page[page.index('<select class="lc-input" id="SaiLechDuLieu"') :].partition("</select>")[0]
    assert ('value="-"' in choices, 'value="0"' in choices) == (True, False), (
        "it is over, and can be taken back"
    )
    # The same data again begin another one; the daily row that names none changes nothing.
    client.post(at, data={"SaiLechDuLieu": "2", "CoQuanDuLieu": "38.cong_an"})
    world.settle()
    owners = {row["owner"]: row for row in rows_of(world, "ho-so-sai-lech-co-quan")}
    assert owners["38.cong_an"]["on_count"] == 1


def test_pages_are_there_in_both_languages(world: World) -> None:
    for who in (OFFICER, REVIEWER):
        for lang in ("vi", "en"):
            client = world.as_(*who)
            client.cookies.set(LANG_COOKIE, lang)
            for path in ("/hoc-vu-so", "/bang/lien-thong/ho-so"):
                page = client.get(path)
                assert (page.status_code, f'<html lang="{lang}"' in page.text) == (200, True)
