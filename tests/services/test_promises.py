"""The register through its doors: a list from Excel, pages of the department and the commune, the API."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from starlette.testclient import TestClient

from tests.services.world import BAT_MOT, DEPARTMENT, MINISTRY, OFFICER, REVIEWER, World

HEADINGS = ["STT", "Xã, phường", "Thôn, bản", "Hiện trạng", "Số hộ", "Đơn vị cam kết", "Ngày cam kết"]
ROWS = [
    [1, "Xã Bát Mọt", "Bản Vịn", "Trắng sóng", 42, "Viettel", "30/06/2026"],
    [2, "Xã Bát Mọt", "Bản Đục", "Lõm sóng", 30, "", ""],
    [3, "Xã Vạn Xuân", "Hang Cáu", "Chưa có điện lưới", 55, "Công ty Điện lực Thanh Hóa", "31/12/2026"],
    [4, "Xã Bát Mọt", "Bản Chiềng", "không rõ", 12, "", ""],
    [5, "Xã Không Có", "Thôn 1", "Trắng sóng", 12, "", ""],
    [6, "Xã Bát Mọt", "Bản Khẹo", "Trắng sóng", 12, "Nhà mạng X", "30/06/2026"],
]

pytestmark = pytest.mark.warehouse


def excel(path: Path) -> Path:
    """Write the list as a department keeps it: a title, the headings, the rows."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["DANH SÁCH THÔN, BẢN CHƯA CÓ SÓNG"])
        sheet.write_row(2, 0, HEADINGS)
        for number, row in enumerate(ROWS):
            sheet.write_row(3 + number, 0, row)
    return path


def upload(client: TestClient, path: Path) -> Any:
    return client.post("/thon-lom/nhap", files={"file": ("thon.xlsx", path.read_bytes())})


def entries(client: TestClient, **asked: str) -> list[dict[str, Any]]:
    found = client.get("/api/v1/promises", params=asked)
    assert found.status_code == 200, found.text
    return list(found.json()["items"])


def test_a_list_from_excel_fills_the_register_and_says_what_it_could_not_take(
    world: World, tmp_path: Path
) -> None:
    department = world.as_(*DEPARTMENT)
    page = upload(department, excel(tmp_path / "thon.xlsx"))
    assert page.status_code == 200, page.text
    assert "3 dòng mới, 0 dòng không đổi, 3 dòng chưa nhận được" in page.text
    assert "Dòng 7: hiện trạng không rõ" in page.text
    assert "Dòng 8: không tìm thấy xã, phường này trong tỉnh" in page.text
    assert "Dòng 9: không tìm thấy đơn vị cam kết này" in page.text
    again = upload(department, excel(tmp_path / "again.xlsx"))
    assert "0 dòng mới, 3 dòng không đổi" in again.text
    world.settle()
    found = {entry["village"]: entry for entry in entries(department)}
    assert set(found) == {"Bản Vịn", "Bản Đục", "Hang Cáu"}
    assert found["Bản Vịn"]["promiser"] == "38.viettel"
    assert found["Bản Vịn"]["promised_on"] == "2026-06-30"
    assert found["Hang Cáu"]["promiser"] == "38.dien_luc"
    assert found["Bản Đục"]["state"] == "open"
    shown = department.get("/thon-lom?state=open").text
    assert "Bản Đục" in shown
    assert "Lõm sóng" in shown
    assert "Thôn trắng/lõm sóng" in department.get("/tinh").text


def test_only_a_measurement_closes_and_the_commune_sees_its_own_villages(world: World) -> None:
    department, officer = world.as_(*DEPARTMENT), world.as_(*OFFICER)
    listed = department.post("/api/v1/promises", json=_village("Bản Vịn", promised_on="2026-01-31"))
    assert listed.status_code == 202, listed.text
    spot = listed.json()["spot_id"]
    world.settle()
    (late,) = entries(officer)
    assert late["state"] == "late"
    assert late["slipped_days"] > 0
    assert entries(world.as_("commune_officer", "15622")) == []
    moved = department.post(
        f"/thon-lom/{spot}/cam-ket", data={"promiser": "38.vnpt", "promised_on": "2099-01-31"}
    )
    assert "Đã ghi nhận." in moved.text
    assert entries(officer)[0]["first_promised_on"] == "2026-01-31"
    for day, words in (("0001-01-01", "Ngày chưa đúng."), ("", "Cần nhập mục này.")):
        wrong = department.post(f"/thon-lom/{spot}/cam-ket", data={"promiser": "38.vnpt", "promised_on": day})
        assert wrong.status_code == 422
        assert f'id="promised_on-error">{words}' in wrong.text
    ahead = officer.post(f"/thon-lom/{spot}/do", data={"measured_on": "2099-01-01", "works": "yes"})
    assert 'id="measured_on-error">Không nhập ngày trong tương lai.' in ahead.text
    tried = department.post(f"/thon-lom/{spot}/do", data={"measured_on": "2026-01-02", "works": "no"})
    measured = (
        '02/01/2026</time><p class="lc-course-what">Chưa đạt</p><p>Sở Khoa học và Công nghệ tỉnh Thanh Hóa'
    )
    assert measured in tried.text
    today = dt.datetime.now(dt.UTC).date().isoformat()
    closed = officer.post(f"/thon-lom/{spot}/do", data={"measured_on": today, "works": "yes"})
    assert "Đã đo kiểm, đạt" in closed.text
    world.clock.ahead = dt.timedelta(days=31)
    assert entries(world.as_("commune_chair"), state="again")[0]["village"] == "Bản Vịn"


@pytest.mark.parametrize(
    ("who", "path", "said", "status"),
    [
        (OFFICER, "days", {"promiser": "38.viettel", "promised_on": "2027-01-01"}, 403),
        (REVIEWER, "measurements", {"measured_on": "2026-01-01", "works": True}, 403),
        (("commune_officer", "15622"), "measurements", {"measured_on": "2026-01-01", "works": True}, 403),
        (
            ("department_officer", "38", "38.so_y_te"),
            "measurements",
            {"measured_on": "2026-01-01", "works": True},
            403,
        ),
        (MINISTRY, "days", {"promiser": "38.viettel", "promised_on": "2027-01-01"}, 403),
        (DEPARTMENT, "days", {"promiser": "40.viettel", "promised_on": "2027-01-01"}, 422),
        (DEPARTMENT, "measurements", {"measured_on": "2098-01-01", "works": True}, 422),
        (REVIEWER, "days", {"promiser": "38.viettel", "promised_on": "2027-01-01"}, 202),
    ],
)
def test_who_may_promise_and_who_may_measure(
    shared_world: World, who: tuple[str, ...], path: str, said: dict[str, Any], status: int
) -> None:
    listed = shared_world.as_(*DEPARTMENT).post("/api/v1/promises", json=_village("Bản Ruộng"))
    shared_world.settle()
    answer = shared_world.as_(*who).post(f"/api/v1/promises/{listed.json()['spot_id']}/{path}", json=said)
    assert answer.status_code == status, answer.text


def test_a_name_that_holds_personal_data_is_refused(shared_world: World) -> None:
    sent = _village("nhà ông Nguyễn Văn Nam, 0912345678")
    answer = shared_world.as_(*DEPARTMENT).post("/api/v1/promises", json=sent)
    assert answer.status_code == 422
    assert "Nam" not in answer.text


def test_a_character_that_no_store_keeps_is_left_out_of_a_village(shared_world: World) -> None:
    department = shared_world.as_(*DEPARTMENT)
    listed = department.post("/api/v1/promises", json=_village("Bản\x00 Khằm"))
    assert listed.status_code == 202, listed.text
    shared_world.settle()
    assert department.get(f"/api/v1/promises/{listed.json()['spot_id']}").json()["village"] == "Bản Khằm"


def test_a_file_that_is_no_table_is_refused_in_words(shared_world: World, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"\x00\x01")
    assert upload(shared_world.as_(*DEPARTMENT), broken).status_code == 422
    assert upload(shared_world.as_(*OFFICER), excel(tmp_path / "a.xlsx")).status_code == 403


def _village(name: str, **more: Any) -> dict[str, Any]:
    sent = {"department": "38.so_khcn", "unit_code": BAT_MOT, "village": name, "gap": "no_signal"}
    return sent | ({"promiser": "38.viettel"} if "promised_on" in more else {}) | more


def test_the_list_of_bodies_says_who_only_promises_and_whether_a_contact_is_confirmed(
    shared_world: World,
) -> None:
    found = shared_world.as_(*DEPARTMENT).get("/api/v1/bodies", params={"unit": "38"}).json()["items"]
    bodies = {body["id"]: body for body in found}
    assert bodies["38.dien_luc"]["promises_only"] is True
    assert bodies["38.so_khcn"]["promises_only"] is False
    (contact,) = bodies["38.dien_luc"]["contacts"]
    assert (contact["address"], contact["state"], contact["confirmed_on"]) == (
        "19006769",
        "unconfirmed",
        None,
    )
