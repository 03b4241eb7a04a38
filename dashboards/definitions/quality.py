"""Panels of the figures themselves: who has any, how late they are recorded, what is missing or was put right."""

from __future__ import annotations

from dataclasses import replace

from dashboards.columns import count, metric, number, share, shown
from dashboards.definitions.cases import has_cases
from dashboards.panel import WINDOW, Act, Answered, Drill, Filter, Finding, Line, Panel, Reader, Row, Text

_COVERAGE = ("ministry_by_province", "reporting_unit_count")
_CASES = Text("hồ sơ", "cases")
_WINDOW: tuple[tuple[Filter, str], ...] = (("from", "from"), ("to", "to"))
_ABOVE: tuple[Reader, ...] = ("office", "department", "ministry")
_INTO = tuple(Drill(reader, "/bang/chat-luong?unit={key}", _WINDOW, any_unit=True) for reader in _ABOVE)
_OTHER_FIELD = "khac"


def _of(found: Answered, column: str) -> float:
    return found.whole.number(column) or 0


def _most(found: Answered, column: str) -> Line | None:
    known = [line for line in found.lines if line.number(column)]
    return max(known, key=lambda line: line.number(column) or 0, default=None)


def _complete(found: Answered) -> Finding:
    if _of(found, "reporting_count") == _of(found, "unit_count"):
        return Finding(
            Text("Cả {all} xã đều có số liệu trong kỳ", "All {all} communes have figures in the period"),
            {"all": ("count", _of(found, "unit_count"))},
        )
    return Finding(
        Text(
            "{some} trong {all} xã có số liệu trong kỳ; {stopped} xã đã ngừng, {never} xã chưa từng có",
            "{some} of {all} communes have figures in the period; {stopped} stopped, {never} never had any",
        ),
        {
            "some": ("count", _of(found, "reporting_count")),
            "all": ("count", _of(found, "unit_count")),
            "stopped": ("count", _of(found, "stopped_count")),
            "never": ("count", _of(found, "never_count")),
        },
    )


COMPLETE = Panel(
    name="day-du",
    version=1,
    title=Text("Xã có và chưa có số liệu", "Communes with and without figures"),
    description=Text(
        "Một xã có số liệu khi trong kỳ có hồ sơ đến hoặc xong. Đã ngừng là từng có nhưng trong kỳ không có; số ngày là của xã lâu"
        " nhất không có số liệu, tính đến cuối kỳ. Không có số liệu không có nghĩa là không có việc.",
        "A commune has figures where a case came or was resolved in the period. Stopped is one that had some before and none in it;"
        " the days are those of the commune that is longest without, until the end of the period. No figures is not no work.",
    ),
    question=Text("Nơi nào thiếu số liệu, từ bao giờ?", "Where are figures missing, and since when?"),
    query="reporting_places",
    asks=("units", "provinces", "from", "to"),
    picture="bars",
    unit=Text("xã", "communes"),
    key="place_code",
    names="unit",
    columns=(
        shown("quiet_days", Text("Lâu nhất (ngày)", "Longest (days)"), "days", missing="not_reported"),
        count("unit_count", Text("Số xã", "Communes")),
        count("reporting_count", Text("Có số liệu", "With figures")),
        share(
            "reporting_share", Text("Tỷ lệ", "Share"), ("reporting_count",), ("unit_count",), better="more"
        ),
        count("stopped_count", Text("Đã ngừng", "Stopped")),
        count("never_count", Text("Chưa từng có", "Never had any")),
        shown(
            "last_on_of_all", Text("Ngày gần nhất có", "Latest day with any"), "day", missing="not_reported"
        ),
    ),
    watermark="figures_as_of",
    coverage=_COVERAGE,
    finding=_complete,
    takes=WINDOW,
    drill=_INTO,
    act=(
        Act(
            Text("Mở danh sách xã im lặng", "Open the list of silent communes"),
            Drill("office", "/tinh/tong-quan?state=silent"),
        ),
    ),
)


def _feeds(found: Answered) -> Finding:
    silent, never = _of(found, "silent_count"), _of(found, "never_count")
    if not silent and not never:
        return Finding(
            Text("Mọi xã đều có nguồn số liệu đang hoạt động", "Every commune has a feed that is heard")
        )
    return Finding(
        Text(
            "{heard} trong {all} xã có nguồn số liệu đang hoạt động; {silent} im lặng, {never} chưa từng gửi",
            "{heard} of {all} communes have a feed that is heard; {silent} are silent, {never} never sent",
        ),
        {
            "heard": ("count", _of(found, "heard_count")),
            "all": ("count", _of(found, "unit_count")),
            "silent": ("count", silent),
            "never": ("count", never),
        },
    )


FEEDS = Panel(
    name="nguon-so-lieu",
    version=1,
    title=Text("Nguồn số liệu của các xã", "Feeds of the communes"),
    description=Text(
        "Tình trạng nguồn số liệu lúc mở bảng: đang hoạt động, im lặng, hoặc chưa từng gửi; và những gì đang chờ gửi tại xã.",
        "The feeds at the moment at which the board is opened: heard, silent or never heard; and what waits to be sent.",
    ),
    question=Text(
        "Nguồn nào còn hoạt động, nơi nào còn tồn chưa gửi?",
        "Which feeds are heard, and where does data wait?",
    ),
    query="feeds_by_place",
    asks=("units", "provinces", "at"),
    picture="bars",
    unit=Text("xã", "communes"),
    key="place_code",
    names="unit",
    columns=(
        count("unit_count", Text("Số xã", "Communes")),
        count("heard_count", Text("Đang hoạt động", "Heard")),
        count("silent_count", Text("Im lặng", "Silent")),
        count("never_count", Text("Chưa từng gửi", "Never heard")),
        count("outbox_count", Text("Bản ghi chờ gửi", "Records waiting")),
        shown("waiting_days", Text("Chờ lâu nhất (ngày)", "Waiting longest (days)"), "days"),
        shown("last_seen", Text("Nghe lần cuối", "Last heard"), "moment", missing="not_reported"),
    ),
    watermark="landed_feeds",
    coverage=("landed_feeds", "unit_count"),
    finding=_feeds,
    drill=_INTO,
)


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
    unit=_CASES,
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
    coverage=_COVERAGE,
    finding=_undated,
    orders="resolved_undated",
    is_reported=has_cases,
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
    )


def _was_checked(row: Row) -> bool:
    return number(row, ("checked_count",)) > 0


CHECKS = Panel(
    name="kiem-tra",
    version=1,
    title=Text("Hồ sơ thiếu thông tin", "Cases that lack something"),
    description=Text(
        "Hồ sơ đến hoặc xong trong kỳ, kiểm tra từng mục. Có thể thiếu lần tạm dừng: nguồn chỉ gửi ảnh chụp trạng thái nên một lần"
        " tạm dừng ở giữa có thể không thấy.",
        "Cases that came or were resolved in the period, check by check. A pause may be missing: the source sends snapshots, between"
        " which a pause can hide.",
    ),
    question=Text("Hồ sơ thiếu gì, thiếu bao nhiêu?", "What do cases lack, and how often?"),
    query="case_checks",
    asks=("units", "from", "to", "field", "channel", "procedures", "unknown_field"),
    picture="bars",
    unit=_CASES,
    key="check_name",
    names="said",
    rows=_CHECKS,
    # A case may fail several checks, so there is nothing to add up.
    columns=(
        replace(count("failing_count", Text("Thiếu", "Lacking"), better="less"), has_sum=False),
        replace(count("checked_count", Text("Đã kiểm tra", "Checked")), has_sum=False),
        replace(
            share("failing_share", Text("Tỷ lệ", "Share"), ("failing_count",), ("checked_count",)),
            has_sum=False,
        ),
    ),
    watermark="figures_as_of",
    coverage=_COVERAGE,
    finding=_checks,
    orders="failing_count",
    is_reported=_was_checked,
    takes=(*WINDOW, "field", "channel"),
    levels=("commune", "province"),
    act=(Act(Text("Mở hồ sơ của xã", "Open the commune's cases"), Drill("commune", "/xa/ho-so?status=all")),),
)

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
    shown("median_days", Text("Một nửa trong (ngày)", "Half within (days)"), "days"),
    shown("long_days", Text("9/10 trong (ngày)", "9 of 10 within (days)"), "days"),
    count("backfill_count", Text("Hồ sơ cũ nhập lần đầu", "Old cases of a first import")),
)
_LATENESS = Text(
    "Số ngày từ khi việc diễn ra đến khi được ghi nhận vào hệ thống. Ghi chậm là quá số ngày của bảng ngưỡng. Hồ sơ cũ nhập lần đầu"
    " đếm riêng, không vào tỷ lệ.",
    "Days from when something happened to when it was recorded. Late is beyond the days of the table of thresholds. Old cases of a"
    " first import are counted apart and are in no share.",
)


def _delays(found: Answered) -> Finding:
    all_count = _of(found, "record_count")
    if not all_count:
        return Finding(Text("Trong kỳ chưa có lượt ghi nhận nào", "Nothing was recorded in the period"))
    slow = _most(found, "late_record_count")
    if slow is None:
        return Finding(
            Text("Mọi việc trong kỳ đều được ghi nhận kịp thời", "Everything was recorded in time")
        )
    return Finding(
        Text(
            "{share} lượt được ghi chậm, nhiều nhất: {most} ({count})",
            "{share} of the records came late, most of them: {most} ({count})",
        ),
        {
            "share": ("share", found.whole.number("late_record_share")),
            "most": ("said", slow.key),
            "count": ("count", slow.number("late_record_count")),
        },
    )


DELAYS = Panel(
    name="ghi-cham",
    version=1,
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
    columns=_DELAYS,
    watermark="figures_as_of",
    coverage=_COVERAGE,
    finding=_delays,
    orders="late_record_count",
    takes=WINDOW,
    levels=("commune", "province"),
    thresholds=("late_record",),
)


def _late_units(found: Answered) -> Finding:
    late = [line for line in found.lines if line.number("late_record_count")]
    slow = _most(found, "late_record_count")
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
    )


DELAYS_BY_UNIT = Panel(
    name="ghi-cham-theo-xa",
    version=1,
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
    coverage=_COVERAGE,
    finding=_late_units,
    orders="late_record_count",
    takes=WINDOW,
    levels=("province",),
    thresholds=("late_record",),
    drill=_INTO,
)


def _corrections(found: Answered) -> Finding:
    most = _most(found, "corrected_count")
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
            "corrected": ("count", _of(found, "corrected_count")),
            "share": ("share", found.whole.number("corrected_share")),
            "most": ("unit", most.key),
        },
    )


CORRECTIONS = Panel(
    name="dinh-chinh",
    version=1,
    title=Text("Đính chính, gia hạn, chuyển thẩm quyền", "Corrections, extensions, transfers"),
    description=Text(
        "Lượt ghi nhận trong kỳ sửa lại điều đã ghi, dời hạn, hoặc chuyển hồ sơ sang đơn vị khác. Đính chính là việc tốt; nhiều"
        " bất thường thì nên xem lại nguồn.",
        "Records of the period that put an earlier statement right, moved a due day, or moved a case to another unit. Putting right is"
        " good; unusually much of it asks for a look at the source.",
    ),
    question=Text("Ở đâu số liệu bị sửa nhiều?", "Where are figures often put right?"),
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
        count("event_count", Text("Lượt ghi nhận", "Records")),
    ),
    watermark="figures_as_of",
    coverage=_COVERAGE,
    finding=_corrections,
    orders="corrected_count",
    takes=WINDOW,
    levels=("commune", "province"),
    drill=_INTO,
)
