"""Read a row in the shape of the national synchronisation, strictly, into the fields of this project."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, TypeVar

from events.cases import AgeBand, ApplicantKind, Assisted, LinkedData
from events.fields import COMMUNE_CODE, FIRST_DAY, LAST_DAY, PROCEDURE_CODE, SLUG, Channel
from reporting.cases.reasons import CASE_REASONS
from reporting.cases.source_row import AGREES, AS_KNOWN, CaseRow, Later, Moment
from reporting.cases.status import ALLOWED
from reporting.dated.calendar import LOCAL, local_day
from services.errors import BadInput
from services.intake.dossier_codes import damage_of, damage_of_number, folded_code
from services.intake.pauses_cell import FIELD as PAUSES
from services.intake.pauses_cell import read_pauses

Columns = Mapping[str, object]
"""A row as its sender wrote it: national name → value of any type."""

_Choice = TypeVar("_Choice")
_LOCAL_FORM = re.compile(
    r"^(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AaPp][Mm]|[Ss][Aa]|[Cc][Hh]))?)?$",
    re.ASCII,
)
_CHANNELS: dict[str, Channel] = {"1": "counter", "2": "online", "3": "post"}
_NOON, _NO_HOUR = 12, 24
_APPLICANTS: dict[str, ApplicantKind] = {"0": "citizen", "1": "organisation", "2": "household_business"}
_ASSISTED: dict[str, Assisted] = {"0": "nobody", "1": "counter", "2": "other_unit", "3": "home"}
_AGE_BANDS: dict[str, AgeBand] = {"0": "unknown", "1": "60_plus", "2": "under_60"}
_LINKED_DATA: dict[str, LinkedData] = {
    "1": "vneid",
    "2": "population",
    "3": "civil_status",
    "4": "land",
    "5": "other",
}
_MISMATCHES: dict[str, LinkedData | Literal["agrees"]] = {"0": AGREES, **_LINKED_DATA}
_PAID_ONLINE = {"1": True, "2": True, "0": False}
_TRUTH = {"true": True, "1": True, "có": True, "x": True, "false": False, "0": False, "không": False}
_OF_A_STATUS = ("NgayTrangThai", "NgayKetThucXuLy", "NgayTraKetQua")
"""Days of a status: metrics count them, so only a row that states the status may move them."""
TAKEN_BACK = "-"
"""In a column of a later step: an earlier row that stated it was wrong."""
LATER_COLUMNS: Mapping[str, Later | None] = {
    "NgayGuiDinhDanh": "personal_id_sent",
    "NgayCapDinhDanh": "personal_id_issued",
    "CoQuanDangCho": "waiting_for",
    "HoTroNopHoSo": "assisted",
    "NhomTuoi": None,
    "SaiLechDuLieu": "mismatch",
    "CoQuanDuLieu": None,
    "NgaySaiLech": None,
    "NgayHetSaiLech": None,
    "NhapLaiDuLieu": "entered_twice",
    "NguyenNhanQuaHan": "late_cause",
}
"""Column that a row without a status may have → what `-` in it takes back."""
_STATUS_CODES = {str(code): code for code in ALLOWED}


def read_row(row: Columns) -> CaseRow:
    """Read one row; columns that this product does not need are neither read nor stored.

    Raises:
        BadInput: a field is wrong; the error names the first one.
    """
    taken_back = _taken_back(row)
    if taken_back:
        row = {name: value for name, value in row.items() if LATER_COLUMNS.get(name) not in taken_back}
    return CaseRow(
        dossier_code=dossier_code_of(row),
        status_code=_status_of_an_update(row) if taken_back or _states_later(row) else _status(row),
        procedure_code=_key(row, "MaTTHC", PROCEDURE_CODE, "a procedure code such as 1.001193"),
        field_code=_key(row, "LinhVuc", SLUG, "the key of a field such as ho_tich"),
        channel=_chosen(row, "KenhThucHien", _CHANNELS),
        applicant_kind=_chosen(row, "LoaiDoiTuong", _APPLICANTS),
        submitted=_moment(row, "NgayNop"),
        received=_moment(row, "NgayTiepNhan"),
        due=_moment(row, "NgayHenTra"),
        finished=_moment(row, "NgayKetThucXuLy"),
        returned=_moment(row, "NgayTraKetQua"),
        status=_moment(row, "NgayTrangThai"),
        received_unit_code=_matching(row, "MaDonViTiepNhan", COMMUNE_CODE, "a commune's code of five digits"),
        unit_code=_matching(row, "MaDonViThamQuyen", COMMUNE_CODE, "a commune's code of five digits"),
        helped_unit_code=_matching(row, "MaDonViHoTro", COMMUNE_CODE, "a commune's code of five digits"),
        online_payment=_chosen(row, "DuocThanhToanTrucTuyen", _PAID_ONLINE),
        personal_id_issued=_moment(row, "NgayCapDinhDanh"),
        personal_id_sent=_moment(row, "NgayGuiDinhDanh"),
        source_overdue=_chosen(row, "QuaHanNguon", _TRUTH),
        reason_code=_reason(row),
        assisted=_chosen(row, "HoTroNopHoSo", _ASSISTED),
        age_band=_chosen(row, "NhomTuoi", _AGE_BANDS),
        waiting_for=_key(row, "CoQuanDangCho", SLUG, "the key of a body such as 38.cong_an"),
        late_cause=_key(row, "NguyenNhanQuaHan", SLUG, "the key of a cause such as staff_shortage"),
        mismatch=_chosen(row, "SaiLechDuLieu", _MISMATCHES),
        mismatch_body=_key(row, "CoQuanDuLieu", SLUG, "the key of a body such as 38.cong_an"),
        mismatch_from=_moment(row, "NgaySaiLech"),
        mismatch_to=_moment(row, "NgayHetSaiLech"),
        entered_twice=_chosen(row, "NhapLaiDuLieu", _LINKED_DATA),
        pauses=read_pauses(_text(row, PAUSES)) if row.get(PAUSES) is not None else None,
        taken_back=taken_back,
    )


def _taken_back(row: Columns) -> frozenset[Later]:
    """Return what a row takes back."""
    texts = ((LATER_COLUMNS[column], row[column]) for column in LATER_COLUMNS.keys() & row.keys())
    return frozenset(
        later
        for later, text in texts
        if later is not None and isinstance(text, str) and text.strip() == TAKEN_BACK
    )


def _states_later(row: Columns) -> bool:
    """Return whether a row has a value in a column that needs no status."""
    values = (row[column] for column in LATER_COLUMNS.keys() & row.keys())
    return any(value is not None and not (isinstance(value, str) and not value.strip()) for value in values)


def _reason(row: Columns) -> str | None:
    """Return the reason of a row; a key that is not listed is not repeated, because it could name a person."""
    key = _key(row, "LyDo", SLUG, "the key of a reason such as wrong_date")
    if key is not None and key not in CASE_REASONS:
        raise BadInput(f"LyDo is none of {', '.join(sorted(CASE_REASONS))}", field="LyDo")
    return key


def dossier_code_of(row: Columns) -> str:
    """Return the dossier code of a row, folded.

    Raises:
        BadInput: the code is missing, too long, damaged, or holds a character that no code has.
    """
    value = row.get("MaHoSo")
    code = folded_code(_text(row, "MaHoSo"))
    if not code:
        raise BadInput("MaHoSo is missing", field="MaHoSo")
    damage = damage_of(code)
    if damage is None and isinstance(value, int | float):
        damage = damage_of_number(value)
    if damage is not None:
        raise BadInput(f"MaHoSo {damage}", field="MaHoSo")
    return code


def _text(row: Columns, field: str) -> str:
    value = row.get(field)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        # Spreadsheets and JSON writers turn 2 into 2.0.
        return str(int(value))
    raise BadInput(f"{field} must be a text or a whole number, not {type(value).__name__}", field=field)


def _status(row: Columns) -> int:
    text = _text(row, "TrangThai")
    if not text:
        raise BadInput("TrangThai is missing", field="TrangThai")
    code = _STATUS_CODES.get(text.removeprefix("0"))
    if code is None:
        raise BadInput(f"TrangThai is {text[:20]!r}: the national codes are 1 to 10", field="TrangThai")
    return code


def _status_of_an_update(row: Columns) -> int:
    """Return the status of a row with a later step: it may leave it out, and then it stays."""
    if _text(row, "TrangThai"):
        return _status(row)
    for field in _OF_A_STATUS:
        if _moment(row, field) is not None:
            raise BadInput(
                f"{field} belongs to a status, and the row states none: add TrangThai, or leave {field} empty",
                field=field,
            )
    return AS_KNOWN


def _key(row: Columns, field: str, pattern: str, form: str) -> str | None:
    value = row.get(field)
    if value is not None and not isinstance(value, str):
        raise BadInput(f"{field} must be a text, not {type(value).__name__}", field=field)
    return _matching(row, field, pattern, form)


def _matching(row: Columns, field: str, pattern: str, form: str) -> str | None:
    if row.get(field) is None:  # as most columns of most rows
        return None
    text = _text(row, field)
    if not text:
        return None
    if not re.fullmatch(pattern, text):
        raise BadInput(f"{field} is {text[:40]!r}, not {form}", field=field)
    return text


def _chosen(row: Columns, field: str, choices: Mapping[str, _Choice]) -> _Choice | None:
    value = row.get(field)
    if value is None:
        return None
    if isinstance(value, bool) and value in choices.values():
        return choices[str(int(value))]
    text = _text(row, field).casefold()
    if not text:
        return None
    try:
        return choices[text]
    except KeyError:
        raise BadInput(
            f"{field} is {text[:20]!r}; it may be {', '.join(choices)} or empty", field=field
        ) from None


def _moment(row: Columns, field: str) -> Moment | None:
    value = row.get(field)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            return parse_moment(value)
        if isinstance(value, dt.datetime):
            return _at(value)
        if isinstance(value, dt.date):
            return _on(value)
    except ValueError as error:
        raise BadInput(f"{field} {error}", field=field) from None
    raise BadInput(f"{field} must be a date, not {type(value).__name__}", field=field)


@lru_cache(maxsize=16_384)
def parse_moment(text: str) -> Moment | None:
    """Read a day or an instant: ISO 8601, or dd/mm/yyyy with an optional time; without a zone it is local.

    Raises:
        ValueError: the text is neither, or lies outside 1990 to 2099.
    """
    text = text.strip()
    if not text:
        return None
    local = _LOCAL_FORM.match(text)
    try:
        if local:
            day, month, year, hour, minute, second = (int(part) if part else 0 for part in local.groups()[:6])
            if local[7]:
                half = hour_of_half(hour, local[7])
                hour = _NO_HOUR if half is None else half
            if local[4] is None:
                return _on(dt.date(year, month, day))
            return _at(dt.datetime(year, month, day, hour, minute, second, tzinfo=LOCAL))
        if "T" not in text and ":" not in text:
            return _on(dt.date.fromisoformat(text))
        return _at(dt.datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        if "1990" in str(error):
            raise
        raise ValueError(
            f"is {text[:40]!r}: write 2026-07-01, 2026-07-01T08:30 or 01/07/2026 08:30"
        ) from None


def hour_of_half(hour: int, half: str) -> int | None:
    """Return the hour of the day: AM and SA are before noon, PM and CH after it; None for an hour past twelve."""
    if not 1 <= hour <= _NOON:
        return None
    return hour % _NOON + (_NOON if half[0].upper() in "PC" else 0)


def _on(day: dt.date) -> Moment:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"({day}) lies outside 1990 to 2099")
    return Moment(day)


def _at(instant: dt.datetime) -> Moment:
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=LOCAL)
    day = local_day(aware)
    _on(day)
    return Moment(day, aware.astimezone(dt.UTC))
