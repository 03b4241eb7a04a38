"""Requests and answers of a commune's JSON API: rows of the national synchronisation, reports, results by row."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from events.cases import ApplicantKind, Assisted, CloseKind, LinkedData, Pause
from events.fields import Channel
from services.intake.case_sync import RowResult
from services.web.shell.schemas import Answer


class CaseStep(BaseModel):
    """The columns of the national synchronisation with the state of a case, by their national names.

    Every column may be a text or a number. A column that is absent here is neither read nor stored; a column that
    cannot be read is named in the answer.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": True})

    TrangThai: Annotated[int, Field(ge=1, le=10, description="National status code.")]
    MaTTHC: Annotated[str | None, Field(description="Code of the procedure, such as 1.001193.")] = None
    LinhVuc: Annotated[str | None, Field(description="Key of the field, such as ho_tich.")] = None
    KenhThucHien: Annotated[
        int | None,
        Field(
            ge=1,
            le=3,
            description="1 at the counter, 2 online, 3 by post; left out, it stays as it is known.",
        ),
    ] = None
    LoaiDoiTuong: Annotated[
        int | None, Field(ge=0, le=2, description="0 citizen, 1 organisation, 2 household business.")
    ] = None
    NgayNop: Annotated[
        str | None,
        Field(
            description="Submitted: 2026-07-01, 2026-07-01T08:30:00+07:00 or 01/07/2026 08:30; so every day."
        ),
    ] = None
    NgayTiepNhan: Annotated[str | None, Field(description="Received.")] = None
    NgayHenTra: Annotated[str | None, Field(description="Due.")] = None
    NgayKetThucXuLy: Annotated[str | None, Field(description="Finished.")] = None
    NgayTraKetQua: Annotated[str | None, Field(description="Result handed over.")] = None
    NgayTrangThai: Annotated[str | None, Field(description="Since when the status holds.")] = None
    MaDonViTiepNhan: Annotated[str | None, Field(description="Commune that received it, five digits.")] = None
    MaDonViThamQuyen: Annotated[str | None, Field(description="Commune that is competent, five digits.")] = (
        None
    )
    MaDonViHoTro: Annotated[str | None, Field(description="Commune that helped, five digits.")] = None
    DuocThanhToanTrucTuyen: Annotated[
        int | None, Field(ge=0, le=2, description="1 or 2: fees were paid online; 0: they were not.")
    ] = None
    HoTroNopHoSo: Annotated[
        int | None,
        Field(
            ge=0, le=3, description="Helped to file: 0 no, 1 at the counter, 2 by another unit, 3 at home."
        ),
    ] = None
    NhomTuoi: Annotated[
        int | None, Field(ge=0, le=2, description="Band of age: 1 of 60 and more, 2 below, 0 not known.")
    ] = None
    NgayCapDinhDanh: Annotated[str | None, Field(description="Personal number issued, of a birth case.")] = (
        None
    )
    NgayGuiDinhDanh: Annotated[str | None, Field(description="Sent for the personal number.")] = None
    QuaHanNguon: Annotated[bool | None, Field(description="Whether the source calls it overdue.")] = None
    CoQuanDangCho: Annotated[str | None, Field(description="Body whose step it awaits: 38.cong_an.")] = None
    SaiLechDuLieu: Annotated[
        int | None,
        Field(
            ge=0,
            le=5,
            description="Data that do not agree: 1 VNeID, 2 population, 3 civil status, 4 land, 5 other; 0 agree again.",
        ),
    ] = None
    CoQuanDuLieu: Annotated[str | None, Field(description="Body whose data they are: 38.cong_an.")] = None
    NgaySaiLech: Annotated[str | None, Field(description="Since when they do not agree.")] = None
    NgayHetSaiLech: Annotated[str | None, Field(description="Since when they agree again.")] = None
    NhapLaiDuLieu: Annotated[
        int | None, Field(ge=1, le=5, description="Data typed in again though another system holds them.")
    ] = None
    TamDung: Annotated[
        str | None,
        Field(
            description="Every pause: supplement 2026-10-02/2026-10-12; fee 2026-10-15/. 0: there was none."
        ),
    ] = None
    LyDo: Annotated[str | None, Field(description="Key of a reason, such as wrong_date.")] = None
    NguyenNhanQuaHan: Annotated[
        str | None, Field(description="Why it ended late: a key of late_causes.csv, such as staff_shortage.")
    ] = None


class CaseRowSent(CaseStep):
    """One row of the national synchronisation; columns as for a step."""

    MaHoSo: Annotated[str, Field(min_length=1, max_length=100, description="Code of the dossier.")]


class CaseRowsSent(BaseModel):
    """Up to 10,000 rows; a bare list is accepted too."""

    rows: Annotated[list[CaseRowSent], Field(max_length=10_000)]


class SyncCounts(Answer):
    """Counts of rows by outcome."""

    created: int
    advanced: int
    unchanged: int
    rejected: int


class SyncAnswer(Answer):
    """The outcome of each row, in the order of the call."""

    counts: SyncCounts
    results: list[RowResult]


class CaseLine(Answer):
    """One case of a commune; the dossier code is shown to the commune only."""

    case_key: str
    dossier_code: str | None
    unit_code: str
    field_code: str
    channel: Channel
    submitted_on: dt.date
    received_on: dt.date | None
    refused_on: dt.date | None
    due_on: dt.date | None
    closed_on: dt.date | None
    close_kind: CloseKind | None
    returned_on: dt.date | None
    pauses: list[Pause]
    seq: int
    status_code: int
    received_unit_code: str
    helped_unit_code: str | None
    procedure_code: str | None
    applicant_kind: ApplicantKind
    due_at: dt.datetime | None
    calendar_version: str | None
    supplement_count: int
    pause_known: bool
    personal_id_issued_on: dt.date | None
    personal_id_sent_on: dt.date | None
    source_overdue: bool | None
    online_payment: bool | None
    assisted: Assisted | None
    waiting_for: str | None
    late_cause: str | None
    mismatch: LinkedData | None
    mismatch_body: str | None
    mismatch_from_on: dt.date | None
    mismatch_to_on: dt.date | None
    entered_twice: LinkedData | None


class CaseListAnswer(Answer):
    """One page of cases in the order of their due days; `next` is the cursor of the following page."""

    items: list[CaseLine]
    next: str | None


class IssueReceived(Answer):
    """The report is recorded durably; the address of the issue is in `Location`."""

    id: UUID
    state: Literal["received"]
    event_id: UUID
