"""Form II.06a of a simulated province: pages, files and API say what an independent count of the sent rows says.

The count uses nothing but the csv module, days and sums: no rule, no query and no table of the product.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from events.cases import CaseEvent
from events.codec import decode
from events.topics import CASES, CASES_BACKFILL
from services.access.policy import MAY
from tests.databases import Databases
from tests.services.test_pages import browser
from tests.services.world import BAT_MOT, THANH_HOA, VAN_XUAN, World, open_world

pytestmark = pytest.mark.warehouse
COMMUNES = (BAT_MOT, VAN_XUAN)
PERIODS = {
    "2026-10": (dt.date(2026, 9, 15), dt.date(2026, 10, 14)),
    "2026-11": (dt.date(2026, 10, 15), dt.date(2026, 11, 14)),
}
FIELDS = {"1.001193": "ho_tich", "2.000815": "chung_thuc", "1.999999": "dat_dai"}
"""The last is a procedure that no table knows: a case of it without NgayHenTra has no due day."""
_DAY = dt.timedelta(days=1)
COLUMNS = (
    *("DonVi", "MaHoSo", "MaTTHC", "LinhVuc", "KenhThucHien", "NgayTiepNhan", "NgayHenTra", "TrangThai"),
    *("NgayTrangThai", "NgayKetThucXuLy", "NguyenNhanQuaHan"),
)
_ENDED = {"7": "withdrawn", "8": "stopped", "9": "finished", "10": "finished"}


def sent_rows(r: random.Random) -> str:
    """Return as CSV what the communes send from August to November: each case once, some a second time after a pause."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    first = dt.date(2026, 8, 20)
    for number in range(90):
        received = first + dt.timedelta(days=r.randrange(88))
        code = r.choice(list(FIELDS))
        due = received + dt.timedelta(days=r.randrange(2, 30))
        row = {
            "DonVi": r.choice(COMMUNES),
            "MaHoSo": f"T-{number:03}",
            "MaTTHC": code,
            "LinhVuc": FIELDS[code],
            "KenhThucHien": r.choice("1223"),
            "NgayTiepNhan": received.isoformat(),
            "NgayHenTra": "" if code == "1.999999" and r.random() < 0.6 else due.isoformat(),
        }
        changed = received + dt.timedelta(days=r.randrange(1, 12))
        if r.random() < 0.25:
            writer.writerow({**row, "TrangThai": r.choice("56"), "NgayTrangThai": changed.isoformat()})
            changed += dt.timedelta(days=r.randrange(3, 20))
            status = "4"
        else:
            status = r.choice(("4", "4", "5", "6", "7", "8", "8", "9", "9", "9", "9", "10"))
        ended = {"NgayKetThucXuLy": changed.isoformat()} if status in {"9", "10"} else {}
        writer.writerow({**row, "TrangThai": status, "NgayTrangThai": changed.isoformat(), **ended})
    for number in range(24):
        # Late ones: the source names some causes, and a third is named by nobody.
        received = first + dt.timedelta(days=30 + 2 * number)
        due, closed = received + 3 * _DAY, received + dt.timedelta(days=4 + number % 5)
        writer.writerow(
            {
                "DonVi": COMMUNES[number % 4 == 3],
                "MaHoSo": f"T-9{number:02}",
                "MaTTHC": "1.001193",
                "LinhVuc": "ho_tich",
                "KenhThucHien": "1",
                "NgayTiepNhan": received.isoformat(),
                "NgayHenTra": due.isoformat(),
                "TrangThai": "9",
                "NgayTrangThai": closed.isoformat(),
                "NgayKetThucXuLy": closed.isoformat(),
                "NguyenNhanQuaHan": ("other_body", "staff_shortage", "")[number % 3],
            }
        )
    return out.getvalue()


SENT = sent_rows(random.Random(20))


def day_of(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def cases_of(sent: str) -> list[dict[str, Any]]:
    """Return each case with its status of today, its dates and the days on which its clock stood still."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(sent)):
        rows[row["MaHoSo"]].append(row)
    found = []
    for states in rows.values():
        last = states[-1]
        pauses = [
            (day_of(state["NgayTrangThai"]), day_of(after["NgayTrangThai"]) if after else None)
            for state, after in zip(states, [*states[1:], None], strict=True)
            if state["TrangThai"] in {"5", "6"}
        ]
        status = last["TrangThai"]
        found.append(
            {
                "code": last["MaHoSo"],
                "unit": last["DonVi"],
                "field": last["LinhVuc"],
                "online": last["KenhThucHien"] == "2",
                "received": day_of(last["NgayTiepNhan"]),
                "due": day_of(last["NgayHenTra"]),
                "status": status,
                "ended": day_of(last["NgayTrangThai"]) if status in _ENDED else None,
                "kind": _ENDED.get(status, ""),
                "pauses": pauses,
                "changed": day_of(last["NgayTrangThai"]),
            }
        )
    return found


def was_late(case: dict[str, Any], until: dt.date) -> bool:
    """Walk the days after the due day: was one of them a day on which the clock ran?"""
    day = case["due"] + _DAY
    while day <= until:
        if not any(begun < day and (ended is None or ended >= day) for begun, ended in case["pauses"]):
            return True
        day += _DAY
    return False


def own_count(cases: list[dict[str, Any]], first: dt.date, last: dt.date, rule: str) -> Counter[str]:
    """Count one unit or field by hand."""
    found: Counter[str] = Counter()
    for case in cases:
        ended, stopped_in_use = case["ended"], rule == "in_use" and case["status"] == "8"
        if case["received"] > last or (ended and ended < first and not stopped_in_use):
            continue
        carried = case["received"] < first
        found["carried_over" if carried else "received_online" if case["online"] else "received_direct"] += 1
        if stopped_in_use:
            found["pending_within"] += 1
        elif ended and ended <= last:
            found["resolved_all"] += 1
            found[resolved(case, rule)] += 1
        else:
            found[pending(case, last, rule)] += 1
    return found


def resolved(case: dict[str, Any], rule: str) -> str:
    if case["kind"] != "finished":
        return "resolved_on_time" if rule == "in_use" else f"resolved_{case['kind']}"
    if case["due"] is None:
        return "resolved_on_time" if rule == "in_use" else "resolved_undated"
    late = case["ended"] > case["due"] if rule == "in_use" else was_late(case, case["ended"])
    return (
        "resolved_late" if late else "resolved_early" if case["ended"] < case["due"] else "resolved_on_time"
    )


def pending(case: dict[str, Any], last: dt.date, rule: str) -> str:
    if rule == "in_use":
        if case["status"] == "6" or (case["status"] == "5" and case["changed"] <= last) or not case["due"]:
            return "pending_within"
        return "pending_overdue" if case["due"] < last else "pending_within"
    if case["due"] is None:
        return "pending_undated"
    if was_late(case, last):
        return "pending_overdue"
    rests = any(begun <= last and (ended is None or ended > last) for begun, ended in case["pauses"])
    return "pending_waiting" if rests else "pending_within"


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[World]:
    """Two communes that have sent all rows, in their order: to look at."""
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path_factory.mktemp("filed"), fresh, demo=True) as world:
        send_all(world)
        yield world


@pytest.fixture
def anew(tmp_path: Path, databases: Databases) -> Iterator[World]:
    """The same, for one test that records something."""
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path, fresh, demo=True) as world:
        send_all(world)
        yield world


def send_all(world: World) -> None:
    for unit_code in COMMUNES:
        rows = [
            {name: value for name, value in row.items() if value and name != "DonVi"}
            for row in csv.DictReader(io.StringIO(SENT))
            if row["DonVi"] == unit_code
        ]
        for row in rows:
            row["TrangThai"], row["KenhThucHien"] = int(row["TrangThai"]), int(row["KenhThucHien"])
        first = [
            row for row in rows if not any(one["MaHoSo"] == row["MaHoSo"] for one in rows[: rows.index(row)])
        ]
        for batch in (first, [row for row in rows if row not in first]):
            answer = world.as_("commune_officer", unit_code).post(
                f"/api/v1/communes/{unit_code}/cases/sync", json={"rows": batch}
            )
            assert answer.status_code == 200, answer.text
            assert not answer.json().get("rejected"), answer.text
    world.settle()


def own_causes(
    cases: list[dict[str, Any]], causes: dict[str, str], first: dt.date, last: dt.date, rule: str
) -> Counter[str | None]:
    """Count by hand why the cases of one unit ended late."""
    return Counter(
        causes.get(case["code"]) or None
        for case in cases
        if case["ended"] and first <= case["ended"] <= last and resolved(case, rule) == "resolved_late"
        if not (rule == "in_use" and case["status"] == "8")
    )


def causes_sent() -> dict[str, str]:
    return {row["MaHoSo"]: row["NguyenNhanQuaHan"] for row in csv.DictReader(io.StringIO(SENT))}


def by_cause(answer: Any, rule: str) -> Counter[str | None]:
    return +Counter({one["cause"]: one[rule] for one in answer["late_causes"]})


def form(
    world: World, unit_code: str, period: str, who: tuple[str, ...] = ("province_leader", THANH_HOA)
) -> Any:
    answer = world.as_(*who).get(f"/api/v1/units/{unit_code}/forms/ii-06a", params={"period": period})
    assert answer.status_code == 200, answer.text
    return answer.json()


def numbers(line: dict[str, Any]) -> Counter[str]:
    sums = {"received_all", "pending_all"}
    return +Counter({key: value for key, value in line.items() if isinstance(value, int) and key not in sums})


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("unit_code", [*COMMUNES, THANH_HOA])
def test_both_forms_equal_an_independent_count_of_what_was_sent(
    filed: World, unit_code: str, period: str
) -> None:
    cases = [one for one in cases_of(SENT) if unit_code in {one["unit"], THANH_HOA}]
    answer = form(filed, unit_code, period)
    for rule in ("in_use", "honest"):
        side = answer[rule]
        assert numbers(side["total"]) == own_count(cases, *PERIODS[period], rule)
        lines = {line["field_code"]: numbers(line) for line in side["items"]}
        for field in FIELDS.values():
            own = own_count([one for one in cases if one["field"] == field], *PERIODS[period], rule)
            assert lines.get(field, Counter()) == own, (rule, field)
        assert [check for check in side["checks"] if not check["holds"]] == []
    assert len(answer["honest"]["checks"]) > len(answer["in_use"]["checks"]) == 2


def test_the_province_is_the_sum_of_its_communes_and_a_period_goes_on_where_the_last_ended(
    filed: World,
) -> None:
    for rule in ("in_use", "honest"):
        whole = form(filed, THANH_HOA, "2026-11")[rule]["total"]
        parts = [form(filed, code, "2026-11")[rule]["total"] for code in COMMUNES]
        assert whole == {key: sum(part[key] for part in parts) for key in whole}
        before = form(filed, THANH_HOA, "2026-10")[rule]["total"]
        assert whole["carried_over"] == before["pending_all"] > 0


def test_a_longer_period_and_the_same_days_without_a_name_say_the_same(filed: World) -> None:
    year = form(filed, BAT_MOT, "2026-q3")
    window = {"from": year["from"], "to": year["to"]}
    days = filed.as_("commune_chair").get(f"/api/v1/units/{BAT_MOT}/forms/ii-06a", params=window).json()
    assert (days["period"], year["period"]) == (None, "2026-q3")
    assert [days[rule]["total"] for rule in ("in_use", "honest")] == [
        year[rule]["total"] for rule in ("in_use", "honest")
    ]


def test_a_line_of_the_bridge_opens_exactly_the_cases_that_it_counts(filed: World) -> None:
    answer = form(filed, BAT_MOT, "2026-11")
    assert {line["reason"] for line in answer["bridge"]} >= {"withdrawn", "stopped_before", "waits_today"}
    seen: list[str] = []
    for line in answer["bridge"][::2]:
        asked = {"period": "2026-11", "line": line["key"]}
        own = filed.as_("commune_chair").get(f"/api/v1/units/{BAT_MOT}/forms/ii-06a/cases", params=asked)
        codes = [case["dossier_code"] for case in own.json()["items"]]
        assert len(codes) == line["case_count"]
        assert all(code.startswith("T-") for code in codes)
        seen += codes
    for line in answer["bridge"][:1]:
        asked = {"period": "2026-11", "line": line["key"]}
        above = filed.as_("province_leader", THANH_HOA).get(
            f"/api/v1/units/{BAT_MOT}/forms/ii-06a/cases", params=asked
        )
        assert {case["dossier_code"] for case in above.json()["items"]} == {None}
    assert len(seen) == len(set(seen))


def test_the_page_says_both_forms_opens_a_line_and_its_files_hold_the_same_numbers(filed: World) -> None:
    answer = form(filed, BAT_MOT, "2026-11")
    line = answer["bridge"][0]
    with browser(filed, "commune_chair-15607") as chair:
        page = chair.get("/bieu/ii-06a", params={"ky": "2026-11", "dong": line["key"], "lang": "en"})
        assert page.status_code == 200, page.text
        opened = page.text[page.text.index('id="ho-so"') :]
        assert opened.count(">T-") == line["case_count"]
        assert 'data-holds="false"' not in page.text
        for rule in ("in_use", "honest"):
            table = page.text[page.text.index(f'data-rule="{rule}"') :]
            total = re.search(r'<tr class="is-total">(.*?)</tr>', table, re.DOTALL)
            assert total is not None
            shown = [int(one) for one in re.findall(r">([\d,]+)</td>", total[1])]
            assert shown == [
                value for key, value in answer[rule]["total"].items() if rule == "honest" or shown_in_use(key)
            ]
            word = chair.get(f"/bieu/ii-06a/2026-11/{rule}.docx")
            cells = [cell.text for cell in Document(io.BytesIO(word.content)).tables[1].rows[-1].cells]
            assert cells[1:] == ["Tổng cộng", *map(str, shown)]
            sheet = chair.get(f"/bieu/ii-06a/2026-11/{rule}.xlsx")
            book = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content))
            assert book.sheet_names == ["Biểu", "Đối chiếu"]
            rows = book.get_sheet_by_index(0).to_python()
            [summed] = [row for row in rows if row[1] == "Tổng cộng"]
            assert summed[2:] == shown
        told = list(csv.DictReader(io.StringIO(chair.get("/bieu/ii-06a/2026-11.csv").text.lstrip("\ufeff"))))
        assert [row["received_all"] for row in told if not row["field_code"]] == [
            str(answer[rule]["total"]["received_all"]) for rule in ("in_use", "honest")
        ]
        cases = chair.get("/bieu/ii-06a/2026-11/ho-so.csv", params={"dong": line["key"]}).text
        assert len(list(csv.reader(io.StringIO(cases)))) == line["case_count"] + 1
    assert filed.parts.drafts.drawing_count([BAT_MOT]) == 6


def shown_in_use(key: str) -> bool:
    """Return whether the prescribed layout has a column for a number."""
    return key not in {f"resolved_{one}" for one in ("undated", "withdrawn", "stopped")} | {
        "pending_undated",
        "pending_waiting",
    }


def test_the_paper_has_the_prescribed_head(filed: World) -> None:
    with browser(filed, "commune_chair-15607") as chair:
        paper = Document(io.BytesIO(chair.get("/bieu/ii-06a/2026-11/in_use.docx").content))
    left, middle, right = (cell.text for cell in paper.tables[0].rows[0].cells)
    assert left == "Biểu số II.06a/VPCP/KSTT"
    assert middle.endswith("Kỳ báo cáo: tháng 11 năm 2026\n(Từ ngày 15/10/2026 đến ngày 14/11/2026)")
    assert right == (
        "- Đơn vị báo cáo:\nỦy ban nhân dân xã Bát Mọt\n- Đơn vị nhận báo cáo:\nỦy ban nhân dân tỉnh Thanh Hóa"
    )
    head = [cell.text for cell in paper.tables[1].rows[3].cells]
    assert head[:6] == ["(1)", "(2)", "(3) = (4) + (5) + (6)", "(4)", "(5)", "(6)"]
    assert len(head) == 13


def test_the_second_sheet_leaves_each_line_the_height_of_its_words(filed: World) -> None:
    answer = filed.as_("commune_officer").get("/bieu/ii-06a/2026-11/honest.xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        drawn = book.read("xl/worksheets/sheet2.xml").decode()
    heights = [float(one) for one in re.findall(r'<row [^>]*\bht="([\d.]+)"', drawn)]
    lines = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(1).to_python()
    assert len(heights) == len(lines)
    long = [height for height, line in zip(heights, lines, strict=True) if len(str(line[0])) > 70]
    assert long
    assert min(long) >= 2 * min(heights)


def test_what_no_form_is_of_is_refused_in_words(filed: World) -> None:
    at = f"/api/v1/units/{BAT_MOT}/forms/ii-06a"
    chair = filed.as_("commune_chair")
    assert chair.get(at, params={"period": "2026-13"}).status_code == 404
    assert chair.get(at, params={"period": "2027-11"}).json()["field"] == "period"
    assert chair.get(at, params={"from": "2026-01-01", "to": "2099-01-01"}).json()["field"] in {"from", "to"}
    days = {"from": "2026-09-15", "to": "2026-10-14", "as_filed": "true"}
    refused = chair.get(at, params=days)
    assert (refused.status_code, refused.json().get("field")) == (422, "as_filed"), refused.text[:200]
    assert chair.get(f"{at}/cases", params={"line": "none.none.none"}).status_code == 404
    assert filed.as_("administrator", "vn").get("/api/v1/units/vn/forms/ii-06a").status_code == 422
    assert filed.as_("commune_chair", VAN_XUAN).get(at).status_code == 403
    assert set(MAY["cases.read"]) >= {"commune_chair", "province_leader", "auditor"}


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("unit_code", [*COMMUNES, THANH_HOA])
def test_what_ended_late_is_counted_by_the_cause_that_was_sent_and_the_rest_is_not_known(
    filed: World, unit_code: str, period: str
) -> None:
    cases = [one for one in cases_of(SENT) if unit_code in {one["unit"], THANH_HOA}]
    answer = form(filed, unit_code, period)
    for rule, key in (("in_use", "used"), ("honest", "honest")):
        found = by_cause(answer, key)
        assert found == own_causes(cases, causes_sent(), *PERIODS[period], rule)
        assert found.total() == answer[rule]["total"]["resolved_late"]
    # The board counts what happened, as the honest rule does.
    leader = filed.as_("province_leader", THANH_HOA)
    asked = {"unit": unit_code, "period": period}
    panel = leader.get("/bang/so/nguyen-nhan-qua-han.json", params=asked).json()
    rows = {one["late_cause"] or None: one["late_count"] for one in panel["rows"]}
    assert rows == by_cause(answer, "honest")
    assert panel["total"]["late_count"] == sum(rows.values())
    if unit_code == THANH_HOA:
        assert {None, "other_body"} < set(by_cause(answer, "used"))


def test_a_commune_names_a_cause_for_all_ticked_and_one_by_one_and_the_form_follows(anew: World) -> None:
    before = form(anew, BAT_MOT, "2026-11")
    asked: dict[str, str | bool] = {"period": "2026-11", "unnamed": True}
    at = f"/api/v1/communes/{BAT_MOT}/late-cases"
    unnamed = anew.as_("commune_officer").get(at, params=asked).json()["items"]
    assert len(unnamed) == by_cause(before, "used")[None] > 1
    assert {one["late_cause"] for one in unnamed} == {None}
    with browser(anew, "commune_officer-15607") as officer:
        page = officer.get("/xa/ho-so/qua-han", params={"ky": "2026-11"})
        assert page.text.count('name="case"') == len(unnamed)
        nothing = officer.post("/xa/ho-so/qua-han?ky=2026-11", data={"cause": "site_check"})
        assert (nothing.status_code, "Chưa đánh dấu hồ sơ nào" in nothing.text) == (422, True)
        guessed = officer.post(
            "/xa/ho-so/qua-han?ky=2026-11", data={"cause": "nguyen_van_a", "case": unnamed[0]["case_key"]}
        )
        assert guessed.status_code == 422
        listed = anew.as_("commune_officer").get(at, params={"period": "2026-11"}).json()["items"]
        late = {one["case_key"] for one in listed}
        every = anew.as_("commune_officer").get(f"/api/v1/communes/{BAT_MOT}/cases", params={"limit": 200})
        others = [one["case_key"] for one in every.json()["items"] if one["closed_on"] is None]
        assert others
        assert not late & set(others)
        for other in others:
            both = {"cause": "site_check", "case": [other, unnamed[1]["case_key"]]}
            refused = officer.post("/xa/ho-so/qua-han?ky=2026-11", data=both)
            assert (refused.status_code, "không kết thúc quá hạn" in refused.text) == (422, True)
            assert re.findall(r'value="([0-9a-f]{64})" checked', refused.text) == [unnamed[1]["case_key"]]
            asked_for = {"cause": "site_check", "case_keys": both["case"]}
            answer = anew.as_("commune_chair").post(f"{at}/causes", json=asked_for)
            assert (answer.status_code, answer.json()["fault"]) == (422, "cause_of_not_late")
        for wrong in ("A-1", "0" * 63, " " + "0" * 64, "\x00" + "0" * 63):
            keyed = {"cause": "site_check", "case_keys": [wrong]}
            answer = anew.as_("commune_chair").post(f"{at}/causes", json=keyed)
            assert (answer.status_code, answer.json()["field"]) == (422, "case_keys.0"), answer.text
        ticked = [f" {one['case_key']}\x00" for one in unnamed[1:]]
        named = officer.post(
            "/xa/ho-so/qua-han?ky=2026-11",
            data={"cause": "site_check", "case": ticked},
            follow_redirects=False,
        )
        assert named.status_code == 303, named.text
    one = {"cause": "disaster", "case_keys": [unnamed[0]["case_key"]]}
    [result] = anew.as_("commune_chair").post(f"{at}/causes", json=one).json()["results"]
    assert result["outcome"] == "advanced"
    foreign = anew.as_("commune_chair", VAN_XUAN).post(
        f"/api/v1/communes/{VAN_XUAN}/late-cases/causes", json=one
    )
    assert foreign.status_code == 422
    anew.settle()
    after = form(anew, BAT_MOT, "2026-11")
    for rule, key in (("in_use", "used"), ("honest", "honest")):
        assert after[rule] == before[rule]  # a cause moves no number of the form
        assert by_cause(after, key).total() == by_cause(before, key).total()
    assert by_cause(after, "used")["site_check"] == len(ticked)
    assert by_cause(after, "used")["disaster"] == 1
    assert by_cause(after, "used")[None] == 0
    told = anew.as_("commune_chair").get("/bieu/ii-06a/2026-11/nguyen-nhan.csv")
    lines = list(csv.DictReader(io.StringIO(told.text.lstrip("\ufeff"))))
    assert {line["cause"]: int(line["in_use"]) for line in lines} == by_cause(after, "used")
    with browser(anew, "commune_chair-15607") as chair:
        paper = Document(io.BytesIO(chair.get("/bieu/ii-06a/2026-11/in_use.docx").content))
    assert any("Nguyên nhân quá hạn (cột 10)" in line.text for line in paper.paragraphs)


def test_a_cause_is_taken_back_as_an_act_of_its_own_that_moves_no_figure(anew: World) -> None:
    at, period = f"/api/v1/communes/{BAT_MOT}/late-cases", {"period": "2026-11"}
    officer = anew.as_("commune_officer")

    def late() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = officer.get(at, params=period).json()["items"]
        return items

    ids = [one["case_key"] for one in late()]
    bare = {"cause": None, "case_keys": ids[:1]}
    if late()[0]["late_cause"] is not None:
        [result] = officer.post(f"{at}/causes", json=bare).json()["results"]
        assert result["outcome"] == "advanced"
    refused = officer.post(f"{at}/causes", json=bare)
    assert (refused.status_code, refused.json()["fault"]) == (422, "cause_not_named")
    named = officer.post(f"{at}/causes", json={"cause": "site_check", "case_keys": ids})
    assert named.status_code == 200, named.text
    anew.settle()
    before = form(anew, BAT_MOT, "2026-11")
    with browser(anew, "commune_officer-15607") as there:
        every = "/xa/ho-so/qua-han?ky=2026-11&tat_ca=1"
        assert "Bỏ nguyên nhân đã ghi" in there.get(every).text
        back = there.post(every, data={"cause": "-", "case": ids[:2]}, follow_redirects=False)
        assert (back.status_code, back.headers["location"]) == (303, f"{every}&done=causes_back")
        shown = there.get(f"{every}&done=causes_back").text
    assert "Đã bỏ nguyên nhân" in shown
    assert shown.count("chưa rõ, nguyên nhân đã ghi đã được bỏ") == 2
    assert {one["case_key"] for one in late() if one["late_cause"] is None} == set(ids[:2])
    anew.settle()
    after = form(anew, BAT_MOT, "2026-11")
    for rule, key in (("in_use", "used"), ("honest", "honest")):
        assert after[rule] == before[rule]
        assert by_cause(after, key).total() == by_cause(before, key).total()
    assert by_cause(after, "used")[None] == by_cause(before, "used")[None] + 2
    acts = [event for event in _events_of(anew, ids[0]) if event.data.reason_code == "step_taken_back"]
    assert {(one.type, one.actor_role, one.actor_unit) for one in acts} == {
        ("case.corrected", "commune_officer", BAT_MOT)
    }


def _events_of(world: World, case_key: str) -> list[CaseEvent]:
    records = [
        record
        for topic in (CASES, CASES_BACKFILL)
        for number in range(topic.partitions)
        for record in world.log.read(topic.name, number, 0, 10_000)
    ]
    told = [decode(record.value) for record in records]
    return [one for one in told if isinstance(one, CaseEvent) and one.subject == case_key]
