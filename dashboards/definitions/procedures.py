"""Panels of procedures, fields and channels: what comes and goes, what is late, what pauses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dashboards.columns import (
    FINISHED,
    against_whole,
    count,
    interval_end,
    metric,
    number,
    of_all,
    share,
    shown,
)
from dashboards.definitions.cases import has_cases
from dashboards.panel import WINDOW, Act, Answered, Column, Drill, Filter, Finding, Panel, Reader, Row, Text

_ON_TIME = ("resolved_early", "resolved_on_time")
_COVERAGE = ("ministry_by_province", "reporting_unit_count")
_CASES = Text("hồ sơ", "cases")
_WINDOW: tuple[tuple[Filter, str], ...] = (("from", "from"), ("to", "to"))
_READERS: tuple[Reader, ...] = ("commune", "office", "department", "ministry")
_PATTERNS = {
    "common": Text("chậm ở nhiều nơi", "late in many places"),
    "single": Text("chủ yếu ở một nơi", "most in one place"),
    "several": Text("chậm ở vài nơi", "late in some places"),
    "few": Text("chưa đủ nơi để so", "too few places to compare"),
    "none": Text("không quá hạn", "none late"),
}
_COMMON = Act(
    Text("Xem vấn đề chung", "Open common problems"),
    Drill("office", "/tinh/van-de-chung?state=live", any_unit=True),
)
_REPORT = Act(Text("Gửi khó khăn, vướng mắc", "Report a difficulty"), Drill("commune", "/xa/kho-khan/moi"))


def _deeper(part: str) -> tuple[Drill, ...]:
    """Return where a row leads: the same board, narrowed to what the row is of."""
    path = f"/bang/thu-tuc?unit={{unit}}&{part}={{key}}"
    other: Filter = "channel" if part == "field" else "field"
    return tuple(Drill(reader, path, (*_WINDOW, (other, other)), any_unit=True) for reader in _READERS)


def _on_time() -> tuple[Column, ...]:
    words = Text("Tỷ lệ đúng hạn", "On time")
    return (
        share("on_time_share", words, _ON_TIME, FINISHED, better="more", with_interval=True),
        interval_end("on_time_share", Text("Khoảng, từ", "Interval, from"), _ON_TIME, FINISHED, "low"),
        interval_end("on_time_share", Text("Khoảng, đến", "Interval, to"), _ON_TIME, FINISHED, "high"),
        against_whole("on_time_differs", Text("So với chung", "Against the whole"), _ON_TIME, FINISHED),
    )


def _fields(found: Answered) -> Finding:
    below = [line for line in found.lines if line.cells["on_time_differs"].value == "below"]
    most = max(found.lines, key=lambda line: line.number("received") or 0, default=None)
    if most is None or not most.number("received"):
        return Finding(Text("Chưa có hồ sơ theo lĩnh vực trong kỳ", "No cases by field in the period"))
    if not below:
        return Finding(
            Text(
                "{most} tiếp nhận nhiều nhất ({received}); không lĩnh vực nào đúng hạn thấp hơn chung rõ rệt",
                "{most} received most ({received}); no field is clearly below the whole on time",
            ),
            {"most": ("field", most.key), "received": ("count", most.number("received"))},
        )
    worst = min(below, key=lambda line: line.number("on_time_share") or 0)
    return Finding(
        Text(
            "{count} lĩnh vực đúng hạn thấp hơn chung rõ rệt; thấp nhất: {worst}, {share}",
            "{count} fields are clearly below the whole on time; the lowest: {worst}, {share}",
        ),
        {
            "count": ("count", len(below)),
            "worst": ("field", worst.key),
            "share": ("share", worst.number("on_time_share")),
        },
    )


FIELDS = Panel(
    name="linh-vuc",
    version=1,
    title=Text("Hồ sơ theo lĩnh vực", "Cases by field"),
    description=Text(
        "Thanh là số tiếp nhận. Tỷ lệ đúng hạn tính trên hồ sơ có hạn đã giải quyết trong kỳ, kèm khoảng tin cậy 95 % (Wilson) và"
        " mức tăng, giảm so với kỳ trước. Đang giải quyết và quá hạn tính đến cuối ngày cuối kỳ.",
        "The bar is what was received. The share on time is of what was resolved in the period and had a due day, with its 95 %"
        " interval (Wilson) and the change against the period before. Open and overdue are as of the end of the last day.",
    ),
    question=Text(
        "Lĩnh vực nào nhiều việc, lĩnh vực nào thật sự chậm?",
        "Which fields have most work, and which are really late?",
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
        metric("received"),
        metric("resolved", better="more"),
        *_on_time(),
        metric("open", better="less"),
        metric("overdue", better="less", is_late=True),
    ),
    watermark="figures_as_of",
    coverage=_COVERAGE,
    finding=_fields,
    orders="received",
    is_reported=has_cases,
    compares=True,
    takes=(*WINDOW, "channel"),
    drill=_deeper("field"),
    act=(_REPORT,),
)


def _channels(found: Answered) -> Finding:
    known = {line.key: line for line in found.lines}
    online = known.get("online")
    if found.whole.number("received") is None or not found.whole.number("received"):
        return Finding(Text("Trong kỳ chưa tiếp nhận hồ sơ nào", "Nothing was received in the period"))
    return Finding(
        Text("Tiếp nhận trực tuyến {share}", "{share} was received online"),
        {"share": ("share", (online.number("received_share") if online else 0) or 0)},
    )


CHANNELS = Panel(
    name="kenh",
    version=1,
    title=Text("Hồ sơ theo kênh", "Cases by channel"),
    description=Text(
        "Hồ sơ tiếp nhận trực tiếp, trực tuyến và qua bưu chính công ích; tỷ trọng tính trên số tiếp nhận của cả ba kênh.",
        "Cases received at the counter, online and by post; each channel's share is of what all three received.",
    ),
    question=Text(
        "Người dân nộp qua kênh nào, kênh nào chậm hơn?",
        "Through which channel do people file, and which is slower?",
    ),
    query="unit_rollups_by_channel",
    asks=("units", "from", "to"),
    narrowed={"field": ("unit_rollups_by_field_and_channel", "field_code")},
    picture="bars",
    unit=_CASES,
    key="channel",
    names="channel",
    columns=(
        metric("received"),
        of_all("received_share", Text("Tỷ trọng", "Of the whole"), "received"),
        metric("resolved", better="more"),
        *_on_time(),
        metric("open", better="less"),
        metric("overdue", better="less", is_late=True),
    ),
    watermark="figures_as_of",
    coverage=_COVERAGE,
    finding=_channels,
    orders="received",
    is_reported=has_cases,
    compares=True,
    takes=(*WINDOW, "field"),
    drill=_deeper("channel"),
)


def _spread() -> tuple[Column, ...]:
    """Return the columns of how lateness lies over places: how many places, and what lies in the one with most."""
    rests = ("late_count", "most_late_count")
    most_share = share(
        "most_late_share",
        Text("Nơi nhiều nhất chiếm", "Share of that one"),
        ("most_late_count",),
        ("late_count",),
    )
    return (
        count("late_count", Text("Giải quyết quá hạn", "Resolved late"), better="less", is_late=True),
        count("dated_count", Text("Đã giải quyết, có hạn", "Resolved with a due day")),
        replace(count("late_place_count", Text("Số nơi quá hạn", "Places late")), has_sum=False),
        replace(count("place_count", Text("Số nơi giải quyết", "Places that resolved")), has_sum=False),
        shown("pattern", Text("Chậm ở đâu", "Where it is late"), "word", words=_PATTERNS, rests_on=rests),
        shown("most_late_place", Text("Nơi quá hạn nhiều nhất", "The one with most"), "unit", rests_on=rests),
        replace(most_share, has_sum=False),
    )


def _has_dated(row: Row) -> bool:
    return row["place_count"] is None or number(row, ("place_count",)) > 0


def _patterns(words: Text) -> Callable[[Answered], Finding]:
    """Return the finding of how many rows are late in many places, and how many in one."""

    def finding(found: Answered) -> Finding:
        patterns = [line.cells["pattern"].value for line in found.lines]
        if not any(patterns):
            return Finding(
                Text(
                    "Trong kỳ chưa giải quyết hồ sơ nào có hạn",
                    "Nothing with a due day was resolved in the period",
                )
            )
        return Finding(
            words,
            {"common": ("count", patterns.count("common")), "single": ("count", patterns.count("single"))},
        )

    return finding


LATE_FIELDS = Panel(
    name="cham-o-dau",
    version=1,
    title=Text("Chậm chung hay chậm riêng", "Late everywhere or in one place"),
    description=Text(
        "Hồ sơ giải quyết quá hạn của mỗi lĩnh vực nằm ở bao nhiêu nơi: ở tỉnh là xã, ở cả nước là tỉnh. Chậm ở nhiều nơi gợi ý"
        " nguyên nhân chung; dồn ở một nơi gợi ý xem riêng nơi đó. Ngưỡng lấy từ bảng ngưỡng có ngày hiệu lực.",
        "In how many places the late cases of a field lie: communes within a province, provinces within the nation. Late in many"
        " suggests a common cause; most in one suggests a look at that one. The limits are dated rows of the table of thresholds.",
    ),
    question=Text(
        "Lĩnh vực nào chậm ở nhiều nơi, lĩnh vực nào chỉ chậm ở một nơi?",
        "Which fields are late in many places, and which only in one?",
    ),
    query="late_fields",
    asks=("units", "provinces", "from", "to", "channel", "common_communes", "late_common", "late_single"),
    picture="bars",
    unit=_CASES,
    key="field_code",
    names="field",
    sensitive="field_code",
    columns=_spread(),
    watermark="figures_as_of",
    coverage=_COVERAGE,
    finding=_patterns(
        Text(
            "{common} lĩnh vực chậm ở nhiều nơi; {single} lĩnh vực chậm chủ yếu ở một nơi",
            "{common} fields are late in many places; {single} have most of it in one",
        )
    ),
    orders="late_count",
    is_reported=_has_dated,
    takes=(*WINDOW, "channel"),
    levels=("province", "nation"),
    thresholds=("common_communes", "late_common", "late_single"),
    drill=_deeper("field"),
    act=(_COMMON,),
)


def _procedures(found: Answered) -> Finding:
    slow = [line for line in found.lines if line.number("median_days") is not None]
    if not slow:
        return Finding(
            Text(
                "Trong kỳ chưa có thủ tục nào được giải quyết xong", "No procedure was finished in the period"
            )
        )
    longest = max(slow, key=lambda line: line.number("median_days") or 0)
    below = sum(line.cells["on_time_differs"].value == "below" for line in found.lines)
    return Finding(
        Text(
            "{below} thủ tục đúng hạn thấp hơn chung rõ rệt; lâu nhất: {longest}, một nửa số hồ sơ mất quá {days} ngày",
            "{below} procedures are clearly below the whole on time; the longest: {longest}, half of its cases took over {days} days",
        ),
        {
            "below": ("count", below),
            "longest": ("procedure", longest.key),
            "days": ("count", longest.number("median_days")),
        },
    )


_TAKEN = ("taken_count",)
_NO_CODE = {"": Text("Chưa ghi mã thủ tục", "No procedure code")}
PROCEDURES = Panel(
    name="tung-thu-tuc",
    version=1,
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
    asks=("units", "from", "to", "field", "channel", "common_communes", "late_common", "late_single"),
    picture="bars",
    unit=_CASES,
    key="procedure_code",
    names="procedure",
    rows=_NO_CODE,
    sensitive="field_codes",
    columns=(
        metric("received"),
        metric("resolved", better="more"),
        *_on_time(),
        shown(
            "median_days", Text("Một nửa xong trong (ngày)", "Half done in (days)"), "days", rests_on=_TAKEN
        ),
        shown("long_days", Text("9/10 xong trong (ngày)", "9 of 10 done in (days)"), "days", rests_on=_TAKEN),
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
    coverage=_COVERAGE,
    finding=_procedures,
    orders="received",
    compares=True,
    takes=(*WINDOW, "field", "channel"),
    levels=("commune", "province"),
    act=(_REPORT,),
)

LATE_PROCEDURES = Panel(
    name="thu-tuc-cham",
    version=1,
    title=Text("Thủ tục chậm chung hay chậm riêng", "Procedures late everywhere or in one commune"),
    description=Text(
        "Hồ sơ giải quyết quá hạn của mỗi thủ tục nằm ở bao nhiêu xã. Chậm ở nhiều xã gợi ý nguyên nhân chung; chậm chủ yếu ở một"
        " xã gợi ý xem riêng xã đó. Ngưỡng lấy từ bảng ngưỡng có ngày hiệu lực.",
        "In how many communes the late cases of a procedure lie. Late in many suggests a common cause; most in one suggests a look"
        " at that one. The limits are dated rows of the table of thresholds.",
    ),
    question=Text(
        "Thủ tục nào chậm ở nhiều xã, thủ tục nào chỉ chậm ở một xã?",
        "Which procedures are late in many communes, and which only in one?",
    ),
    query="unit_procedures",
    asks=("units", "from", "to", "field", "channel", "common_communes", "late_common", "late_single"),
    picture="bars",
    unit=_CASES,
    key="procedure_code",
    names="procedure",
    rows=_NO_CODE,
    sensitive="field_codes",
    columns=_spread(),
    watermark="figures_as_of",
    coverage=_COVERAGE,
    finding=_patterns(
        Text(
            "{common} thủ tục chậm ở nhiều xã; {single} thủ tục chậm chủ yếu ở một xã",
            "{common} procedures are late in many communes; {single} have most of it in one",
        )
    ),
    orders="late_count",
    is_reported=_has_dated,
    takes=(*WINDOW, "field", "channel"),
    levels=("province",),
    thresholds=("common_communes", "late_common", "late_single"),
    act=(_COMMON,),
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
    )


_CAUSES = {
    "supplement": Text("chờ bổ sung giấy tờ", "papers are missing"),
    "fee": Text("chờ nộp nghĩa vụ tài chính", "a fee is due"),
}


def _had_cases(row: Row) -> bool:
    return row["case_count"] is None or number(row, ("case_count",)) > 0


PAUSES = Panel(
    name="tam-dung",
    version=1,
    title=Text("Tạm dừng theo nguyên nhân", "Pauses by cause"),
    description=Text(
        "Những lần tạm dừng tính thời hạn bắt đầu trong kỳ và kéo dài ít nhất một ngày. Tỷ lệ tính trên hồ sơ có biến động trong kỳ."
        " Ảnh chụp hằng ngày không cho biết mọi lần tạm dừng.",
        "Pauses of the clock that began in the period and lasted a day at least. The share is of the cases that changed in the"
        " period. Daily snapshots do not show every pause.",
    ),
    question=Text("Hồ sơ dừng vì đâu, dừng bao lâu?", "Why do cases pause, and for how long?"),
    query="pauses_by_cause",
    asks=("units", "from", "to", "field", "channel"),
    picture="bars",
    unit=Text("lần", "pauses"),
    key="reason",
    names="said",
    rows=_CAUSES,
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
            Text("Một nửa dừng đến (ngày)", "Half ended in (days)"),
            "days",
            rests_on=("ended_count",),
        ),
        shown(
            "long_days",
            Text("9/10 dừng đến (ngày)", "9 of 10 ended in (days)"),
            "days",
            rests_on=("ended_count",),
        ),
        count("on_count", Text("Chưa kết thúc", "Not ended")),
    ),
    watermark="figures_as_of",
    coverage=_COVERAGE,
    finding=_pauses,
    orders="pause_count",
    is_reported=_had_cases,
    takes=(*WINDOW, "field", "channel"),
    levels=("commune", "province"),
)
