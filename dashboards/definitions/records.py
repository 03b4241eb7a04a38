"""Panels of what was recorded: how late, and how much put an earlier statement right."""

from __future__ import annotations

from dashboards.columns import count, share, shown
from dashboards.definitions.cases import COVERAGE_OF_CASES
from dashboards.definitions.coverage import INTO
from dashboards.lines import Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import WINDOW, Text

_STEPS = {
    "submission": Text("Nộp hồ sơ", "Submission"),
    "reception": Text("Tiếp nhận", "Reception"),
    "refusal": Text("Không tiếp nhận", "Refusal"),
    "result": Text("Có kết quả", "Result"),
    "handover": Text("Trả kết quả", "Handing over"),
}


_DELAYS = (
    count("late_record_count", Text("Ghi chậm", "Recorded late"), better="less"),
    count("record_count", Text("Lượt ghi nhận", "Records")),
    share(
        "late_record_share",
        Text("Tỷ lệ ghi chậm", "Share late"),
        ("late_record_count",),
        ("record_count",),
        better="less",
    ),
    shown("median_days", Text("Ghi sau, trung vị (ngày)", "Median delay (days)"), "days"),
    shown("long_days", Text("9/10 ghi sau không quá (ngày)", "9 of 10 recorded within (days)"), "days"),
    count("backfill_count", Text("Hồ sơ cũ nhập lần đầu", "Old cases of a first import")),
)


_LATENESS = Text(
    "Số ngày từ khi việc diễn ra đến khi được ghi nhận vào hệ thống. Ghi chậm là quá số ngày của bảng ngưỡng. Hồ sơ cũ nhập lần đầu"
    " đếm riêng, không vào tỷ lệ.",
    "Days from when something happened to when it was recorded. Late is beyond the days of the table of thresholds. Old cases of a"
    " first import are counted apart and are in no share.",
)


def _delays(found: Answered) -> Finding:
    all_count = found.total("record_count")
    if not all_count:
        return Finding(Text("Trong kỳ chưa có lượt ghi nhận nào", "Nothing was recorded in the period"))
    slow = found.most("late_record_count")
    if slow is None:
        return Finding(
            Text("Mọi việc trong kỳ đều được ghi nhận kịp thời", "Everything was recorded in time")
        )
    return Finding(
        Text(
            "{share} lượt ghi nhận bị chậm, nhiều nhất ở bước {most} ({count})",
            "{share} of the records came late, most of them: {most} ({count})",
        ),
        {
            "share": ("share", found.whole.number("late_record_share")),
            "most": ("said", slow.key),
            "count": ("count", slow.number("late_record_count")),
        },
        {"most": found.level_with(slow, "late_record_count")},
    )


DELAYS = Panel(
    name="ghi-cham",
    version=2,
    title=Text("Ghi nhận chậm theo bước", "Late records by step"),
    description=_LATENESS,
    question=Text(
        "Bước nào được ghi nhận chậm, chậm bao lâu?", "Which steps are recorded late, and by how much?"
    ),
    query="records_by_step",
    asks=("units", "from", "to", "late_record"),
    picture="bars",
    unit=Text("lượt ghi nhận", "records"),
    key="step",
    names="said",
    rows=_STEPS,
    heading=Text("Bước", "Step"),
    columns=_DELAYS,
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_delays,
    orders="late_record_count",
    takes=WINDOW,
    levels=("commune", "province"),
    thresholds=("late_record",),
)


def _late_units(found: Answered) -> Finding:
    late = [line for line in found.lines if line.number("late_record_count")]
    slow = found.most("late_record_count")
    if slow is None:
        return Finding(Text("Không xã nào ghi nhận chậm", "No commune recorded late"))
    return Finding(
        Text(
            "{late} trong {all} xã có lượt ghi chậm; nhiều nhất: {most} ({count})",
            "{late} of {all} communes recorded late; most of it in {most} ({count})",
        ),
        {
            "late": ("count", len(late)),
            "all": ("count", len(found.lines)),
            "most": ("unit", slow.key),
            "count": ("count", slow.number("late_record_count")),
        },
        {"most": found.level_with(slow, "late_record_count")},
    )


DELAYS_BY_UNIT = Panel(
    name="ghi-cham-theo-xa",
    version=2,
    title=Text("Ghi nhận chậm theo xã", "Late records by commune"),
    description=_LATENESS,
    question=Text("Xã nào ghi nhận chậm?", "Which communes record late?"),
    query="records_by_unit",
    asks=("units", "from", "to", "late_record"),
    picture="bars",
    unit=Text("lượt ghi nhận", "records"),
    key="unit_code",
    names="unit",
    columns=_DELAYS,
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_late_units,
    orders="late_record_count",
    takes=WINDOW,
    levels=("province",),
    thresholds=("late_record",),
    drill=INTO,
)


def _corrections(found: Answered) -> Finding:
    most = found.most("corrected_count")
    if not found.lines:
        return Finding(Text("Trong kỳ chưa có lượt ghi nhận nào", "Nothing was recorded in the period"))
    if most is None:
        return Finding(Text("Trong kỳ không có đính chính nào", "Nothing was put right in the period"))
    return Finding(
        Text(
            "{corrected} lượt đính chính ({share} số lượt ghi), nhiều nhất ở {most}",
            "{corrected} corrections ({share} of what was recorded), most of them in {most}",
        ),
        {
            "corrected": ("count", found.total("corrected_count")),
            "share": ("share", found.whole.number("corrected_share")),
            "most": ("unit", most.key),
        },
        {"most": found.level_with(most, "corrected_count")},
    )


CORRECTIONS = Panel(
    name="dinh-chinh",
    version=1,
    title=Text("Đính chính, gia hạn, chuyển thẩm quyền", "Corrections, extensions, transfers"),
    description=Text(
        "Lượt ghi nhận trong kỳ sửa lại điều đã ghi, dời hạn, hoặc chuyển hồ sơ sang đơn vị khác. Đính chính là cần thiết; nếu nhiều"
        " bất thường thì nên kiểm tra lại nguồn số liệu.",
        "Records of the period that put an earlier statement right, moved a due day, or moved a case to another unit. Putting right is"
        " good; unusually much of it asks for a look at the source.",
    ),
    question=Text("Nơi nào phải đính chính nhiều?", "Where are figures often put right?"),
    query="corrections_by_unit",
    asks=("units", "from", "to"),
    picture="bars",
    unit=Text("lượt ghi nhận", "records"),
    key="unit_code",
    names="unit",
    columns=(
        count("corrected_count", Text("Đính chính", "Corrected")),
        share("corrected_share", Text("Trên lượt ghi", "Of records"), ("corrected_count",), ("event_count",)),
        count("extended_count", Text("Gia hạn", "Extended")),
        count("transferred_count", Text("Chuyển thẩm quyền", "Transferred")),
        count("event_count", Text("Mọi lượt ghi nhận", "All records")),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_corrections,
    orders="corrected_count",
    takes=WINDOW,
    levels=("commune", "province"),
    drill=INTO,
)
