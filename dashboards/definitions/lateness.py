"""Panels of where it is late: fields and procedures in many places, or in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dashboards.columns import count, of_all, share, shown
from dashboards.definitions.cases import CASES, COVERAGE_OF_CASES
from dashboards.definitions.fields import deeper
from dashboards.drills import Act, Drill
from dashboards.lines import Above, Answered, Finding
from dashboards.panel import Column, Panel
from dashboards.vocabulary import WINDOW, Text
from reporting.dated.thresholds import ThresholdKey

LIMITS: tuple[ThresholdKey, ...] = ("common_communes", "recurrence_count", "late_common", "late_single")
"""From where on lateness is common, or of one place."""
_PATTERNS = {
    "common": Text("chậm ở nhiều nơi", "late in many places"),
    "single": Text("chủ yếu ở một nơi", "most in one place"),
    "several": Text("chỉ lẻ tẻ", "here and there"),
    "few": Text("chưa đủ nơi để so", "too few places to compare"),
    "none": Text("không quá hạn", "none late"),
}


_COMMON = Act(
    Text("Xem vấn đề chung", "Open common problems"),
    Drill("office", "/tinh/van-de-chung?state=live", any_unit=True),
)


NO_CODE = {"": Text("Chưa ghi mã thủ tục", "No procedure code")}


def _spread() -> tuple[Column, ...]:
    """Return the columns of how lateness lies over places: how many places, and what lies in the one with most."""
    rests = ("late_count", "most_late_count")
    most_share = share(
        "most_late_share",
        Text("Nơi đó chiếm", "Share of that one"),
        ("most_late_count",),
        ("late_count",),
    )
    return (
        count("late_count", Text("Quá hạn ở các nơi", "Late in all places"), better="less", is_late=True),
        count("dated_count", Text("Đã giải quyết, có hạn", "Resolved with a due day")),
        replace(count("late_place_count", Text("Số nơi có quá hạn", "Places late")), has_sum=False),
        replace(count("place_count", Text("Số nơi có giải quyết", "Places that resolved")), has_sum=False),
        shown("pattern", Text("Chậm ở đâu", "Where it is late"), "word", words=_PATTERNS, rests_on=rests),
        shown(
            "most_late_place",
            Text("Nơi quá hạn nhiều nhất", "The one with most"),
            "word",
            names="unit",
            rests_on=rests,
        ),
        replace(most_share, has_sum=False),
    )


_has_dated = Above(("place_count",))


def _patterns(words: Text, scattered: Text) -> Callable[[Answered], Finding]:
    """Return the finding of how many rows are late in many places, and how many in one; of `scattered` ones that."""

    def finding(found: Answered) -> Finding:
        patterns = [line.cells["pattern"].value for line in found.lines]
        known = {one for one in patterns if one}
        if not known:
            return Finding(
                Text(
                    "Trong kỳ chưa giải quyết hồ sơ nào có hạn",
                    "Nothing with a due day was resolved in the period",
                )
            )
        if known <= {"few", "none"}:
            return Finding(
                Text("Chưa có gì để so sánh giữa các nơi", "There is nothing to compare between places")
            )
        if not known & {"common", "single"}:
            return Finding(scattered)
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
    asks=(
        "units",
        "provinces",
        "from",
        "to",
        "channel",
        *LIMITS,
    ),
    picture="bars",
    unit=CASES,
    key="field_code",
    names="field",
    sensitive="field_code",
    columns=_spread(),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_patterns(
        Text(
            "{common} lĩnh vực chậm ở nhiều nơi; {single} lĩnh vực chậm chủ yếu ở một nơi",
            "{common} fields are late in many places; {single} have most of it in one",
        ),
        Text(
            "Quá hạn của các lĩnh vực chỉ lẻ tẻ, không dồn vào nơi nào",
            "Late cases of fields are here and there, in no place alone",
        ),
    ),
    orders="late_count",
    is_reported=_has_dated,
    takes=(*WINDOW, "channel"),
    levels=("province", "nation"),
    thresholds=LIMITS,
    drill=deeper("field"),
    act=(_COMMON,),
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
    columns=_spread(),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_patterns(
        Text(
            "{common} thủ tục chậm ở nhiều xã; {single} thủ tục chậm chủ yếu ở một xã",
            "{common} procedures are late in many communes; {single} have most of it in one",
        ),
        Text(
            "Quá hạn của các thủ tục chỉ lẻ tẻ, không dồn vào xã nào",
            "Late cases of procedures are here and there, in no commune alone",
        ),
    ),
    orders="late_count",
    is_reported=_has_dated,
    takes=(*WINDOW, "field", "channel"),
    levels=("province",),
    thresholds=LIMITS,
    act=(_COMMON,),
)


def _causes(found: Answered) -> Finding:
    top, unknown = found.most("late_count"), next((one for one in found.lines if not one.key), None)
    if top is None:
        return Finding(
            Text("Trong kỳ không hồ sơ nào giải quyết quá hạn", "Nothing ended late in the period")
        )
    return Finding(
        Text(
            "{late} hồ sơ giải quyết quá hạn, {unknown} chưa rõ nguyên nhân",
            "{late} cases ended late, of {unknown} the cause is not known",
        ),
        {
            "late": ("count", found.total("late_count")),
            "unknown": ("count", 0 if unknown is None else unknown.number("late_count")),
        },
    )


LATE_BY_CAUSE = Panel(
    name="nguyen-nhan-qua-han",
    version=1,
    title=Text("Nguyên nhân giải quyết quá hạn", "Causes of late results"),
    description=Text(
        "Hồ sơ giải quyết quá hạn trong kỳ, theo nguyên nhân mà đơn vị đã nêu; chưa nêu thì là chưa rõ, hệ thống không đoán."
        " Danh mục nguyên nhân là bảng có ngày hiệu lực, hiện là quy ước.",
        "Cases resolved late in the period by the cause that their office named; without one it is not known, and nothing is"
        " guessed. The causes are dated rows, conventions so far.",
    ),
    question=Text("Hồ sơ quá hạn vì nguyên nhân nào?", "Why did cases end late?"),
    query="late_by_cause",
    asks=("units", "from", "to", "field", "channel"),
    picture="bars",
    unit=CASES,
    key="late_cause",
    names="late_cause",
    rows={"": Text("Chưa rõ", "Not known")},
    columns=(
        count(
            "late_count",
            Text("Giải quyết quá hạn, theo nguyên nhân", "Resolved late, by cause"),
            better="less",
        ),
        of_all("late_share", Text("Phần của số quá hạn", "Share of the late ones"), "late_count"),
        replace(
            count("place_count", Text("Số đơn vị nêu nguyên nhân này", "Units with this cause")),
            has_sum=False,
        ),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_causes,
    orders="late_count",
    compares=True,
    takes=(*WINDOW, "field", "channel"),
    levels=("commune", "province"),
    act=(
        Act(
            Text("Nêu nguyên nhân", "Name causes"),
            Drill("commune", "/xa/ho-so/qua-han", is_item=True),
        ),
    ),
)
