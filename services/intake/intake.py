"""The one way in: case rows and difficulty reports of communes, from pages, scripts, imports and the simulation."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict
from uuid import UUID

import orjson
from sqlalchemy import Connection, Row, insert, select, update

from events.envelope import ALLOWED_SKEW
from events.fields import TextRef
from events.issues import REPORT_TEXTS, IssueReport, IssueReported, report_event_id
from reporting.cases.advance import Receipt
from reporting.cases.due import CaseRules
from reporting.competence.table import Kind
from reporting.dated.calendar import local_day
from reporting.dated.territory import Territory
from reporting.errors import UnknownUnit
from reporting.privacy import check
from services.access.actors import Actor
from services.access.territory import must_keep
from services.dated_tables import DatedTables
from services.errors import BadInput, Conflict, Forbidden, KeyReused, NotFound, TooLarge
from services.intake.case_sync import Call, RowResult, RowSource, sync_rows
from services.intake.issue_input import IssueInput
from services.intake.keys import ProvinceKeys
from services.intake.national_rows import Columns
from services.store.outbox import enqueue
from services.store.store import IDEMPOTENCY, Store
from services.store.texts import TextStore

MOST_ROWS = 10_000
TODAY_LANE_DAYS = 45


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


class Intake:
    """Checks rows and reports of communes, and records them durably before it returns.

    Args:
        on_active: called for each commune that sent something, even without news.
        territory: the units whose cases and reports the store keeps; by default all.
    """

    def __init__(
        self,
        store: Store,
        texts: TextStore,
        tables: DatedTables,
        keys: ProvinceKeys,
        *,
        on_active: Callable[[str, dt.datetime], None] = lambda _unit_code, _at: None,
        territory: Territory | None = None,
    ) -> None:
        self._store = store
        self._texts = texts
        self._tables = tables
        self._keys = keys
        self._on_active = on_active
        self._territory = territory or Territory(tables.units)

    def sync_cases(
        self,
        unit_code: str,
        rows: Sequence[Columns],
        *,
        actor: Actor,
        now: dt.datetime,
        source: RowSource = "api",
        today_lane_days: int = TODAY_LANE_DAYS,
        dry_run: bool = False,
    ) -> list[RowResult]:
        """Bring the known cases to the state of the rows; return one result per row, in their order.

        Args:
            source: origin of the rows; a snapshot shows no pause that lay between two days.
            today_lane_days: days; cases without a fact that new go to the topic for history.
            dry_run: return the results without writing anything.

        Raises:
            UnknownUnit: no commune has this code.
            Forbidden: the actor's unit is not this commune or one above it.
            KeptElsewhere: the store keeps other provinces; the error names them.
            TooLarge: more than 10,000 rows.
        """
        if len(rows) > MOST_ROWS:
            raise TooLarge(f"{len(rows):,} rows in one call; send up to {MOST_ROWS:,}", field="rows")
        call = self._call(unit_code, actor, now, today_lane_days, snapshot=source == "snapshot")
        results = sync_rows(self._store, self._tables.units, call, rows, dry_run=dry_run)
        if not dry_run:
            self._on_active(unit_code, now)
        return results

    def take_step(
        self,
        unit_code: str,
        dossier_code: str,
        step: Columns,
        *,
        actor: Actor,
        now: dt.datetime,
    ) -> RowResult:
        """Move one known case by one step; `step` has `TrangThai` and any other column of a row.

        Raises:
            NotFound: the commune has no such case.
            Conflict: the status does not allow the step; the error holds the current status and the allowed ones.
            BadInput: a column is wrong; the error names it.
            UnknownUnit, Forbidden, KeptElsewhere: as for `sync_cases`.
        """
        call = self._call(unit_code, actor, now, TODAY_LANE_DAYS, one_step=True)
        [result] = sync_rows(self._store, self._tables.units, call, [{**step, "MaHoSo": dossier_code}])
        if result.outcome != "rejected":
            return result
        reason = result.reason or "the step was refused"
        if result.field == "MaHoSo":
            raise NotFound(f"unit {unit_code} knows no case of this code", field="MaHoSo")
        if result.allowed is not None:
            raise Conflict(
                reason, field=result.field, current_status=result.status_code, allowed=list(result.allowed)
            )
        raise BadInput(reason, field=result.field)

    def report_issue(
        self, unit_code: str, body: IssueInput, *, actor: Actor, now: dt.datetime, dry_run: bool = False
    ) -> IssueReceipt:
        """Record a report with its texts and its event; a repeated report gets the same answer.

        With `dry_run` nothing is written: the answer is the one that a report would get.

        Raises:
            UnknownUnit, Forbidden, KeptElsewhere: as for `sync_cases`.
            KeyReused: another report is recorded under this id.
            BadInput: an unknown kind, a text where none is taken, no content or no request, no place where the kind
                is about one, or a time after the receipt; the error names the field.
            PersonalData: a text names a person; the error names the field. Nothing is stored.
        """
        province_code = self._province(unit_code, actor)
        with self._store.read() as conn:
            answered = _answered(conn, unit_code, body)
        if answered is not None and answered.fingerprint is not None:
            return _receipt(body.id, answered.response)
        self._check_issue(body, now)
        if answered is None:  # a recorded report passed the rules of its own day
            self._check_place(body, now)
            self._check_said(body, now)
        event_id = report_event_id(body.id)
        if dry_run:
            return IssueReceipt(body.id, "received", created=answered is None, event_id=event_id)
        self._on_active(unit_code, now)
        with self._store.begin() as conn:
            answered = _answered(conn, unit_code, body)
            if answered is not None and answered.fingerprint is not None:
                return _receipt(body.id, answered.response)
            texts = {name: self._keep(conn, unit_code, body, name) for name in REPORT_TEXTS}
            if answered is not None:
                # The log has the report, but the store lost the request: the retry brings the texts back.
                conn.execute(
                    update(IDEMPOTENCY)
                    .where(IDEMPOTENCY.c.key == idempotency_key(body.id))
                    .values(fingerprint=body.fingerprint(unit_code))
                )
                return _receipt(body.id, answered.response)
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
                    **texts,
                    people_affected=body.people_affected,
                    cases_blocked=body.cases_blocked,
                    cases_overdue=body.cases_overdue,
                    amount_dong=body.amount_dong,
                    place_type=body.place_type,
                    tried_step=body.tried_step,
                    intake_channel=body.intake_channel,
                ),
            )
            enqueue(conn, event)
            conn.execute(
                insert(IDEMPOTENCY).values(
                    answer_values(body.id, unit_code, now, event_id, fingerprint=body.fingerprint(unit_code))
                )
            )
        return IssueReceipt(body.id, "received", created=True, event_id=event_id)

    def must_keep(self, unit_code: str) -> None:
        """Check that this store keeps the data of a unit.

        Raises:
            KeptElsewhere: another store keeps them.
        """
        must_keep(self._territory, unit_code)

    def _call(
        self,
        unit_code: str,
        actor: Actor,
        now: dt.datetime,
        today_lane_days: int,
        *,
        snapshot: bool = False,
        one_step: bool = False,
    ) -> Call:
        province_code = self._province(unit_code, actor)
        key = self._keys.of(province_code)
        return Call(
            unit_code=unit_code,
            province_code=province_code,
            key=key,
            actor=actor,
            receipt=Receipt(now, key.key_id, unit_code, snapshot=snapshot, one_step=one_step),
            rules=CaseRules(self._tables.calendar, self._tables.procedures, today_lane_days),
        )

    def _province(self, unit_code: str, actor: Actor) -> str:
        units = self._tables.units
        if units.get(unit_code).level != "commune":
            raise UnknownUnit(f"{unit_code} is no commune; cases and difficulties come from communes")
        if not units.is_within(unit_code, actor.unit_code):
            raise Forbidden(f"{actor.role} of {actor.unit_code} cannot speak for {unit_code}")
        self.must_keep(unit_code)
        return units.province_of(unit_code)

    def _check_issue(self, body: IssueInput, now: dt.datetime) -> None:
        kind = self._kind(body, now)
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

    def _kind(self, body: IssueInput, now: dt.datetime) -> Kind:
        for kind in self._tables.competence.kinds(local_day(now)):
            if kind.key == body.kind:
                return kind
        raise BadInput(f"there is no kind of difficulty {body.kind!r}", field="kind")

    def _check_said(self, body: IssueInput, now: dt.datetime) -> None:
        missing = body.unsaid()
        if missing is None or self._kind(body, now).lane == "outside":
            return
        asked = {"content": "what the difficulty is", "request": "what is asked for"}[missing]
        raise BadInput(f"say in {missing} {asked}", field=missing, error_key=missing)

    def _check_place(self, body: IssueInput, now: dt.datetime) -> None:
        # The rule of the day of writing: a report that waited on a device for a signal is not refused by a newer rule.
        if body.place is None and body.kind in self._tables.place_kinds.on(local_day(body.written_at or now)):
            raise BadInput(
                f"{body.kind} is about a place: say in place where it is", field="place", error_key="place"
            )

    def _keep(self, conn: Connection, unit_code: str, body: IssueInput, purpose: str) -> TextRef | None:
        text: str | None = getattr(body, purpose)
        if text is None:
            return None
        text_id = uuid.uuid5(body.id, purpose)
        return self._texts.put(conn, text, unit_code=unit_code, purpose=purpose, text_id=text_id)


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


def _answered(conn: Connection, unit_code: str, body: IssueInput) -> Row[str | None, bytes, str] | None:
    query = select(IDEMPOTENCY.c.fingerprint, IDEMPOTENCY.c.response, IDEMPOTENCY.c.unit_code).where(
        IDEMPOTENCY.c.key == idempotency_key(body.id)
    )
    found = conn.execute(query).one_or_none()
    if found is None:
        return None
    same = found.fingerprint in {None, body.fingerprint(unit_code)}
    if found.unit_code != unit_code or not same:
        raise KeyReused("another report came under this id; make a new id for a new report", field="id")
    return found


def _receipt(issue_id: UUID, response: bytes) -> IssueReceipt:
    answer = orjson.loads(response)
    return IssueReceipt(issue_id, answer["state"], created=False, event_id=UUID(answer["event_id"]))
