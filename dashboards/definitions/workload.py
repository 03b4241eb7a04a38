"""Panels of the workload per person: communes, fields, weeks, and the number of vice-chairs."""

from __future__ import annotations

from dashboards.columns import count, metric, of_all, rate, shown, stated
from dashboards.definitions.cases import COVERAGE_OF_CASES
from dashboards.drills import Act, Drill
from dashboards.lines import Above, Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import WINDOW, Level, Text

_LEVELS: tuple[Level, ...] = ("commune", "province")
_LOAD = Text("Mỗi người mỗi ngày", "Per person and day")
_MEASURED = Text("phút, hồ sơ, người", "minutes, cases, people")
_NO_STAFF = Text("Chưa đơn vị nào có số liệu về số người", "No unit has given its number of people yet")
STANDINGS = {
    "over": Text("cao hơn hẳn", "far above"),
    "usual": Text("tương đương", "alike"),
    "quiet": Text("thấp hơn hẳn", "far below"),
    "alone": Text("chưa đủ đơn vị để so", "too few to compare"),
}
_OPEN_PAGE = (
    Act(
        Text("Mở trang khối lượng công việc", "Open the page of the workload"),
        Drill("office", "/khoi-luong", any_unit=True),
    ),
    Act(
        Text("Mở trang khối lượng công việc", "Open the page of the workload"),
        Drill("commune", "/khoi-luong", any_unit=True),
    ),
)


def _loads(found: Answered) -> Finding:
    standings = [line.cells["standing"].value for line in found.lines]
    known = [line for line in found.lines if line.number("load") is not None]
    if not known:
        return Finding(_NO_STAFF)
    top = max(known, key=lambda line: line.number("load") or 0)
    return Finding(
        Text(
            "{over} đơn vị cao hơn hẳn đơn vị tương tự, {quiet} thấp hơn hẳn; cao nhất: {top}, {load} mỗi người mỗi ngày",
            "{over} units are far above like ones, {quiet} far below; the highest: {top}, {load} per person and day",
        ),
        {
            "over": ("count", standings.count("over")),
            "quiet": ("count", standings.count("quiet")),
            "top": ("unit", top.key),
            "load": ("minutes", top.number("load")),
        },
        {"top": found.level_with(top, "load")},
    )


LOADS = Panel(
    name="tai-moi-nguoi",
    version=2,
    title=Text("Việc phải xử lý trên một người", "Work to handle per person"),
    description=Text(
        "Hồ sơ kỳ trước chuyển sang và tiếp nhận mới, mỗi hồ sơ quy ra số phút ước lượng, chia cho ngày công của người tại Trung tâm"
        " Phục vụ hành chính công. So với trung vị đơn vị cùng loại, cùng cỡ trong tỉnh; dưới năm đơn vị thì không so. Đơn vị chưa có"
        " số người thì chưa có số liệu. Số phút và ngưỡng là quy ước, độ tin cậy thấp.",
        "Cases carried over and received, each taken for an estimated number of minutes, by the person-days of the service centre."
        " Beside it the median of units of the same kind and size in the province; below five there is none. A unit that has not"
        " given its number of people has no figures. Minutes and limits are conventions of low confidence.",
    ),
    question=Text(
        "Đơn vị nào quá tải, đơn vị nào có thể điều động, biệt phái người?",
        "Which units have too much work per person, and which could lend people?",
    ),
    computed="workload_units",
    asks=("units", "from", "to"),
    picture="bars",
    unit=_MEASURED,
    key="unit_code",
    names="unit",
    columns=(
        rate("load", _LOAD, "minutes", "minutes", "officer_days", better="less"),
        shown("median", Text("Trung vị đơn vị tương tự", "Median of like units"), "minutes"),
        shown("standing", Text("So với đơn vị tương tự", "Against like units"), "word", words=STANDINGS),
        rate(
            "backlog_days",
            Text("Ngày làm hết tồn", "Days to finish the backlog"),
            "days",
            "open_minutes",
            "capacity",
        ),
        count("people_count", Text("Người tại Trung tâm", "People at the centre")),
        count("officer_days", Text("Ngày công", "Person-days")),
        count("case_count", Text("Hồ sơ phải xử lý", "Cases to handle")),
        count("open_count", Text("Hồ sơ còn lại cuối kỳ", "Cases open at the end"), better="less"),
        count("lend_count", Text("Cho mượn được", "Could lend")),
        count("lack_count", Text("Còn thiếu", "Lacks"), better="less", is_late=True),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_loads,
    orders="load",
    is_reported=Above(("officer_days",)),
    compares=True,
    takes=WINDOW,
    levels=_LEVELS,
    thresholds=("overload", "quiet_load", "officer_day", "large_area"),
    act=_OPEN_PAGE,
)


def _fields(found: Answered) -> Finding:
    top = found.most("minutes")
    if top is None:
        return Finding(_NO_STAFF)
    return Finding(
        Text(
            "Nhiều việc nhất: {top}, {cases} hồ sơ phải xử lý",
            "Most work: {top}, {cases} cases to handle",
        ),
        {"top": ("field", top.key), "cases": ("count", top.number("case_count"))},
        {"top": found.level_with(top, "minutes")},
    )


FIELDS = Panel(
    name="viec-theo-linh-vuc",
    version=1,
    title=Text("Khối lượng công việc theo lĩnh vực", "Work by field"),
    description=Text(
        "Số phút ước lượng của hồ sơ kỳ trước chuyển sang và tiếp nhận mới, theo lĩnh vực, của các đơn vị có số người. Không tính"
        " tải riêng từng lĩnh vực: nơi chỉ có một người, đó là số liệu về người đó. Chỉ dành cho người được đọc hồ sơ.",
        "The estimated minutes of cases carried over and received, by field, of units that have given their number of people. No"
        " load per field: where one person handles it, it would be a figure about that person. For readers of cases alone.",
    ),
    question=Text("Lĩnh vực nào chiếm nhiều công nhất?", "Which fields take most of the work?"),
    computed="workload_fields",
    asks=("units", "from", "to"),
    picture="bars",
    unit=_MEASURED,
    key="field_code",
    names="field",
    sensitive="field_code",
    is_of_case_readers=True,
    columns=(
        count("minutes", Text("Số phút phải xử lý", "Minutes to handle")),
        of_all("minutes_share", Text("Phần của tổng", "Share of all"), "minutes"),
        count("case_count", Text("Hồ sơ phải xử lý", "Cases to handle")),
        metric("received"),
        count("open_count", Text("Hồ sơ còn lại cuối kỳ", "Cases open at the end"), better="less"),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_fields,
    orders="minutes",
    compares=True,
    takes=WINDOW,
    levels=_LEVELS,
)


def _weeks(found: Answered) -> Finding:
    peaks = [line.cells["peak"].value for line in found.lines].count("peak")
    top = found.most("load")
    if top is None:
        return Finding(_NO_STAFF)
    return Finding(
        Text(
            "{peaks} tuần cao điểm; cao nhất là tuần từ {top}: {load} mỗi người mỗi ngày",
            "{peaks} peak weeks; the highest begins on {top}: {load} per person and day",
        ),
        {
            "peaks": ("count", peaks),
            "top": ("day", top.key),
            "load": ("minutes", top.number("load")),
        },
        {"top": found.level_with(top, "load")},
    )


WEEKS = Panel(
    name="tuan-cao-diem",
    version=1,
    title=Text("Tuần cao điểm", "Peak weeks"),
    description=Text(
        "Số phút ước lượng của hồ sơ tiếp nhận mới trong từng tuần, chia cho ngày công của tuần. Tuần cao điểm: cao hơn trung vị các"
        " tuần trong kỳ theo bảng ngưỡng; dưới ba tuần thì không nêu.",
        "The estimated minutes of what each week received, by the person-days of the week. A peak lies above the median week of the"
        " period by the table of thresholds; among fewer than three weeks none is named.",
    ),
    question=Text("Tuần nào cao điểm?", "Which weeks are peaks?"),
    computed="workload_weeks",
    asks=("units", "from", "to"),
    picture="bars",
    unit=_MEASURED,
    key="week",
    names="day",
    heading=Text("Tuần từ ngày", "Week from"),
    columns=(
        rate(
            "load",
            Text("Tiếp nhận mới, mỗi người mỗi ngày", "Received, per person and day"),
            "minutes",
            "minutes",
            "officer_days",
        ),
        metric("received"),
        count("officer_days", Text("Ngày công", "Person-days")),
        shown(
            "peak",
            Text("Cao điểm", "Peak"),
            "word",
            words={"peak": Text("cao điểm", "peak"), "usual": Text("bình thường", "usual")},
        ),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_weeks,
    takes=WINDOW,
    levels=_LEVELS,
    thresholds=("peak_week",),
)


def _chairs(found: Answered) -> Finding:
    line = next(iter(found.lines), None)
    decided = None if line is None else line.cells["decided"].value
    if line is None or decided not in {"in_province", "beyond_province"}:
        return Finding(
            Text(
                "Chưa đủ số liệu để biết tổng số của tỉnh còn chỗ hay không",
                "The figures do not show whether the province's total has room",
            )
        )
    if decided == "beyond_province":
        return Finding(
            Text(
                "Tổng số của tỉnh đã đủ {total}: thêm nữa phải đề nghị cấp trên tỉnh",
                "The province's total of {total} is full: one more has to be asked for above the province",
            ),
            {"total": ("count", line.number("total"))},
        )
    return Finding(
        Text(
            "Có {known} trong tổng tối đa {total}: còn {room}, thuộc thẩm quyền trong tỉnh",
            "There are {known} of at most {total}: room for {room}, decided within the province",
        ),
        {
            "known": ("count", line.number("known")),
            "total": ("count", line.number("total")),
            "room": ("count", line.number("room")),
        },
    )


VICE_CHAIRS = Panel(
    name="so-pho-chu-tich",
    version=1,
    title=Text("Số lượng Phó Chủ tịch so với tổng của tỉnh", "Vice-chairs against the province's total"),
    description=Text(
        "Tổng tối đa là bình quân theo Điều 6 Nghị định số 300/2025/NĐ-CP nhân với số đơn vị, bỏ phần lẻ; UBND tỉnh quy định số lượng của từng"
        " đơn vị. Chỉ là số lượng, không nêu ai.",
        "The total is the average of Article 6 of Decree 300/2025 times the number of units, in whole persons; the provincial people's"
        " committee sets each unit's number. Numbers only, and nobody's name.",
    ),
    question=Text("Tổng số của tỉnh còn chỗ hay không?", "Has the province's total room?"),
    computed="vice_chairs",
    asks=("units", "from", "to"),
    picture="bars",
    unit=Text("người", "people"),
    key="scope",
    names="whole",
    columns=(
        count("commune_count", Text("Số đơn vị", "Units")),
        count("said_count", Text("Đơn vị có số liệu", "Units with figures")),
        count("known", Text("Đã có, theo số liệu", "There are, by the figures")),
        stated("total", Text("Tổng tối đa", "At most")),
        stated("room", Text("Còn bổ sung được", "Room left")),
        shown(
            "decided",
            Text("Thêm một người do đâu quyết định", "Where one more is decided"),
            "word",
            words={
                "in_province": Text("trong tỉnh", "within the province"),
                "beyond_province": Text("cấp trên tỉnh", "above the province"),
                "not_known": Text("chưa đủ số liệu", "the figures do not show it"),
            },
        ),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_chairs,
    is_reported=Above(("said_count",)),
    takes=WINDOW,
    levels=("province",),
)
