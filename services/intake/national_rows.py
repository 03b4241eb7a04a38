"""Read a row in the shape of the national synchronisation, strictly, into the fields of this project."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from events.cases import AgeBand, ApplicantKind, Assisted
from events.fields import COMMUNE_CODE, FIRST_DAY, LAST_DAY, PROCEDURE_CODE, SLUG, Channel
from reporting.cases.source_row import AS_KNOWN, CaseRow, Moment
from reporting.cases.status import ALLOWED
from reporting.dated.calendar import LOCAL, local_day
from services.errors import BadInput
from services.intake.pauses_cell import FIELD as PAUSES
from services.intake.pauses_cell import read_pauses

Columns = Mapping[str, object]
"""A row as its sender wrote it: national name → value of any type."""

_Choice = TypeVar("_Choice")
_LOCAL_FORM = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$")
_CHANNELS: dict[str, Channel] = {"1": "counter", "2": "online", "3": "post"}
_APPLICANTS: dict[str, ApplicantKind] = {"0": "citizen", "1": "organisation", "2": "household_business"}
_ASSISTED: dict[str, Assisted] = {"0": "nobody", "1": "counter", "2": "other_unit", "3": "home"}
_AGE_BANDS: dict[str, AgeBand] = {"0": "unknown", "1": "60_plus", "2": "under_60"}
_PAID_ONLINE = {"1": True, "2": True, "0": False}
_TRUTH = {"true": True, "1": True, "có": True, "x": True, "false": False, "0": False, "không": False}
_LONGEST_CODE = 100
_OF_A_STATUS = ("NgayTrangThai", "NgayKetThucXuLy", "NgayTraKetQua")
"""Days of a status: metrics count them, so only a row that states the status may move them."""
_STATUS_CODES = {str(code): code for code in ALLOWED}


def read_row(row: Columns) -> CaseRow:
    """Read one row; columns that this product does not need are neither read nor stored.

    Raises:
        BadInput: a field is wrong; the error names the first one.
    """
    issued, sent = _moment(row, "NgayCapDinhDanh"), _moment(row, "NgayGuiDinhDanh")
    waiting = _key(row, "CoQuanDangCho", SLUG, "the key of a body such as 38.cong_an")
    newborn = any(value is not None for value in (issued, sent, waiting))
    return CaseRow(
        dossier_code=dossier_code_of(row),
        status_code=_status_of_an_update(row) if newborn else _status(row),
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
        personal_id_issued=issued,
        personal_id_sent=sent,
        source_overdue=_chosen(row, "QuaHanNguon", _TRUTH),
        reason_code=_key(row, "LyDo", SLUG, "the key of a reason such as wrong_date"),
        assisted=_chosen(row, "HoTroNopHoSo", _ASSISTED),
        age_band=_chosen(row, "NhomTuoi", _AGE_BANDS),
        waiting_for=waiting,
        pauses=read_pauses(_text(row, PAUSES)) if row.get(PAUSES) is not None else None,
    )


def dossier_code_of(row: Columns) -> str:
    """Return the dossier code of a row.

    Raises:
        BadInput: the code is missing, too long, or holds a character that no code has.
    """
    code = _text(row, "MaHoSo")
    if not code:
        raise BadInput("MaHoSo is missing", field="MaHoSo")
    if len(code) > _LONGEST_CODE or not code.isprintable():
        raise BadInput(f"MaHoSo is no dossier code: up to {_LONGEST_CODE} visible signs", field="MaHoSo")
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
    """Return the status of a row with a later step of a birth case: it may leave it out, and then it stays."""
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
            day, month, year, hour, minute, second = (int(part) if part else 0 for part in local.groups())
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


def _on(day: dt.date) -> Moment:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"({day}) lies outside 1990 to 2099")
    return Moment(day)


def _at(instant: dt.datetime) -> Moment:
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=LOCAL)
    day = local_day(aware)
    _on(day)
    return Moment(day, aware.astimezone(dt.UTC))
