"""Panels of procedures: what they take, what they wait for."""

from __future__ import annotations

from dataclasses import replace

from dashboards.columns import count, metric, on_time, share, shown
from dashboards.definitions.cases import CASES, COVERAGE_OF_CASES
from dashboards.definitions.fields import REPORT
from dashboards.definitions.lateness import LIMITS, NO_CODE
from dashboards.lines import Above, Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import WINDOW, Text
from reporting.privacy import suppressed


def _procedures(found: Answered) -> Finding:
    # So few cases are chance, as they are a trace of somebody.
    slow = [
        line
        for line in found.lines
        if line.number("median_days") is not None and not suppressed(int(line.number("resolved") or 0))
    ]
    if not slow:
        return Finding(
            Text(
                "Trong kỳ chưa thủ tục nào có đủ hồ sơ giải quyết để so",
                "No procedure finished enough cases to compare",
            )
        )
    longest = max(slow, key=lambda line: line.number("median_days") or 0)
    below = sum(line.cells["on_time_differs"].value == "below" for line in found.lines)
    return Finding(
        Text(
            "{below} thủ tục đúng hạn thấp hơn chung rõ rệt; lâu nhất: {longest}, một nửa số hồ sơ mất từ {days} ngày trở lên",
            "{below} procedures are clearly below the whole on time; the longest: {longest}, half of its cases took {days} days or more",
        ),
        {
            "below": ("count", below),
            "longest": ("procedure", longest.key),
            "days": ("count", longest.number("median_days")),
        },
        {"longest": found.level_with(longest, "median_days", among=slow)},
    )


_TAKEN = ("taken_count",)
PROCEDURES = Panel(
    name="tung-thu-tuc",
    version=2,
    title=Text("Từng thủ tục", "Each procedure"),
    description=Text(
        "Thanh là số tiếp nhận. Số ngày là ngày theo lịch từ khi tiếp nhận đến khi có kết quả, của hồ sơ xong trong kỳ, kể cả"
        " ngày tạm dừng. Phải bổ sung, còn lại và quá hạn tính trên hồ sơ tiếp nhận trong kỳ.",
        "The bar is what was received. Days are calendar days from reception to the result, of what was finished in the period,"
        " pauses included. Supplements, what is left and what is overdue are of cases received in the period.",
    ),
    question=Text(
        "Thủ tục nào chậm, chậm vì đâu, ở nhiều xã hay một xã?",
        "Which procedures are slow, why, and in many communes or one?",
    ),
    query="unit_procedures",
    asks=(
        "units",
        "from",
        "to",
        "field",
        "channel",
        *LIMITS,
    ),
    picture="bars",
    unit=CASES,
    key="procedure_code",
    names="procedure",
    rows=NO_CODE,
    sensitive="field_codes",
    columns=(
        metric("received"),
        metric("resolved", better="more"),
        *on_time(),
        shown(
            "median_days",
            Text("Giải quyết, trung vị (ngày)", "Median to resolve (days)"),
            "days",
            rests_on=_TAKEN,
        ),
        shown(
            "long_days",
            Text("9/10 giải quyết trong (ngày)", "9 of 10 resolved within (days)"),
            "days",
            rests_on=_TAKEN,
        ),
        share(
            "supplemented_share",
            Text("Phải bổ sung", "Supplemented"),
            ("supplemented_count",),
            ("received",),
            better="less",
        ),
        count("left_count", Text("Còn lại", "Left")),
        count("left_overdue_count", Text("Trong đó quá hạn", "Of them overdue"), is_late=True),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_procedures,
    orders="received",
    compares=True,
    takes=(*WINDOW, "field", "channel"),
    levels=("commune", "province"),
    act=(REPORT,),
)


def _pauses(found: Answered) -> Finding:
    paused = found.whole.number("pause_count")
    if not paused:
        return Finding(Text("Trong kỳ không hồ sơ nào phải tạm dừng", "No case had to pause in the period"))
    most = max(found.lines, key=lambda line: line.number("pause_count") or 0)
    return Finding(
        Text(
            "{paused} lần tạm dừng, nhiều nhất do: {most} ({count}); {on} lần chưa kết thúc",
            "{paused} pauses, most of them for: {most} ({count}); {on} have not ended",
        ),
        {
            "paused": ("count", paused),
            "most": ("said", most.key),
            "count": ("count", most.number("pause_count")),
            "on": ("count", found.whole.number("on_count")),
        },
        {"most": found.level_with(most, "pause_count")},
    )


_CAUSES = {
    "supplement": Text("chờ bổ sung giấy tờ", "papers are missing"),
    "fee": Text("chờ nộp nghĩa vụ tài chính", "a fee is due"),
}


_had_cases = Above(("case_count",))


PAUSES = Panel(
    name="tam-dung",
    version=2,
    title=Text("Tạm dừng theo nguyên nhân", "Pauses by cause"),
    description=Text(
        "Những lần tạm dừng tính thời hạn bắt đầu trong kỳ và kéo dài ít nhất một ngày. Tỷ lệ tính trên hồ sơ có biến động trong kỳ."
        " Nguồn chỉ gửi trạng thái từng thời điểm thì có thể thiếu lần tạm dừng.",
        "Pauses of the clock that began in the period and lasted a day at least. The share is of the cases that changed in the"
        " period. Where the source sends snapshots alone, a pause may be missing.",
    ),
    question=Text("Hồ sơ dừng vì đâu, dừng bao lâu?", "Why do cases pause, and for how long?"),
    query="pauses_by_cause",
    asks=("units", "from", "to", "field", "channel"),
    picture="bars",
    unit=Text("lần", "pauses"),
    key="reason",
    names="said",
    rows=_CAUSES,
    heading=Text("Nguyên nhân", "Cause"),
    columns=(
        count("pause_count", Text("Lần tạm dừng", "Pauses")),
        replace(count("paused_case_count", Text("Số hồ sơ", "Cases")), has_sum=False),
        replace(
            share(
                "paused_share",
                Text("Trên hồ sơ có biến động", "Of cases that changed"),
                ("paused_case_count",),
                ("case_count",),
            ),
            has_sum=False,
        ),
        shown(
            "median_days",
            Text("Tạm dừng, trung vị (ngày)", "Median pause (days)"),
            "days",
            rests_on=("ended_count",),
        ),
        shown(
            "long_days",
            Text("9/10 tạm dừng không quá (ngày)", "9 of 10 pauses within (days)"),
            "days",
            rests_on=("ended_count",),
        ),
        count("on_count", Text("Chưa kết thúc", "Not ended")),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_pauses,
    orders="pause_count",
    is_reported=_had_cases,
    takes=(*WINDOW, "field", "channel"),
    levels=("commune", "province"),
)
