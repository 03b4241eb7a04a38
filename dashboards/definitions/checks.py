"""Panels of what cases lack: a due day, a field, a procedure, a pause."""

from __future__ import annotations

from dataclasses import replace

from dashboards.columns import count, metric, share
from dashboards.definitions.cases import CASES, COVERAGE_OF_CASES
from dashboards.drills import Act, Drill
from dashboards.lines import Above, Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import WINDOW, Text

_OTHER_FIELD = "khac"


def _undated(found: Answered) -> Finding:
    whole = found.whole
    other = next((line.number("received") for line in found.lines if line.key == _OTHER_FIELD), 0) or 0
    if whole.cells["undated_share"].sign:
        return Finding(
            Text("Trong kỳ chưa có hồ sơ nào được giải quyết xong", "Nothing was finished in the period")
        )
    return Finding(
        Text(
            "{share} hồ sơ giải quyết xong không có hạn; {other} hồ sơ tiếp nhận thuộc “{field}”",
            "{share} of what was finished had no due day; {other} cases received are of “{field}”",
        ),
        {
            "share": ("share", whole.number("undated_share")),
            "other": ("count", other),
            "field": ("field", _OTHER_FIELD),
        },
    )


UNDATED = Panel(
    name="khong-han",
    version=1,
    title=Text("Hồ sơ không có hạn, chưa rõ lĩnh vực", "Cases without a due day or a field"),
    description=Text(
        "Hồ sơ giải quyết xong trong kỳ mà không có ngày hẹn trả thì không vào tỷ lệ đúng hạn. Hồ sơ không nêu lĩnh vực và không"
        " suy được từ thủ tục thì nằm ở “Lĩnh vực khác”.",
        "What was finished in the period without a due day is in no share on time. A case that names no field, and whose procedure"
        " does not tell it, is of “Other fields”.",
    ),
    question=Text(
        "Lĩnh vực nào có nhiều hồ sơ không tính được đúng hạn?",
        "In which fields can being on time often not be told?",
    ),
    query="unit_rollups_by_field",
    asks=("units", "from", "to"),
    narrowed={"channel": ("unit_rollups_by_field_and_channel", "channel")},
    picture="bars",
    unit=CASES,
    key="field_code",
    names="field",
    sensitive="field_code",
    columns=(
        metric("resolved_undated", better="less"),
        share(
            "undated_share",
            Text("Trên đã giải quyết xong", "Of what was finished"),
            ("resolved_undated",),
            ("resolved_early", "resolved_on_time", "resolved_late", "resolved_undated"),
            better="less",
        ),
        metric("received"),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_undated,
    orders="resolved_undated",
    compares=True,
    takes=(*WINDOW, "channel"),
)


_CHECKS = {
    "no_due_day": Text("Đã tiếp nhận nhưng không có hạn", "Received without a due day"),
    "no_procedure": Text("Chưa ghi mã thủ tục", "No procedure code"),
    "unknown_procedure": Text("Mã thủ tục không có trong bảng", "A procedure code that the table lacks"),
    "unknown_field": Text("Chưa rõ lĩnh vực", "No known field"),
    "pauses_unknown": Text("Có thể thiếu lần tạm dừng", "A pause may be missing"),
}


def _checks(found: Answered) -> Finding:
    failing = [line for line in found.lines if line.number("failing_count")]
    if not failing:
        return Finding(
            Text(
                "Hồ sơ trong kỳ không thiếu mục nào được kiểm tra",
                "No case of the period lacks what is checked",
            )
        )
    most = max(failing, key=lambda line: line.number("failing_count") or 0)
    return Finding(
        Text(
            "{checks} mục còn thiếu; nhiều nhất: {most} ({count} hồ sơ)",
            "{checks} checks find something; most: {most} ({count} cases)",
        ),
        {
            "checks": ("count", len(failing)),
            "most": ("said", most.key),
            "count": ("count", most.number("failing_count")),
        },
        {"most": found.level_with(most, "failing_count")},
    )


_was_checked = Above(("checked_count",))


CHECKS = Panel(
    name="kiem-tra",
    version=1,
    title=Text("Hồ sơ thiếu thông tin", "Cases that lack something"),
    description=Text(
        "Hồ sơ đến hoặc xong trong kỳ, kiểm tra từng mục. Có thể thiếu lần tạm dừng: nguồn chỉ gửi trạng thái từng thời điểm nên lần"
        " tạm dừng ở giữa có thể không thấy.",
        "Cases that came or were resolved in the period, check by check. A pause may be missing: the source sends snapshots, between"
        " which a pause can hide.",
    ),
    question=Text("Hồ sơ thiếu gì, thiếu bao nhiêu?", "What do cases lack, and how often?"),
    query="case_checks",
    asks=("units", "from", "to", "field", "channel", "procedures", "unknown_field"),
    picture="bars",
    unit=CASES,
    key="check_name",
    names="said",
    rows=_CHECKS,
    heading=Text("Mục kiểm tra", "Check"),
    # A case may fail several checks, so there is nothing to add up.
    columns=(
        replace(count("failing_count", Text("Thiếu", "Lacking"), better="less"), has_sum=False),
        replace(count("checked_count", Text("Đã kiểm tra", "Checked")), has_sum=False),
        replace(
            share(
                "failing_share", Text("Tỷ lệ thiếu", "Share lacking"), ("failing_count",), ("checked_count",)
            ),
            has_sum=False,
        ),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_checks,
    orders="failing_count",
    is_reported=_was_checked,
    takes=(*WINDOW, "field", "channel"),
    levels=("commune", "province"),
    act=(Act(Text("Mở hồ sơ của xã", "Open the commune's cases"), Drill("commune", "/xa/ho-so?status=all")),),
)
