"""Panels of newborns: how soon a child has its personal number, and who waits at whom."""

from __future__ import annotations

from dataclasses import replace

from dashboards.columns import count, of_all, share, shown
from dashboards.definitions.cases import COVERAGE_OF_CASES
from dashboards.drills import to_board
from dashboards.lines import Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import WINDOW, Parameter, Text

BIRTHS = Text("hồ sơ khai sinh", "births")
_NONE = Text("Trong kỳ chưa có hồ sơ khai sinh liên thông", "No linked birth case came in the period")
_ASKS: tuple[Parameter, ...] = (
    *("units", "from", "to", "newborn_procedures", "newborn_within", "newborn_verified"),
    *("newborn_off", "newborn_begins", "days_off_since", "today"),
)
_RULE = Text(
    "Hồ sơ liên thông khai sinh tiếp nhận trong kỳ, theo tình trạng hiện nay. Thời hạn 3 ngày làm việc từ khi đủ hồ sơ, 5 khi phải xác"
    " minh (NĐ 63/2024/NĐ-CP Điều 7, bản sao thứ cấp); hỏi tình trạng thì được trả lời trong 2 giờ làm việc. Ngày tạm dừng không tính;"
    " tiếp nhận sau 15 giờ thì nguồn phải ghi ngày hôm sau. Không ghi bước nào là “chưa rõ”: không đúng hạn, cũng không quá hạn.",
    "Linked birth cases received in the period, as they stand now. The limit is 3 working days from a full file, 5 where something"
    " must be verified (Decree 63/2024, article 7, second-hand copy); a question about the status is answered within 2 working hours."
    " Days of a pause do not count; what came after 15:00 must be dated the next day by its source. Without any step it is unknown:"
    " neither on time nor late.",
)


def _by_unit(found: Answered) -> Finding:
    if not found.lines:
        return Finding(_NONE)
    whole = found.whole
    return Finding(
        Text(
            "{all} trẻ: {issued} đã có số định danh, {waiting} đang chờ, {unknown} chưa rõ; {within} có số trong 3 ngày",
            "{all} children: {issued} have their number, {waiting} wait, {unknown} are unknown; {within} had it within 3 days",
        ),
        {
            "all": ("count", whole.number("birth_count")),
            "issued": ("count", whole.number("issued_count")),
            "waiting": ("count", whole.number("waiting_count")),
            "unknown": ("count", whole.number("unknown_count")),
            "within": ("count", whole.number("within_count")),
        },
    )


BY_UNIT = Panel(
    name="tre-theo-xa",
    version=1,
    title=Text("Số định danh cho trẻ mới sinh, theo xã", "Personal numbers of newborns, by commune"),
    description=Text(
        f"{_RULE.vi} Đã có số, đang chờ và chưa rõ cộng lại bằng số hồ sơ.",
        f"{_RULE.en} Issued, waiting and unknown add up to the births.",
    ),
    question=Text(
        "Trẻ mới sinh có số định danh sau bao nhiêu ngày, ở xã nào chậm?",
        "After how many days has a newborn its number, and where is it slow?",
    ),
    query="newborns_by_unit",
    asks=_ASKS,
    picture="bars",
    unit=BIRTHS,
    key="unit_code",
    names="unit",
    sensitive="field_codes",
    columns=(
        count("birth_count", Text("Hồ sơ khai sinh", "Births")),
        count("sent_count", Text("Đã gửi cấp số", "Sent for a number")),
        count("issued_count", Text("Đã có số", "Issued")),
        share(
            "within_share",
            Text("Trong 3 ngày, trên đã có số", "Within 3 days, of issued"),
            ("within_count",),
            ("issued_count",),
            better="more",
            with_interval=False,
        ),
        shown(
            "median_days",
            Text("Cấp số, trung vị (ngày làm việc)", "Median to a number (working days)"),
            "days",
            rests_on=("issued_count",),
        ),
        count("within_count", Text("Trong 3 ngày", "Within 3 days")),
        count(
            "if_verified_count", Text("4–5 ngày, đúng hạn nếu phải xác minh", "4–5 days: on time if verified")
        ),
        count("late_count", Text("Cấp số quá hạn", "Numbers issued late"), is_late=True),
        count("waiting_count", Text("Đang chờ số", "Waiting for a number")),
        count("waiting_late_count", Text("Đang chờ, đã quá hạn", "Waiting, past the limit"), is_late=True),
        count("unknown_count", Text("Chưa rõ", "Births of unknown state")),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_by_unit,
    orders="birth_count",
    takes=WINDOW,
    drill=to_board("/bang/tre-moi-sinh?unit={key}"),
)

_STEPS = {
    "within": Text("Có số trong 3 ngày làm việc", "Number within 3 working days"),
    "if_verified": Text(
        "Có số trong 4–5 ngày (đúng hạn nếu phải xác minh)", "Number within 4–5 days (on time if verified)"
    ),
    "late": Text("Có số sau hơn 5 ngày", "Number after more than 5 days"),
    "waiting": Text("Đang chờ, chưa quá 5 ngày", "Waiting, not beyond 5 days"),
    "waiting_late": Text("Đang chờ, đã quá 5 ngày", "Waiting beyond 5 days"),
    "unknown": Text("Chưa rõ", "Unknown"),
}


def _by_step(found: Answered) -> Finding:
    if not found.total("birth_count"):
        return Finding(_NONE)
    counts = {line.key: line.number("birth_count") or 0 for line in found.lines}
    return Finding(
        Text(
            "{late} trẻ chờ hoặc đã có số sau hơn 5 ngày; {unknown} trẻ chưa rõ đang ở bước nào",
            "{late} children wait or waited beyond 5 days; of {unknown} nobody knows the step",
        ),
        {
            "late": ("count", counts.get("late", 0) + counts.get("waiting_late", 0)),
            "unknown": ("count", counts.get("unknown", 0)),
        },
    )


BY_STEP = Panel(
    name="tre-theo-buoc",
    version=1,
    title=Text("Hồ sơ của trẻ mới sinh đang ở bước nào", "Which step births have reached"),
    description=Text(
        f"{_RULE.vi} Mỗi hồ sơ ở đúng một dòng.", f"{_RULE.en} Each birth is in exactly one row."
    ),
    question=Text(
        "Bao nhiêu hồ sơ đúng hạn, quá hạn, đang chờ, chưa rõ?",
        "How many are on time, late, waiting, unknown?",
    ),
    query="newborns_by_step",
    asks=_ASKS,
    picture="bars",
    unit=BIRTHS,
    key="step",
    names="said",
    rows=_STEPS,
    heading=Text("Bước", "Step"),
    sensitive="field_codes",
    columns=(
        count("birth_count", Text("Hồ sơ khai sinh", "Births")),
        of_all("birth_share", Text("Tỷ lệ", "Share"), "birth_count"),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_by_step,
    takes=WINDOW,
)


def _waiting(found: Answered) -> Finding:
    if not found.lines:
        return Finding(Text("Không hồ sơ khai sinh nào đang chờ cấp số", "No birth waits for a number"))
    most = max(found.lines, key=lambda line: line.number("waiting_count") or 0)
    return Finding(
        Text(
            "{all} trẻ đang chờ số định danh, nhiều nhất chờ: {body} ({count}); {late} đã quá 5 ngày làm việc",
            "{all} children wait for their number, most for: {body} ({count}); {late} beyond 5 working days",
        ),
        {
            "all": ("count", found.whole.number("waiting_count")),
            "body": ("body", most.key),
            "count": ("count", most.number("waiting_count")),
            "late": ("count", found.whole.number("waiting_late_count")),
        },
        {"body": found.level_with(most, "waiting_count")},
    )


WAITING = Panel(
    name="tre-cho-ai",
    version=1,
    title=Text("Hồ sơ của trẻ đang chờ cơ quan nào", "Whom the births wait for"),
    description=Text(
        f"{_RULE.vi} Cơ quan là do nguồn số liệu ghi; không ghi thì chưa rõ cơ quan.",
        f"{_RULE.en} The body is the one that the source names; where it names none nobody knows.",
    ),
    question=Text(
        "Ai đang chờ ai, bao nhiêu hồ sơ, lâu nhất bao nhiêu ngày?",
        "Who waits at whom, how many, and for how long?",
    ),
    query="newborns_waiting",
    asks=_ASKS,
    picture="bars",
    unit=BIRTHS,
    key="body",
    names="body",
    rows={"": Text("Chưa rõ cơ quan", "No body named")},
    heading=Text("Cơ quan đang chờ", "Awaited body"),
    sensitive="field_codes",
    columns=(
        count("waiting_count", Text("Đang chờ số", "Waiting for a number")),
        count("waiting_late_count", Text("Đã quá 5 ngày", "Beyond 5 days"), is_late=True),
        shown(
            "longest_days",
            Text("Lâu nhất (ngày làm việc)", "Longest (working days)"),
            "days",
            rests_on=("waiting_count",),
        ),
        # A commune waits at many bodies: communes of all of them together would be counted more than once.
        replace(count("unit_count", Text("Số xã có trẻ đang chờ", "Communes that wait")), has_sum=False),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_waiting,
    orders="waiting_count",
    takes=WINDOW,
)
