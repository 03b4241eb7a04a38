"""The table of competence: its rows, its verdicts, and its answer where it has no verdict."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.issues import CompetenceVerdict, ConsideredFacts
from reporting.competence.citations import spelled_out
from reporting.competence.conditions import Conditions
from reporting.competence.table import SEVERITIES, CompetenceTable, parse_competence
from reporting.dated.units import Unit
from reporting.errors import TableError
from tests.reporting.stories import tables
from tests.reporting.tables import altered, lines, shipped

TABLE = tables().competence
UNITS = tables().units
AUTUMN = dt.date(2025, 10, 15)
LAPSED = dt.date(2027, 3, 1)
SUMMER_DECREES = re.compile(r"\b1([2-4]\d|5[01])/2025")


def assess(kind: str, severity: str = "high", unit: str = "15607", on: dt.date = AUTUMN) -> CompetenceVerdict:
    return decide(TABLE, kind, severity, unit=UNITS.get(unit, on), on=on)


def decide(
    table: CompetenceTable, kind: str, severity: str, *, unit: Unit, on: dt.date, **stated: Any
) -> CompetenceVerdict:
    return table.assess(facts(kind, severity, on=on, **stated), unit)


def facts(kind: str, severity: str = "medium", *, on: dt.date = AUTUMN, **stated: Any) -> ConsideredFacts:
    return ConsideredFacts.model_validate({"kind": kind, "severity": severity, "assessed_on": on, **stated})


def test_each_kind_is_there_once_in_a_group_and_no_group_is_empty() -> None:
    kinds = TABLE.kinds(AUTUMN)
    assert len(kinds) == len({kind.key for kind in kinds})
    assert {kind.group_key for kind in kinds} == {group.key for group in TABLE.groups()}
    assert "unclear" in {kind.key for kind in kinds}


@given(day=st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31)))
def test_a_kind_asked_for_by_its_key_is_the_one_among_the_kinds_of_that_day(day: dt.date) -> None:
    of_day = {kind.key: kind for kind in TABLE.kinds(day)}
    keys = {row.kind.key for row in TABLE.rows()} | {"no_such_kind"}
    assert {key: TABLE.kind(key, day) for key in keys} == {key: of_day.get(key) for key in keys}


def test_the_kinds_of_a_day_are_sorted_once() -> None:
    assert TABLE.kinds(AUTUMN) is TABLE.kinds(AUTUMN)


@pytest.mark.parametrize(
    ("kind", "lane", "level", "lead", "days"),
    [
        ("mobile_dead_spot", "proposal", "province", "38.so_khcn", 15),
        ("no_grid_power", "proposal", "province", "38.so_cong_thuong", 20),
        ("power_unstable", "support", "province", "38.dien_luc", 3),
        ("one_stop_system_error", "support", "province", "38.so_khcn", 1),
        ("newborn_personal_id", "guidance", "commune", "15607.ttpvhcc", 3),
        ("vneid_household_mismatch", "guidance", "commune", "15607.cong_an", 5),
        ("landslide_relocation", "phone_first", "province", "38.ubnd", 1),
        ("border_security", "outside", "commune", "15607.cong_an", 1),
        ("unclear", "guidance", "province", "38.vp_ubnd", 2),
    ],
)
def test_a_kind_has_its_lane_its_level_and_one_lead(
    kind: str, lane: str, level: str, lead: str, days: int
) -> None:
    verdict = assess(kind)
    assert (verdict.lane, verdict.level, verdict.lead_body) == (lane, level, lead)
    assert (verdict.response_days, verdict.finding, verdict.row_id) == (days, None, f"{kind}@2025-07-01")


def test_the_mediation_of_land_disputes_has_a_deadline_by_law_and_such_a_deadline_names_its_basis() -> None:
    by_law = [row for row in TABLE.rows() if row.deadline_source != "default"]
    assert "land_dispute" in {row.kind.key for row in by_law}
    assert [row.id for row in by_law if not row.basis] == []
    verdict = assess("land_dispute")
    assert (verdict.response_days, verdict.days_kind, verdict.deadline_source) == (30, "calendar", "law")
    assert "Thời hạn: 30 ngày (tính cả ngày nghỉ), do pháp luật quy định." in verdict.explanation_vi
    assert "Hệ thống nhắc" not in verdict.explanation_vi


def test_every_kind_is_decided_for_every_province_at_every_severity_in_both_languages() -> None:
    for province in UNITS.provinces(AUTUMN):
        unit = UNITS.communes_of(province.code, AUTUMN)[-1]
        for kind in TABLE.kinds(AUTUMN):
            for severity in SEVERITIES:
                verdict = decide(TABLE, kind.key, severity, unit=unit, on=AUTUMN)
                assert verdict.finding is None
                assert verdict.lead_body is not None
                for body in (verdict.lead_body, *verdict.other_bodies, verdict.ministry_body or "bo_khcn"):
                    assert TABLE.bodies.knows(body, AUTUMN)
                name = TABLE.bodies.get(verdict.lead_body, AUTUMN).name_vi
                assert verdict.lane == "outside" or name in verdict.explanation_vi
                assert f"Loại: {kind.name_vi}." in verdict.explanation_vi
                assert f"Kind: {kind.name_en}." in verdict.explanation_en
                assert verdict.explanation_vi.endswith("Bảng phân định thẩm quyền ngày 01/7/2026.")
                assert verdict.explanation_en.endswith("Table of competence of 2026-07-01.")


def test_sentences_are_whole_and_hold_no_leftovers() -> None:
    for kind in TABLE.kinds(AUTUMN):
        for unit in ("15607", "00004", "31078"):
            verdict = assess(kind.key, unit=unit)
            for sentence in (verdict.explanation_vi, verdict.explanation_en):
                assert sentence.endswith(".")
                assert not re.search(
                    r"[{}]|  |(?<!\.)\.\.(?!\.)|; \.|: \.|: ;|,,|None|\( | \)| ,| ;| :", sentence
                ), sentence
            assert not re.search(r"\b(NĐ|QĐ|TT|NQ|VBQPPL|NSNN) ", verdict.explanation_vi)


@pytest.mark.parametrize(("unit", "word"), [("15607", "xã"), ("00004", "phường"), ("31078", "đặc khu")])
def test_a_unit_is_called_what_it_is(unit: str, word: str) -> None:
    told = assess("mobile_dead_spot", unit=unit).explanation_vi
    assert f"sau khi Chủ tịch UBND {word} duyệt" in told


def test_the_sentence_of_a_dead_spot_reads_as_an_office_would_write_it() -> None:
    spoken, particulars = assess("mobile_dead_spot").explanation_vi.split("\n")
    assert spoken == (
        "Sóng di động yếu, trắng sóng: Sở Khoa học và Công nghệ tỉnh chủ trì; doanh nghiệp khắc phục, cam kết ngày xong. "
        "UBND xã gửi văn bản đề xuất sau khi Chủ tịch UBND xã duyệt. Hệ thống nhắc sau 15 ngày làm việc, không phải thời "
        "hạn luật định. Căn cứ chưa đối chiếu văn bản gốc."
    )
    assert particulars == (
        "Loại: Thôn, bản không có hoặc yếu sóng di động. Chủ trì: Sở Khoa học và Công nghệ tỉnh Thanh Hóa. Doanh nghiệp khắc phục, cam kết "
        "thời gian: Viettel Thanh Hóa, VNPT Thanh Hóa và MobiFone Thanh Hóa. Khi vượt thẩm quyền cấp tỉnh: UBND tỉnh "
        "Thanh Hóa kiến nghị Bộ Khoa học và Công nghệ. Căn cứ: Luật Viễn thông số 24/2023/QH15; Nghị định số "
        "163/2024/NĐ-CP; Nghị định số 132/2025/NĐ-CP, Nghị định số 133/2025/NĐ-CP. Bảng phân định thẩm quyền ngày "
        "01/7/2026."
    )


def test_what_rests_on_the_decrees_of_june_2025_expires_with_them() -> None:
    resting = [row for row in TABLE.rows() if row.basis and SUMMER_DECREES.search(row.basis)]
    assert resting
    outliving = [row.id for row in resting if row.validity.valid_to is None or row.validity.valid_to > LAPSED]
    assert outliving == []


def test_an_expired_row_is_a_finding_for_the_provincial_office_and_never_a_guess() -> None:
    assert assess("mobile_dead_spot", on=dt.date(2027, 2, 28)).finding is None
    verdict = assess("mobile_dead_spot", on=LAPSED)
    assert (verdict.finding, verdict.lane, verdict.lead_body) == ("row_expired", "guidance", "38.vp_ubnd")
    assert (verdict.basis, verdict.response_days, verdict.row_id) == (
        None,
        None,
        "mobile_dead_spot@2025-07-01",
    )
    assert "hết hiệu lực từ ngày 01/3/2027" in verdict.explanation_vi
    assert "expired on 2027-03-01" in verdict.explanation_en
    assert "mobile_dead_spot" in {kind.key for kind in TABLE.kinds(LAPSED)}


@pytest.mark.parametrize(
    ("kind", "on"), [("flying_saucers", AUTUMN), ("mobile_dead_spot", dt.date(2025, 6, 30))]
)
def test_a_missing_row_is_a_finding_too(kind: str, on: dt.date) -> None:
    verdict = decide(TABLE, kind, "low", unit=UNITS.get("15607"), on=on)
    assert (verdict.finding, verdict.lead_body) == ("row_missing", "38.vp_ubnd")
    assert "Văn phòng UBND tỉnh Thanh Hóa" in verdict.explanation_vi


def test_a_unit_that_no_table_has_is_a_finding_too() -> None:
    verdict = TABLE.assess_at(facts("mobile_dead_spot"), "99999", "38")
    assert (verdict.finding, verdict.lead_body) == ("row_missing", "38.vp_ubnd")
    other_province = TABLE.assess_at(facts("mobile_dead_spot"), "15607", "40")
    assert (other_province.finding, other_province.lead_body) == ("row_missing", "40.vp_ubnd")


def test_a_body_that_the_table_of_bodies_lost_is_a_finding_too() -> None:
    bodies = tables().bodies
    expired = [line for line in lines("bodies.csv") if line["id"] == "bo_khcn"]
    assert len(expired) == 1
    number = 2 + lines("bodies.csv").index(expired[0])
    from reporting.dated.bodies import parse_bodies  # noqa: PLC0415 -- only this test needs another table

    fewer = parse_bodies(altered("bodies.csv", number, "valid_to", "2026-01-01"), bodies.units)
    table = _parse(bodies=fewer)
    assert decide(table, "mobile_dead_spot", "low", unit=UNITS.get("15607"), on=AUTUMN).finding is None
    verdict = decide(table, "mobile_dead_spot", "low", unit=UNITS.get("15607"), on=dt.date(2026, 1, 1))
    assert (verdict.finding, verdict.lead_body) == ("body_missing", "38.vp_ubnd")


def test_the_law_in_force_on_the_day_is_the_basis() -> None:
    assert "13/2023" in (assess("personal_data_breach", on=dt.date(2025, 12, 31)).basis or "")
    assert "91/2025" in (assess("personal_data_breach", on=dt.date(2026, 1, 1)).basis or "")
    assert assess("cyber_incident", on=dt.date(2026, 7, 1)).row_id == "cyber_incident@2026-07-01"


def test_the_highest_severity_may_put_a_matter_beyond_the_communes_means() -> None:
    assert (assess("equipment_lack", "high").level, assess("equipment_lack", "high").lane) == (
        "commune",
        "guidance",
    )
    urgent = assess("equipment_lack", "urgent")
    assert (urgent.level, urgent.lane, urgent.lead_body) == ("province", "proposal", "38.so_tai_chinh")
    assert urgent.row_id == "equipment_lack.urgent@2025-07-01"


def test_an_emergency_names_the_duty_number_first() -> None:
    told = assess("landslide_relocation").explanation_vi
    assert told.startswith(
        "Sạt lở, lũ quét, di dời dân: gọi điện ngay số 112 và trực ban UBND tỉnh. Xã ứng phó ngay theo thẩm quyền, không "
        "chờ trả lời trên hệ thống."
    )
    assert "113" not in assess("personal_data_breach").explanation_vi


def test_a_basis_that_nobody_compared_with_the_law_says_so_however_sure_its_sources() -> None:
    for row in TABLE.rows():
        if row.validity.holds_on(AUTUMN) and row.conditions == Conditions() and row.kind.lane != "outside":
            told = assess(row.kind.key).explanation_vi
            unseen = bool(row.basis) and not row.approved_by
            assert ("Căn cứ chưa đối chiếu văn bản gốc" in told) == unseen
            assert ("Số hiệu hoặc hiệu lực" in told) == (unseen and row.confidence == "low")


def test_abbreviations_of_legal_texts_are_read_in_full() -> None:
    assert spelled_out("NĐ 118/2025/NĐ-CP (sửa bởi NĐ 367/2025/NĐ-CP); TT 03/2025/TT-VPCP") == (
        "Nghị định số 118/2025/NĐ-CP (được sửa đổi, bổ sung bởi Nghị định số 367/2025/NĐ-CP); Thông tư số "
        "03/2025/TT-VPCP"
    )


def test_texts_cited_together_are_cited_one_by_one() -> None:
    assert spelled_out("NĐ 131/2025, 136/2025, 151/2025/NĐ-CP; Luật Đất đai 31/2024/QH15") == (
        "Nghị định số 131/2025/NĐ-CP, Nghị định số 136/2025/NĐ-CP, Nghị định số 151/2025/NĐ-CP; Luật Đất đai số "
        "31/2024/QH15"
    )
    assert spelled_out("NQ HĐND tỉnh") == "Nghị quyết HĐND tỉnh"


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("lane", "phone"),
        ("group", "things"),
        ("severity_from", "dire"),
        ("beyond_commune", "yes"),
        ("province_bodies", ""),
        ("province_bodies", "{province}.so_ma_thuat"),
        ("province_bodies", "bo_khcn"),
        ("ministry_bodies", "{province}.so_khcn"),
        ("commune_bodies", ""),
        ("response_days", "soon"),
        ("deadline_source", "habit"),
        ("valid_to", "2025-07-01"),
    ],
)
def test_a_wrong_cell_is_refused_by_its_place(column: str, cell: str) -> None:
    with pytest.raises(TableError, match=rf"competence.csv line 2, column {column}"):
        _parse(competence=altered("competence.csv", 2, column, cell))


def test_two_rows_of_one_kind_on_the_same_day_are_refused() -> None:
    doubled = shipped("competence.csv") + shipped("competence.csv").splitlines()[1] + "\n"
    with pytest.raises(TableError, match="already holds"):
        _parse(competence=doubled)


@pytest.mark.parametrize(
    ("clock", "lane", "level", "days", "kind"),
    [
        ("approve", "proposal", "province", 1, "working"),
        ("approve", "proposal", "ministry", 3, "working"),
        ("first_answer", "guidance", "province", 5, "working"),
        ("first_answer", "guidance", "ministry", 20, "working"),
        ("arbitrate", "support", "province", 2, "working"),
    ],
)
def test_the_most_particular_policy_holds(clock: str, lane: str, level: str, days: int, kind: str) -> None:
    policy = TABLE.policy(clock, lane, level, AUTUMN)
    assert (policy.days, policy.days_kind, policy.deadline_source) == (days, kind, "default")


def test_a_day_without_a_policy_is_a_fault_of_the_table() -> None:
    with pytest.raises(TableError, match="no row for confirm"):
        TABLE.policy("confirm", "proposal", "province", dt.date(2001, 1, 1))
    with pytest.raises(TableError, match="no row for source_silence"):
        TABLE.silence(dt.date(2001, 1, 1))


@pytest.mark.parametrize("clock", ["approve,*,*", "source_silence", "office_day"])
def test_a_table_of_policies_without_a_clock_is_refused(clock: str) -> None:
    kept = [line for line in shipped("clock_policies.csv").splitlines() if not line.startswith(clock)]
    with pytest.raises(TableError):
        _parse(policies="\n".join(kept))


def _parse(
    *, competence: str | None = None, policies: str | None = None, bodies: object = None
) -> CompetenceTable:
    return parse_competence(
        competence or shipped("competence.csv"),
        policies or shipped("clock_policies.csv"),
        shipped("kind_groups.csv"),
        bodies or tables().bodies,  # type: ignore[arg-type]
    )
