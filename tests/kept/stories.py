"""The acts of the people of the kept week on their difficulties, day by day."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid5

from tests.kept.cast import (
    LEADER,
    MINISTRY,
    NAMES,
    OFFICE,
    SCIENCE,
    TRADE,
    Cast,
    chair,
    clerk,
    officer,
)

BAT_MOT, YEN_NHAN, VAN_XUAN, XUAN_CHINH, TAN_THANH = "15607", "15610", "15622", "15658", "15661"
COMMUNES = (BAT_MOT, YEN_NHAN, VAN_XUAN, XUAN_CHINH, TAN_THANH)
LETTER = {"kind": "proposal", "number": "15/TTr-UBND", "date": "2026-11-09", "capacity": "TM."}
REPLY = {"kind": "official_letter", "number": "99/SKHCN-CVT", "date": "2026-11-11"}
SOLVED = "Đã lắp trạm phát sóng, đề nghị xã kiểm tra"
NAMED = (
    "road",
    "petition",
    "disputed",
    "returned",
    "power",
    "withdrawn",
    "outside",
    "taken-back",
    "means",
    "refused",
    "by-telephone",
    "shared-1",
    "shared-2",
    "shared-3",
    "shared-4",
)
"""The names of the issues that stand in these stories."""


def _sent(cast: Cast, name: str, unit_code: str) -> None:
    cast.act(name, chair(unit_code), "approve")
    cast.act(name, clerk(unit_code), "send", document=LETTER)


def first_day(cast: Cast) -> None:
    """Report, hand off what is beyond the commune, take one back."""
    cast.report("road", BAT_MOT, "mobile_dead_spot", place="Bản Vịn", tried="Đã liên hệ nhà mạng")
    cast.report("petition", VAN_XUAN, "mobile_dead_spot", place="Thôn Hón", cases_blocked=2)
    cast.report("disputed", YEN_NHAN, "no_fixed_internet", place="Bản Na")
    cast.report("returned", XUAN_CHINH, "mobile_dead_spot", place="Bản Lát")
    cast.report("withdrawn", TAN_THANH, "digital_illiteracy", severity="low")
    cast.report("outside", TAN_THANH, "third_vice_chair", severity="low")
    cast.report("taken-back", TAN_THANH, "no_grid_power", place="Bản Na")
    cast.report("means", BAT_MOT, "environment_waste", amount_dong=40_000_000)
    cast.report("refused", XUAN_CHINH, "regular_budget", amount_dong=900_000_000)
    cast.report("by-telephone", TAN_THANH, "disaster_road_bridge", OFFICE, intake_channel="phone")
    for name, unit_code in (
        ("road", BAT_MOT),
        ("petition", VAN_XUAN),
        ("disputed", YEN_NHAN),
        ("returned", XUAN_CHINH),
    ):
        _sent(cast, name, unit_code)
    cast.act("taken-back", chair(TAN_THANH), "approve", reason="Đồng ý trình tỉnh")
    cast.act("withdrawn", officer(TAN_THANH), "withdraw", reason="Báo nhầm, đã hướng dẫn xong")


def second_day(cast: Cast) -> None:
    """Take in hand, stand still, send back."""
    cast.act("road", SCIENCE, "acknowledge")
    cast.act("road", OFFICE, "accept", on_behalf_of="38.so_khcn")
    cast.act(
        "road", SCIENCE, "pause", pause_reason="waiting_commune", document=REPLY, reason="Chờ danh sách hộ"
    )
    cast.act("petition", SCIENCE, "accept")
    cast.act("disputed", SCIENCE, "accept")
    cast.act("returned", SCIENCE, "return", reason="Thuộc Sở Công Thương", proposed_body="38.so_cong_thuong")
    cast.act("taken-back", chair(TAN_THANH), "withdraw", index=0, reason="Xã tự bố trí được")
    _sent(cast, "refused", XUAN_CHINH)
    for number, unit_code in enumerate((BAT_MOT, YEN_NHAN, VAN_XUAN, XUAN_CHINH), 1):
        cast.report(f"shared-{number}", unit_code, "land_db_not_connected", severity="medium")
        _sent(cast, f"shared-{number}", unit_code)


def third_day(cast: Cast) -> None:
    """Go on, petition the ministry, answer, dispute; the line fails; what is shared becomes one problem."""
    cast.act("road", SCIENCE, "resume", index=0)
    cast.act("petition", OFFICE, "escalate", reason="Cần nguồn lực của bộ")
    cast.act("petition", LEADER, "approve")
    cast.act("petition", OFFICE, "send", document=LETTER)
    cast.act("returned", OFFICE, "arbitrate", reason="Lưới điện do Sở Công Thương quản lý")
    cast.act("disputed", SCIENCE, "answer", kind="solved", text=SOLVED, document=REPLY)
    cast.act("disputed", officer(YEN_NHAN), "dispute", reason="Sóng vẫn mất về đêm")
    cast.report("power", XUAN_CHINH, "power_unstable", severity="urgent", place="Toàn xã")
    problem_id = cast.open("shared", "land_db_not_connected", "Chưa kết nối cơ sở dữ liệu đất đai")
    for number in range(1, 5):
        cast.act(f"shared-{number}", OFFICE, "join", problem=problem_id)
    cast.act("shared-4", OFFICE, "unjoin", problem=problem_id, reason="Nguyên nhân khác")
    cast.act_on_problem(problem_id, "rename", title="Chưa kết nối phần mềm đất đai với một cửa")
    none = cast.open("none", "equipment_lack", "Thiếu máy quét ở nhiều xã")
    cast.act_on_problem(none, "withdraw", reason="Mỗi xã một nguyên nhân")


def fourth_day(cast: Cast) -> None:
    """Confirm the fault; the ministry answers; the problem is answered once for all."""
    cast.act("road", SCIENCE, "answer", index=0, kind="solved", text=SOLVED, document=REPLY)
    cast.act("petition", MINISTRY, "answer", kind="solved", text=SOLVED, document=REPLY)
    cast.act("returned", TRADE, "acknowledge")
    cast.act("returned", TRADE, "accept")
    cast.act("refused", cast.lead_of("refused"), "accept")
    cast.act("means", OFFICE, "answer", kind="not_competent", document=REPLY, on_behalf_of="38.so_nnmt")
    lead = cast.lead_of("power")
    cast.act("power", lead, "accept")
    cast.act("power", lead, "confirm_fault", units=[XUAN_CHINH, TAN_THANH, VAN_XUAN])
    cast.report("waits-for-power", TAN_THANH, "mobile_dead_spot", place="Bản Sài Khao")
    problem_id = uuid5(uuid5(NAMES, "shared"), "problem")
    cast.act_on_problem(
        problem_id, "answer", kind="solved", text="Đã mở kết nối cho bộ phận một cửa", document=REPLY
    )
    cast.act("shared-1", officer(BAT_MOT), "confirm", text="Đã tra cứu được")
    cast.act("shared-2", officer(YEN_NHAN), "dispute", reason="Tài khoản vẫn bị khóa")


def last_day(cast: Cast) -> None:
    """Mend the fault, relay the ministry's answer, confirm and close; leave the rest in the middle."""
    cast.act("road", officer(BAT_MOT), "confirm", text="Sóng ổn định")
    cast.act("petition", SCIENCE, "answer", index=0, kind="solved", text="Bộ đã lắp trạm", document=REPLY)
    cast.act("power", cast.lead_of("power"), "clear_fault", reason="Đã thay máy biến áp")
    cast.act(
        "refused", cast.lead_of("refused"), "answer", kind="refused", text="Không bố trí được", document=REPLY
    )
    cast.act("refused", officer(XUAN_CHINH), "close", reason="Xã đã rõ")
    cast.act("means", chair(BAT_MOT), "propose", reason="Xã không đủ kinh phí thu gom")
    cast.act("shared-3", officer(VAN_XUAN), "confirm")
    cast.act(
        "disputed",
        SCIENCE,
        "answer",
        index=-1,
        kind="waiting_resources",
        expected_on="2027-03-31",
        text="Đã ghi kế hoạch năm 2027",
        document=REPLY,
    )


STORIES: tuple[Callable[[Cast], None], ...] = (first_day, second_day, third_day, fourth_day, last_day)
