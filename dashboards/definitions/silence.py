"""Panels of silence: why nothing came from a commune, told by one list of rules (reporting/silence.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from dashboards.columns import count, shown
from dashboards.drills import Act, Drill, to_board
from dashboards.lines import Answered, Finding, Value
from dashboards.panel import Panel
from dashboards.vocabulary import WINDOW, Measure, Names, Text
from reporting.silence import WITHOUT_FIGURES

NAMES: Mapping[str, Text] = {
    "source_broken": Text("mất kết nối", "source broken"),
    "stuck_outbox": Text("kẹt ở hàng chờ gửi", "stuck in the outbox"),
    "known_outage": Text("sự cố đã biết", "known outage"),
    "not_reported": Text("chưa gửi số liệu", "not reported"),
    "true_zero": Text("không phát sinh", "true zero"),
    "reported": Text("có số liệu", "with figures"),
}
WHAT_TO_DO: Mapping[str, Text] = {
    "source_broken": Text(
        "Gọi xã, kiểm tra phần mềm và đường truyền; nếu có sự cố thì báo khó khăn",
        "Call the commune, check its software and line; report a difficulty where something failed",
    ),
    "stuck_outbox": Text(
        "Báo người quản trị: bản ghi còn ở hàng chờ gửi, không nhập lại",
        "Tell the operator: the records wait in the outbox, do not enter them again",
    ),
    "known_outage": Text(
        "Chờ khắc phục sự cố; số liệu bổ sung sau, không nhắc xã",
        "Wait until the fault is cleared; figures come later, do not remind the commune",
    ),
    "not_reported": Text(
        "Hướng dẫn xã kết nối hoặc gửi tệp số liệu",
        "Help the commune to connect or to send its file",
    ),
    "true_zero": Text("Không cần làm gì: đúng là không phát sinh", "Nothing to do: there was nothing"),
    "reported": Text("Không cần làm gì", "Nothing to do"),
}
WHY: Mapping[str, Text] = {
    "figures": Text("có hồ sơ trong ngày", "cases on the day"),
    "letters_wait": Text(
        "bản ghi chờ lâu trong hàng chờ gửi lúc hết ngày",
        "at its end records had long been waiting in the outbox",
    ),
    "in_outage": Text("có sự cố đã được xác nhận tại đây", "a confirmed fault covers it"),
    "never_heard": Text("chưa từng có tín hiệu", "no sign so far"),
    "quiet": Text(
        "quá số giờ làm việc cho phép không có tín hiệu", "no sign for more working hours than allowed"
    ),
    "no_figures_ever": Text("có tín hiệu nhưng chưa từng có hồ sơ", "heard, and no case so far"),
    "heard_that_day": Text("có tín hiệu, không có hồ sơ", "heard, and no case"),
    "day_runs": Text("ngày chưa hết, nguồn vẫn hoạt động", "the day runs, the feed is heard"),
    "day_off": Text("ngày nghỉ, nguồn vẫn hoạt động", "a day off, the feed is heard"),
    "no_sign": Text("không có tín hiệu trong ngày", "no sign on the day"),
}
_BROKEN, _ZERO = "source_broken", "true_zero"
_NOW_NAMES = {kind: name for kind, name in NAMES.items() if kind != "stuck_outbox"}
"""An outbox is known to have been stuck when it has drained, so no running day is of that kind."""
_NOW_RULES = Text(
    "Bốn loại, xét theo thứ tự: sự cố đã biết, chưa gửi số liệu, mất kết nối, không phát sinh. Chỉ coi là không phát sinh khi"
    " nguồn vẫn hoạt động và từng gửi hồ sơ. Hàng chờ gửi bị kẹt thì không có tín hiệu; gửi xong mới thấy ở các ngày đã qua.",
    "Four kinds, looked for in this order: known outage, not reported, source broken, true zero. Nought is believed only of a feed"
    " that is heard and has delivered cases before. While an outbox is stuck no sign comes; days that are over say so once it has drained.",
)
_SILENT_COMMUNES = Drill("office", "/tinh/tong-quan?state=silent")
_LIST = (Act(Text("Mở danh sách xã thiếu số liệu", "Open the list of these communes"), _SILENT_COMMUNES),)
_RULES = Text(
    "Năm loại, xét theo thứ tự: kẹt ở hàng chờ gửi, sự cố đã biết, chưa gửi số liệu, mất kết nối, không phát sinh. Chỉ coi là"
    " không phát sinh khi nguồn vẫn hoạt động và từng gửi hồ sơ.",
    "Five kinds, looked for in this order: stuck in the outbox, known outage, not reported, source broken, true zero. Nought is"
    " believed only of a feed that is heard and has delivered cases before.",
)


def _silent(found: Answered) -> Finding:
    if not found.lines:
        return Finding(Text("Xã nào cũng biết số liệu hôm nay", "Today's figures of every commune are known"))
    kinds = Counter(str(line.cells["kind"].value) for line in found.lines)
    return Finding(
        Text(
            "{broken} xã mất kết nối, {outage} có sự cố đã biết, {never} chưa gửi số liệu",
            "{broken} sources are broken, {outage} in a known outage, {never} did not report",
        ),
        {
            "broken": ("count", kinds["source_broken"]),
            "outage": ("count", kinds["known_outage"]),
            "never": ("count", kinds["not_reported"]),
        },
    )


SILENCE = Panel(
    name="im-lang",
    version=3,
    title=Text("Nguồn số liệu im lặng", "Silent feeds"),
    description=Text(
        f"Xã chưa biết số liệu của ngày hôm nay, vì sao và cần làm gì. {_NOW_RULES.vi} Im lặng không phải là không có việc.",
        f"Communes whose figures of today nobody knows, why, and what to do. {_NOW_RULES.en} Silence is not an absence of work.",
    ),
    question=Text(
        "Xã nào chưa biết số liệu, vì sao, từ bao giờ?",
        "Of which communes are figures unknown, why, and since when?",
    ),
    query="silent_feeds",
    asks=("units", "provinces", "at", "outage_kinds"),
    picture="bars",
    unit=Text("ngày", "days"),
    key="unit_code",
    names="unit",
    columns=(
        shown("quiet_days", Text("Số ngày không có tín hiệu", "Days without a sign"), "days"),
        shown("kind", Text("Loại", "Kind"), "word", words=NAMES),
        shown("basis", Text("Căn cứ", "Because"), "word", words=WHY),
        shown("last_seen_at", Text("Tín hiệu cuối", "Last heard"), "moment"),
    ),
    watermark="landed_feeds",
    coverage=("landed_feeds", "unit_count"),
    finding=_silent,
    levels=("commune", "province"),
    act=_LIST,
)


def _kinds(found: Answered) -> Finding:
    counts = {line.key: line.number("unit_count") or 0 for line in found.lines}
    return Finding(
        Text(
            "{unknown} xã chưa biết số liệu hôm nay; {zero} xã đúng là không phát sinh; {known} xã có số liệu",
            "Today's figures of {unknown} communes are unknown; {zero} truly have none; {known} have figures",
        ),
        {
            "unknown": ("count", sum(counts.get(kind, 0) for kind in WITHOUT_FIGURES)),
            "zero": ("count", counts.get(_ZERO, 0)),
            "known": ("count", counts.get("reported", 0)),
        },
    )


KINDS = Panel(
    name="loai-im-lang",
    version=2,
    title=Text("Vì sao không có số liệu", "Why there are no figures"),
    description=Text(
        f"Số xã theo từng loại lúc mở bảng, và việc cần làm. {_NOW_RULES.vi}",
        f"Communes by kind at the moment at which the board is opened, and what to do. {_NOW_RULES.en}",
    ),
    question=Text(
        "Bao nhiêu xã thiếu số liệu vì lý do nào, cần làm gì?",
        "How many lack figures for which reason, and what is to be done?",
    ),
    query="silence_kinds",
    asks=("units", "provinces", "at", "outage_kinds"),
    picture="bars",
    unit=Text("xã", "communes"),
    key="kind",
    names="said",
    rows=_NOW_NAMES,
    heading=Text("Loại", "Kind"),
    columns=(
        count("unit_count", Text("Số xã", "Communes")),
        shown("longest_days", Text("Im lặng lâu nhất (ngày)", "Longest silence (days)"), "days"),
        shown("todo", Text("Việc cần làm", "What to do"), "word", words=WHAT_TO_DO),
    ),
    watermark="landed_feeds",
    coverage=("landed_feeds", "unit_count"),
    finding=_kinds,
    levels=("province", "nation"),
    act=_LIST,
)


def _days(found: Answered) -> Finding:
    whole = found.whole
    unknown = whole.number("unknown_days") or 0
    values: dict[str, tuple[Measure | Names, Value]] = {
        "unknown": ("count", unknown),
        "all": ("count", whole.number("day_count")),
        "zero": ("count", whole.number(_ZERO)),
    }
    if not unknown:
        return Finding(
            Text(
                "Biết số liệu của cả {all} ngày; {zero} ngày đúng là không phát sinh",
                "Figures of all {all} days are known; {zero} truly without",
            ),
            values,
        )
    kind = max(WITHOUT_FIGURES, key=lambda one: (whole.number(one) or 0, one))
    return Finding(
        Text(
            f"{{unknown}} trong {{all}} ngày chưa biết số liệu, nhiều nhất: {NAMES[kind].vi} ({{most}});"
            " {zero} ngày đúng là không phát sinh",
            f"Figures of {{unknown}} of {{all}} days are unknown, most: {NAMES[kind].en} ({{most}});"
            " {zero} truly without",
        ),
        {**values, "most": ("count", whole.number(kind))},
    )


DAYS = Panel(
    name="ngay-im-lang",
    version=2,
    title=Text("Ngày im lặng của từng xã", "Silent days of each commune"),
    description=Text(
        f"Mỗi ngày đã qua trong kỳ của mỗi xã thuộc đúng một loại. {_RULES.vi} Ngày mất kết nối là ngày mà lúc hết ngày nguồn đã im quá"
        " số giờ làm việc cho phép.",
        f"Each day of the period that is over is, for each commune, of exactly one kind. {_RULES.en} A day is one of a broken source"
        " where at its end the feed had been quiet for more working hours than allowed.",
    ),
    question=Text(
        "Xã nào bao nhiêu ngày không có số liệu, vì lý do nào?",
        "Which communes had days without figures, and why?",
    ),
    query="silent_days_by_unit",
    asks=(
        "units",
        "provinces",
        "days",
        "quiet_before",
        "days_off",
        "outage_kinds",
        "letters_stuck",
        "from",
        "to",
    ),
    thresholds=("letters_stuck",),
    picture="bars",
    unit=Text("ngày", "days"),
    key="unit_code",
    names="unit",
    columns=(
        count("unknown_days", Text("Chưa biết số liệu", "Unknown"), better="less"),
        *(count(kind, Text(words.vi.capitalize(), words.en.capitalize())) for kind, words in NAMES.items()),
        count("day_count", Text("Số ngày", "Days")),
    ),
    watermark="landed_feeds",
    coverage=("landed_feeds", "unit_count"),
    finding=_days,
    orders="unknown_days",
    takes=WINDOW,
    levels=("commune", "province"),
    drill=to_board("/bang/chat-luong?unit={key}"),
)


def _days_of_sheet(found: Answered) -> Finding:
    whole = found.whole
    return Finding(
        Text(
            "{unknown} trong {all} ngày chưa biết số liệu; {broken} ngày mất kết nối, {zero} ngày đúng là không phát sinh",
            "Figures of {unknown} of {all} days are unknown; {broken} with a broken source, {zero} truly without",
        ),
        {
            "unknown": ("count", whole.number("unknown_days")),
            "all": ("count", whole.number("day_count")),
            "broken": ("count", whole.number(_BROKEN)),
            "zero": ("count", whole.number(_ZERO)),
        },
    )


SHEET = replace(
    DAYS,
    name="so-lieu-cua-xa",
    title=Text("Số liệu của xã đã đủ chưa", "Are the commune's figures complete"),
    question=Text(
        "Bao nhiêu ngày của xã chưa có số liệu, vì lý do nào?",
        "On how many days are our figures missing, and why?",
    ),
    picture="sheet",
    compares=True,
    # The sheet is one page: of the kinds those that its sentence names.
    columns=tuple(one for one in DAYS.columns if one.name in {"unknown_days", _BROKEN, _ZERO, "day_count"}),
    finding=_days_of_sheet,
    key="scope",
    names="whole",
    orders="",
    levels=("commune",),
    drill=(),
)
