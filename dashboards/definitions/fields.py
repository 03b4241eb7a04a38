"""Panels of fields and channels: what comes and goes, and what is on time."""

from __future__ import annotations

from dashboards.columns import metric, of_all, on_time
from dashboards.definitions.cases import CASES, COVERAGE_OF_CASES
from dashboards.drills import Act, Drill, to_board
from dashboards.lines import Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import READERS, WINDOW, Text

REPORT = Act(Text("Gửi khó khăn, vướng mắc", "Report a difficulty"), Drill("commune", "/xa/kho-khan/moi"))


def deeper(part: str) -> tuple[Drill, ...]:
    """Return where a row leads: the same board, narrowed to what the row is of."""
    return to_board(f"/bang/thu-tuc?unit={{unit}}&{part}={{key}}", READERS)


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
            {"most": found.level_with(most, "received")},
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
        {"worst": found.level_with(worst, "on_time_share", among=below)},
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
    unit=CASES,
    key="field_code",
    names="field",
    sensitive="field_code",
    columns=(
        metric("received"),
        metric("resolved", better="more"),
        *on_time(),
        metric("open", better="less"),
        metric("overdue", better="less", is_late=True),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_fields,
    orders="received",
    compares=True,
    takes=(*WINDOW, "channel"),
    drill=deeper("field"),
    act=(REPORT,),
)


def _channels(found: Answered) -> Finding:
    known = {line.key: line for line in found.lines}
    online = known.get("online")
    if found.whole.number("received") is None or not found.whole.number("received"):
        return Finding(Text("Trong kỳ chưa tiếp nhận hồ sơ nào", "Nothing was received in the period"))
    return Finding(
        Text("{share} hồ sơ tiếp nhận qua kênh trực tuyến", "{share} was received online"),
        {"share": ("share", (online.number("received_share") if online else 0) or 0)},
    )


CHANNELS = Panel(
    name="kenh",
    version=2,
    title=Text("Hồ sơ theo kênh", "Cases by channel"),
    description=Text(
        "Hồ sơ tiếp nhận trực tiếp, trực tuyến và qua bưu chính công ích; hồ sơ mà nguồn không ghi kênh đứng riêng. Tỷ trọng tính trên"
        " toàn bộ số tiếp nhận.",
        "Cases received at the counter, online and by post; cases whose source names no channel stand apart. Each share is of all that"
        " was received.",
    ),
    question=Text(
        "Người dân nộp qua kênh nào, kênh nào chậm hơn?",
        "Through which channel do people file, and which is slower?",
    ),
    query="unit_rollups_by_channel",
    asks=("units", "from", "to"),
    narrowed={"field": ("unit_rollups_by_field_and_channel", "field_code")},
    picture="bars",
    unit=CASES,
    key="channel",
    names="channel",
    columns=(
        metric("received"),
        of_all("received_share", Text("Tỷ trọng", "Of the whole"), "received"),
        metric("resolved", better="more"),
        *on_time(),
        metric("open", better="less"),
        metric("overdue", better="less", is_late=True),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_channels,
    orders="received",
    compares=True,
    takes=(*WINDOW, "field"),
    drill=deeper("channel"),
)
