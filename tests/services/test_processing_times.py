"""Processing time and help with filing in simulated communes: the boards say what an independent count of the sent rows says.

The count uses nothing but the csv module and days that it walks one by one: no rule, query or table of the product.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from dashboards.definitions.helped import HELPED_BY_BAND
from services.web.boards import cases
from services.web.boards.asked import Asked
from services.web.boards.withheld import why_withheld
from services.web.figures.windows import Window
from tests.databases import Databases
from tests.services.world import (
    BAT_MOT,
    DEPARTMENT,
    MINISTRY,
    REVIEWER,
    THANH_HOA,
    VAN_XUAN,
    World,
    open_world,
)

pytestmark = pytest.mark.warehouse
COMMUNES = (BAT_MOT, VAN_XUAN)
FIRST, LAST = dt.date(2026, 8, 25), dt.date(2026, 11, 14)
DAYS_OFF = {dt.date(2026, 8, 31), dt.date(2026, 9, 1), dt.date(2026, 9, 2)}
WORKED = {dt.date(2026, 8, 22)}
"""The National Day of 2026: its two days, and the Monday before, for which a Saturday was worked."""
_FRIDAY = 4
FIELDS = {"1.001193": "ho_tich", "2.000815": "chung_thuc", "1.004884": "ho_tich"}
COLUMNS = (
    *("DonVi", "MaHoSo", "MaTTHC", "LinhVuc", "KenhThucHien", "NgayTiepNhan", "TrangThai", "NgayTrangThai"),
    *("NgayKetThucXuLy", "DuocThanhToanTrucTuyen", "HoTroNopHoSo", "NhomTuoi"),
)
_DAY = dt.timedelta(days=1)


def sent_rows(r: random.Random) -> str:
    """Return as CSV what two communes send: some cases pause once or twice, and only certification says how it is paid."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    for number in range(80):
        day = dt.date(2026, 8, 10) + dt.timedelta(days=r.randrange(90))
        code = r.choice(list(FIELDS))
        row = {
            "DonVi": r.choice(COMMUNES),
            "MaHoSo": f"D-{number:03}",
            "MaTTHC": code,
            "LinhVuc": FIELDS[code],
            "KenhThucHien": r.choice("1223"),
            "NgayTiepNhan": day.isoformat(),
            "DuocThanhToanTrucTuyen": r.choice("01") if code == "2.000815" else "",
        }
        if row["KenhThucHien"] == "2":
            row |= {"HoTroNopHoSo": r.choice(("", "0", "0", "1", "2", "3")), "NhomTuoi": r.choice("012")}
        for _ in range(r.choice((0, 0, 1, 2))):
            day += dt.timedelta(days=r.randrange(4))
            writer.writerow({**row, "TrangThai": r.choice("556"), "NgayTrangThai": day.isoformat()})
            day += dt.timedelta(days=r.randrange(9))
            writer.writerow({**row, "TrangThai": "4", "NgayTrangThai": day.isoformat()})
        day += dt.timedelta(days=r.randrange(8))
        status = r.choice(("4", "7", "8", "9", "9", "9", "10"))
        ended = {"NgayKetThucXuLy": day.isoformat()} if status in {"9", "10"} else {}
        writer.writerow({**row, "TrangThai": status, "NgayTrangThai": day.isoformat(), **ended})
    return out.getvalue()


SENT = sent_rows(random.Random(8))


def works(day: dt.date) -> bool:
    return (day.weekday() <= _FRIDAY and day not in DAYS_OFF) or day in WORKED


def finished(sent: str) -> list[dict[str, Any]]:
    """Return the cases that ended with a result in the window, with the days on which an office could work on them."""
    states: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(sent)):
        states[row["MaHoSo"]].append(row)
    found = []
    for rows in states.values():
        last, day = rows[-1], dt.date.fromisoformat
        if last["TrangThai"] not in {"9", "10"} or not FIRST <= day(last["NgayKetThucXuLy"]) <= LAST:
            continue
        pauses = [
            (day(one["NgayTrangThai"]), day(after["NgayTrangThai"]))
            for one, after in itertools.pairwise(rows)
            if one["TrangThai"] in {"5", "6"}
        ]
        today, taken = day(last["NgayTiepNhan"]), 0
        while today < day(last["NgayKetThucXuLy"]):
            today += _DAY
            taken += works(today) and not any(begun <= today < over for begun, over in pauses)
        found.append(
            {
                "unit": last["DonVi"],
                "field": last["LinhVuc"],
                "procedure": last["MaTTHC"],
                "taken": taken,
                "asked": sum(one["TrangThai"] == "5" for one in rows),
                "paid": last["DuocThanhToanTrucTuyen"],
            }
        )
    return found


def middle(values: list[int], tenths: int) -> int:
    """Return the value of that case at which so many tenths of all are done."""
    return sorted(values)[-(-len(values) * tenths // 10) - 1]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[World]:
    """Two communes that have sent all rows, in their order."""
    fresh = databases.fresh()
    with closing(fresh), open_world(tmp_path_factory.mktemp("times"), fresh, demo=True) as world:
        for unit_code in COMMUNES:
            rounds: dict[int, list[dict[str, Any]]] = defaultdict(list)
            seen: dict[str, int] = defaultdict(int)
            for row in csv.DictReader(io.StringIO(SENT)):
                if row.pop("DonVi") == unit_code:
                    rounds[seen[row["MaHoSo"]]].append({name: value for name, value in row.items() if value})
                    seen[row["MaHoSo"]] += 1
            for _, rows in sorted(rounds.items()):
                for row in rows:
                    row["TrangThai"], row["KenhThucHien"] = int(row["TrangThai"]), int(row["KenhThucHien"])
                answer = world.as_("commune_officer", unit_code).post(
                    f"/api/v1/communes/{unit_code}/cases/sync", json={"rows": rows}
                )
                assert answer.status_code == 200, answer.text
                assert not answer.json().get("rejected"), answer.text
        world.settle()
        yield world


def rows_of(world: World, panel: str, unit: str, key: str) -> dict[str, dict[str, Any]]:
    person = ("province_leader", THANH_HOA) if unit == THANH_HOA else ("commune_chair", unit)
    asked = {"unit": unit, "from": FIRST.isoformat(), "to": LAST.isoformat()}
    answer = world.as_(*person).get(f"/bang/so/{panel}.json", params=asked)
    assert answer.status_code == 200, answer.text
    return {row[key]: row for row in answer.json()["rows"]}


@pytest.mark.parametrize("unit", [*COMMUNES, THANH_HOA])
@pytest.mark.parametrize(
    ("panel", "key", "part"),
    [("thoi-gian-linh-vuc", "field_code", "field"), ("thoi-gian-thu-tuc", "procedure_code", "procedure")],
)
def test_the_times_equal_an_independent_count(
    sent: World, unit: str, panel: str, key: str, part: str
) -> None:
    cases: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for case in finished(SENT):
        if unit in {case["unit"], THANH_HOA}:
            cases[case[part]].append(case)
    rows = rows_of(sent, panel, unit, key)
    assert set(rows) == set(cases)
    for one, own in cases.items():
        taken = [case["taken"] for case in own]
        assert rows[one]["finished_count"] == len(own)
        assert rows[one]["median_days"] == middle(taken, 5), (one, sorted(taken))
        assert rows[one]["long_days"] == middle(taken, 9), (one, sorted(taken))
        assert rows[one]["again_count"] == sum(case["asked"] > 1 for case in own)
        supplemented = sum(case["asked"] > 0 for case in own)
        assert rows[one]["supplemented_share"] == pytest.approx(supplemented / len(own))


def test_the_cases_behind_a_count_are_exactly_those_and_only_their_commune_sees_their_codes(
    sent: World,
) -> None:
    client = sent.as_("commune_chair", BAT_MOT)
    window = {"unit": BAT_MOT, "from": FIRST.isoformat(), "to": LAST.isoformat()}
    for code, row in rows_of(sent, "thoi-gian-thu-tuc", BAT_MOT, "procedure_code").items():
        page = client.get(
            "/bang/thoi-gian/ho-so", params={**window, "thu_tuc": code}, headers={"accept": "text/html"}
        ).text
        assert len(re.findall(r"<tr data-row", page)) == row["finished_count"]
        file = client.get("/bang/thoi-gian/ho-so.csv", params={**window, "thu_tuc": code})
        lines = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
        own = [one for one in finished(SENT) if (one["unit"], one["procedure"]) == (BAT_MOT, code)]
        assert sorted(int(line["Số ngày giải quyết"]) for line in lines) == sorted(
            one["taken"] for one in own
        )
        assert all(line["Mã hồ sơ"].startswith("D-") for line in lines)
    above = sent.as_("province_leader", THANH_HOA).get("/bang/thoi-gian/ho-so.csv", params=window)
    assert above.status_code == 200
    assert "D-0" not in above.text
    assert sent.as_(*MINISTRY).get("/bang/thoi-gian/ho-so", params=window).status_code == 403


def test_online_payment_is_shown_where_it_is_told_and_is_no_nought_elsewhere(sent: World) -> None:
    rows = rows_of(sent, "thanh-toan", THANH_HOA, "field_code")
    own = [case["paid"] for case in finished(SENT) if case["paid"]]
    paid = rows["chung_thuc"]
    assert (paid["payment_known_count"], paid["paid_online_count"]) == (len(own), own.count("1"))
    assert rows["ho_tich"]["paid_online_count"] is None
    assert set(rows["ho_tich"]["signs"].values()) == {"not_reported"}
    asked = {"unit": BAT_MOT, "from": "2026-01-01", "to": "2026-01-02", "lang": "vi"}
    nothing = sent.as_("commune_chair", BAT_MOT).get("/bang/so/thanh-toan.json", params=asked).json()
    assert nothing["finding"] == "Chưa có số liệu về thanh toán trực tuyến"


def test_the_channels_of_a_field_are_the_rows_that_were_sent(sent: World) -> None:
    first: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO(SENT)):
        first.setdefault(row["MaHoSo"], row)
    rows = rows_of(sent, "linh-vuc-kenh", THANH_HOA, "field_code")
    for field in ("ho_tich", "chung_thuc"):
        came = [
            row["KenhThucHien"]
            for row in first.values()
            if row["LinhVuc"] == field and FIRST <= dt.date.fromisoformat(row["NgayTiepNhan"]) <= LAST
        ]
        counts = [rows[field][f"{name}_count"] for name in ("counter", "online", "post", "unknown")]
        assert counts == [*(came.count(code) for code in "123"), 0]


def came_online(sent: str) -> list[dict[str, str]]:
    """Return the online cases that were received in the window, each as it was first sent."""
    first: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO(sent)):
        first.setdefault(row["MaHoSo"], row)
    return [
        row
        for row in first.values()
        if row["KenhThucHien"] == "2" and FIRST <= dt.date.fromisoformat(row["NgayTiepNhan"]) <= LAST
    ]


def monday(row: dict[str, str]) -> str:
    day = dt.date.fromisoformat(row["NgayTiepNhan"])
    return (day - dt.timedelta(days=day.weekday())).isoformat()


HELPED: dict[str, tuple[str, Callable[[dict[str, str]], str]]] = {
    "tu-nop-linh-vuc": ("field_code", lambda row: row["LinhVuc"]),
    "tu-nop-xa": ("unit_code", lambda row: row["DonVi"]),
    "tu-nop-tuan": ("week", monday),
    "tu-nop-tuoi": (
        "age_band",
        lambda row: {"1": "60_plus", "2": "under_60"}.get(row["NhomTuoi"], "unknown"),
    ),
}


@pytest.mark.parametrize("panel", HELPED)
def test_who_was_helped_and_who_filed_alone_equal_an_independent_count(sent: World, panel: str) -> None:
    key, part_of = HELPED[panel]
    rows = rows_of(sent, panel, THANH_HOA, key)
    own: dict[str, list[str]] = defaultdict(list)
    for row in came_online(SENT):
        own[part_of(row)].append(row["HoTroNopHoSo"])
    assert set(rows) == set(own)
    for one, said in own.items():
        told = [code for code in said if code]
        if not told:
            assert set(rows[one]["signs"].values()) == {"not_reported"}
            continue
        names = ("alone", "counter", "other_unit", "home")
        assert rows[one]["told_count"] == len(told)
        assert [rows[one][f"{name}_count"] for name in names] == [told.count(code) for code in "0123"]
        assert rows[one]["alone_share"] == pytest.approx(told.count("0") / len(told))


MONTH = {"unit": THANH_HOA, "from": "2026-10-01", "to": "2026-10-31"}
PARTS = ("told_count", "alone_count", "counter_count", "other_unit_count", "home_count")


def bands(world: World, person: tuple[str, ...], **changes: str) -> Any:
    answer = world.as_(*person).get("/bang/so/tu-nop-tuoi.json", params=MONTH | changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    "changes", [{}, {"from": "2026-09-01", "to": "2026-09-30"}], ids=["october", "september"]
)
def test_one_small_count_of_a_band_of_age_hides_all_of_which_it_is_a_part(
    sent: World, changes: dict[str, str]
) -> None:
    own = bands(sent, REVIEWER, **changes)["rows"]
    assert any(0 < row[name] < 5 for row in own for name in PARTS)
    above = bands(sent, MINISTRY, **changes)["rows"]
    assert len(above) == len(own)
    for row in above:
        assert {row[name] for name in (*PARTS, "alone_share")} == {None}
        assert {row["signs"][name] for name in (*PARTS, "alone_share")} == {"suppressed"}
        assert not any(row[f"{name}_before"] for name in PARTS), "days before overlap with other months"


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": BAT_MOT},
        {"field": "ho_tich"},
        {"to": "2026-10-30"},
        {"from": "2026-10-02"},
        {"from": "2026-09-01"},
    ],
    ids=lambda changes: "-".join(changes.values()),
)
def test_bands_of_age_that_overlap_with_others_are_for_readers_of_cases_alone(
    sent: World, changes: dict[str, str]
) -> None:
    kept = bands(sent, MINISTRY, **changes)
    assert kept["rows"] == []
    assert set(kept["total"]["signs"].values()) == {"not_reported"}
    assert kept["finding"].startswith("Không hiện: ")
    assert bands(sent, REVIEWER, **changes)["rows"]


def test_a_month_tells_bands_of_age_once_it_is_over() -> None:
    october = Asked(THANH_HOA, Window(dt.date(2026, 10, 1), dt.date(2026, 10, 31)))
    assert why_withheld(HELPED_BY_BAND, october, dt.date(2026, 10, 31)) is not None
    assert why_withheld(HELPED_BY_BAND, october, dt.date(2026, 11, 1)) is None


def test_a_list_of_cases_that_is_cut_says_so_in_its_file_and_on_its_page(
    sent: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"unit": THANH_HOA, "from": FIRST.isoformat(), "to": LAST.isoformat(), "lang": "vi"}
    leader, whole = sent.as_(*REVIEWER), len(finished(SENT))
    monkeypatch.setattr(cases, "MOST_CASES", 5)
    monkeypatch.setattr(cases, "_SHOWN", 3)
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(leader.get("/bang/thoi-gian/ho-so.xlsx", params=asked).content)
    )
    assert len(book.get_sheet_by_index(0).to_python()) == 1 + 5
    about = str(book.get_sheet_by_index(1).to_python())
    said = f"Tệp không đủ danh sách: có 5 hồ sơ lâu nhất trong {whole}."
    assert said in about
    page = leader.get("/bang/thoi-gian/ho-so", params=asked, headers={"accept": "text/html"}).text
    assert page.count("data-row") == 3
    assert f"3 hồ sơ lâu nhất trong {whole}" in page
    assert said in page


def test_data_that_do_not_agree_stand_by_owner_and_as_the_list_that_whoever_may_read_them_gets(
    sent: World,
) -> None:
    reported = {
        sent.report(kind="vneid_household_mismatch", cases_blocked=3),
        sent.report(kind="vneid_household_mismatch", unit_code=VAN_XUAN),
        sent.report(kind="duplicate_paper_demand", cases_blocked=2),
    }
    sent.report(kind="equipment_lack")
    asked = {"unit": THANH_HOA}

    def read(panel: str, person: tuple[str, ...]) -> list[dict[str, Any]]:
        answer = sent.as_(*person).get(f"/bang/so/{panel}.json", params=asked)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["rows"]
        return rows

    kinds = {row["kind"]: row for row in read("sai-lech-loai", REVIEWER)}
    assert {kind: (row["open_count"], row["blocked_count"]) for kind, row in kinds.items()} == {
        "vneid_household_mismatch": (2, 3),
        "duplicate_paper_demand": (1, 2),
    }
    listed = read("sai-lech-danh-sach", REVIEWER)
    assert {row["issue_id"] for row in listed} == reported
    owners = {row["holder_body"]: row["open_count"] for row in read("sai-lech-co-quan", REVIEWER)}
    assert owners == Counter(row["holder_body"] for row in listed)
    assert {row["unit_code"]: row["open_count"] for row in read("sai-lech-xa", REVIEWER)} == {
        BAT_MOT: 2,
        VAN_XUAN: 1,
    }
    assert {row["issue_id"] for row in read("sai-lech-danh-sach", DEPARTMENT)} < reported


def test_a_board_leads_to_a_report_in_which_its_kind_is_chosen(sent: World) -> None:
    officer = sent.as_("commune_officer", BAT_MOT)
    board = officer.get("/bang/ho-tro", headers={"accept": "text/html"}).text
    assert 'href="/xa/kho-khan/moi?loai=digital_illiteracy"' in board
    form = officer.get("/xa/kho-khan/moi?loai=digital_illiteracy", headers={"accept": "text/html"}).text
    assert re.search(r'value="digital_illiteracy"[^>]*(selected|checked)', form)
    unknown = officer.get("/xa/kho-khan/moi?loai=no_such_kind", headers={"accept": "text/html"})
    assert unknown.status_code == 200
    assert 'value="no_such_kind"' not in unknown.text
