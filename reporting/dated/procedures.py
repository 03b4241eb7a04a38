"""Administrative procedures of a commune, each with its field and its days."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from events.fields import PROCEDURE_CODE, SLUG, DaysKind
from reporting.dated.csv_rows import Row, Validity, check_apart, rows
from reporting.errors import UnknownProcedure

LEVELS = frozenset({"xa", "cong_an_xa", "cong_an", "ban_chqs_xa", "tinh_nhan_tai_xa"})
"""Who decides: the commune, its police, the police, its military board, or the province (receipt here)."""

ONLINE_LEVELS = frozenset({"toan_trinh", "mot_phan", "thong_tin"})
"""Online in full, in part, or information only (NĐ 42/2022/NĐ-CP; known second-hand)."""

# The national code, then a provincial agency in its old or new form, then a number of the service.
_NATIONAL = len("1.001193")
"""So long is a code without the suffix of a province."""
_FIELD_COLUMNS = ("field_code", "label_vi", "label_en", "sensitive")
_COLUMNS = (
    *("code", "name_vi", "name_en", "field_code", "level", "working_days", "days_kind", "same_day_cutoff"),
    *("online_level", "source", "confidence", "valid_from", "valid_to", "review_on", "note"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of work (lĩnh vực).

    Attributes:
        sensitive: its counts may point at few, recognisable people; small counts are suppressed.
    """

    code: str
    label_vi: str
    label_en: str
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure between two days.

    Attributes:
        code: national code, without a provincial suffix.
        working_days: days until the answer is due, in the unit of `days_kind`; 0 is the same day.
        same_day_cutoff: local time after which receipt counts for the next working day; None where there is none.
        confidence: of the row as a whole: high, medium or low.
        valid_to: first day on which the row no longer holds; None while it does.
        review_on: day from which the row must have been reviewed, because the law under it changes.
    """

    code: str
    name_vi: str
    name_en: str
    field_code: str
    level: str
    working_days: int
    days_kind: DaysKind
    same_day_cutoff: dt.time | None
    online_level: str
    source: str
    confidence: str
    valid_from: dt.date
    valid_to: dt.date | None
    review_on: dt.date | None
    note: str | None


class ProcedureTable:
    """All procedures and fields; built by `parse_procedures`."""

    def __init__(self, procedures: Iterable[Procedure], fields: Iterable[Field]) -> None:
        self._fields = {field.code: field for field in fields}
        self._dated: dict[str, list[Procedure]] = defaultdict(list)
        for procedure in procedures:
            self._dated[procedure.code].append(procedure)

    def get(self, code: str, on: dt.date) -> Procedure:
        """Return the procedure of a code, with or without a provincial suffix, as it was on a local day.

        Raises:
            UnknownProcedure: the code has another form, or no row of it holds on that day.
        """
        if not re.fullmatch(PROCEDURE_CODE, code):
            raise UnknownProcedure(f"{code!r} has not the form of a procedure code, such as 1.001193")
        national = code[:_NATIONAL]
        for procedure in self._dated.get(national, ()):
            if Validity(procedure.valid_from, procedure.valid_to).holds_on(on):
                return procedure
        raise UnknownProcedure(f"no procedure has the code {national} on {on.isoformat()}")

    def all(self, on: dt.date) -> tuple[Procedure, ...]:
        """Return the procedures that hold on a local day, in the order of the table."""
        dated = (procedure for procedures in self._dated.values() for procedure in procedures)
        return tuple(found for found in dated if Validity(found.valid_from, found.valid_to).holds_on(on))

    def fields(self, language: Literal["vi", "en"] = "vi") -> dict[str, str]:
        """Return field code → label, in the order of the table."""
        return {
            code: field.label_vi if language == "vi" else field.label_en
            for code, field in self._fields.items()
        }

    def knows_field(self, field_code: str) -> bool:
        """Return whether a field is listed."""
        return field_code in self._fields

    def is_sensitive(self, field_code: str) -> bool:
        """Return whether small counts of this field must not be shown; true for an unlisted field."""
        field = self._fields.get(field_code)
        return field is None or field.sensitive

    def to_review(self, on: dt.date) -> tuple[Procedure, ...]:
        """Return the procedures of that day whose day of review has come."""
        return tuple(found for found in self.all(on) if found.review_on is not None and found.review_on <= on)


def parse_procedures(procedures_csv: str, fields_csv: str = "") -> ProcedureTable:
    """Read the procedures and the labels of their fields.

    Args:
        procedures_csv: the procedures.
        fields_csv: the fields; where it is empty, each field is labelled by its code and taken as sensitive.

    Raises:
        TableError: names file, line and column.
    """
    fields: dict[str, Field] = {}
    for row in rows("fields.csv", fields_csv, _FIELD_COLUMNS) if fields_csv else ():
        field = _field(row)
        if field.code in fields:
            row.refuse("field_code", f"{field.code} stands twice in the table")
        fields[field.code] = field
    dated = []
    for row in rows("procedures.csv", procedures_csv, _COLUMNS):
        procedure = _procedure(row, fields if fields_csv else None)
        fields.setdefault(
            procedure.field_code,
            Field(procedure.field_code, procedure.field_code, procedure.field_code, sensitive=True),
        )
        dated.append((procedure, row))
    check_apart((procedure.code, row.validity(), row) for procedure, row in dated)
    return ProcedureTable((procedure for procedure, _ in dated), fields.values())


def _field(row: Row) -> Field:
    code = row.text("field_code")
    if not re.fullmatch(SLUG, code):
        row.refuse("field_code", f"{code!r} is no key of lower-case letters, digits and underscores")
    return Field(code, row.text("label_vi"), row.text("label_en"), row.flag("sensitive"))


def _procedure(row: Row, fields: Mapping[str, Field] | None) -> Procedure:
    code = row.text("code")
    if not re.fullmatch(PROCEDURE_CODE, code) or len(code) != _NATIONAL:
        row.refuse("code", f"{code!r} is no national procedure code, such as 1.001193")
    field_code = row.text("field_code")
    if fields is not None and field_code not in fields:
        row.refuse("field_code", f"{field_code!r} is no field of fields.csv")
    days = row.whole("working_days", 0, 400)
    cutoff = row.optional_time("same_day_cutoff")
    if cutoff is not None and days:
        row.refuse("same_day_cutoff", "stands only where the answer is due on the same day")
    validity = row.validity()
    return Procedure(
        code=code,
        name_vi=row.text("name_vi"),
        name_en=row.text("name_en"),
        field_code=field_code,
        level=row.choice("level", LEVELS),
        working_days=days,
        days_kind=cast("DaysKind", row.choice("days_kind", ("working", "calendar"))),
        same_day_cutoff=cutoff,
        online_level=row.choice("online_level", ONLINE_LEVELS),
        source=row.text("source"),
        confidence=row.confidence(),
        valid_from=validity.valid_from,
        valid_to=validity.valid_to,
        review_on=row.optional_day("review_on"),
        note=row.optional("note"),
    )
