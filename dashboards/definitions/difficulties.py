"""Panels of difficulties: where they wait, of which kinds they are, what became of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboards.columns import count, share, shown
from dashboards.drills import Act, Drill
from dashboards.lines import Above, Answered, Finding, Line
from dashboards.panel import Panel
from dashboards.vocabulary import WINDOW, Text

LANDED = "landed_issues"
COVERAGE_OF_ISSUES = (LANDED, "unit_count")
"""On how many communes figures of difficulties rest: those that ever sent one."""
_OPEN = Text("Khó khăn đang mở", "Open difficulties")
ISSUES = Text("khó khăn", "difficulties")
_AGES = (
    count("week_count", Text("Đến 7 ngày", "Up to 7 days")),
    count("month_count", Text("8–30 ngày", "8–30 days")),
    count("longer_count", Text("Quá 30 ngày", "Over 30 days")),
    shown("oldest_days", Text("Lâu nhất (ngày)", "Oldest (days)"), "days"),
)


def _work(tab: str, *, sort: str = "", of_key: bool = True) -> tuple[Drill, ...]:
    """Return the list of work of a provincial office that a number counts."""
    body = "&body={key}" if of_key else ""
    order = f"&sort={sort}" if sort else ""
    return (Drill("office", f"/tinh?tab={tab}{body}{order}", (("kind", "kind"),), of_scope="unit"),)


def _levels(found: Answered) -> Finding:
    open_count, longer = found.whole.number("open_count") or 0, found.whole.number("longer_count") or 0
    above = sum((line.number("open_count") or 0) for line in found.lines if line.key != "commune")
    if not open_count:
        return Finding(Text("Không có khó khăn nào đang mở", "No difficulty is open"))
    return Finding(
        Text(
            "{open} khó khăn đang mở, {above} đã lên trên cấp xã; {longer} chờ quá 30 ngày",
            "{open} difficulties are open, {above} have gone beyond the commune; {longer} have waited over 30 days",
        ),
        {"open": ("count", open_count), "above": ("count", above), "longer": ("count", longer)},
    )


LEVELS = Panel(
    name="theo-cap",
    version=1,
    title=Text("Khó khăn đang nằm ở cấp nào", "At which level difficulties wait"),
    description=Text(
        "Khó khăn đang mở, theo cấp của cơ quan có bước tiếp theo; số ngày tính từ khi xã gửi. Quá hạn là quá thời hạn do luật,"
        " quy định hoặc văn bản đặt; mốc nhắc tính riêng.",
        "Open difficulties by the level of the body that has the next step; days since the commune sent them. Overdue is past a"
        " deadline that law, regulation or a document set; reminder marks are counted apart.",
    ),
    question=Text(
        "Bao nhiêu khó khăn đã vượt khỏi cấp xã, và bao lâu?",
        "How many difficulties went beyond the commune, and for how long?",
    ),
    query="open_by_level",
    asks=("units", "at", "kind"),
    picture="bars",
    unit=ISSUES,
    key="level",
    names="level",
    columns=(
        count("open_count", _OPEN),
        *_AGES,
        count("past_mark_count", Text("Quá mốc nhắc", "Past a reminder mark")),
        count("overdue_count", Text("Khó khăn quá hạn", "Overdue difficulties"), is_late=True),
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_levels,
    takes=("kind",),
    act=(
        Act(
            Text("Mở kiến nghị chưa trả lời", "Open the petitions that are not answered"),
            Drill("ministry", "/tw/kien-nghi?tab=unanswered", (("kind", "kind"),)),
        ),
    ),
)


is_reporting = Above(("is_reporting",))


def _kinds(found: Answered) -> Finding:
    open_in: dict[str, list[Line]] = {}
    for line in found.lines:
        open_in.setdefault(line.key, []).extend([line] if line.number("unit_count") else [])
    if not any(open_in.values()):
        return Finding(Text("Không có khó khăn nào đang mở", "No difficulty is open"))
    if len({line.across for line in found.lines if line.number("unit_count") is not None}) == 1:
        return _kinds_of_one([line for lines in open_in.values() for line in lines])
    spread = {kind: len(lines) for kind, lines in open_in.items()}
    widest = max(spread, key=lambda kind: (spread[kind], kind))
    return Finding(
        Text("Rộng nhất: {kind}, đang mở ở {count} tỉnh", "Widest: {kind}, open in {count} provinces"),
        {"kind": ("kind", widest), "count": ("count", spread[widest])},
        {"kind": list(spread.values()).count(spread[widest]) - 1},
    )


def _kinds_of_one(lines: Sequence[Line]) -> Finding:
    """Return what is widest where one province alone has reported: by its communes, for every kind is in one province."""
    counts = {line.key: int(line.number("unit_count") or 0) for line in lines}
    widest = max(counts, key=lambda kind: (counts[kind], kind))
    return Finding(
        Text(
            "Mới một tỉnh có số liệu, {province}; rộng nhất: {kind}, đang mở ở {count} xã",
            "One province alone has figures, {province}; widest: {kind}, open in {count} communes",
        ),
        {
            "province": ("unit", lines[0].across),
            "kind": ("kind", widest),
            "count": ("count", counts[widest]),
        },
        {"kind": list(counts.values()).count(counts[widest]) - 1},
    )


KINDS = Panel(
    name="loai-theo-tinh",
    version=2,
    title=Text("Loại khó khăn theo tỉnh", "Kinds of difficulty by province"),
    description=Text(
        "Tỷ lệ số xã của tỉnh đang có khó khăn mở thuộc loại ấy. Tỉnh chưa từng gửi khó khăn nào được để riêng, không tính là 0.",
        "The share of a province's communes in which a difficulty of the kind is open. A province that never reported one stands"
        " apart and is no nought.",
    ),
    question=Text("Loại nào vướng ở đâu, rộng đến đâu?", "Which kind is where, and how widely?"),
    query="open_kinds_by_province",
    asks=("units", "provinces", "kind"),
    picture="heat",
    unit=Text("% số xã", "% of communes"),
    key="kind",
    names="kind",
    across="province_code",
    columns=(
        replace(
            share("unit_share", Text("% số xã", "% of communes"), ("unit_count",), ("commune_count",)),
            has_sum=False,
        ),
        # A commune with two kinds would be in a sum twice.
        replace(count("unit_count", Text("Xã đang vướng", "Communes with the kind")), has_sum=False),
        count("open_count", Text("Đang mở của loại này", "Open of the kind")),
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_kinds,
    is_reported=is_reporting,
    takes=("kind",),
    levels=("nation",),
    thresholds=("spread_provinces",),
)


def _waiting(found: Answered) -> Finding:
    waiting = found.whole.number("waiting_count") or 0
    if not waiting:
        return Finding(Text("Không có khó khăn nào chờ cơ quan nào", "Nothing waits for a body"))
    top = max(found.lines, key=lambda line: line.number("waiting_count") or 0)
    slow = max(found.lines, key=lambda line: line.number("oldest_days") or -1)
    words = Text(
        "{waiting} khó khăn chờ trả lời, {most} ở {top}; lâu nhất {days} ngày, ở {slow}",
        "{waiting} wait for an answer, {most} of them at {top}; the oldest for {days} days, at {slow}",
    )
    if top.number("waiting_count") == waiting:
        words = Text(
            "{waiting} khó khăn chờ trả lời, đều ở {top}; lâu nhất {days} ngày",
            "{waiting} wait for an answer, all of them at {top}; the oldest for {days} days",
        )
    elif top is slow:
        words = Text(
            "{waiting} khó khăn chờ trả lời, nhiều nhất và lâu nhất ở {top}: {most} khó khăn, {days} ngày",
            "{waiting} wait for an answer, most of them and the oldest at {top}: {most}, for {days} days",
        )
    return Finding(
        words,
        {
            "waiting": ("count", waiting),
            "most": ("count", top.number("waiting_count")),
            "top": ("body", top.key),
            "days": ("count", slow.number("oldest_days") or 0),
            "slow": ("body", slow.key),
        },
        {
            "top": found.level_with(top, "waiting_count"),
            "slow": found.level_with(slow, "oldest_days"),
        },
    )


WAITING = Panel(
    name="cho-tra-loi",
    version=1,
    title=Text("Khó khăn chờ ở cơ quan nào", "At which body difficulties wait"),
    description=Text(
        "Mỗi đề xuất xã đã gửi, theo cơ quan chủ trì; số ngày tính từ khi xã gửi. Chưa phân công và chuyển trả nằm trong số đang chờ.",
        "Each hand-off that a commune sent, by lead body; days since the commune sent the difficulty. What has no lead or came back is"
        " among what waits.",
    ),
    question=Text("Ai đang giữ, giữ bao nhiêu, giữ bao lâu?", "Who holds how many, and for how long?"),
    query="waiting_by_lead",
    asks=("units", "at", "kind"),
    picture="bars",
    unit=ISSUES,
    key="lead_body",
    names="body",
    columns=(
        count("waiting_count", Text("Đang chờ", "Waiting"), drill=_work("open", sort="age")),
        *_AGES,
        count("unassigned_count", Text("Chưa phân công", "Unassigned"), drill=_work("unassigned")),
        count("returned_count", Text("Chuyển trả", "Returned"), drill=_work("returned")),
        count(
            "confirming_count",
            Text("Chờ xã xác nhận", "Awaiting the commune's confirmation"),
            drill=_work("confirming"),
        ),
        count("answered_count", Text("Đã trả lời", "Answered"), drill=_work("answered")),
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_waiting,
    orders="waiting_count",
    takes=("kind",),
    act=(
        Act(Text("Phân công cơ quan chủ trì", "Name the lead body"), _work("unassigned", of_key=False)[0]),
        Act(Text("Mở việc đang chờ", "Open what waits"), _work("open", of_key=False)[0]),
    ),
)


def _answers(found: Answered) -> Finding:
    answered, confirmed = (
        found.whole.number("answered_count") or 0,
        found.whole.number("confirmed_count") or 0,
    )
    if not answered:
        return Finding(Text("Trong kỳ chưa có trả lời nào", "Nothing was answered in the period"))
    return Finding(
        Text(
            "Đã trả lời {answered}, xã xác nhận {confirmed}; phần còn lại xã chưa xác nhận giải quyết xong",
            "{answered} answered, {confirmed} confirmed by their communes: an answer is not yet an end",
        ),
        {"answered": ("count", answered), "confirmed": ("count", confirmed)},
    )


_has_answers = Above(("sent_count",))


ANSWERS = Panel(
    name="tra-loi-xac-nhan",
    version=1,
    title=Text("Trả lời và xác nhận", "Answers and confirmations"),
    description=Text(
        "Đề xuất của các khó khăn gửi trong kỳ, theo cơ quan chủ trì: đã gửi, đã trả lời, và xã đã xác nhận hoặc đề nghị xem xét lại.",
        "Hand-offs of difficulties reported in the period, by lead body: sent, answered, and confirmed or disputed by their communes.",
    ),
    question=Text("Trả lời rồi có xong không?", "Does an answer end the matter?"),
    query="answers_by_lead",
    asks=("units", "from", "to", "kind"),
    picture="bars",
    unit=ISSUES,
    key="lead_body",
    names="body",
    columns=(
        count("sent_count", Text("Đã gửi", "Sent")),
        count(
            "answered_count",
            Text("Đã trả lời", "Answered"),
            drill=(
                Drill(
                    "office",
                    "/tinh?tab=answered&body={key}",
                    (("kind", "kind"),),
                    of_scope="unit",
                    needs_window=True,
                ),
            ),
        ),
        count("confirmed_count", Text("Xã xác nhận", "Confirmed")),
        share(
            "confirmed_share",
            Text("Xác nhận trên trả lời", "Confirmed of answered"),
            ("confirmed_count",),
            ("answered_count",),
            better="more",
        ),
        count("disputed_count", Text("Xem xét lại", "Disputed")),
        count("returned_count", Text("Chuyển trả", "Returned")),
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_answers,
    orders="sent_count",
    is_reported=_has_answers,
    takes=(*WINDOW, "kind"),
)
