"""Panels of the sheet of a commune: its numbers beside the province's median, its backlog, and what waits for whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dashboards.columns import count, metric, on_time, share, shown
from dashboards.definitions.cases import CASES, COVERAGE_OF_CASES, has_cases
from dashboards.definitions.difficulties import COVERAGE_OF_ISSUES, ISSUES, LANDED
from dashboards.drills import Act, Drill
from dashboards.lines import Answered, Finding, Row
from dashboards.panel import Limits, Panel
from dashboards.vocabulary import WINDOW, Level, Text

_COMMUNE: tuple[Level, ...] = ("commune",)
_SHARE, *_SHARE_ENDS, _ = on_time()
_NO_CASES = Text("Chưa có số liệu hồ sơ", "There are no figures of cases")


def _five(found: Answered) -> Finding:
    whole = found.whole
    if whole.cells["open"].sign:
        return Finding(_NO_CASES)
    return Finding(
        Text(
            "Tiếp nhận {came}, giải quyết {went}; đang giải quyết {open}, quá hạn {late}",
            "{came} came in, {went} were resolved; {open} are open, {late} overdue",
        ),
        {
            "came": ("count", whole.number("received")),
            "went": ("count", whole.number("resolved")),
            "open": ("count", whole.number("open")),
            "late": ("count", whole.number("overdue")),
        },
    )


FIVE = Panel(
    name="nam-so",
    version=1,
    title=Text("Năm chỉ tiêu chính của đơn vị", "Five numbers of the commune"),
    description=Text(
        "Kỳ này, kỳ trước cùng độ dài, và trung vị các xã, phường có số liệu của tỉnh: một nửa cao hơn, một nửa thấp hơn. Tỷ lệ đúng"
        " hạn của hồ sơ có hạn đã giải quyết kèm khoảng tin cậy 95 % (Wilson). Dưới năm đơn vị có số liệu thì không nêu trung vị.",
        "This period, the one before of the same length, and the median of the province's communes with figures: half of them lie"
        " above, half below. The share on time of what was resolved and had a due day has its 95 % interval (Wilson). Below five"
        " communes with figures no median is told.",
    ),
    question=Text(
        "Đơn vị thế nào so với kỳ trước và so với các xã, phường trong tỉnh?",
        "How does the commune stand to the period before, and to the communes of the province?",
    ),
    query="units_total",
    asks=("units", "from", "to"),
    peers="commune_medians",
    picture="sheet",
    unit=CASES,
    key="scope",
    names="whole",
    columns=(
        metric("received"),
        metric("resolved", better="more"),
        _SHARE,
        metric("open", better="less"),
        metric("overdue", better="less", is_late=True),
        *_SHARE_ENDS,
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_five,
    is_reported=has_cases,
    compares=True,
    takes=WINDOW,
    levels=_COMMUNE,
    # The list leaves out what is paused, the figure does not: it leads to an act, and is not its count.
    act=(
        Act(
            Text("Mở hồ sơ quá hạn", "Open overdue cases"),
            Drill("commune", "/xa/ho-so?due=overdue", is_now=True),
        ),
    ),
)


def with_cases(rows: Sequence[Row], _on: dt.date, _limits: Limits) -> list[Row]:
    """Return the fields in which the commune has or had a case; the others say nothing."""
    return [row for row in rows if has_cases(row)]


def _fields(found: Answered) -> Finding:
    known = [line for line in found.lines if line.number("open") is not None]
    if not found.lines:
        return Finding(_NO_CASES)
    top = max(known, key=lambda line: line.number("open") or 0, default=None)
    if top is None or not top.number("open"):
        return Finding(Text("Không lĩnh vực nào còn hồ sơ đang giải quyết", "No field has open cases"))
    late = sum(bool(line.number("overdue")) for line in known)
    return Finding(
        Text(
            "{field} đang có nhiều hồ sơ nhất: {open}; có hồ sơ quá hạn ở {late} lĩnh vực",
            "{field} has most open cases: {open}; {late} fields have overdue ones",
        ),
        {"field": ("field", top.key), "open": ("count", top.number("open")), "late": ("count", late)},
        {"field": found.level_with(top, "open")},
    )


FIELDS = Panel(
    name="ton-theo-linh-vuc",
    version=1,
    title=Text("Tồn theo lĩnh vực", "Backlog by field"),
    description=Text(
        "Đang giải quyết, quá hạn và tạm dừng vào cuối ngày cuối kỳ; tỷ lệ đúng hạn của hồ sơ có hạn đã giải quyết trong kỳ kèm khoảng"
        " tin cậy 95 % (Wilson). Số nhỏ của lĩnh vực nhạy cảm được ẩn với người không được đọc hồ sơ.",
        "Open, overdue and paused at the end of the last day; the share on time of what was resolved in the period and had a due day,"
        " with its 95 % interval (Wilson). Small counts of a sensitive field are kept from readers who may not read the cases.",
    ),
    question=Text("Tồn ở lĩnh vực nào, lĩnh vực nào chậm?", "Which fields pile up, and which are late?"),
    query="unit_rollups_by_field",
    asks=("units", "from", "to"),
    folds=with_cases,
    picture="bars",
    unit=CASES,
    key="field_code",
    names="field",
    sensitive="field_code",
    columns=(
        metric("open", better="less"),
        metric("overdue", better="less", is_late=True),
        metric("paused", better="less"),
        metric("received"),
        metric("resolved", better="more"),
        _SHARE,
        *_SHARE_ENDS,
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_fields,
    orders="open",
    takes=WINDOW,
    levels=_COMMUNE,
)


def _supplements(found: Answered) -> Finding:
    whole = found.whole
    if whole.cells["paused"].sign:
        return Finding(_NO_CASES)
    return Finding(
        Text(
            "{asked} lượt tạm dừng chờ bổ sung trong kỳ; {paused} hồ sơ đang tạm dừng",
            "{asked} times a case was paused for more papers in the period; {paused} are paused now",
        ),
        {"asked": ("count", whole.number("asked_count")), "paused": ("count", whole.number("paused"))},
    )


SUPPLEMENTS = Panel(
    name="bo-sung",
    version=1,
    title=Text("Chờ bổ sung giấy tờ", "Supplements"),
    description=Text(
        "Lượt hồ sơ tạm dừng tính thời hạn trong kỳ để người dân, doanh nghiệp bổ sung giấy tờ hoặc nộp tiền, so với số tiếp nhận trong"
        " kỳ; và số đang tạm dừng vào cuối ngày cuối kỳ. Một hồ sơ dừng hai lần là hai lượt.",
        "How often a case was paused in the period until its applicant supplies papers or pays, against what was received; and what is"
        " paused at the end of the last day. A case that is paused twice counts twice.",
    ),
    question=Text("Người dân phải bổ sung nhiều hay ít?", "How often are people asked for more?"),
    query="supplements",
    asks=("units", "from", "to"),
    peers="commune_medians",
    picture="sheet",
    unit=Text("lượt, hồ sơ", "pauses, cases"),
    key="scope",
    names="whole",
    columns=(
        count("asked_count", Text("Lượt tạm dừng chờ bổ sung", "Pauses for more papers"), better="less"),
        share(
            "asked_share",
            Text("Lượt trên số hồ sơ tiếp nhận", "Of cases received"),
            ("asked_count",),
            ("received",),
            better="less",
        ),
        metric("paused", better="less"),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_supplements,
    is_reported=has_cases,
    compares=True,
    takes=WINDOW,
    levels=_COMMUNE,
    act=(
        Act(
            Text("Mở hồ sơ chờ bổ sung", "Open cases that wait for papers"),
            Drill("commune", "/xa/ho-so?due=supplement", is_now=True),
        ),
    ),
)


def _holders(found: Answered) -> Finding:
    whole = found.whole
    if not whole.number("open_count"):
        return Finding(Text("Không khó khăn nào đang chờ ai", "No difficulty waits for anybody"))
    slow = max(found.lines, key=lambda line: line.number("oldest_days") or 0)
    return Finding(
        Text(
            "{open} khó khăn chưa xong; lâu nhất {days} ngày, đang ở: {body}",
            "{open} difficulties are not over; the oldest for {days} days, with: {body}",
        ),
        {
            "open": ("count", whole.number("open_count")),
            "days": ("count", slow.number("oldest_days")),
            "body": ("body", slow.key),
        },
        {"body": found.level_with(slow, "oldest_days")},
    )


HOLDERS = Panel(
    name="viec-cho-ai",
    version=1,
    title=Text("Việc của đơn vị đang chờ ai", "Whom the commune's difficulties wait for"),
    description=Text(
        "Khó khăn chưa xong, theo cơ quan có bước tiếp theo: có thể là chính xã. Số ngày tính từ khi xã gửi. Quá hạn là quá thời hạn do"
        " luật, quy định hoặc văn bản đặt; mốc nhắc tính riêng.",
        "Difficulties that are not over, by the body that has the next step, which may be the commune itself. Days since it sent them."
        " Overdue is past a deadline that law, regulation or a document set; reminder marks are counted apart.",
    ),
    question=Text(
        "Việc nào đang chờ xã, việc nào chờ trên?", "What waits for the commune, what for those above?"
    ),
    query="open_by_holder",
    asks=("units", "at", "kind"),
    picture="bars",
    unit=ISSUES,
    key="holder_body",
    heading=Text("Cơ quan đang xử lý", "Who has it"),
    rows={"": Text("Chưa rõ cơ quan", "No body yet")},
    names="body",
    columns=(
        count(
            "open_count",
            Text("Chưa xong", "Not over"),
            drill=(Drill("commune", "/xa/kho-khan?state=all&body={key}", (("kind", "kind"),)),),
        ),
        shown("oldest_days", Text("Lâu nhất (ngày)", "Oldest (days)"), "days"),
        count("longer_count", Text("Quá 30 ngày", "Over 30 days")),
        count("past_mark_count", Text("Quá mốc nhắc", "Past a reminder mark")),
        count("overdue_count", Text("Khó khăn quá hạn", "Overdue difficulties"), is_late=True),
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_holders,
    orders="open_count",
    takes=("kind",),
    levels=_COMMUNE,
)

_STATES = {
    "solution_claimed": Text("chờ xã xác nhận", "to be confirmed"),
    "answered": Text("đã trả lời, chờ xã xem", "answered, to be read"),
}


def _answers(found: Answered) -> Finding:
    if not found.lines:
        return Finding(Text("Không trả lời nào chờ xã", "No answer waits for the commune"))
    claimed = [line.cells["stands"].value for line in found.lines].count("solution_claimed")
    slow = max(line.number("days") or 0 for line in found.lines)
    return Finding(
        Text(
            "{all} trả lời chưa được xã xác nhận, {claimed} chờ xác nhận đã giải quyết; lâu nhất {days} ngày",
            "{all} answers are not confirmed, {claimed} of them wait for it; the oldest for {days} days",
        ),
        {"all": ("count", len(found.lines)), "claimed": ("count", claimed), "days": ("count", slow)},
    )


ANSWERED = Panel(
    name="tra-loi-cho-xa",
    version=1,
    title=Text("Trả lời chưa được xã xác nhận", "Answers that the commune has not confirmed"),
    description=Text(
        "Mỗi dòng là một khó khăn đã được trả lời mà xã chưa xác nhận, cũng chưa đề nghị xem xét lại; trả lời lâu nhất đứng trước. Im"
        " lặng không phải là xác nhận.",
        "One row is one difficulty that was answered and that the commune neither confirmed nor disputed; the oldest answer comes first."
        " Silence confirms nothing.",
    ),
    question=Text("Trả lời nào xã còn phải xác nhận?", "Which answers has the commune still to confirm?"),
    query="answered_unconfirmed",
    asks=("units", "at", "kind"),
    picture="bars",
    unit=ISSUES,
    key="issue_id",
    named="kind",
    names="kind",
    is_of_issues=True,
    columns=(
        shown("answered_by", Text("Cơ quan trả lời", "Answered by"), "word", names="body"),
        shown("stands", Text("Tình trạng", "State"), "word", words=_STATES),
        shown("answered_at", Text("Trả lời lúc", "Answered at"), "moment"),
        shown("days", Text("Số ngày đã chờ", "Days waiting"), "days"),
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_answers,
    takes=("kind",),
    levels=_COMMUNE,
    drill=(Drill("commune", "/xa/kho-khan/{key}", is_item=True),),
    act=(
        Act(
            Text("Xác nhận hoặc đề nghị xem xét lại", "Confirm or dispute"),
            Drill("commune", "/xa/kho-khan?state=answered", is_item=True),
        ),
    ),
)
