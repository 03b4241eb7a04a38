"""Panels of single cases that wait because data do not agree: by whose data they are, by commune, by data; what was typed twice."""

from __future__ import annotations

from dataclasses import replace

from dashboards.columns import count, shown
from dashboards.definitions.cases import CASES, COVERAGE_OF_CASES
from dashboards.drills import Drill, to_board
from dashboards.lines import Answered, Finding
from dashboards.panel import Panel
from dashboards.vocabulary import Text

DATA = {
    "vneid": Text("VNeID", "VNeID"),
    "population": Text("Dân cư", "Population"),
    "civil_status": Text("Hộ tịch", "Civil status"),
    "land": Text("Đất đai", "Land"),
    "other": Text("Dữ liệu khác", "Other data"),
}
_LIST_OF_OWNER = "/bang/lien-thong/ho-so?unit={unit}&co_quan={key}"
_NONE = Text(
    "Chưa hồ sơ nào được ghi là chờ vì dữ liệu không khớp", "No case is noted as waiting for data to agree"
)
_WHAT_COUNTS = Text(
    "Từng hồ sơ mà xã hoặc hệ thống nguồn ghi dữ liệu không khớp, theo trạng thái hiện nay; số ngày tính từ ngày ghi. Sai lệch không làm"
    " dừng thời hạn. Hồ sơ không ghi thì không suy đoán.",
    "Single cases of which the commune or its source notes that data do not agree, as they stand now; days count from the day noted. A"
    " mismatch stops no deadline. Of others nothing is assumed.",
)


def _waiting(found: Answered) -> Finding:
    most = found.most("on_count")
    if most is None or not most.number("on_count"):
        return Finding(_NONE)
    return Finding(
        Text(
            "{all} hồ sơ đang chờ; nhiều nhất {name}: {count}, lâu nhất {days} ngày",
            "{all} cases wait; most at {name}: {count}, the longest for {days} days",
        ),
        {
            "all": ("count", found.whole.number("on_count")),
            "name": ("body", most.key),
            "count": ("count", most.number("on_count")),
            "days": ("count", most.number("longest_days")),
        },
        {"name": found.level_with(most, "on_count")},
    )


MISMATCH_BY_OWNER = Panel(
    name="ho-so-sai-lech-co-quan",
    version=1,
    title=Text(
        "Hồ sơ chờ dữ liệu khớp, theo cơ quan giữ dữ liệu", "Cases that wait for data, by whose data they are"
    ),
    description=_WHAT_COUNTS,
    question=Text("Hồ sơ đang chờ dữ liệu của cơ quan nào?", "Whose data do single cases wait for?"),
    query="mismatch_by_owner",
    asks=("units", "at"),
    picture="bars",
    unit=CASES,
    key="owner",
    names="body",
    rows={"": Text("Chưa ghi cơ quan", "Nobody noted")},
    columns=(
        count("on_count", Text("Hồ sơ đang chờ", "Cases waiting")),
        count("over_count", Text("Đã khớp lại", "Agree again"), better="more"),
        replace(count("unit_count", Text("Xã có hồ sơ chờ", "Communes with such cases")), has_sum=False),
        shown("longest_days", Text("Chờ lâu nhất (ngày)", "Waits longest (days)"), "days"),
        shown("median_days", Text("Trung vị đã chờ (ngày)", "Median wait (days)"), "days"),
    ),
    watermark="figures_as_of",
    coverage=COVERAGE_OF_CASES,
    finding=_waiting,
    orders="on_count",
    levels=("commune", "province"),
    drill=(
        *to_board(_LIST_OF_OWNER, ("commune", "office")),
        # A body gets the list of cases that wait for its own data, and no other's.
        Drill("department", _LIST_OF_OWNER, any_unit=True, of_body="key"),
    ),
)


def _units(found: Answered) -> Finding:
    most = found.most("on_count")
    if most is None or not most.number("on_count"):
        return Finding(_NONE)
    return Finding(
        Text("{unit} có nhiều hồ sơ chờ nhất: {count}", "{unit} has most such cases: {count}"),
        {"unit": ("unit", most.key), "count": ("count", most.number("on_count"))},
        {"unit": found.level_with(most, "on_count")},
    )


MISMATCH_BY_UNIT = replace(
    MISMATCH_BY_OWNER,
    name="ho-so-sai-lech-xa",
    title=Text("Hồ sơ chờ dữ liệu khớp, theo xã, phường", "Cases that wait for data, by commune"),
    question=Text(
        "Xã nào có nhiều hồ sơ chờ dữ liệu khớp?", "Which communes have most cases that wait for data?"
    ),
    query="mismatch_by_unit",
    key="unit_code",
    names="unit",
    rows={},
    columns=tuple(one for one in MISMATCH_BY_OWNER.columns if one.name != "unit_count"),
    finding=_units,
    levels=("province",),
    drill=to_board("/bang/lien-thong/ho-so?unit={key}", ("office", "department")),
)


def _data(found: Answered) -> Finding:
    most = found.most("on_count")
    if most is None or not most.number("on_count"):
        return Finding(_NONE)
    return Finding(
        Text(
            "Dữ liệu không khớp nhiều nhất: {count} hồ sơ, chờ lâu nhất {days} ngày",
            "The data that disagree most: {count} cases, for up to {days} days",
        ),
        {"count": ("count", most.number("on_count")), "days": ("count", most.number("longest_days"))},
    )


MISMATCH_BY_DATA = replace(
    MISMATCH_BY_OWNER,
    name="ho-so-sai-lech-du-lieu",
    title=Text("Hồ sơ chờ dữ liệu khớp, theo loại dữ liệu", "Cases that wait for data, by which data"),
    question=Text("Hồ sơ chờ vì dữ liệu nào không khớp?", "Which data do single cases wait for?"),
    query="mismatch_by_data",
    key="data",
    names="said",
    rows=DATA,
    heading=Text("Dữ liệu", "Data"),
    finding=_data,
    drill=(),
)


def _twice(found: Answered) -> Finding:
    all_of_them = found.whole.number("twice_count")
    if not all_of_them:
        return Finding(Text("Chưa hồ sơ nào được ghi là phải nhập lại", "No case is noted as typed in again"))
    return Finding(
        Text("{count} hồ sơ phải nhập lại dữ liệu đã có", "{count} cases had data typed in again"),
        {"count": ("count", all_of_them)},
    )


ENTERED_TWICE = replace(
    MISMATCH_BY_DATA,
    name="nhap-lai",
    title=Text(
        "Hồ sơ phải nhập lại dữ liệu đã có, theo loại dữ liệu", "Cases with data typed in again, by the data"
    ),
    description=Text(
        "Hồ sơ mà xã ghi là cán bộ phải nhập lại dữ liệu hệ thống khác đã có. Hồ sơ không ghi thì không suy đoán.",
        "Cases of which the commune notes that officers typed in data that another system holds. Of others nothing is assumed.",
    ),
    question=Text("Dữ liệu nào phải nhập hai lần?", "Which data are entered twice?"),
    query="mismatch_twice",
    columns=(
        count("twice_count", Text("Hồ sơ phải nhập lại", "Cases typed in again")),
        replace(count("unit_count", Text("Xã phải nhập lại", "Communes that typed again")), has_sum=False),
    ),
    finding=_twice,
    orders="twice_count",
)
