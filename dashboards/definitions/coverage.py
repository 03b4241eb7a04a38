"""Panels of who has figures at all: communes with and without, and their feeds."""

from __future__ import annotations

from dashboards.columns import count, share, shown
from dashboards.definitions.cases import COVERAGE_OF_CASES
from dashboards.drills import Act, Drill, to_board
from dashboards.lines import Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import WINDOW, Text

INTO = to_board("/bang/chat-luong?unit={key}")


_ONE_COMPLETE = Text("Xã có số liệu trong kỳ", "The commune has figures in the period")


_ONE_MISSING = Text("Xã chưa có số liệu trong kỳ", "The commune has no figures in the period")


_ONE_HEARD = Text("Nguồn số liệu của xã đang hoạt động", "The commune's feed is heard")


_ONE_SILENT = Text("Nguồn số liệu của xã mất kết nối", "The commune's source is broken")


_ONE_OUTAGE = Text("Xã đang có sự cố đã biết", "The commune is in a known outage")


_ONE_NEVER = Text("Xã chưa gửi số liệu", "The commune does not report")


def _complete(found: Answered) -> Finding:
    if found.total("unit_count") == 1:
        return Finding(_ONE_COMPLETE if found.total("reporting_count") else _ONE_MISSING)
    if found.total("reporting_count") == found.total("unit_count"):
        return Finding(
            Text("Cả {all} xã đều có số liệu trong kỳ", "All {all} communes have figures in the period"),
            {"all": ("count", found.total("unit_count"))},
        )
    return Finding(
        Text(
            "{some} trong {all} xã có số liệu trong kỳ; {stopped} xã đã ngừng, {never} xã chưa từng có",
            "{some} of {all} communes have figures in the period; {stopped} stopped, {never} never had any",
        ),
        {
            "some": ("count", found.total("reporting_count")),
            "all": ("count", found.total("unit_count")),
            "stopped": ("count", found.total("stopped_count")),
            "never": ("count", found.total("never_count")),
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
        shown(
            "quiet_days",
            Text("Lâu nhất không có (ngày)", "Longest without (days)"),
            "days",
            missing="not_reported",
        ),
        count("unit_count", Text("Số xã", "Communes")),
        count("reporting_count", Text("Số xã có số liệu", "Communes with figures")),
        share(
            "reporting_share",
            Text("Tỷ lệ xã có số liệu", "Share with figures"),
            ("reporting_count",),
            ("unit_count",),
            better="more",
        ),
        count("stopped_count", Text("Đã ngừng", "No longer")),
        count("never_count", Text("Chưa từng có", "Never had any")),
        shown(
            "last_on_of_all", Text("Ngày gần nhất có", "Latest day with any"), "day", missing="not_reported"
        ),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_complete,
    takes=WINDOW,
    drill=INTO,
    act=(
        Act(
            Text("Mở danh sách xã im lặng", "Open the list of silent communes"),
            Drill("office", "/tinh/tong-quan?state=silent"),
        ),
    ),
)


_ONE = {"silent": _ONE_SILENT, "outage": _ONE_OUTAGE, "never": _ONE_NEVER}


def _feeds(found: Answered) -> Finding:
    counts = {name: found.total(f"{name}_count") for name in ("silent", "outage", "never")}
    if found.total("unit_count") == 1:
        return Finding(next((_ONE[name] for name, units in counts.items() if units), _ONE_HEARD))
    if not any(counts.values()):
        return Finding(
            Text("Mọi xã đều có nguồn số liệu đang hoạt động", "Every commune has a feed that is heard")
        )
    return Finding(
        Text(
            "{heard} trong {all} xã có nguồn số liệu đang hoạt động; {silent} mất kết nối,"
            " {outage} có sự cố đã biết, {never} chưa gửi",
            "{heard} of {all} communes have a feed that is heard; {silent} are broken, {outage} in a known"
            " outage, {never} do not report",
        ),
        {
            "heard": ("count", found.total("heard_count")),
            "all": ("count", found.total("unit_count")),
            **{name: ("count", units) for name, units in counts.items()},
        },
    )


FEEDS = Panel(
    name="nguon-so-lieu",
    version=3,
    title=Text("Nguồn số liệu của các xã", "Feeds of the communes"),
    description=Text(
        "Tình trạng nguồn số liệu lúc mở bảng: đang hoạt động, mất kết nối, có sự cố đã biết, chưa gửi.",
        "The feeds at the moment at which the board is opened: heard, broken, in a known outage, not reporting.",
    ),
    question=Text(
        "Nguồn nào còn hoạt động, nơi nào không, vì sao?",
        "Which feeds are heard, which are not, and why?",
    ),
    query="feeds_by_place",
    asks=("units", "provinces", "at", "outage_kinds"),
    picture="bars",
    unit=Text("xã", "communes"),
    key="place_code",
    names="unit",
    columns=(
        count("unit_count", Text("Số xã", "Communes")),
        count("heard_count", Text("Đang hoạt động", "Heard")),
        count("silent_count", Text("Xã mất kết nối", "With a broken source")),
        count("outage_count", Text("Xã có sự cố đã biết", "With a known outage")),
        count("never_count", Text("Xã chưa gửi", "That never reported")),
        shown(
            "last_seen", Text("Lần nhận tín hiệu gần nhất", "Last heard"), "moment", missing="not_reported"
        ),
    ),
    watermark="landed_feeds",
    coverage=("landed_feeds", "unit_count"),
    finding=_feeds,
    drill=INTO,
)
