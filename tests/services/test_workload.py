"""Workload per person on a simulated province: API, page and files say what an independent count of the sent rows says.

The count uses nothing but the csv module, days and sums: no rule, no query and no table of the product.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from dashboards.definitions.workload import FIELDS
from reporting.dated.calendar import LOCAL
from reporting.dated.procedures import Procedure
from reporting.dated.staff import parse_staff
from services.access.actors import Actor
from services.boot.system import System
from services.simulate.cases import CaseWorld
from services.simulate.counters import Counters
from services.simulate.profiles import profile_of
from services.simulate.staff import staff_of, with_staff
from services.web.boards.asked import Asked
from services.web.boards.reading import BoardReader
from services.web.figures.windows import Window
from tests.databases import Databases
from tests.reporting.tables import shipped
from tests.services.test_pages import browser
from tests.services.test_watch import _land, heartbeat
from tests.services.world import BAT_MOT, THANH_HOA, World, open_world, tables

pytestmark = pytest.mark.warehouse
LARGE = (BAT_MOT, "15622", "15610", "15019", "15658", "14848")
"""Six large communes: Bát Mọt, and five others."""
UNSAID, ALONE = "14857", "14797"
"""A large commune that has not said how many people it has, and a ward without like units."""
SILENT = "14845"
"""A large commune whose feed broke after a week of the period."""
BROKE = "2026-10-20"
_DATES = ("NgayTiepNhan", "NgayTrangThai", "NgayKetThucXuLy")
COMMUNES = (*LARGE, UNSAID, ALONE, SILENT)
PEOPLE = {BAT_MOT: 4, "15622": 3, "15610": 3, "15019": 1, "15658": 2, "14848": 12, ALONE: 5}
FIRST, LAST = dt.date(2026, 10, 15), dt.date(2026, 11, 14)
PERIOD = "2026-11"
STAFF = "unit_code,role,field_code,people,confidence,source,valid_from,valid_to\n" + "".join(
    f"{code},centre,,{people},low,Số liệu thử,2025-07-01,\n{code},vice_chair,,2,low,Số liệu thử,2025-07-01,\n"
    for code, people in PEOPLE.items()
)
STAFF += f"{SILENT},centre,,4,low,Số liệu thử,2025-07-01,\n"
_DAY = dt.timedelta(days=1)
LEADER = ("province_leader", THANH_HOA)
DEPARTMENT = ("department_officer", THANH_HOA, "38.so_noi_vu")


def simulated(world: World) -> str:
    """Let the communes send what they draw, and return as CSV every row that was sent."""
    by_field: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in tables().procedures.all(FIRST):
        by_field[procedure.field_code].append(procedure)
    counters = Counters(CaseWorld(tables().calendar, {**by_field}, "H56", COMMUNES), THANH_HOA, "s")
    for code in COMMUNES:
        profile = profile_of(tables().units.get(code), "s")
        for number in range(22):
            counters.arrive(profile, dt.date(2026, 10, 8) + number * _DAY)
    ready = counters.take_ready(COMMUNES, dt.datetime(2026, 11, 28, 17, tzinfo=LOCAL))
    before = [one for one in ready[SILENT] if not any(str(one.row.get(name, "")) >= BROKE for name in _DATES)]
    ready = {**ready, SILENT: before}
    created, refused = counters.send(world.parts.intake, ready, world.clock())
    assert created > 300
    assert refused == []
    world.settle()
    out = io.StringIO()
    columns = sorted({name for rows in ready.values() for one in rows for name in one.row} | {"Quay"})
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    for code, rows in ready.items():
        writer.writerows({**one.row, "Quay": code} for one in rows)
    return out.getvalue()


def signs_of_life(world: World) -> None:
    """Let every feed give a sign each day until the end of the period, and the one that breaks for a week alone."""
    days = [FIRST - 7 * _DAY + number * _DAY for number in range((LAST - FIRST).days + 8)]
    _land(
        world.parts.warehouse,
        *(
            heartbeat(dt.datetime.combine(day, dt.time(17), LOCAL).astimezone(dt.UTC), code)
            for code in COMMUNES
            for day in days
            if code != SILENT or day < FIRST
        ),
    )


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[tuple[World, str]]:
    """Eight communes of a simulated province with their staff, and the rows that they sent."""
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path_factory.mktemp("busy"), fresh, demo=True) as world:
        sent = simulated(world)
        signs_of_life(world)
        staff = parse_staff(STAFF, tables().units, tables().procedures.fields())
        world.parts = replace(world.parts, tables=replace(world.parts.tables, staff=staff))
        world.app.state.parts = world.parts
        yield world, sent


def own_cases(sent: str) -> list[dict[str, Any]]:
    """Return each received case with its commune, its procedure, and the days from which to which it was open."""
    last: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO(sent)):
        if row["TrangThai"]:  # later rows of a birth name its number alone
            last[row["MaHoSo"]] = row
    found = []
    for row in last.values():
        if not row["NgayTiepNhan"]:
            continue  # refused at the counter
        ended = row["NgayKetThucXuLy"] or (row["NgayTrangThai"] if row["TrangThai"] in {"7", "8"} else "")
        found.append(
            {
                "unit": row.get("MaDonViThamQuyen") or row["Quay"],
                "field": row["LinhVuc"],
                "procedure": row["MaTTHC"],
                "received": dt.date.fromisoformat(row["NgayTiepNhan"][:10]),
                "ended": dt.date.fromisoformat(ended[:10]) if ended else None,
            }
        )
    return found


def own_weights() -> dict[tuple[str, str], int]:
    return {
        (row["field_code"], row["procedure_code"]): int(row["minutes"])
        for row in csv.DictReader(io.StringIO(shipped("workload_weights.csv").lstrip("\ufeff")))
    }


def own_count(cases: list[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Count the cases and minutes of one commune by hand."""
    weights = own_weights()
    found = {"cases": Counter[str](), "minutes": Counter[str](), "weeks": Counter[str]()}
    for case in cases:
        if case["received"] > LAST or (case["ended"] and case["ended"] < FIRST):
            continue
        keys = ((case["field"], case["procedure"]), (case["field"], ""), ("*", ""))
        minutes = next(weights[key] for key in keys if key in weights)
        came = "carried_over" if case["received"] < FIRST else "received"
        went = "resolved" if case["ended"] and case["ended"] <= LAST else "open"
        for place in (came, went):
            found["cases"][place] += 1
            found["minutes"][place] += minutes
        if came == "received":
            week = case["received"] - case["received"].weekday() * _DAY
            found["weeks"][max(week, FIRST).isoformat()] += minutes
    return found


def own_officer_days(code: str) -> int:
    days = [FIRST + number * _DAY for number in range((LAST - FIRST).days + 1)]
    return PEOPLE[code] * sum(day.weekday() < 5 for day in days)


def own_load(cases: list[dict[str, Any]], code: str) -> float:
    minutes = own_count([one for one in cases if one["unit"] == code])["minutes"]
    return (minutes["carried_over"] + minutes["received"]) / own_officer_days(code)


def read(world: World, unit_code: str, who: tuple[str, ...] = LEADER) -> Any:
    answer = world.as_(*who).get(f"/api/v1/units/{unit_code}/workload", params={"period": PERIOD})
    assert answer.status_code == 200, answer.text
    return answer.json()


def flow(counted: Counter[str]) -> dict[str, int]:
    return {
        **{key: counted[key] for key in ("carried_over", "received", "resolved", "open")},
        "to_handle": counted["carried_over"] + counted["received"],
    }


@pytest.mark.parametrize("code", [BAT_MOT, "15019", ALONE])
def test_the_workload_of_a_commune_equals_an_independent_count_of_what_was_sent(
    busy: tuple[World, str], code: str
) -> None:
    world, sent = busy
    cases = own_cases(sent)
    own = own_count([one for one in cases if one["unit"] == code])
    answer = read(world, code)
    [line] = answer["items"]
    assert line["cases"] == flow(own["cases"])
    assert line["minutes"] == flow(own["minutes"])
    assert (line["people"], line["officer_days"]) == (PEOPLE[code], own_officer_days(code))
    assert line["minutes_per_day"] == pytest.approx(own_load(cases, code))
    assert line["backlog_days"] == pytest.approx(own["minutes"]["open"] / (PEOPLE[code] * 420))
    assert {week["from"]: week["minutes"] for week in answer["weeks"] if week["minutes"]} == own["weeks"]
    if code == ALONE:
        assert (line["median"], line["standing"]) == (None, "alone")
    else:
        assert line["median"] == pytest.approx(
            statistics.median(own_load(cases, one) for one in LARGE if PEOPLE[one] > 1)
        )
    assert answer["left_out"] == []
    assert [check for check in answer["checks"] if not check["holds"]] == []


def test_a_province_names_who_is_short_who_could_lend_and_who_has_said_nothing(
    busy: tuple[World, str],
) -> None:
    world, _ = busy
    answer = read(world, THANH_HOA)
    lines = {line["unit_code"]: line for line in answer["items"]}
    assert set(lines) == set(PEOPLE)
    assert lines["15019"]["standing"] == "over"
    assert lines["15019"]["lacks"] > 0
    assert lines["14848"]["standing"] == "quiet"
    assert lines["14848"]["lends"] > 0
    left_out = {one["unit_code"]: one["reason"] for one in answer["left_out"]}
    assert left_out[UNSAID] == "no_staff"
    assert left_out[SILENT] == "silent"
    assert len(lines) + len(left_out) == answer["unit_count"] == 166
    total = answer["total"]
    for measure in ("cases", "minutes"):
        for key in total[measure]:
            assert total[measure][key] == sum(line[measure][key] for line in lines.values())
    assert total["officer_days"] == sum(line["officer_days"] for line in lines.values())
    assert [check for check in answer["checks"] if not check["holds"]] == []
    chairs = answer["vice_chairs"]
    assert (chairs["total"], chairs["known"], chairs["room"]) == (415, 2 * len(PEOPLE), None)
    assert chairs["decided"] == "not_known"


def test_the_sum_of_a_commune_in_the_workload_is_that_of_its_figures(busy: tuple[World, str]) -> None:
    world, _ = busy
    window = {"from": FIRST.isoformat(), "to": LAST.isoformat()}
    total = world.as_(*LEADER).get(f"/api/v1/units/{BAT_MOT}/rollups", params=window).json()["total"]
    [line] = read(world, BAT_MOT)["items"]
    keys = ("carried_over", "received", "resolved", "open")
    assert {key: line["cases"][key] for key in keys} == {key: total[key] for key in keys}


def test_a_shortage_leads_with_one_press_to_a_report_that_is_filled_in_and_can_be_sent(
    busy: tuple[World, str],
) -> None:
    world, _ = busy
    chair = world.as_("commune_officer", "15019")
    page = chair.get("/khoi-luong", params={"ky": PERIOD})
    assert page.status_code == 200, page.text
    found = re.search(r'href="(/xa/kho-khan/moi\?[^"]+)"', page.text)
    assert found is not None
    form = chair.get(found[1].replace("&amp;", "&"))
    assert form.status_code == 200
    kind = re.search(r'value="(\w+)"[^>]* checked', form.text)
    assert kind is not None
    assert kind[1] == "workload_imbalance"
    assert "data-filled" in form.text
    written = {
        name: re.search(rf'<textarea[^>]*name="{name}"[^>]*>(.*?)</textarea>', form.text, re.DOTALL)
        for name in ("content", "request")
    }
    texts = {name: match[1] for name, match in written.items() if match is not None}
    assert "có 1 người" in texts["content"]
    sent = chair.post(
        "/api/v1/communes/15019/issues",
        json={"id": "7b0d8f0e-0000-4000-8000-000000000001", "kind": kind[1], "severity": "medium", **texts},
    )
    assert sent.status_code == 201, sent.text
    quiet = world.as_("commune_officer", "14848")
    assert "/xa/kho-khan/moi?" not in quiet.get("/khoi-luong", params={"ky": PERIOD}).text
    bare = quiet.get("/xa/kho-khan/moi", params={"tu": "khoi-luong", "ky": PERIOD})
    assert bare.status_code == 200
    assert "data-filled" not in bare.text


def test_the_page_and_its_files_hold_the_numbers_of_the_api(busy: tuple[World, str]) -> None:
    world, _ = busy
    answer = read(world, THANH_HOA)
    with browser(world, "province_reviewer-38") as office:
        page = office.get("/khoi-luong", params={"ky": PERIOD, "lang": "en"})
        assert page.status_code == 200, page.text
        assert re.findall(r'<tr data-unit="(\d+)"', page.text) == [
            one["unit_code"] for one in answer["items"]
        ]
        assert set(re.findall(r'data-over="(\d+)"', page.text)) == {
            one["unit_code"] for one in answer["items"] if one["standing"] == "over"
        }
        assert "14848" in re.findall(r'data-lends="(\d+)"', page.text)
        assert UNSAID in re.findall(r'data-left-out="(\d+)"', page.text)
        assert 'data-holds="false"' not in page.text
        told = list(
            csv.DictReader(io.StringIO(office.get(f"/khoi-luong/{PERIOD}.csv").text.lstrip("\ufeff")))
        )
        book = CalamineWorkbook.from_filelike(io.BytesIO(office.get(f"/khoi-luong/{PERIOD}.xlsx").content))
    assert len(told) == 166
    by_code = {row["Code"]: row for row in told}
    for one in answer["items"]:
        row = by_code[one["unit_code"]]
        assert [int(row[head]) for head in ("Received", "Open", "People")] == [
            one["cases"]["received"],
            one["cases"]["open"],
            one["people"],
        ]
        assert float(row["Minutes per person and day"]) == pytest.approx(one["minutes_per_day"], abs=0.01)
    assert by_code[UNSAID]["Received"] == ""
    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 167
    assert rows[1][1] == answer["items"][0]["unit_code"]


def test_each_reader_sees_the_scope_of_their_own(busy: tuple[World, str]) -> None:
    world, _ = busy
    at = f"/api/v1/units/{BAT_MOT}/workload"
    assert read(world, BAT_MOT)["fields"]
    assert read(world, BAT_MOT, ("commune_chair", BAT_MOT))["items"] == read(world, BAT_MOT)["items"]
    assert read(world, BAT_MOT, DEPARTMENT)["fields"] is None
    assert world.as_("commune_chair", "15622").get(at).status_code == 403
    assert world.as_("province_leader", "01").get(at).status_code == 403
    assert world.as_("commune_chair", BAT_MOT).get(f"/api/v1/units/{THANH_HOA}/workload").status_code == 403
    chair = world.as_("commune_chair", BAT_MOT)
    assert chair.get(at, params={"from": "2025-05-01", "to": "2025-06-01"}).json()["field"] == "to"
    assert world.as_("ministry_viewer", "vn", "bo_noi_vu").get("/api/v1/units/vn/workload").status_code == 422


def test_the_load_of_one_person_is_for_the_commune_and_its_provincial_office_alone(
    busy: tuple[World, str],
) -> None:
    world, _ = busy
    own, office = (read(world, "15019", who) for who in (("commune_chair", "15019"), LEADER))
    assert own["items"] == office["items"] != []
    others = (DEPARTMENT, ("ministry_viewer", "vn", "bo_noi_vu"))
    for who in others:
        alone = read(world, "15019", who)
        assert alone["items"] == []
        assert [(one["unit_code"], one["reason"]) for one in alone["left_out"]] == [("15019", "one_person")]
        assert not any(week["minutes"] for week in alone["weeks"])
        whole, all_of_it = read(world, THANH_HOA, who), read(world, THANH_HOA)
        lines = {one["unit_code"]: one for one in whole["items"]}
        assert set(lines) == set(PEOPLE) - {"15019"}
        for key in ("cases", "minutes"):
            summed = sum(one[key]["to_handle"] for one in lines.values())
            assert whole["total"][key]["to_handle"] == summed, "the sum does not tell it either"
        assert [one["median"] for one in whole["groups"]] == [one["median"] for one in all_of_it["groups"]]
        assert [one for one in whole["checks"] if not one["holds"]] == []
        rows = board(world, "tai-moi-nguoi", who, unit=THANH_HOA).json()["rows"]
        [row] = [one for one in rows if one["unit_code"] == "15019"]
        assert row["signs"]["load"] == "not_reported"
        assert row["people_count"] is None
    page = world.as_(*DEPARTMENT).get(f"/khoi-luong/{PERIOD}.csv", params={"don_vi": THANH_HOA})
    [told] = [one for one in csv.reader(io.StringIO(page.text)) if "15019" in one]
    assert not [cell for cell in told[3:] if re.fullmatch(r"[\d.,]+", cell)]


def test_a_commune_without_staff_figures_is_told_what_is_missing(busy: tuple[World, str]) -> None:
    world, _ = busy
    answer = read(world, UNSAID, ("commune_chair", UNSAID))
    assert answer["items"] == []
    assert answer["total"]["minutes_per_day"] is None
    assert [one["reason"] for one in answer["left_out"]] == ["no_staff"]
    page = world.as_("commune_chair", UNSAID).get("/khoi-luong", params={"ky": PERIOD})
    assert page.status_code == 200
    assert "Chưa có số liệu để tính" in page.text


def test_the_pages_of_a_demo_have_staff_for_every_commune_and_the_tables_of_its_rules_stay(
    busy: tuple[World, str],
) -> None:
    world, _ = busy
    unused: Any = None
    system = System(unused, unused, world.parts.warehouse, unused, world.parts)
    shown = with_staff(system, "s").parts.tables
    on = dt.date(2026, 11, 30)
    assert shown.staff.people_on(BAT_MOT, "centre", on) == 4
    assert shown.weights is system.parts.tables.weights
    communes = [unit for one in tables().units.provinces() for unit in tables().units.communes_of(one.code)]
    assert all(shown.staff.people_on(unit.code, "centre", on) for unit in communes)


def test_every_simulated_commune_has_staff_and_bat_mot_has_its_four() -> None:
    communes = tables().units.communes_of(THANH_HOA)
    drawn = staff_of(communes, "s")
    assert drawn == staff_of(communes, "s")
    at_centre: Counter[str] = Counter()
    for row in drawn:
        assert row.people > 0
        at_centre[row.unit_code] += row.people if row.role == "centre" else 0
    assert set(at_centre) == {unit.code for unit in communes}
    assert at_centre[BAT_MOT] == 4
    chairs = sum(row.people for row in drawn if row.role == "vice_chair")
    assert 2 * len(communes) < chairs <= 2.5 * len(communes)
    assert max(row.people for row in drawn if row.role == "vice_chair") == 3


@pytest.mark.parametrize("unit_code", [THANH_HOA, "15019"])
def test_the_board_shows_the_numbers_of_the_page(busy: tuple[World, str], unit_code: str) -> None:
    world, _ = busy
    answer = read(world, unit_code)
    asked = {"unit": unit_code, "from": FIRST.isoformat(), "to": LAST.isoformat()}

    def panel(name: str) -> Any:
        found = world.as_(*LEADER).get(f"/bang/so/{name}.json", params=asked)
        assert found.status_code == 200, found.text
        return found.json()

    loads = panel("tai-moi-nguoi")
    rows = {row["unit_code"]: row for row in loads["rows"]}
    for one in answer["items"]:
        row = rows[one["unit_code"]]
        assert row["load"] == pytest.approx(one["minutes_per_day"], abs=0.06)
        assert (row["standing"], row["people_count"]) == (one["standing"], one["people"])
        assert (row["lend_count"], row["lack_count"]) == (one["lends"], one["lacks"])
    for one in answer["left_out"]:
        assert rows[one["unit_code"]]["signs"]["load"] == "not_reported"
    assert loads["total"]["load"] == pytest.approx(answer["total"]["minutes_per_day"], abs=0.06)
    assert loads["total"]["case_count"] == answer["total"]["cases"]["to_handle"]
    fields = panel("viec-theo-linh-vuc")
    assert fields["total"]["minutes"] == answer["total"]["minutes"]["to_handle"]
    weeks = panel("tuan-cao-diem")
    assert [row["received"] for row in weeks["rows"]] == [week["case_count"] for week in answer["weeks"]]
    page = world.as_(*LEADER).get("/bang/khoi-luong", params=asked)
    assert page.status_code == 200, page.text
    if unit_code == THANH_HOA:
        [chairs] = panel("so-pho-chu-tich")["rows"]
        assert (chairs["total"], chairs["known"]) == (415, 2 * len(PEOPLE))


def board(world: World, panel: str, who: tuple[str, ...], **asked: str) -> Any:
    window = {"unit": BAT_MOT, "from": FIRST.isoformat(), "to": LAST.isoformat()}
    return world.as_(*who).get(f"/bang/so/{panel}.json", params=window | asked)


def test_the_board_keeps_the_fields_from_readers_from_whom_the_page_keeps_them(
    busy: tuple[World, str],
) -> None:
    world, _ = busy
    for who in (DEPARTMENT, ("ministry_viewer", "vn", "bo_noi_vu")):
        answer = board(world, "viec-theo-linh-vuc", who).json()
        assert answer["rows"] == []
        assert answer["total"]["minutes"] is None
        assert "người được đọc hồ sơ" in answer["finding"]
    assert board(world, "viec-theo-linh-vuc", LEADER).json()["rows"]
    window = Window(FIRST, LAST)
    asked = Asked(BAT_MOT, window)
    for anyone in (False, True):
        reader = BoardReader(world.parts, Actor("province_leader", THANH_HOA), anyone=anyone)
        assert (reader.answer(FIELDS, asked).found.lines == ()) == anyone, "a link is read by anybody"


def test_the_board_refuses_a_window_that_runs_into_the_future_as_the_interface_does(
    busy: tuple[World, str],
) -> None:
    world, _ = busy
    ahead = {"from": FIRST.isoformat(), "to": "2027-03-31"}
    api = world.as_(*LEADER).get(f"/api/v1/units/{BAT_MOT}/workload", params=ahead)
    assert (api.status_code, api.json()["field"]) == (422, "to")
    for panel in ("tai-moi-nguoi", "viec-theo-linh-vuc", "tuan-cao-diem"):
        refused = board(world, panel, LEADER, **ahead)
        assert (refused.status_code, refused.json()["field"]) == (422, "to"), panel
    page = world.as_(*LEADER).get("/bang/khoi-luong", params={"unit": BAT_MOT, **ahead})
    assert page.status_code == 422
