"""Panels of the time that finished cases took, of their channels and of online payment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dashboards.columns import count, share, shown
from dashboards.definitions.cases import CASES, COVERAGE_OF_CASES
from dashboards.definitions.fields import REPORT, deeper
from dashboards.definitions.lateness import NO_CODE
from dashboards.drills import Drill, to_board
from dashboards.lines import Above, Answered, Finding, Value
from dashboards.panel import Column, Panel
from dashboards.vocabulary import READERS, WINDOW, Filter, Level, Measure, Names, Parameter, Text
from reporting.privacy import suppressed

_ASKS: tuple[Parameter, ...] = ("units", "from", "to", "field", "channel", "working_days")
_TAKES: tuple[Filter, ...] = (*WINDOW, "field", "channel")
_LEVELS: tuple[Level, ...] = ("commune", "province")
_FINISHED = ("finished_count",)
_TOO_FEW = Text(
    "Trong kỳ chưa đủ hồ sơ có kết quả để so thời gian",
    "Too few cases were finished in the period to compare",
)
_WHAT_COUNTS = Text(
    "Tính trên hồ sơ có kết quả trong kỳ, không tính hồ sơ rút hoặc dừng xử lý. Đơn vị là ngày làm việc theo lịch của hệ thống: không"
    " tính ngày tiếp nhận, ngày nghỉ và những ngày tạm dừng; 0 là xong trong ngày. Nguồn chỉ ghi ngày nên không tính được giờ. Hồ sơ"
    " không rõ thời gian tạm dừng được tính cả những ngày đó nên có thể dài hơn thực tế.",
    "Of the cases finished in the period, without those withdrawn or stopped. In working days of the system's calendar: the day of"
    " reception, days off and the days of pauses do not count; 0 is done on the day. Sources name days, so hours cannot be told. Where"
    " the pauses of a case are not known its days count all, and may be too many.",
)


def behind(part: str) -> tuple[Drill, ...]:
    """Return where the count of a row leads whoever may read cases: to their list."""
    path = f"/bang/thoi-gian/ho-so?unit={{unit}}&{part}={{key}}"
    return Drill("commune", path, any_unit=True), Drill("office", path, any_unit=True)


def _columns(part: str) -> tuple[Column, ...]:
    return (
        count("finished_count", Text("Hồ sơ có kết quả", "Cases finished"), drill=behind(part)),
        shown(
            "median_days",
            Text("Trung vị số ngày giải quyết", "Median of days taken"),
            "days",
            rests_on=_FINISHED,
        ),
        shown(
            "long_days",
            Text("9/10 giải quyết không quá", "9 of 10 were done within"),
            "days",
            rests_on=_FINISHED,
        ),
        share(
            "supplemented_share",
            Text("Phải bổ sung, trên hồ sơ có kết quả", "Supplemented, of those finished"),
            ("supplemented_count",),
            _FINISHED,
            better="less",
        ),
        count("again_count", Text("Bổ sung từ 2 lần", "Supplemented twice or more"), better="less"),
        count("paused_count", Text("Có tạm dừng", "Had a pause")),
        count("unknown_pause_count", Text("Không rõ tạm dừng", "Pauses not known")),
    )


def _longest(names: Names) -> Callable[[Answered], Finding]:
    def finding(found: Answered) -> Finding:
        # So few cases are chance, as they are a trace of somebody.
        known = [
            line
            for line in found.lines
            if line.number("median_days") is not None
            and not suppressed(int(line.number("finished_count") or 0))
        ]
        if not known:
            return Finding(_TOO_FEW)
        longest = max(known, key=lambda line: line.number("median_days") or 0)
        values: dict[str, tuple[Measure | Names, Value]] = {
            "longest": (names, longest.key),
            "days": ("count", longest.number("median_days")),
            "most": ("count", longest.number("long_days")),
        }
        return Finding(_LONGEST, values, {"longest": found.level_with(longest, "median_days", among=known)})

    return finding


_LONGEST = Text(
    "Lâu nhất: {longest}, một nửa số hồ sơ xong trong {days} ngày làm việc, 9/10 xong trong {most} ngày",
    "The longest: {longest}, half of its cases were done within {days} working days, 9 of 10 within {most}",
)
TIMES_BY_FIELD = Panel(
    name="thoi-gian-linh-vuc",
    version=1,
    title=Text("Thời gian giải quyết theo lĩnh vực", "Processing time by field"),
    description=_WHAT_COUNTS,
    question=Text("Lĩnh vực nào lâu có kết quả?", "In which fields do results take long?"),
    query="times_by_field",
    asks=_ASKS,
    picture="bars",
    unit=CASES,
    key="field_code",
    names="field",
    sensitive="field_code",
    columns=_columns("field"),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_longest("field"),
    orders="finished_count",
    compares=True,
    takes=_TAKES,
    levels=_LEVELS,
    drill=to_board("/bang/thoi-gian?unit={unit}&field={key}", READERS),
    act=(REPORT,),
)
TIMES_BY_PROCEDURE = replace(
    TIMES_BY_FIELD,
    name="thoi-gian-thu-tuc",
    title=Text("Thời gian giải quyết từng thủ tục", "Processing time of each procedure"),
    question=Text("Thủ tục nào lâu có kết quả?", "Which procedures take long?"),
    query="times_by_procedure",
    key="procedure_code",
    names="procedure",
    rows=NO_CODE,
    sensitive="field_codes",
    columns=_columns("thu_tuc"),
    finding=_longest("procedure"),
    drill=(),
)


def _split(found: Answered) -> Finding:
    most = found.most("counter_count")
    if most is None:
        return Finding(
            Text("Trong kỳ không hồ sơ nào nộp trực tiếp", "Nothing was filed at a counter in the period")
        )
    return Finding(
        Text(
            "{most} nhận trực tiếp nhiều nhất: {count} hồ sơ",
            "{most} receives most at the counter: {count} cases",
        ),
        {"most": ("field", most.key), "count": ("count", most.number("counter_count"))},
        {"most": found.level_with(most, "counter_count")},
    )


_KNOWN_CHANNELS = ("counter_count", "online_count", "post_count")
FIELDS_BY_CHANNEL = Panel(
    name="linh-vuc-kenh",
    version=2,
    title=Text("Kênh tiếp nhận của từng lĩnh vực", "Channels of each field"),
    description=Text(
        "Hồ sơ tiếp nhận trong kỳ của từng lĩnh vực: trực tiếp, trực tuyến, qua bưu chính công ích và chưa rõ kênh. Trực tuyến là cột 4"
        " của biểu II.06a; ba loại còn lại là cột 5, vì biểu tính hồ sơ không ghi kênh là trực tiếp. Tỷ lệ trực tuyến tính trên hồ sơ"
        " rõ kênh.",
        "What was received in the period, of each field: at the counter, online, by post, and where the source does not say. Online is"
        " column 4 of form II.06a; the other three are column 5, because the form counts an empty channel as the counter. The online"
        " share is of the cases whose channel is known.",
    ),
    question=Text("Lĩnh vực nào còn nộp trực tiếp nhiều?", "Which fields are still filed at the counter?"),
    query="fields_by_channel",
    asks=("units", "from", "to"),
    picture="bars",
    unit=CASES,
    key="field_code",
    names="field",
    sensitive="field_code",
    columns=(
        count("counter_count", Text("Trực tiếp", "Counter")),
        count("online_count", Text("Trực tuyến", "Online")),
        count("post_count", Text("Bưu chính công ích", "Post")),
        count("unknown_count", Text("Chưa rõ kênh", "Channel unknown")),
        share(
            "online_share",
            Text("Tỷ lệ trực tuyến", "Online share"),
            ("online_count",),
            _KNOWN_CHANNELS,
            better="more",
        ),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_split,
    orders="counter_count",
    compares=True,
    takes=WINDOW,
    levels=_LEVELS,
    drill=deeper("field"),
)


def _paid(found: Answered) -> Finding:
    known = found.whole.number("payment_known_count")
    if not known:
        return Finding(
            Text("Chưa có số liệu về thanh toán trực tuyến", "There are no figures of online payment yet")
        )
    return Finding(
        Text(
            "{share} hồ sơ thanh toán trực tuyến, trong {known} hồ sơ có ghi hình thức thanh toán",
            "{share} was paid online, of {known} cases that say how they were paid",
        ),
        {"share": ("share", found.whole.number("paid_share")), "known": ("count", known)},
    )


PAYMENTS = replace(
    TIMES_BY_FIELD,
    name="thanh-toan",
    title=Text("Thanh toán trực tuyến", "Online payment"),
    description=Text(
        "Trong hồ sơ có kết quả trong kỳ mà nguồn ghi rõ có hay không thanh toán trực tuyến. Lĩnh vực mà nguồn không ghi hồ sơ nào thì"
        " chưa có số liệu, không phải là không.",
        "Of the cases finished in the period whose source says whether they were paid online. A field of which no source says it has"
        " no figures, which is no nought.",
    ),
    question=Text("Bao nhiêu hồ sơ thanh toán trực tuyến?", "How many cases are paid online?"),
    columns=(
        count("payment_known_count", Text("Có ghi hình thức thanh toán", "Payment known")),
        count("paid_online_count", Text("Thanh toán trực tuyến", "Paid online"), better="more"),
        share(
            "paid_share",
            Text("Tỷ lệ thanh toán trực tuyến", "Paid online, share"),
            ("paid_online_count",),
            ("payment_known_count",),
            better="more",
        ),
    ),
    finding=_paid,
    orders="payment_known_count",
    is_reported=Above(("payment_known_count",)),
    act=(),
)
