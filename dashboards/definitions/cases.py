"""Panels of cases: the load of a unit, its communes, its provinces."""

from __future__ import annotations

from dashboards.columns import FINISHED, ON_TIME, against_whole, count, interval_end, metric, share
from dashboards.drills import Drill, to_board
from dashboards.lines import Above, Answered, Finding, Line, Value
from dashboards.panel import Column, Panel
from dashboards.vocabulary import WINDOW, Measure, Names, Text

_SEEN = ("submitted", "received", "resolved", "refused", "carried_over", "open")
_LATE = ("resolved_late",)
COVERAGE_OF_CASES = ("units_reporting", "reporting_unit_count")
"""On how many communes figures of cases rest: those with any in the period."""
CASES = Text("hồ sơ", "cases")


has_cases = Above(_SEEN)
"""A unit without any case, now or before, is not reporting."""


def _on_time() -> Column:
    return share("on_time_share", Text("Tỷ lệ đúng hạn", "On time"), ON_TIME, FINISHED, better="more")


_OVERDUE_SHARE = share(
    "overdue_share",
    Text("Quá hạn trên đang giải quyết", "Overdue of open"),
    ("overdue",),
    ("open",),
    better="less",
)
_LATE_WORDS = Text("Tỷ lệ quá hạn", "Late")
_LATE_SHARE = share("late_share", _LATE_WORDS, _LATE, FINISHED, better="less", with_interval=True)


def _load(found: Answered) -> Finding:
    whole = found.whole
    received, resolved = whole.cells["received"], whole.cells["resolved"]
    if received.sign or resolved.sign:
        return Finding(Text("Chưa có đủ số liệu hồ sơ", "Figures of cases are missing"))
    came, went = whole.number("received") or 0, whole.number("resolved") or 0
    words = Text(
        "Giải quyết {went} trong khi tiếp nhận {came}: tồn tăng {more}",
        "{went} resolved while {came} came in: {more} more are open",
    )
    if went >= came:
        words = Text(
            "Giải quyết {went}, tiếp nhận {came}: tồn không tăng",
            "{went} resolved, {came} came in: no more are open than before",
        )
    return Finding(words, {"came": ("count", came), "went": ("count", went), "more": ("count", came - went)})


LOAD = Panel(
    name="tai",
    version=1,
    title=Text("Khối lượng hồ sơ", "Load of cases"),
    description=Text(
        "Hồ sơ tiếp nhận và giải quyết trong kỳ, tỷ lệ đúng hạn của hồ sơ có hạn đã giải quyết, và số đang giải quyết,"
        " quá hạn vào cuối ngày cuối kỳ.",
        "Cases received and resolved in the period, the share on time of those resolved that had a due day, and what"
        " is open and overdue at the end of its last day.",
    ),
    question=Text(
        "Việc đến và việc xong có cân nhau không?", "Does what is done keep up with what comes in?"
    ),
    query="units_total",
    asks=("units", "from", "to"),
    narrowed={
        "field": ("unit_rollups_by_field", "field_code"),
        "channel": ("unit_rollups_by_channel", "channel"),
    },
    series="unit_rollups_by_day",
    picture="cards",
    unit=CASES,
    key="scope",
    names="whole",
    columns=(
        metric("received"),
        metric("resolved", better="more"),
        _on_time(),
        metric("open", better="less"),
        metric("overdue", better="less", is_late=True),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_load,
    is_reported=has_cases,
    compares=True,
    takes=(*WINDOW, "field", "channel"),
)


def _largest(found: Answered, column: str) -> Line | None:
    known = [line for line in found.lines if line.number(column)]
    return max(known, key=lambda line: line.number(column) or 0, default=None)


def _provinces(found: Answered) -> Finding:
    top = _largest(found, "open")
    if top is None:
        return Finding(Text("Chưa tỉnh nào có hồ sơ tồn", "No province has open cases"))
    compared = [
        (cell.value, cell.before)
        for cell in (line.cells["on_time_share"] for line in found.lines)
        if isinstance(cell.value, int | float) and isinstance(cell.before, int | float)
    ]
    values: dict[str, tuple[Measure | Names, Value]] = {
        "name": ("unit", top.key),
        "open": ("count", top.number("open")),
        "all": ("count", found.whole.number("open")),
    }
    ties = {"name": found.level_with(top, "open")}
    if not compared:
        return Finding(
            Text(
                "{name} tồn nhiều nhất: {open} trong {all}; chưa có kỳ trước để so tỷ lệ đúng hạn",
                "{name} has most open: {open} of {all}; no period before to compare the share on time with",
            ),
            values,
            ties,
        )
    fell = sum(now < before for now, before in compared)
    return Finding(
        Text(
            "{name} tồn nhiều nhất: {open} trong {all}; {fell} trong {compared} tỉnh có tỷ lệ đúng hạn giảm",
            "{name} has most open: {open} of {all}; the share on time fell in {fell} of {compared} provinces",
        ),
        {**values, "fell": ("count", fell), "compared": ("count", len(compared))},
        ties,
    )


PROVINCES = Panel(
    name="cac-tinh",
    version=1,
    title=Text("Hồ sơ theo tỉnh", "Cases by province"),
    description=Text(
        "Mỗi tỉnh là tổng các xã của mình; thanh là số đang giải quyết, ô là phần quá hạn trong số ấy. Tỉnh chưa có số liệu không vào tổng và không vào mẫu số.",
        "Each province is the sum of its communes; the bar is what is open, the tile the overdue part of it. A province without figures is in no sum and in no"
        " denominator.",
    ),
    question=Text("Ở tỉnh nào hồ sơ tồn và quá hạn?", "In which provinces do cases pile up and run late?"),
    query="ministry_by_province",
    asks=("units", "provinces", "from", "to"),
    picture="tiles",
    tile="overdue_share",
    unit=CASES,
    key="province_code",
    names="unit",
    columns=(
        metric("open", better="less"),
        metric("overdue", better="less", is_late=True),
        _OVERDUE_SHARE,
        metric("received"),
        metric("resolved", better="more"),
        _on_time(),
        count("reporting_unit_count", Text("Xã có số liệu", "Communes reporting")),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_provinces,
    orders="open",
    is_reported=has_cases,
    compares=True,
    takes=WINDOW,
    levels=("nation",),
    drill=to_board("/bang/tinh?unit={key}", ("ministry",)),
)


def _communes(found: Answered) -> Finding:
    top = _largest(found, "open")
    if top is None:
        return Finding(Text("Chưa xã nào có hồ sơ tồn", "No commune has open cases"))
    apart = [line.cells["late_differs"].value for line in found.lines]
    return Finding(
        Text(
            "{name} tồn nhiều nhất ({open}); tỷ lệ quá hạn cao hơn chung rõ rệt ở {above} xã, không khác rõ ở {same} xã",
            "{name} has most open ({open}); the late share is clearly above the whole in {above} communes, not clearly"
            " different in {same}",
        ),
        {
            "name": ("unit", top.key),
            "open": ("count", top.number("open")),
            "above": ("count", apart.count("above")),
            "same": ("count", apart.count("same")),
        },
        {"name": found.level_with(top, "open")},
    )


COMMUNES = Panel(
    name="cac-xa",
    version=1,
    title=Text("Hồ sơ theo xã", "Cases by commune"),
    description=Text(
        "Thanh là số đang giải quyết, ô là phần quá hạn trong số ấy. Tỷ lệ quá hạn của hồ sơ đã giải quyết kèm khoảng tin cậy 95 % (Wilson) thay cho xếp hạng:"
        " xã ít hồ sơ có khoảng rộng. Vạch là tỷ lệ chung.",
        "The bar is what is open, the tile the overdue part of it. The late share of what was resolved has its 95 % interval (Wilson) instead of a rank: a"
        " commune with few cases has a wide one. The tick is the share of all together.",
    ),
    question=Text(
        "Xã nào tồn nhiều, xã nào thật sự chậm?", "Which communes have a backlog, and which are really late?"
    ),
    query="province_overview",
    asks=("units", "from", "to"),
    picture="tiles",
    tile="overdue_share",
    unit=CASES,
    key="unit_code",
    names="unit",
    columns=(
        metric("open", better="less"),
        metric("overdue", better="less", is_late=True),
        _OVERDUE_SHARE,
        metric("received"),
        metric("resolved", better="more"),
        metric("resolved_late", better="less"),
        _LATE_SHARE,
        interval_end("late_share", Text("Quá hạn, khoảng từ", "Late, interval from"), _LATE, FINISHED, "low"),
        interval_end("late_share", Text("Quá hạn, khoảng đến", "Late, interval to"), _LATE, FINISHED, "high"),
        against_whole("late_differs", Text("So với chung", "Against the whole"), _LATE, FINISHED),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_communes,
    orders="open",
    is_reported=has_cases,
    takes=WINDOW,
    levels=("commune", "province"),
    drill=(
        *to_board("/bang/to-xa?unit={key}"),
        Drill("commune", "/xa/ho-so"),
    ),
)
