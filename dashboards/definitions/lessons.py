"""Panels of lessons of digital literacy, beside the difficulties of people who are not used to online services."""

from __future__ import annotations

from dataclasses import replace

from dashboards.columns import count, stated
from dashboards.drills import Act, Drill, to_board
from dashboards.lines import Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import WINDOW, Text

_LANDED = "landed_lessons"
_NONE = Text("Chưa ghi buổi bình dân học vụ số nào", "No lesson of digital literacy is recorded")
_RECORD = Act(
    Text("Ghi buổi bình dân học vụ số", "Record a lesson of digital literacy"),
    Drill("commune", "/hoc-vu-so", is_item=True),
)


def _found(found: Answered) -> Finding:
    lessons = found.whole.number("lesson_count")
    if not lessons:
        return Finding(_NONE)
    return Finding(
        Text("{lessons} buổi, {people} lượt người đến học", "{lessons} lessons, {people} attendances"),
        {"lessons": ("count", lessons), "people": ("count", found.whole.number("people_count"))},
    )


LESSONS_BY_WEEK = Panel(
    name="hoc-vu-so-tuan",
    version=1,
    title=Text("Buổi bình dân học vụ số theo tuần", "Lessons of digital literacy, week by week"),
    description=Text(
        "Theo sổ mà xã ghi: ngày, thôn, số người đến học, không có tên ai; một người đến hai buổi là hai lượt. Số xác nhận phổ cập trên"
        " VNeID chỉ có khi xã ghi. Cạnh đó là khó khăn về người dân chưa quen dịch vụ trực tuyến gửi trong tuần. Xem cùng bảng tự nộp theo"
        " tuần ở trên: buổi học là để tỷ lệ ấy tăng.",
        "By the register that communes keep: day, village and number of people, nobody's name; who came twice counts twice. Those confirmed on"
        " VNeID only where the commune notes them. Beside it the difficulties of people not used to online services reported in the week. Read"
        " it with the weeks of what was filed alone above: lessons are held so that this share grows.",
    ),
    question=Text("Đã mở bao nhiêu buổi, bao nhiêu người học?", "How many lessons, for how many people?"),
    query="lessons_by_week",
    asks=("units", "from", "to"),
    picture="bars",
    unit=Text("lượt người", "attendances"),
    key="week",
    names="day",
    heading=Text("Tuần từ ngày", "Week from"),
    columns=(
        count("people_count", Text("Lượt người học", "Attendances"), better="more"),
        count("lesson_count", Text("Buổi học", "Lessons"), better="more"),
        stated("confirmed_count", Text("Được xác nhận trên VNeID", "Confirmed on VNeID")),
        count(
            "issue_count", Text("Khó khăn về người dân chưa quen", "Difficulties of people not used to it")
        ),
    ),
    watermark=_LANDED,
    coverage=(_LANDED, "unit_count"),
    finding=_found,
    takes=WINDOW,
    levels=("commune", "province"),
    act=(_RECORD,),
)


def _units(found: Answered) -> Finding:
    most = found.most("people_count")
    if most is None:
        return Finding(_NONE)
    return Finding(
        Text("{unit} có nhiều lượt học nhất: {count}", "{unit} reached most people: {count}"),
        {"unit": ("unit", most.key), "count": ("count", most.number("people_count"))},
        {"unit": found.level_with(most, "people_count")},
    )


LESSONS_BY_UNIT = replace(
    LESSONS_BY_WEEK,
    name="hoc-vu-so-xa",
    title=Text("Buổi bình dân học vụ số theo xã, phường", "Lessons of digital literacy, by commune"),
    question=Text("Xã nào đã mở lớp, xã nào chưa?", "Which communes hold lessons, and which do not?"),
    query="lessons_by_unit",
    key="unit_code",
    names="unit",
    heading=None,
    columns=LESSONS_BY_WEEK.columns[:3],
    finding=_units,
    orders="people_count",
    levels=("province",),
    drill=to_board("/bang/ho-tro?unit={key}"),
    act=(),
)
