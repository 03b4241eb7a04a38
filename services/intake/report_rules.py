"""The rules of the day by which a report of a difficulty is taken or refused."""

from __future__ import annotations

import datetime as dt

from events.envelope import ALLOWED_SKEW
from events.errors import LienCapError
from events.issues import REPORT_TEXTS
from reporting.competence.table import Kind
from reporting.dated.calendar import local_day
from reporting.privacy import check
from services.dated_tables import DatedTables
from services.errors import BadInput
from services.intake.issue_input import IssueInput
from services.intake.reports import Refusals


def refusals_of(body: IssueInput, tables: DatedTables, now: dt.datetime) -> Refusals:
    """Return why the rules refuse a report; the errors name the field and never repeat its content."""
    try:
        kind = _check_fields(body, tables, now)
    except LienCapError as error:
        return Refusals(always=error)
    try:
        _check_place(body, tables, now)
        _check_said(body, kind)
    except LienCapError as error:
        return Refusals(if_new=error)
    return Refusals()


def _check_fields(body: IssueInput, tables: DatedTables, now: dt.datetime) -> Kind:
    kind = tables.competence.kind(body.kind, local_day(now))
    if kind is None:
        raise BadInput(f"there is no kind of difficulty {body.kind!r}", field="kind")
    for field in ("occurred_at", "written_at"):
        instant: dt.datetime | None = getattr(body, field)
        if instant is not None and instant > now + ALLOWED_SKEW:
            raise BadInput(f"{field} lies in the future", field=field, error_key="future")
    for field in REPORT_TEXTS:
        text: str | None = getattr(body, field)
        if text is None:
            continue
        if kind.lane == "outside":
            raise BadInput(
                f"{body.kind} is not handled here and takes no text: leave {field} empty", field=field
            )
        check(text, field)
    return kind


def _check_place(body: IssueInput, tables: DatedTables, now: dt.datetime) -> None:
    # The rule of the day of writing: a report that waited on a device for a signal is not refused by a newer rule.
    if body.place is None and body.kind in tables.place_kinds.on(local_day(body.written_at or now)):
        raise BadInput(
            f"{body.kind} is about a place: say in place where it is", field="place", error_key="place"
        )


def _check_said(body: IssueInput, kind: Kind) -> None:
    missing = body.unsaid()
    if missing is None or kind.lane == "outside":
        return
    asked = {"content": "what the difficulty is", "request": "what is asked for"}[missing]
    raise BadInput(f"say in {missing} {asked}", field=missing, error_key=missing)
