"""Panels of who files online alone, and who is helped, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dashboards.columns import count, share
from dashboards.definitions.cases import CASES, COVERAGE_OF_CASES
from dashboards.drills import Act, Drill, to_board
from dashboards.lines import Above, Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import READERS, WINDOW, Names, Text

_NOTHING_TOLD = Text(
    "Chưa có số liệu: chưa nguồn nào ghi người dân tự nộp hay được hỗ trợ",
    "There are no figures: no source says who filed alone and who was helped",
)
_TOLD = Above(("told_count",))
_WHAT_COUNTS = Text(
    "Hồ sơ trực tuyến tiếp nhận trong kỳ. Tỷ lệ tự nộp tính trên hồ sơ có ghi người dân tự nộp hay được hỗ trợ: tại quầy, do đơn vị khác,"
    " tại nhà. Hồ sơ không ghi thì không suy đoán.",
    "Online cases received in the period. The share filed alone is of those that say whether somebody helped: at the counter, another"
    " unit, at home. Of the others nothing is assumed.",
)
HELP_NEEDED = Act(
    Text(
        "Gửi khó khăn: người dân chưa quen dịch vụ trực tuyến", "Report: people not used to online services"
    ),
    Drill("commune", "/xa/kho-khan/moi?loai=digital_illiteracy", is_item=True),
)


def _alone(found: Answered) -> Finding:
    told = found.whole.number("told_count")
    if not told:
        return Finding(_NOTHING_TOLD)
    return Finding(
        Text(
            "{share} hồ sơ trực tuyến do người dân tự nộp, trong {told} hồ sơ có ghi; {home} được hỗ trợ tại nhà",
            "{share} of online cases were filed alone, of {told} that say it; {home} were helped at home",
        ),
        {
            "share": ("share", found.whole.number("alone_share")),
            "told": ("count", told),
            "home": ("count", found.whole.number("home_count")),
        },
    )


def _most_helped(names: Names, nobody: Text) -> Callable[[Answered], Finding]:
    """Return the finding that names the row with most cases that somebody helped with, or that there is none."""

    def finding(found: Answered) -> Finding:
        helped = {
            line.key: (line.number("told_count") or 0) - (line.number("alone_count") or 0)
            for line in found.lines
        }
        most = max(helped, key=lambda key: helped[key], default="")
        if not found.whole.number("told_count"):
            return Finding(_NOTHING_TOLD)
        if not helped.get(most):
            return Finding(nobody)
        return Finding(
            Text(
                "Phải nhờ nộp nhiều nhất: {name}, {count} hồ sơ; tính chung {share} là tự nộp",
                "Most help to file: {name}, {count} cases; of all, {share} were filed alone",
            ),
            {
                "name": (names, most),
                "count": ("count", helped[most]),
                "share": ("share", found.whole.number("alone_share")),
            },
            {"name": list(helped.values()).count(helped[most]) - 1},
        )

    return finding


def _by_week(found: Answered) -> Finding:
    shares = [share for line in found.lines if (share := line.number("alone_share")) is not None]
    if len(shares) <= 1:
        return _alone(found)
    return Finding(
        Text(
            "Tỷ lệ tự nộp: {first} ở tuần đầu kỳ, {last} ở tuần cuối kỳ",
            "Filed alone: {first} in the first week, {last} in the last",
        ),
        {"first": ("share", shares[0]), "last": ("share", shares[-1])},
    )


def _by_band(found: Answered) -> Finding:
    shares = {line.key: line.number("alone_share") for line in found.lines}
    older, younger = shares.get("60_plus"), shares.get("under_60")
    if older is None or younger is None:
        return _alone(found)
    return Finding(
        Text(
            "Từ 60 tuổi tự nộp {older}, dưới 60 tuổi tự nộp {younger}",
            "Of 60 and more {older} file alone, of those below {younger}",
        ),
        {"older": ("share", older), "younger": ("share", younger)},
    )


HELPED_BY_FIELD = Panel(
    name="tu-nop-linh-vuc",
    version=1,
    title=Text("Tự nộp trực tuyến theo lĩnh vực", "Filed alone, by field"),
    description=_WHAT_COUNTS,
    question=Text("Lĩnh vực nào người dân còn phải nhờ nộp?", "In which fields do people need help to file?"),
    query="helped_by_field",
    asks=("units", "from", "to", "field"),
    picture="bars",
    unit=CASES,
    key="field_code",
    names="field",
    sensitive="field_code",
    adds_up=("told_count", "alone_count", "counter_count", "other_unit_count", "home_count"),
    columns=(
        count("told_count", Text("Có ghi hỗ trợ hay không", "Help told")),
        count("alone_count", Text("Tự nộp", "Filed alone"), better="more"),
        share(
            "alone_share",
            Text("Tỷ lệ tự nộp", "Share filed alone"),
            ("alone_count",),
            ("told_count",),
            better="more",
        ),
        count("counter_count", Text("Hỗ trợ tại quầy", "Helped at the counter")),
        count("other_unit_count", Text("Đơn vị khác hỗ trợ", "Helped by another unit")),
        count("home_count", Text("Hỗ trợ tại nhà", "Helped at home")),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_most_helped(
        "field", Text("Không lĩnh vực nào phải nhờ nộp", "In no field did anybody need help to file")
    ),
    orders="told_count",
    is_reported=_TOLD,
    compares=True,
    takes=(*WINDOW, "field"),
    levels=("commune", "province"),
    drill=to_board("/bang/ho-tro?unit={unit}&field={key}", READERS),
)
HELPED_BY_UNIT = replace(
    HELPED_BY_FIELD,
    name="tu-nop-xa",
    title=Text("Tự nộp trực tuyến theo xã, phường", "Filed alone, by commune"),
    question=Text("Xã nào người dân còn phải nhờ nộp nhiều?", "In which communes do people need most help?"),
    query="helped_by_unit",
    finding=_most_helped(
        "unit", Text("Không xã nào phải nhờ nộp", "In no commune did anybody need help to file")
    ),
    key="unit_code",
    names="unit",
    sensitive="",
    levels=("province",),
    drill=to_board("/bang/ho-tro?unit={key}"),
)
HELPED_BY_WEEK = replace(
    HELPED_BY_FIELD,
    name="tu-nop-tuan",
    title=Text("Tự nộp trực tuyến theo tuần", "Filed alone, week by week"),
    question=Text("Tỷ lệ tự nộp tăng hay giảm?", "Does the share filed alone grow?"),
    query="helped_by_week",
    finding=_by_week,
    key="week",
    names="day",
    heading=Text("Tuần từ ngày", "Week from"),
    sensitive="",
    orders="",
    compares=False,
    drill=(),
    act=(HELP_NEEDED,),
)
HELPED_BY_BAND = replace(
    HELPED_BY_FIELD,
    name="tu-nop-tuoi",
    title=Text("Tự nộp trực tuyến theo nhóm tuổi", "Filed alone, by band of age"),
    description=Text(
        _WHAT_COUNTS.vi
        + " Nhóm tuổi chỉ ghi từ 60 trở lên hay dưới 60, không bắt buộc. Người không được đọc hồ sơ xem của cả tỉnh theo"
        " từng tháng đã kết thúc, và không thấy số nào khi có số nhỏ.",
        _WHAT_COUNTS.en
        + " The band says only 60 and more or below, and may be left out. Readers who may not read the cases get it of a"
        " province and a month that is over, and no figure where one is small.",
    ),
    question=Text("Người từ 60 tuổi có tự nộp được không?", "Do people of 60 and more file alone?"),
    query="helped_by_band",
    finding=_by_band,
    key="age_band",
    names="said",
    rows={
        "60_plus": Text("Từ 60 tuổi", "60 and more"),
        "under_60": Text("Dưới 60 tuổi", "Below 60"),
        "unknown": Text("Không ghi", "Not told"),
    },
    heading=Text("Nhóm tuổi", "Band of age"),
    sensitive="",
    keeps_small_back=True,
    drill=(),
)
