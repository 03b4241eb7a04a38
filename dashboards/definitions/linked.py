"""Panels of cases that stop because data do not agree: by kind, by who has the next step, by commune, one by one."""

from __future__ import annotations

from dataclasses import replace

from dashboards.columns import count, shown, stated
from dashboards.definitions.difficulties import COVERAGE_OF_ISSUES, ISSUES, LANDED
from dashboards.drills import Act, Drill, to_board
from dashboards.lines import Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import READERS, Text

_STANDS = {
    "open": Text("chưa trả lời", "not answered"),
    "answered": Text("đã trả lời, chưa xác nhận", "answered, not confirmed"),
}
_NONE = Text(
    "Không khó khăn nào về sai lệch dữ liệu chưa xong", "No difficulty about data that do not agree is open"
)
_OF_WHAT = Text(
    "Khó khăn chưa xong về sai lệch dữ liệu dân cư, VNeID, hộ tịch, số định danh trẻ em, đất đai, và về yêu cầu lại giấy tờ đã có dữ liệu."
    " Số hồ sơ, số người là theo báo cáo của xã; báo cáo không nêu thì để trống, không tính là 0. Từng hồ sơ mà xã ghi là chờ dữ"
    " liệu khớp ở các bảng bên dưới.",
    "Difficulties that are not over about data of population, VNeID, civil status, the ID of newborns and land that do not agree, and about"
    " papers asked for although their data are held. Cases and people are those that communes report; what a report does not state is no"
    " nought. Single cases that their commune notes as waiting for data stand in the panels below.",
)
_PEOPLE = stated("people_count", Text("Số người", "People"))
_BLOCKED = stated("blocked_count", Text("Hồ sơ vướng", "Cases blocked"))


def _kinds(found: Answered) -> Finding:
    if not found.lines:
        return Finding(_NONE)
    slow = max(found.lines, key=lambda line: line.number("oldest_days") or 0)
    return Finding(
        Text(
            "{open} khó khăn chưa được trả lời; lâu nhất {days} ngày: {kind}",
            "{open} difficulties are not answered; the oldest for {days} days: {kind}",
        ),
        {
            "open": ("count", found.whole.number("open_count")),
            "days": ("count", slow.number("oldest_days")),
            "kind": ("kind", slow.key),
        },
        {"kind": found.level_with(slow, "oldest_days")},
    )


LINKED_BY_KIND = Panel(
    name="sai-lech-loai",
    version=1,
    title=Text("Sai lệch dữ liệu theo loại", "Data that do not agree, by kind"),
    description=_OF_WHAT,
    question=Text(
        "Dữ liệu nào không khớp làm hồ sơ dừng?", "Which data stop cases because they do not agree?"
    ),
    query="linked_by_kind",
    asks=("units", "at", "kind"),
    picture="bars",
    unit=ISSUES,
    key="kind",
    names="kind",
    columns=(
        count("open_count", Text("Chưa có trả lời", "Not answered yet")),
        count("answered_count", Text("Trả lời chưa xác nhận", "Answered, not confirmed")),
        replace(count("unit_count", Text("Đơn vị đang vướng", "Communes held up")), has_sum=False),
        shown("oldest_days", Text("Lâu nhất (ngày)", "Oldest (days)"), "days"),
        shown("median_days", Text("Trung vị (ngày)", "Median (days)"), "days"),
        _BLOCKED,
        _PEOPLE,
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_kinds,
    orders="open_count",
    takes=("kind",),
    levels=("commune", "province"),
    drill=to_board("/bang/lien-thong?unit={unit}&kind={key}#sai-lech-danh-sach", READERS),
    act=(
        Act(
            Text("Gửi khó khăn về sai lệch dữ liệu", "Report data that do not agree"),
            Drill("commune", "/xa/kho-khan/moi?loai=vneid_household_mismatch", is_item=True),
        ),
    ),
)


def _owners(found: Answered) -> Finding:
    most = found.most("open_count")
    if most is None:
        return Finding(_NONE)
    return Finding(
        Text(
            "{body} đang xử lý nhiều nhất: {count} khó khăn, lâu nhất {days} ngày",
            "{body} has most: {count} difficulties, the oldest for {days} days",
        ),
        {
            "body": ("body", most.key),
            "count": ("count", most.number("open_count")),
            "days": ("count", most.number("oldest_days")),
        },
        {"body": found.level_with(most, "open_count")},
    )


LINKED_BY_OWNER = replace(
    LINKED_BY_KIND,
    name="sai-lech-co-quan",
    title=Text("Sai lệch dữ liệu theo cơ quan đang xử lý", "Data that do not agree, by who has them"),
    question=Text("Cơ quan nào đang giữ, lâu bao nhiêu?", "Who has the next step, and for how long?"),
    query="linked_by_owner",
    key="holder_body",
    names="body",
    rows={"": Text("Chưa có cơ quan xử lý", "Nobody yet")},
    finding=_owners,
    drill=(),
    act=(),
)


def _units(found: Answered) -> Finding:
    most = found.most("open_count")
    if most is None:
        return Finding(_NONE)
    return Finding(
        Text("{unit} có nhiều nhất: {count} khó khăn", "{unit} has most: {count} difficulties"),
        {"unit": ("unit", most.key), "count": ("count", most.number("open_count"))},
        {"unit": found.level_with(most, "open_count")},
    )


LINKED_BY_UNIT = replace(
    LINKED_BY_KIND,
    name="sai-lech-xa",
    title=Text("Sai lệch dữ liệu theo xã, phường", "Data that do not agree, by commune"),
    question=Text("Xã, phường nào vướng nhiều?", "Which communes have most?"),
    query="linked_by_unit",
    key="unit_code",
    names="unit",
    columns=tuple(one for one in LINKED_BY_KIND.columns if one.name != "unit_count"),
    finding=_units,
    levels=("province",),
    drill=to_board("/bang/lien-thong?unit={key}"),
    act=(),
)


def _list(found: Answered) -> Finding:
    if not found.lines:
        return Finding(_NONE)
    return Finding(
        Text(
            "{all} khó khăn bạn được xem, {open} chưa được trả lời",
            "{all} difficulties that are yours to see, {open} not answered",
        ),
        {
            "all": ("count", len(found.lines)),
            "open": ("count", sum(line.cells["stands"].value == "open" for line in found.lines)),
        },
    )


LINKED_LIST = replace(
    LINKED_BY_KIND,
    name="sai-lech-danh-sach",
    title=Text("Danh sách sai lệch dữ liệu gửi cơ quan quản lý", "The list for the owners of the data"),
    description=Text(
        "Mỗi dòng là một khó khăn chưa xong, việc chưa trả lời trước, lâu nhất trước. Sở, ngành chỉ thấy việc của mình; tải về thành tệp để"
        " gửi cơ quan không dùng hệ thống. Nội dung ở trang của từng khó khăn.",
        "One row is one difficulty that is not over, the unanswered and the oldest first. A department sees what is its own; as a file it"
        " goes to owners who do not sign in. The texts stand on the page of each difficulty.",
    ),
    question=Text("Từng việc đang ở đâu, từ bao giờ?", "Where does each stand, since when?"),
    query="linked_issues",
    key="issue_id",
    named="kind",
    refs=("escalation_id",),
    is_of_issues=True,
    columns=(
        shown("unit_code", Text("Đơn vị", "Unit"), "word", names="unit"),
        shown("stands", Text("Tình trạng", "State"), "word", words=_STANDS),
        shown("days", Text("Số ngày từ khi gửi", "Days since the report"), "days"),
        shown("holder_body", Text("Đang ở cơ quan", "Who has it"), "word", names="body"),
        replace(_BLOCKED, has_sum=False),
        replace(_PEOPLE, has_sum=False),
    ),
    finding=_list,
    orders="",
    drill=(
        Drill("commune", "/xa/kho-khan/{key}", is_item=True),
        Drill("office", "/tinh/de-xuat/{escalation_id}", is_item=True),
        Drill("department", "/tinh/de-xuat/{escalation_id}", is_item=True),
    ),
    act=(),
)
