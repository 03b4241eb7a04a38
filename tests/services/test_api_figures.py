from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.databases import Databases
from tests.services.world import BA_DINH, BAT_MOT, VAN_XUAN, World, open_world

pytestmark = pytest.mark.warehouse

FIRST, LAST = "2026-10-01", "2026-10-31"
WINDOW = {"from": FIRST, "to": LAST}


def row(number: int, received: str, procedure: str = "1.001193", **more: Any) -> dict[str, Any]:
    code = f"H56.1-{received.replace('-', '')}-{number:04d}"
    return {
        "MaHoSo": code,
        "MaTTHC": procedure,
        "NgayTiepNhan": f"{received}T08:00:00+07:00",
        "TrangThai": 2,
        "KenhThucHien": 1,
        **more,
    }


BAT_MOT_ROWS = [
    row(1, "2026-09-28", NgayHenTra="2026-09-30"),
    row(2, "2026-10-05", NgayHenTra="2026-10-08", TrangThai=9, NgayKetThucXuLy="2026-10-07"),
    row(3, "2026-10-05", NgayHenTra="2026-10-08", TrangThai=9, NgayKetThucXuLy="2026-10-12", KenhThucHien=2),
    row(4, "2026-10-06", "2.000815", NgayHenTra="2026-10-09"),
    *(row(n, "2026-10-07", "2.000815", NgayHenTra="2026-12-31") for n in range(10, 16)),
    *(
        row(n, "2026-10-07", "1.001776", LinhVuc="bao_tro_xa_hoi", NgayHenTra="2026-12-31")
        for n in range(20, 23)
    ),
]
OTHER_ROWS = [row(n, "2026-10-08", NgayHenTra="2026-12-31") for n in (40, 41)]


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[World]:
    """Three communes with cases, two of them in one province."""
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path_factory.mktemp("figures"), fresh) as world:
        for unit_code, rows in ((BAT_MOT, BAT_MOT_ROWS), (VAN_XUAN, OTHER_ROWS), (BA_DINH, OTHER_ROWS[:1])):
            path = f"/api/v1/communes/{unit_code}/cases/sync"
            answer = world.as_("commune_officer", unit_code).post(path, json=rows)
            assert answer.json()["counts"]["created"] == len(rows), answer.text
        world.report()
        yield world


def rollups(world: World, code: str, who: tuple[str, ...], **query: str) -> dict[str, Any]:
    answer = world.as_(*who).get(f"/api/v1/units/{code}/rollups", params={**WINDOW, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


OFFICER, REVIEWER, VIEWER = (
    ("commune_officer", BAT_MOT),
    ("province_reviewer", "38"),
    ("ministry_viewer", "vn", "bo_khcn"),
)


def test_what_came_in_and_what_was_carried_over_is_what_went_out_and_what_stands(counted: World) -> None:
    total = rollups(counted, BAT_MOT, OFFICER)["total"]
    assert (total["received"], total["resolved"], total["carried_over"]) == (12, 2, 1)
    assert total["received"] + total["carried_over"] == total["resolved"] + total["open"]
    assert (total["resolved_early"], total["resolved_late"]) == (1, 1)
    assert total["overdue"] == 2


def test_the_days_of_a_window_are_all_there_and_add_up(counted: World) -> None:
    shown = rollups(counted, BAT_MOT, OFFICER)
    days = shown["items"]
    assert [line["day"] for line in days] == [f"2026-10-{day:02d}" for day in range(1, 32)]
    for flow in ("received", "resolved", "resolved_late", "became_overdue"):
        assert sum(line[flow] for line in days) == shown["total"][flow]
    assert days[-1]["open"] == shown["total"]["open"]


@pytest.mark.parametrize("by", ["field", "channel", "field_channel"])
def test_fields_and_channels_add_up_to_the_total(counted: World, by: str) -> None:
    shown = rollups(counted, BAT_MOT, OFFICER, by=by)
    for number in ("received", "resolved", "open", "overdue", "carried_over"):
        assert sum(line[number] for line in shown["items"]) == shown["total"][number]


def test_lines_carry_names(counted: World) -> None:
    fields = {
        line["field_code"]: line["field_name"]
        for line in rollups(counted, BAT_MOT, OFFICER, by="field")["items"]
    }
    assert fields["ho_tich"] == "Hộ tịch"
    english = rollups(counted, BAT_MOT, OFFICER, by="channel", lang="en")["items"]
    assert {line["channel"]: line["channel_label"] for line in english} == {
        "counter": "Counter",
        "online": "Online",
    }
    both = rollups(counted, BAT_MOT, OFFICER, by="field_channel", lang="en")["items"]
    online = [line for line in both if line["channel"] == "online"]
    assert [(line["field_code"], line["channel_label"], line["received"]) for line in online] == [
        ("ho_tich", "Online", 1)
    ]


def test_a_province_is_the_sum_of_its_communes_and_the_nation_that_of_its_provinces(counted: World) -> None:
    communes = [rollups(counted, code, REVIEWER)["total"] for code in (BAT_MOT, VAN_XUAN)]
    province = rollups(counted, "38", REVIEWER)["total"]
    nation = rollups(counted, "vn", VIEWER)["total"]
    for number in ("received", "resolved", "open", "overdue", "carried_over"):
        assert province[number] == sum(commune[number] for commune in communes)
    assert nation["received"] == province["received"] + 1
    assert province["unit_count"] == 166


def test_small_counts_of_sensitive_fields_are_kept_from_who_may_not_see_the_cases(counted: World) -> None:
    def fields(who: tuple[str, ...]) -> dict[str, Any]:
        return {line["field_code"]: line for line in rollups(counted, BAT_MOT, who, by="field")["items"]}

    seen, kept = fields(OFFICER), fields(VIEWER)
    assert seen["bao_tro_xa_hoi"]["received"] == 3
    assert (kept["bao_tro_xa_hoi"]["received"], kept["bao_tro_xa_hoi"]["suppressed"]) == (None, True)
    assert kept["ho_tich"] == seen["ho_tich"]
    assert fields(("department_officer", "38", "38.so_khcn"))["bao_tro_xa_hoi"]["received"] is None
    for line in rollups(counted, BAT_MOT, VIEWER, by="field_channel")["items"]:
        if line["field_code"] == "bao_tro_xa_hoi":
            assert (line["received"], line["suppressed"]) == (None, True)


def test_an_overview_of_a_commune_shows_the_day_and_its_difficulties(counted: World) -> None:
    answer = (
        counted.as_(*OFFICER).get(f"/api/v1/units/{BAT_MOT}/overview", params={"on": "2026-10-05"}).json()
    )
    assert (answer["unit_name"], answer["level"], answer["on"]) == ("Xã Bát Mọt", "commune", "2026-10-05")
    assert answer["day"]["received"] == 2
    assert {"key": "open", "kind": "stock", "label": "Đang giải quyết"} in answer["metrics"]
    assert "units" not in answer


def test_an_overview_of_a_province_lists_every_commune(counted: World) -> None:
    answer = counted.as_(*REVIEWER).get("/api/v1/units/38/overview").json()
    lines = {line["unit_code"]: line for line in answer["units"]}
    assert len(lines) == 166
    assert lines[BAT_MOT]["unit_name"] == "Xã Bát Mọt"
    assert (lines[BAT_MOT]["open_issue_count"], lines[VAN_XUAN]["issue_count"]) == (1, 0)
    assert lines[VAN_XUAN]["open"] == 2
    [kind] = answer["kinds"]
    assert (kind["kind"], kind["issue_count"], kind["kind_label"]) == (
        "mobile_dead_spot",
        1,
        "Thôn, bản không có hoặc yếu sóng di động",
    )


def test_an_overview_of_the_nation_lists_every_province_and_no_commune(counted: World) -> None:
    answer = counted.as_(*VIEWER).get("/api/v1/units/vn/overview", params={"on": LAST, "lang": "en"}).json()
    lines = {line["province_code"]: line for line in answer["provinces"]}
    assert len(lines) == 34
    assert (lines["38"]["unit_name"], lines["38"]["commune_count"]) == ("Tỉnh Thanh Hóa", 166)
    assert (lines["38"]["reporting_unit_count"], lines["01"]["received"]) == (2, 1)
    assert "units" not in answer


def test_the_usual_window_is_the_last_thirty_days(counted: World) -> None:
    answer = counted.as_(*OFFICER).get(f"/api/v1/units/{BAT_MOT}/rollups").json()
    first, last = dt.date.fromisoformat(answer["from"]), dt.date.fromisoformat(answer["to"])
    assert (last - first).days == 29
