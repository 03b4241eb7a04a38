"""Refuse a key in a row of cases that no dated table has: it could be a person's name, and an event is for good."""

from __future__ import annotations

import datetime as dt

from reporting.cases.source_row import CaseRow
from reporting.dated.bodies import BodyTable
from reporting.dated.late_causes import LateCauses
from reporting.dated.procedures import ProcedureTable
from services.errors import BadInput


def check_keys(
    row: CaseRow, bodies: BodyTable, late_causes: LateCauses, procedures: ProcedureTable, day: dt.date
) -> None:
    """Check the keys of bodies, causes and fields on the day of the receipt.

    Raises:
        BadInput: a table has no such key; names the column.
    """
    for column, body in (("CoQuanDangCho", row.waiting_for), ("CoQuanDuLieu", row.mismatch_body)):
        if body is not None and not bodies.knows(body):
            raise BadInput(f"{column} is the key of no body of bodies.csv, such as 38.cong_an", field=column)
    if row.late_cause is not None and not late_causes.holds(row.late_cause, day):
        raise BadInput(
            "NguyenNhanQuaHan is the key of no cause of late_causes.csv, such as staff_shortage",
            field="NguyenNhanQuaHan",
        )
    if row.field_code is not None and not procedures.knows_field(row.field_code):
        raise BadInput("LinhVuc is the key of no field of fields.csv, such as ho_tich", field="LinhVuc")
