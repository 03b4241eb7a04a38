"""The page of imports: what a commune and its province see, what they may download, overdue marks compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.connectors.case_importer import CaseImporter
from services.connectors.target import ImportTarget
from tests.services.connectors.tables import mapping_file
from tests.services.test_pages import browser
from tests.services.world import VAN_XUAN, World

pytestmark = pytest.mark.warehouse
MAPPING = """
kind = "cases"
[columns]
unit = "xa"
MaHoSo = "ma"
TrangThai = "tt"
NgayTiepNhan = "nhan"
NgayHenTra = "hen"
NgayTrangThai = "luc"
QuaHanNguon = "qua_han"
"""
ROWS = """xa,ma,tt,nhan,hen,luc,qua_han
15607,IMP-1,4,2026-10-01,2026-10-05,2026-10-02,1
15607,IMP-2,4,2026-10-01,2026-10-05,2026-10-02,0
15607,IMP-3,9,2026-10-01,2026-10-05,2026-10-02,1
15607,IMP-4,77,2026-10-01,2026-10-05,2026-10-02,1
15610,IMP-5,77,2026-10-01,2026-10-05,2026-10-02,0
"""


def test_a_commune_and_its_province_see_an_import_and_only_their_own_lines(
    world: World, tmp_path: Path
) -> None:
    parts = world.parts
    path = tmp_path / "danh-sach.csv"
    path.write_text(ROWS, encoding="utf-8")
    importer = CaseImporter(parts.intake, parts.tables, parts.store, parts.clock)
    mapping = mapping_file(tmp_path, MAPPING)
    run = importer.run(path, mapping, ImportTarget(province_code="38"), accept=["rejected"]).run_id
    world.settle()
    address = f"/nhap-lieu/{run}/loi.csv"
    with browser(world, "commune_officer-15607") as client:
        page = client.get("/nhap-lieu").text
        assert "danh-sach.csv" in page
        assert "nhận 3, không đổi 0, không nhận 1" in page
        assert "giống nhau 1, chỉ ở đây quá hạn 1, chỉ nguồn ghi quá hạn 1" in page
        lines = client.get(address).text.splitlines()
        assert [line.split(",")[:3] for line in lines[1:]] == [["5", "15607", "TrangThai"]]
        assert client.get("/nhap-lieu/018f7a10-0000-4000-8000-000000000001/loi.csv").status_code == 404
        assert 'href="/nhap-lieu"' in client.get("/xa/ho-so").text
    with browser(world, "province_reviewer-38") as client:
        page = client.get("/nhap-lieu", params={"lang": "en"}).text
        assert "3 taken, 0 unchanged, 2 not taken" in page
        assert len(client.get(address).text.splitlines()) == 1 + 2
        assert 'href="/nhap-lieu"' in client.get("/tinh/tong-quan").text
    with browser(world, "ministry_officer-vn") as client:
        assert client.get(address).status_code in {401, 403}
    for who, numbers in (
        (("commune_chair", "15607"), ["5"]),
        (("commune_officer", "15610"), ["6"]),
        (("province_leader", "38"), ["5", "6"]),
        (("auditor", "38"), ["5", "6"]),
    ):
        lines = world.as_(*who).get(address).text.splitlines()
        assert [line.split(",")[0] for line in lines[1:]] == numbers, who
    for person, status in (
        (("commune_officer", VAN_XUAN, None), 404),
        (("province_reviewer", "01", None), 404),
        (("auditor", "01", None), 404),
        (("department_officer", "38", "38.so_khcn"), 403),
    ):
        answer = world.as_(*person).get(address)
        assert (answer.status_code, "TrangThai" in answer.text) == (status, False), person
        assert "danh-sach.csv" not in world.as_(*person).get("/nhap-lieu").text
