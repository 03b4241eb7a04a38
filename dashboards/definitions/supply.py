"""Panels of signal, fixed Internet and power as communes report them: where they are missing, and how news of it travels."""

from __future__ import annotations

from dataclasses import replace

from dashboards.columns import count, shown, stated
from dashboards.definitions.difficulties import COVERAGE_OF_ISSUES, ISSUES, LANDED, is_reporting
from dashboards.drills import Act, Drill, to_board
from dashboards.lines import Above, Answered, Finding, Line
from dashboards.panel import Panel
from dashboards.vocabulary import WINDOW, Reader, Text

_READS_ALL: tuple[Reader, ...] = ("commune", "office")
"""Readers of every difficulty of a unit: the register has all of its rows for them."""
_STANDS = {
    "open": Text("chưa trả lời", "not answered"),
    "answered": Text("đã trả lời, chưa xác nhận", "answered, not confirmed"),
    "confirmed": Text("xã đã xác nhận", "confirmed by its commune"),
    "ended": Text("kết thúc, không có xác nhận", "ended without a confirmation"),
}
SUPPLY_KINDS = ("mobile_dead_spot", "no_fixed_internet", "no_grid_power", "power_unstable")
"""The kinds of difficulty about signal, fixed Internet and power."""
_OPEN = count("open_count", Text("Chưa có trả lời", "Not answered"))
_ANSWERED = count("answered_count", Text("Trả lời chưa xác nhận", "Answered, not confirmed"))
_CONFIRMED = count("confirmed_count", Text("Xã xác nhận", "Confirmed"))
_OLDEST = shown("oldest_days", Text("Lâu nhất (ngày)", "Oldest (days)"), "days")
_PEOPLE = stated("people_count", Text("Số người", "People"))
_BLOCKED = stated("blocked_count", Text("Hồ sơ vướng", "Cases blocked"))
_NO_DATA = Text("Chưa xã nào gửi khó khăn: chưa có số liệu", "No commune has sent a difficulty yet: no data")


def _not_over(line: Line) -> float:
    return (line.number("open_count") or 0) + (line.number("answered_count") or 0)


def _gaps(found: Answered) -> Finding:
    if found.whole.cells["open_count"].sign:
        return Finding(_NO_DATA)
    if not _not_over(found.whole):
        return Finding(
            Text("Không còn nơi nào thiếu sóng, Internet, điện", "Signal, Internet, power: nothing is open")
        )
    slow = max(found.lines, key=lambda line: line.number("oldest_days") or -1)
    return Finding(
        Text(
            "{open} khó khăn chưa được trả lời, {answered} đã trả lời nhưng xã chưa xác nhận; lâu nhất {days} ngày: {kind}",
            "{open} are not answered, {answered} are answered but not confirmed; the oldest for {days} days: {kind}",
        ),
        {
            "open": ("count", found.whole.number("open_count")),
            "answered": ("count", found.whole.number("answered_count")),
            "days": ("count", slow.number("oldest_days")),
            "kind": ("kind", slow.key),
        },
        {"kind": found.level_with(slow, "oldest_days")},
    )


GAPS = Panel(
    name="noi-thieu",
    version=1,
    title=Text("Thiếu sóng, Internet, điện theo loại", "Missing signal, Internet and power by kind"),
    description=Text(
        "Khó khăn xã gửi về sóng di động, Internet cố định và điện: chưa trả lời, đã trả lời mà xã chưa xác nhận, và kết thúc"
        " trong kỳ. Số người, số hồ sơ là của việc chưa xong; báo cáo không nêu thì để trống, không tính là 0.",
        "Difficulties about mobile signal, fixed Internet and power: not answered, answered but not confirmed by the commune, and"
        " ended in the period. People and cases are those of what is not over; what a report does not state is no nought.",
    ),
    question=Text(
        "Còn thiếu sóng, Internet, điện đến đâu, từ bao giờ?",
        "How much signal, Internet and power is missing, and since when?",
    ),
    query="supply_gaps_by_kind",
    asks=("units", "from", "to", "at", "kind"),
    picture="bars",
    unit=ISSUES,
    key="kind",
    names="kind",
    columns=(
        _OPEN,
        replace(
            _ANSWERED,
            drill=(
                Drill(
                    "commune",
                    "/xa/kho-khan?state=answered&kind={key}",
                    (("kind", "kind"),),
                ),
            ),
        ),
        _CONFIRMED,
        count("ended_count", Text("Kết thúc khác", "Ended otherwise")),
        _OLDEST,
        _PEOPLE,
        _BLOCKED,
        replace(count("unit_count", Text("Xã đang thiếu", "Communes concerned")), has_sum=False),
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_gaps,
    is_reported=is_reporting,
    takes=(*WINDOW, "kind"),
    drill=to_board("/bang/lom-song?unit={unit}&kind={key}#so-noi-thieu", _READS_ALL),
)


def _by_unit(found: Answered) -> Finding:
    top = max(found.lines, key=_not_over, default=None)
    if top is None or not _not_over(top):
        return Finding(
            Text(
                "Không đơn vị nào đang thiếu sóng, Internet, điện", "No unit lacks signal, Internet or power"
            )
        )
    return Finding(
        Text(
            "{name} còn nhiều nhất: {most} trong {all}; đang thiếu ở {count} đơn vị",
            "{name} has most: {most} of {all}; {count} units are concerned",
        ),
        {
            "name": ("unit", top.key),
            "most": ("count", _not_over(top)),
            "all": ("count", _not_over(found.whole)),
            "count": ("count", sum(_not_over(line) > 0 for line in found.lines)),
        },
        {"name": sum(_not_over(line) == _not_over(top) for line in found.lines) - 1},
    )


BY_UNIT = Panel(
    name="noi-thieu-theo-don-vi",
    version=1,
    title=Text("Thiếu sóng, Internet, điện theo đơn vị", "Missing signal, Internet and power by unit"),
    description=Text(
        "Trong tỉnh theo xã, cả nước theo tỉnh; chỉ những đơn vị có khó khăn về sóng, Internet, điện. Sóng, Internet và điện"
        " chưa xong đứng ở hai cột riêng.",
        "In a province by commune, in the nation by province; only units with such difficulties. What is not over"
        " stands apart for signal with Internet and for power.",
    ),
    question=Text("Nơi nào thiếu nhiều nhất?", "Where is most missing?"),
    query="supply_gaps_by_unit",
    asks=("units", "groups", "from", "to", "at", "kind"),
    picture="bars",
    unit=ISSUES,
    key="group_code",
    names="unit",
    columns=(
        _OPEN,
        _ANSWERED,
        _CONFIRMED,
        count("signal_count", Text("Sóng, Internet", "Signal, Internet")),
        count("power_count", Text("Điện", "Power")),
        _OLDEST,
        _PEOPLE,
        _BLOCKED,
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_by_unit,
    orders="open_count",
    takes=(*WINDOW, "kind"),
    levels=("province", "nation"),
    drill=to_board("/bang/lom-song?unit={key}"),
)


def _register(found: Answered) -> Finding:
    stands = [line.cells["stands"].value for line in found.lines]
    if not stands:
        return Finding(Text("Sổ chưa có khó khăn nào", "The register holds no difficulty"))
    return Finding(
        Text(
            "Trong {all} khó khăn được xem: {open} chưa trả lời, {answered} đã trả lời, {confirmed} xã đã xác nhận",
            "Of {all} difficulties that are yours to see: {open} not answered, {answered} answered, {confirmed} confirmed",
        ),
        {
            "all": ("count", len(stands)),
            "open": ("count", stands.count("open")),
            "answered": ("count", stands.count("answered")),
            "confirmed": ("count", stands.count("confirmed")),
        },
    )


REGISTER = Panel(
    name="so-noi-thieu",
    version=1,
    title=Text(
        "Sổ nơi thiếu sóng, Internet, điện", "The register of places without signal, Internet or power"
    ),
    description=Text(
        "Mỗi dòng là một khó khăn xã đã gửi; việc chưa trả lời đứng trước, việc lâu nhất trước. Sở, bộ chỉ thấy việc của mình."
        " Tên thôn, bản và nội dung có ở trang của từng khó khăn, không có ở đây.",
        "One row is one difficulty; what is not answered comes first, the oldest before others. A department or ministry sees what"
        " is its own. The village and the texts stand on the page of each difficulty, not here.",
    ),
    question=Text(
        "Từng nơi đang ở bước nào, ai giữ, từ bao giờ?", "How does each place stand, who has it, since when?"
    ),
    query="supply_gaps",
    asks=("units", "from", "to", "at", "kind"),
    picture="bars",
    unit=ISSUES,
    key="issue_id",
    named="kind",
    names="kind",
    refs=("escalation_id",),
    is_of_issues=True,
    columns=(
        shown("unit_code", Text("Đơn vị", "Unit"), "word", names="unit"),
        shown("stands", Text("Tình trạng", "State"), "word", words=_STANDS),
        shown("days", Text("Số ngày từ khi gửi", "Days since the report"), "days"),
        shown("holder_body", Text("Đang ở cơ quan", "Who has it"), "word", names="body"),
        replace(_PEOPLE, has_sum=False),
        replace(_BLOCKED, has_sum=False),
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_register,
    takes=(*WINDOW, "kind"),
    levels=("commune", "province"),
    drill=(
        Drill("commune", "/xa/kho-khan/{key}", is_item=True),
        Drill("office", "/tinh/de-xuat/{escalation_id}", is_item=True),
        Drill("department", "/tinh/de-xuat/{escalation_id}", is_item=True),
    ),
    act=(
        Act(
            Text("Gửi khó khăn mới", "Report another one"), Drill("commune", "/xa/kho-khan/moi", is_item=True)
        ),
    ),
)


def _outages(found: Answered) -> Finding:
    if found.whole.cells["reported_count"].sign:
        return Finding(_NO_DATA)
    of = {line.key: line for line in found.lines}
    return Finding(
        Text(
            "Sóng, Internet: báo {signal}, khắc phục {signal_back}; điện: báo {power}, khắc phục {power_back}",
            "Signal, Internet: {signal} reported, {signal_back} restored; power: {power} reported, {power_back} restored",
        ),
        {
            "signal": ("count", of["signal"].number("reported_count")),
            "signal_back": ("count", of["signal"].number("restored_count")),
            "power": ("count", of["power"].number("reported_count")),
            "power_back": ("count", of["power"].number("restored_count")),
        },
    )


OUTAGES = Panel(
    name="song-dien",
    version=1,
    title=Text("Sóng và điện, tách riêng", "Signal and power apart"),
    description=Text(
        "Báo trong kỳ, xã xác nhận đã khắc phục trong kỳ, thời gian giữa của những lần ấy (một nửa nhanh hơn, một nửa lâu hơn), và"
        " số còn lại vào cuối ngày cuối kỳ. Mất sóng và mất điện không cộng vào nhau khi tính thời gian.",
        "Reported in the period, confirmed as restored in it, the median time of these (half were faster, half slower), and what is"
        " left at the end of its last day. Times of signal and of power are never mixed.",
    ),
    question=Text(
        "Mất sóng, mất điện: bao nhiêu, bao lâu thì có lại?", "Signal, power: how often, and how soon back?"
    ),
    query="supply_outages",
    asks=("units", "from", "to", "kind"),
    picture="bars",
    unit=ISSUES,
    key="supply",
    names="supply",
    columns=(
        count("reported_count", Text("Báo trong kỳ", "Reported in the period")),
        count("restored_count", Text("Xã xác nhận đã khắc phục", "Confirmed as restored"), better="more"),
        shown("median_days", Text("Thời gian giữa (ngày)", "Median time (days)"), "days"),
        count("lasting_count", Text("Còn lại cuối kỳ", "Left at its end"), better="less"),
        replace(count("unit_count", Text("Xã còn thiếu", "Communes concerned")), has_sum=False),
        _OLDEST,
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_outages,
    is_reported=is_reporting,
    takes=(*WINDOW, "kind"),
)


def _delays(found: Answered) -> Finding:
    whole = found.whole
    if not whole.number("report_count"):
        return Finding(Text("Trong kỳ chưa có báo cáo nào đến", "No report arrived in the period"))
    if not whole.number("hour_count"):
        return Finding(
            Text("Cả {all} báo cáo đến trong vòng 1 giờ", "All {all} reports arrived within 1 hour"),
            {"all": ("count", whole.number("report_count"))},
        )
    return Finding(
        Text(
            "{hour} trong {all} báo cáo đến sau hơn 1 giờ, {day} sau hơn 1 ngày",
            "{hour} of {all} reports arrived after more than 1 hour, {day} after more than 1 day",
        ),
        {
            "hour": ("count", whole.number("hour_count")),
            "all": ("count", whole.number("report_count")),
            "day": ("count", whole.number("day_count")),
        },
    )


_has_reports = Above(("report_count", "off_count"))


DELAYS = Panel(
    name="do-tre",
    version=1,
    title=Text("Độ trễ khi gửi", "Delay on the way"),
    description=Text(
        "Từ lúc ghi trên máy đến lúc hệ thống nhận, của các khó khăn nhận trong kỳ: chính nhật ký đo, không ai phải khai. Máy lệch"
        " giờ quá ngưỡng được để riêng. Đến chậm thường là do xã không có sóng lúc ghi. Đơn vị mà báo cáo nào cũng đến trong một"
        " giờ thì gộp vào một dòng.",
        "From when a report was written on the device to when it was recorded, of those recorded in the period: the log itself"
        " measures it. Devices whose clock is off beyond the threshold stand apart. A late one was often written without a network."
        " Units of which everything came within the hour are one row together.",
    ),
    question=Text("Tin từ nơi thiếu sóng đến chậm bao lâu?", "How late does news from such places arrive?"),
    query="delivery_delays",
    asks=("units", "groups", "from", "to", "device_clock_off"),
    picture="bars",
    unit=Text("báo cáo", "reports"),
    key="group_code",
    names="unit",
    rows={"": Text("Các đơn vị không có báo cáo chậm", "Units without late reports")},
    columns=(
        count("report_count", Text("Báo cáo", "Reports")),
        shown("median_minutes", Text("Một nửa đến trong", "Half within"), "minutes"),
        shown("ninth_minutes", Text("9 trong 10 đến trong", "9 of 10 within"), "minutes"),
        count("hour_count", Text("Sau hơn 1 giờ", "After over 1 hour")),
        count("day_count", Text("Sau hơn 1 ngày", "After over 1 day")),
        count("off_count", Text("Máy lệch giờ", "Clock off")),
    ),
    watermark=LANDED,
    coverage=COVERAGE_OF_ISSUES,
    finding=_delays,
    is_reported=_has_reports,
    takes=WINDOW,
    thresholds=("device_clock_off",),
    drill=to_board("/bang/lom-song?unit={key}"),
)
