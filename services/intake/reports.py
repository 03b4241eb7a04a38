"""Reports of difficulties on their way into the store: prepared one by one, written many in one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict
from uuid import UUID

import orjson
from sqlalchemy import Connection, select, update

from events.errors import LienCapError
from events.fields import TextRef
from events.issues import REPORT_TEXTS, IssueReport, IssueReported, report_event_id
from services.access.actors import Actor
from services.errors import KeyReused
from services.intake.issue_input import IssueInput
from services.language.vietnamese import case_folded
from services.store.outbox import Enqueued, add_rows, outbox_row
from services.store.row_writer import Values, insert_rows
from services.store.store import IDEMPOTENCY, TEXTS
from services.store.texts import put_rows, text_row


@dataclass(frozen=True, slots=True)
class IssueReceipt:
    """The answer to a report; `created` is false where the same report was recorded before."""

    id: UUID
    state: Literal["received"]
    created: bool
    event_id: UUID


class AnswerRow(TypedDict):
    """A row of the table `idempotency`."""

    key: str
    fingerprint: str | None
    response: bytes
    unit_code: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Refusals:
    """Why the rules of the day refuse a report.

    Attributes:
        always: holds also for a report whose texts the store lost; only a recorded one gets its answer all the same.
        if_new: holds only where the log has no such report, because a recorded one passed the rules of its own day.
    """

    always: LienCapError | None = None
    if_new: LienCapError | None = None

    def __bool__(self) -> bool:
        """Return whether anything refuses the report."""
        return self.always is not None or self.if_new is not None


@dataclass(frozen=True, slots=True)
class PreparedReport:
    """A report with the rows that it becomes; a report that is refused has no rows of texts and events."""

    id: UUID
    event_id: UUID
    answer: AnswerRow
    refusals: Refusals
    texts: Sequence[Values] = ()
    outbox: Values | None = None


def prepare_report(
    body: IssueInput,
    refusals: Refusals,
    *,
    unit_code: str,
    province_code: str,
    actor: Actor,
    now: dt.datetime,
) -> PreparedReport:
    """Build the rows of a report; needs no store."""
    event_id = report_event_id(body.id)
    answer = answer_values(body.id, unit_code, now, event_id, fingerprint=body.fingerprint(unit_code))
    if refusals.always is not None:
        return PreparedReport(body.id, event_id, answer, refusals)
    texts: list[Values] = []
    refs: dict[str, TextRef | None] = dict.fromkeys(REPORT_TEXTS)
    for purpose in REPORT_TEXTS:
        text: str | None = getattr(body, purpose)
        if text is not None:
            refs[purpose], row = text_row(
                text, unit_code=unit_code, purpose=purpose, text_id=uuid.uuid5(body.id, purpose)
            )
            texts.append(row)
    event = IssueReported(
        id=event_id,
        source=f"/vn/{province_code}/{unit_code}",
        subject=str(body.id),
        time=body.written_at or now,
        recorded_at=now,
        partition_key=str(body.id),
        actor_role=actor.role,
        actor_unit=actor.unit_code,
        actor_body=actor.body,
        # By telephone or on paper: the province reports on behalf of the commune's committee.
        on_behalf_of=None if actor.unit_code == unit_code else f"{unit_code}.ubnd",
        data=IssueReport(
            unit_code=unit_code,
            kind=body.kind,
            severity=body.severity,
            occurred_at=body.occurred_at,
            **refs,
            people_affected=body.people_affected,
            cases_blocked=body.cases_blocked,
            cases_overdue=body.cases_overdue,
            amount_dong=body.amount_dong,
            place_type=body.place_type,
            tried_step=body.tried_step,
            intake_channel=body.intake_channel,
        ),
    )
    return PreparedReport(body.id, event_id, answer, refusals, texts, outbox_row(Enqueued(event)))


def write_reports(conn: Connection, reports: Sequence[PreparedReport]) -> list[IssueReceipt | LienCapError]:
    """Write the reports that are new, and return the answer of each or why it is refused.

    A report that stands in the store or earlier in `reports` gets the same answer again; another report under its id
    is refused.
    """
    known = _answers_to(conn, reports)
    answers: list[IssueReceipt | LienCapError] = []
    new: list[PreparedReport] = []
    restored: list[PreparedReport] = []
    for report in reports:
        key = report.answer["key"]
        answer = _answer(known.get(key), report)
        if answer is None:
            # The log may have a report whose request the store lost: the retry brings the texts back.
            (restored if key in known else new).append(report)
            answer = _receipt(report, created=key not in known)
            known[key] = report.answer
        answers.append(answer)
    put_rows(conn, [row for report in (*new, *restored) for row in report.texts])
    add_rows(conn, [report.outbox for report in new if report.outbox is not None])
    insert_rows(conn, IDEMPOTENCY, [report.answer for report in new])
    for report in restored:
        conn.execute(
            update(IDEMPOTENCY)
            .where(IDEMPOTENCY.c.key == report.answer["key"])
            .values(fingerprint=report.answer["fingerprint"])
        )
    return answers


def look_up(conn: Connection, report: PreparedReport) -> tuple[IssueReceipt | LienCapError | None, bool]:
    """Return the answer to a report, None where it would be written, and whether it was recorded before."""
    known = _answers_to(conn, [report]).get(report.answer["key"])
    return _answer(known, report), known is not None


def is_recorded(conn: Connection, issue_id: UUID) -> bool:
    """Return whether the store has an answer to a report of this id."""
    query = select(IDEMPOTENCY.c.key).where(IDEMPOTENCY.c.key == idempotency_key(issue_id))
    return conn.scalar(query) is not None


def other_texts(conn: Connection, unit_code: str, body: IssueInput) -> list[str] | None:
    """Return the names of the texts that differ from the report recorded under the same id; None if other fields do.

    Capitals and blanks make no other words. A report whose texts were erased can no longer be compared.
    """
    key = IDEMPOTENCY.c.key == idempotency_key(body.id)
    recorded = conn.scalar(select(IDEMPOTENCY.c.fingerprint).where(key))
    ids = {purpose: uuid.uuid5(body.id, purpose) for purpose in REPORT_TEXTS}
    found = select(TEXTS.c.id, TEXTS.c.body).where(TEXTS.c.id.in_(ids.values()))
    by_id = {row.id: row.body for row in conn.execute(found)}
    kept = {purpose: by_id.get(text_id) for purpose, text_id in ids.items()}
    if recorded is None or body.model_copy(update=kept).fingerprint(unit_code) != recorded:
        return None
    return [
        name
        for name, text in kept.items()
        if case_folded(text or "") != case_folded(getattr(body, name) or "")
    ]


def idempotency_key(issue_id: UUID) -> str:
    """Return the key under which the answer to a report is stored."""
    return f"issue:{issue_id}"


def answer_values(
    issue_id: UUID, unit_code: str, now: dt.datetime, event_id: UUID, *, fingerprint: str | None
) -> AnswerRow:
    """Return the answer to a report as a row of the table `idempotency`."""
    return {
        "key": idempotency_key(issue_id),
        "fingerprint": fingerprint,
        "response": orjson.dumps({"state": "received", "event_id": str(event_id)}),
        "unit_code": unit_code,
        "created_at": now,
    }


def _answers_to(conn: Connection, reports: Sequence[PreparedReport]) -> dict[str, AnswerRow]:
    keys = {report.answer["key"] for report in reports}
    return {
        row.key: AnswerRow(
            key=row.key,
            fingerprint=row.fingerprint,
            response=row.response,
            unit_code=row.unit_code,
            created_at=row.created_at,
        )
        for row in conn.execute(select(IDEMPOTENCY).where(IDEMPOTENCY.c.key.in_(keys)))
    }


def _answer(known: AnswerRow | None, report: PreparedReport) -> IssueReceipt | LienCapError | None:
    """Return the receipt or the refusal of a report; None where it is to be written."""
    if known is None:
        return report.refusals.always or report.refusals.if_new
    mine = report.answer
    if known["unit_code"] != mine["unit_code"] or known["fingerprint"] not in {None, mine["fingerprint"]}:
        return KeyReused("another report came under this id; make a new id for a new report", field="id")
    if known["fingerprint"] is None:
        return report.refusals.always
    return _receipt(report, created=False)


def _receipt(report: PreparedReport, *, created: bool) -> IssueReceipt:
    return IssueReceipt(report.id, "received", created=created, event_id=report.event_id)
