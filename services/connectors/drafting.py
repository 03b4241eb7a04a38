"""Draft a mapping from the names of columns and the texts in them; what is not known is left to a person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from services.connectors.column_seen import MOST_SHOWN, ColumnSeen
from services.language.vietnamese import folded

KEY_NAMES = ("case:concept:name",)
FIELD_NAMES: dict[str, tuple[str, ...]] = {
    "MaHoSo": ("Mã hồ sơ", "Số hồ sơ", "Mã số hồ sơ", "MaHoSo", "Số biên nhận", "case:concept:name"),
    "MaTTHC": ("Mã TTHC", "Mã thủ tục", "Mã thủ tục hành chính", "MaTTHC"),
    "LinhVuc": ("Lĩnh vực", "LinhVuc", "Tên lĩnh vực"),
    "KenhThucHien": (
        "Hình thức",
        "Hình thức nộp",
        "Hình thức tiếp nhận",
        "Kênh",
        "Kênh thực hiện",
        "KenhThucHien",
    ),
    "NgayNop": ("Ngày nộp", "Ngày nộp hồ sơ", "NgayNop"),
    "NgayTiepNhan": ("Ngày tiếp nhận", "Ngày nhận", "Ngày nhận hồ sơ", "Tiếp nhận", "NgayTiepNhan"),
    "NgayHenTra": ("Ngày hẹn trả", "Hẹn trả", "Ngày hẹn trả kết quả", "Hạn trả", "NgayHenTra"),
    "NgayKetThucXuLy": ("Ngày kết thúc xử lý", "Kết thúc xử lý", "Ngày xử lý xong", "NgayKetThucXuLy"),
    "NgayTraKetQua": ("Ngày trả kết quả", "Ngày trả", "Trả kết quả", "NgayTraKetQua"),
    "TrangThai": ("Trạng thái", "Trạng thái hồ sơ", "Tình trạng", "Tình trạng hồ sơ", "TrangThai"),
    "QuaHanNguon": ("Quá hạn", "Trễ hạn"),
    "unit": ("Đơn vị", "Xã", "Xã, phường", "Cơ quan thực hiện", "Đơn vị tiếp nhận", "Tên đơn vị"),
    "activity": ("concept:name", "Công việc", "Hoạt động", "Bước xử lý"),
    "timestamp": ("time:timestamp", "Thời điểm", "Thời gian thực hiện"),
    "kind": ("Khó khăn, vướng mắc", "Loại khó khăn", "Khó khăn"),
    "severity": ("Mức độ",),
    "place": ("Địa điểm", "Nơi xảy ra"),
    "content": ("Nội dung",),
    "request": ("Đề nghị", "Kiến nghị", "Đề xuất"),
    "tried": ("Đã làm", "Đã thực hiện"),
    "people_affected": ("Số người", "Số người bị ảnh hưởng"),
    "cases_blocked": ("Số hồ sơ",),
    "occurred_at": ("Ngày phát sinh",),
    "amount_dong": ("Kinh phí",),
}
_STATUS_WORDS = {
    "moi dang ky": 1,
    "cho tiep nhan": 1,
    "duoc tiep nhan": 2,
    "da tiep nhan": 2,
    "moi tiep nhan": 2,
    "khong duoc tiep nhan": 3,
    "tu choi tiep nhan": 3,
    "dang xu ly": 4,
    "yeu cau bo sung giay to": 5,
    "yeu cau bo sung": 5,
    "cho bo sung": 5,
    "yeu cau thuc hien nghia vu tai chinh": 6,
    "cong dan yeu cau rut ho so": 7,
    "rut ho so": 7,
    "dung xu ly": 8,
    "da xu ly xong": 9,
    "da co ket qua": 9,
    "da tra ket qua": 10,
    "hoan thanh": 10,
    "tiep nhan": 2,
    "phan cong": 4,
    "tham dinh": 4,
    "da bo sung": 4,
    "xu ly xong": 9,
    "tra ket qua": 10,
}
_CHANNEL_WORDS = {
    "truc tiep": 1,
    "tai quay": 1,
    "truc tuyen": 2,
    "qua mang": 2,
    "buu chinh cong ich": 3,
    "buu chinh": 3,
    "buu dien": 3,
}
_SEVERITY_WORDS = {
    "thap": "low",
    "trung binh": "medium",
    "vua": "medium",
    "cao": "high",
    "nghiem trong": "urgent",
}
_WORDS: dict[str, Mapping[str, int | str]] = {
    "TrangThai": _STATUS_WORDS,
    "KenhThucHien": _CHANNEL_WORDS,
    "severity": _SEVERITY_WORDS,
}
_BY_ACTIVITY = "activity"
_OF_ISSUES = ("kind", "severity")
_IN_ISSUES = frozenset(
    {"unit", "kind", "severity", "place", "content", "request", "tried", "people_affected", "cases_blocked"}
    | {"occurred_at", "amount_dong"}
)
_LOOKED_UP = ("LinhVuc", "TrangThai", "KenhThucHien", "severity", "kind")
_FIELDS = {folded(name): field for field, names in FIELD_NAMES.items() for name in (field, *names)}


def field_of(name: str) -> str | None:
    """Return the field that a column of this name most likely is; None for an unknown name."""
    return _FIELDS.get(folded(name))


def drafted(
    kind: str | None,
    columns: Sequence[ColumnSeen],
    *,
    sheet: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> str:
    """Draft a mapping as TOML; a value that is not known stands in a comment, with its count.

    Args:
        kind: the kind of file; None to guess it from the columns.
        sheet: the sheet to read, where the workbook has several.
        labels: folded labels of fields of work and kinds of difficulties, each with its key.
    """
    named: dict[str, list[ColumnSeen]] = {}
    for column in columns:
        if column.field is not None:
            named.setdefault(column.field, []).append(column)
    kind = _kind_of(kind, named)
    fields = [one for one in named if (one in _IN_ISSUES) == (kind == "issues") or one == "unit"]
    said = ["# Drafted from the file: correct it and save it.", f"kind = {_quoted(kind)}", "", "[columns]"]
    for field in fields:
        first, *others = named[field]
        said.append(f"{field} = {_quoted(first.name)}")
        said.extend(f"# {field} = {_quoted(one.name)}" for one in others)
    said.extend(f"# ? = {_quoted(one.name)}" for one in columns if one.field not in fields)
    if "MaHoSo" not in named and kind != "issues":
        said.append("# MaHoSo = ? (needed)")
    if sheet is not None:
        said += ["", "[file]", f"sheet = {_quoted(sheet)}"]
    said += _dates([one for field in fields for one in named[field]])
    for field in fields:
        if field in _LOOKED_UP and len(named[field][0].values) <= MOST_SHOWN:
            said += ["", f"[values.{field}]", *_values(field, named[field][0], labels or {})]
    return "\n".join([*said, *_status(kind, named)]) + "\n"


def _kind_of(kind: str | None, named: Mapping[str, Sequence[ColumnSeen]]) -> str:
    if kind is None and all(field in named for field in _OF_ISSUES):
        return "issues"
    if kind in {None, "cases"} and "activity" in named and "timestamp" in named:
        return "events"
    return kind or "cases"


def _dates(columns: Sequence[ColumnSeen]) -> list[str]:
    forms = dict.fromkeys(form for one in columns for form in one.forms if not form.startswith("yyyy"))
    return ["", "[dates]", f"forms = [{', '.join(map(_quoted, forms))}]"] if forms else []


def _status(kind: str, named: Mapping[str, Sequence[ColumnSeen]]) -> list[str]:
    said = []
    if kind == "events" or ("TrangThai" not in named and kind == "cases"):
        said += ["", "[status]", "otherwise = 2"]
    if kind == "events" and _BY_ACTIVITY in named:
        said += ["", "[status.by_activity]", *_values("TrangThai", named[_BY_ACTIVITY][0], {})]
    return said


def _values(field: str, column: ColumnSeen, labels: Mapping[str, str]) -> list[str]:
    words: Mapping[str, int | str] = _WORDS.get(field, labels)
    said = []
    for text, count in column.values.most_common(MOST_SHOWN):
        meaning = words.get(folded(text))
        if meaning is None:
            said.append(f"# {_quoted(text)} = ? ({count:,} rows)")
        else:
            said.append(f"{_quoted(text)} = {_quoted(meaning) if isinstance(meaning, str) else meaning}")
    return said


def _quoted(text: str) -> str:
    """Return a text as a string of TOML on one line, whatever it holds."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
