"""The mapping file: which column of a foreign table is which of our fields, and the meaning of its texts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from events.cases import StatusCode
from services.connectors.cell_rules import CellRule, StatusRule
from services.connectors.errors import UnusableMapping
from services.connectors.values import pattern_of
from services.language.vietnamese import folded

Kind = Literal["cases", "snapshot", "events", "issues", "promises"]
Scalar = str | int | bool

DAY_FIELDS = (
    *("NgayNop", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTraKetQua", "NgayTrangThai"),
    *("NgayCapDinhDanh", "NgayGuiDinhDanh", "NgaySaiLech", "NgayHetSaiLech"),
)
NUMBER_FIELDS = (
    *("TrangThai", "KenhThucHien", "LoaiDoiTuong", "DuocThanhToanTrucTuyen"),
    *("HoTroNopHoSo", "NhomTuoi", "SaiLechDuLieu", "NhapLaiDuLieu"),
)
TRUTH_FIELDS = ("QuaHanNguon",)
UNIT_FIELDS = ("MaDonViTiepNhan", "MaDonViThamQuyen", "MaDonViHoTro")
TEXT_FIELDS = (
    *("CoQuanDangCho", "CoQuanDuLieu", "MaHoSo", "MaTTHC", "LinhVuc", "LyDo", "NguyenNhanQuaHan", "TamDung"),
)
CASE_FIELDS = frozenset({*DAY_FIELDS, *NUMBER_FIELDS, *TRUTH_FIELDS, *UNIT_FIELDS, *TEXT_FIELDS})
OUTCOME = "outcome"
"""A second column on which a status may rest, or by which rows are left out; it is no field of a case."""
LIFECYCLE = "lifecycle"
LIFECYCLE_COLUMN = "lifecycle:transition"
"""The column that holds the transition of an event in XES."""
EVENT_FIELDS = CASE_FIELDS | {"activity", "timestamp", LIFECYCLE}
ISSUE_FIELDS = frozenset(
    {
        "id",
        "kind",
        "severity",
        "place",
        "content",
        "request",
        "tried",
        "people_affected",
        "cases_blocked",
        "cases_overdue",
        "occurred_at",
    }
    | {"amount_dong", "place_type", "tried_step"}
)
PROMISE_FIELDS = frozenset({"village", "village_code", "gap", "household_count", "promiser", "promised_on"})
UNIT = "unit"
FIELDS: dict[Kind, frozenset[str]] = {
    "cases": CASE_FIELDS | {UNIT, OUTCOME},
    "snapshot": CASE_FIELDS | {UNIT, OUTCOME},
    "events": EVENT_FIELDS | {UNIT, OUTCOME},
    "issues": ISSUE_FIELDS | {UNIT},
    "promises": PROMISE_FIELDS | {UNIT},
}
KEY_FIELD: dict[Kind, str] = {
    "cases": "MaHoSo",
    "snapshot": "MaHoSo",
    "events": "MaHoSo",
    "issues": "kind",
    "promises": "village",
}
PAUSES = frozenset({5, 6})
"""The statuses in which the clock of a case stands still."""
RESUMES = frozenset({2, 4, 9, 10})
_COMMAND: dict[Kind, str] = {
    "cases": "cases",
    "snapshot": "cases",
    "events": "cases",
    "issues": "issues",
    "promises": "promises",
}


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileRules(_Table):
    """Rules for opening the file; a missing rule is detected from the content."""

    sheet: str | Annotated[int, Field(ge=1)] | None = None
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    search_lines: Annotated[int, Field(ge=1, le=500)] = 40
    """Number of lines in which the header is searched."""


class DateRules(_Table):
    """The forms of days and instants; ISO 8601 is always read."""

    forms: tuple[str, ...] = ("dd/mm/yyyy hh:mm:ss", "dd/mm/yyyy hh:mm", "dd/mm/yyyy")
    zone: str = "Asia/Ho_Chi_Minh"
    excel_serial: bool = True

    @field_validator("forms")
    @classmethod
    def _can_be_read(cls, forms: tuple[str, ...]) -> tuple[str, ...]:
        for form in forms:
            pattern_of(form)
        return forms

    @field_validator("zone")
    @classmethod
    def _exists(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"there is no time zone “{zone}”")
        ZoneInfo(zone)
        return zone


class RowRules(_Table):
    """The lines of the table that are no rows."""

    total_words: tuple[str, ...] = ("Tổng cộng", "Tổng số", "Tổng", "Cộng")
    end_words: tuple[str, ...] = (
        "Người lập",
        "Thủ trưởng",
        "Nơi nhận",
        "Ghi chú",
        "Ngày tháng năm",
        "Xác nhận",
        "TM. ỦY BAN NHÂN DÂN",
    )
    fill_down: tuple[str, ...] = ()
    """Fields whose cells are merged over several rows: an empty cell takes the value above it."""
    optional: tuple[str, ...] = ()
    """Fields whose column may be missing from the file."""
    leave_out: tuple[CellRule, ...] = ()
    """Rows that are no case of this unit, such as trials; they are counted."""


class StatusRules(_Table):
    """The status of a case where the table has no column for it; the most advanced rule that fits counts."""

    by_field: dict[str, StatusCode] = {}
    by_activity: dict[str, StatusCode] = {}
    otherwise: StatusCode | None = None
    when: tuple[StatusRule, ...] = ()
    """Statuses that rest on several columns; the first that fits goes before every other rule."""


class EventRules(_Table):
    """The rules of an event log."""

    lifecycle: tuple[str, ...] = ("complete",)
    """The transitions of an activity that count, where the log names one; an empty list takes all."""

    @field_validator("lifecycle")
    @classmethod
    def _fold(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(folded(name) for name in names)


class SnapshotRules(_Table):
    """Where a snapshot names its day, each as a date form such as `yyyy-mm-dd`."""

    name: str | None = None
    """In the name of the file."""
    title: str | None = None
    """In a cell above the rows."""

    @field_validator("name", "title")
    @classmethod
    def _can_be_read(cls, form: str | None) -> str | None:
        if form is not None:
            pattern_of(form)
        return form


class Mapping(_Table):
    """One mapping file."""

    kind: Kind
    key_prefix: str = ""
    """Stands before each dossier code of a list with local numbers; `{unit}` is the code of the row's commune."""
    columns: dict[str, tuple[str, ...]]
    constants: dict[str, Scalar] = {}
    values: dict[str, dict[str, Scalar]] = {}
    file: FileRules = FileRules()
    dates: DateRules = DateRules()
    rows: RowRules = RowRules()
    status: StatusRules = StatusRules()
    events: EventRules = EventRules()
    snapshot: SnapshotRules = SnapshotRules()

    @property
    def shows_pauses(self) -> bool:
        """Return whether the source shows every pause: an event log does whose activities begin and end pauses."""
        rules = self.status
        codes = {*rules.by_activity.values(), *(rule.status for rule in rules.when)}
        return self.kind == "events" and bool(codes & PAUSES) and bool(codes & RESUMES)

    @property
    def has_status(self) -> bool:
        """Return whether a column or a rule of the mapping gives a case its status."""
        rules, has_column = self.status, "TrangThai" in self.columns
        has_rule = rules.by_field or rules.by_activity or rules.when
        return bool(has_column or has_rule or rules.otherwise is not None)

    @model_validator(mode="before")
    @classmethod
    def _derived(cls, table: object) -> object:
        """Refuse what follows from the rest, and look for the transitions that every XES log may name."""
        if not isinstance(table, dict):
            return table
        if "pauses_known" in table:
            raise ValueError(
                "pauses_known: is derived: leave it out; an event log whose activities begin and end pauses shows them"
            )
        columns, rows = table.get("columns"), table.get("rows") or {}
        if table.get("kind") != "events" or not isinstance(columns, dict) or LIFECYCLE in columns:
            return table
        optional = (*rows.get("optional", ()), LIFECYCLE)
        return {
            **table,
            "columns": {**columns, LIFECYCLE: LIFECYCLE_COLUMN},
            "rows": {**rows, "optional": optional},
        }

    @field_validator("columns", mode="before")
    @classmethod
    def _one_or_many(cls, columns: object) -> object:
        if isinstance(columns, dict):
            return {field: (names,) if isinstance(names, str) else names for field, names in columns.items()}
        return columns

    @field_validator("values")
    @classmethod
    def _fold(cls, values: dict[str, dict[str, Scalar]]) -> dict[str, dict[str, Scalar]]:
        return {
            field: {text if text == "*" else folded(text): value for text, value in table.items()}
            for field, table in values.items()
        }

    @model_validator(mode="after")
    def _names_our_fields(self) -> Self:
        known = FIELDS[self.kind]
        named: dict[str, Iterable[str]] = {
            "columns": self.columns,
            "constants": self.constants,
            "values": self.values,
            "rows.optional": self.rows.optional,
            "rows.fill_down": self.rows.fill_down,
            "status.by_field": self.status.by_field,
            "status.when": [name for rule in self.status.when for name in rule.cells],
            "rows.leave_out": [name for rule in self.rows.leave_out for name in rule.cells],
        }
        for place, fields in named.items():
            for field in fields:
                if field not in known:
                    raise ValueError(f"{place}.{field}: no such field; there are {', '.join(sorted(known))}")
        if self.key_prefix and KEY_FIELD[self.kind] != "MaHoSo":
            raise ValueError(f"key_prefix: a file of {self.kind} has no dossier codes")
        if set("{}") & set(self.key_prefix.replace("{unit}", "")):
            raise ValueError("key_prefix: {unit} is all that may stand in braces")
        both = set(self.columns) & set(self.constants)
        if both:
            raise ValueError(f"constants.{min(both)}: the field has a column already")
        for field in [KEY_FIELD[self.kind], *(["activity", "timestamp"] if self.kind == "events" else [])]:
            if field not in self.columns:
                raise ValueError(f"columns.{field}: is needed for kind = “{self.kind}”")
        return self


def mapping_for(path: Path, command: str) -> Mapping:
    """Read a mapping file for a command of `liencap import`, which takes only its own kinds.

    Raises:
        UnusableMapping: as for `load_mapping`, or the kind belongs to another command.
    """
    mapping = load_mapping(path)
    belongs_to = _COMMAND[mapping.kind]
    if belongs_to != command:
        raise UnusableMapping(
            f"{path.name}: kind = “{mapping.kind}” belongs to `import {belongs_to}`", field="kind"
        )
    return mapping


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file.

    Raises:
        UnusableMapping: one sentence that names the file and the key.
    """
    try:
        return Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise UnusableMapping(f"{path.name}: cannot be opened ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnusableMapping(f"{path.name}: not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or None
        sentence = first["msg"].removeprefix("Value error, ")
        place = f"{key}: " if key else ""
        raise UnusableMapping(f"{path.name}: {place}{sentence}", field=key) from error
