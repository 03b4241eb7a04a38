"""Panels of feeds: which communes are silent, and for how long."""

from __future__ import annotations

from dashboards.columns import count, shown
from dashboards.drills import Act, Drill
from dashboards.lines import Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import Text

_STATES = {
    "silent": Text("im lặng", "silent"),
    "never": Text("chưa từng gửi", "never heard"),
}
_SILENT_COMMUNES = Drill("office", "/tinh/tong-quan?state=silent")


def _silence(found: Answered) -> Finding:
    if not found.lines:
        return Finding(Text("Không xã nào im lặng", "No commune is silent"))
    states = [line.cells["state"].value for line in found.lines]
    return Finding(
        Text(
            "{silent} xã đang im lặng, {never} xã chưa từng gửi số liệu",
            "{silent} communes are silent, {never} were never heard",
        ),
        {"silent": ("count", states.count("silent")), "never": ("count", states.count("never"))},
    )


SILENCE = Panel(
    name="im-lang",
    version=1,
    title=Text("Nguồn số liệu im lặng", "Silent feeds"),
    description=Text(
        "Xã mà nguồn số liệu im lặng hoặc chưa từng hoạt động. Im lặng không phải là không có việc.",
        "Communes whose feed is silent or was never active. Silence is not an absence of work.",
    ),
    question=Text(
        "Xã nào không còn gửi số liệu, từ bao giờ?", "Which communes stopped sending figures, and since when?"
    ),
    query="silent_feeds",
    asks=("units", "at"),
    picture="bars",
    unit=Text("ngày", "days"),
    key="unit_code",
    names="unit",
    columns=(
        shown("quiet_days", Text("Số ngày im lặng", "Days of silence"), "days"),
        shown("state", Text("Tình trạng", "State"), "word", words=_STATES),
        shown("last_seen_at", Text("Nghe lần cuối", "Last heard"), "moment"),
        count("outbox_count", Text("Bản ghi chờ gửi lên", "Records to be sent")),
    ),
    watermark="landed_feeds",
    coverage=("landed_feeds", "unit_count"),
    finding=_silence,
    levels=("commune", "province"),
    act=(Act(Text("Mở danh sách xã thiếu số liệu", "Open the list of these communes"), _SILENT_COMMUNES),),
)
