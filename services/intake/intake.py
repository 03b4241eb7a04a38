"""The one way in: case rows and difficulty reports of communes, from pages, scripts, imports and the simulation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from events.errors import LienCapError
from reporting.cases.advance import Receipt
from reporting.cases.due import CaseRules
from reporting.dated.territory import Territory
from reporting.errors import UnknownUnit
from services.access.actors import Actor
from services.access.territory import must_keep
from services.dated_tables import DatedTables
from services.errors import BadInput, Conflict, Forbidden, NotFound, TooLarge
from services.intake.case_sync import (
    Call,
    RowResult,
    RowSource,
    read_rows,
    sync_calls,
    sync_rows,
    write_rows,
)
from services.intake.issue_input import IssueInput
from services.intake.keys import ProvinceKeys
from services.intake.national_rows import Columns
from services.intake.report_rules import refusals_of
from services.intake.reports import (
    IssueReceipt,
    PreparedReport,
    is_recorded,
    look_up,
    other_texts,
    prepare_report,
    write_reports,
)
from services.intake.undo import Undone, undo_cases
from services.store.groups import CommitGroups
from services.store.import_cases import Changed
from services.store.store import Store
from services.store.texts import texts_of

MOST_ROWS = 10_000
TODAY_LANE_DAYS = 45


@dataclass(frozen=True, slots=True)
class Feed:
    """The rows that one sender has for one commune."""

    unit_code: str
    actor: Actor
    rows: Sequence[Columns]


class Intake:
    """Checks rows and reports of communes, and records them durably before it returns.

    Requests call the methods with `await`: what several of them send is committed together, and none holds a thread
    while it waits. The others commit by themselves, in the caller's thread.

    Args:
        on_active: called for each commune whose source sent something, even without news or of rejected rows alone.
        territory: the units whose cases and reports the store keeps; by default all.
        groups: the writer of requests; by default one of its own.
    """

    def __init__(
        self,
        store: Store,
        tables: DatedTables,
        keys: ProvinceKeys,
        *,
        on_active: Callable[[str, dt.datetime], None] = lambda _unit_code, _at: None,
        territory: Territory | None = None,
        groups: CommitGroups | None = None,
    ) -> None:
        self._store = store
        self._groups = groups or CommitGroups(store)
        self._tables = tables
        self._keys = keys
        self._on_active = on_active
        self._territory = territory or Territory(tables.units)

    def close(self) -> None:
        """Record the requests that wait, and stop."""
        self._groups.stop()

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
        run_id: UUID | None = None,
        snapshot_on: dt.date | None = None,
    ) -> list[RowResult]:
        """Bring the known cases to the state of the rows; return one result per row, in their order.

        Args:
            source: origin of the rows; a snapshot shows no pause that lay between two days.
            today_lane_days: days; cases without a fact that new go to the topic for history.
            dry_run: return the results without writing anything.
            run_id: the import whose rows these are; what they change can be taken back.
            snapshot_on: the day that a snapshot shows, on which undated changes happened; by default the local day.

        Raises:
            UnknownUnit: no commune has this code.
            Forbidden: the actor's unit is not this commune or one above it.
            KeptElsewhere: the store keeps other provinces; the error names them.
            TooLarge: more than 10,000 rows.
        """
        if len(rows) > MOST_ROWS:
            raise TooLarge(f"{len(rows):,} rows in one call; send up to {MOST_ROWS:,}", field="rows")
        call = self._call(
            unit_code, actor, now, today_lane_days, snapshot=source == "snapshot", snapshot_on=snapshot_on
        )
        call = replace(call, run_id=run_id)
        results = sync_rows(self._store, call, rows, dry_run=dry_run)
        if not dry_run:
            # Also where every row was rejected: a source that sends only wrong rows has not fallen silent, it is wrong,
            # and its sender has a reason for each row. To count it as silent would look for a fault of the line.
            self._on_active(unit_code, now)
        return results

    def note_cases(
        self, unit_code: str, rows: Sequence[Columns], *, actor: Actor, now: dt.datetime
    ) -> list[RowResult]:
        """Add what a person notes beside known cases as `sync_cases` does; it is no sign that the source is alive.

        Raises:
            LienCapError: as for `sync_cases`.
        """
        if len(rows) > MOST_ROWS:
            raise TooLarge(f"{len(rows):,} rows in one call; send up to {MOST_ROWS:,}", field="rows")
        return sync_rows(self._store, self._call(unit_code, actor, now, TODAY_LANE_DAYS), rows)

    def sync_feeds(self, feeds: Sequence[Feed], *, now: dt.datetime) -> list[list[RowResult]]:
        """Bring the cases of several senders to the state of their rows, in their order and in as few transactions.

        Raises:
            LienCapError: as for `sync_cases`; nothing of any sender is recorded then.
        """
        read = [
            read_rows(self._call(feed.unit_code, feed.actor, now, TODAY_LANE_DAYS), feed.rows)
            for feed in feeds
        ]
        results = sync_calls(self._store, read)
        for unit_code in dict.fromkeys(feed.unit_code for feed in feeds):
            self._on_active(unit_code, now)
        return results

    def undo_cases(
        self, changed: Sequence[Changed], *, actor_of: Callable[[str], Actor], now: dt.datetime
    ) -> Undone:
        """Take back what an import changed, as far as nothing touched these cases since; in one transaction.

        Args:
            changed: the cases, with the number that the import gave each last and the state before it.
            actor_of: returns who takes the case of a commune back.

        Raises:
            Forbidden, KeptElsewhere, UnknownUnit: as for `sync_cases`.
        """

        def call_of(unit_code: str) -> Call:
            return self._call(unit_code, actor_of(unit_code), now, TODAY_LANE_DAYS)

        with self._store.begin() as conn:
            return undo_cases(conn, changed, call_of)

    async def post_cases(
        self, unit_code: str, rows: Sequence[Columns], *, actor: Actor, now: dt.datetime
    ) -> list[RowResult]:
        """Bring a few cases to the state of the rows as `sync_cases` does, in the next group.

        Raises:
            Overloaded: too many requests wait; nothing of this one is recorded.
            LienCapError: as for `sync_cases`.
        """
        call = self._call(unit_code, actor, now, TODAY_LANE_DAYS)
        results = await self._groups.write(write_rows, read_rows(call, rows))
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
        [result] = sync_rows(self._store, call, [{**step, "MaHoSo": dossier_code}])
        return _stepped(unit_code, result)

    async def post_step(
        self, unit_code: str, dossier_code: str, step: Columns, *, actor: Actor, now: dt.datetime
    ) -> RowResult:
        """Move one case as `take_step` does, in the next group.

        Raises:
            Overloaded: too many requests wait; nothing of this one is recorded.
            LienCapError: as for `take_step`.
        """
        call = self._call(unit_code, actor, now, TODAY_LANE_DAYS, one_step=True)
        prepared = read_rows(call, [{**step, "MaHoSo": dossier_code}])
        [result] = await self._groups.write(write_rows, prepared)
        return _stepped(unit_code, result)

    def report_issue(
        self, unit_code: str, body: IssueInput, *, actor: Actor, now: dt.datetime, dry_run: bool = False
    ) -> IssueReceipt:
        """Record a report with its texts and its event; a repeated report gets the same answer.

        A person reports, not the source of cases: a report is no sign that the feed is alive.

        With `dry_run` nothing is written: the answer is the one that a report would get.

        Raises:
            UnknownUnit, Forbidden, KeptElsewhere: as for `sync_cases`.
            KeyReused: another report is recorded under this id.
            BadInput: an unknown kind, a text where none is taken, no content or no request, no place where the kind
                is about one, or a time after the receipt; the error names the field.
            PersonalData: a text names a person; the error names the field. Nothing is stored.
        """
        report = self._prepare(unit_code, body, actor, now)
        if dry_run or report.refusals:
            with self._store.read() as conn:
                answer, is_known = look_up(conn, report)
            if answer is not None:
                return _granted(answer)
            if dry_run:
                return IssueReceipt(body.id, "received", created=not is_known, event_id=report.event_id)
        with self._store.begin() as conn:
            [answer] = write_reports(conn, [report])
        return _granted(answer)

    async def post_issue(
        self, unit_code: str, body: IssueInput, *, actor: Actor, now: dt.datetime
    ) -> IssueReceipt:
        """Record a report as `report_issue` does, in the next group.

        Raises:
            Overloaded: too many requests wait; nothing of this one is recorded.
            LienCapError: as for `report_issue`.
        """
        report = self._prepare(unit_code, body, actor, now)
        return await self._groups.write(write_reports, report)

    def knows_report(self, issue_id: UUID) -> bool:
        """Return whether a report was recorded under an id."""
        with self._store.read() as conn:
            return is_recorded(conn, issue_id)

    def other_texts(self, unit_code: str, body: IssueInput) -> list[str] | None:
        """Return in which texts `body` differs from the report recorded under its id; None if it differs elsewhere."""
        with self._store.read() as conn:
            return other_texts(conn, unit_code, body)

    def places_of(self, unit_code: str) -> list[str]:
        """Return the places that reports of a commune name."""
        with self._store.read() as conn:
            return texts_of(conn, unit_code, "place")

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
        snapshot_on: dt.date | None = None,
    ) -> Call:
        province_code = self._province(unit_code, actor)
        key = self._keys.of(province_code)
        return Call(
            unit_code=unit_code,
            province_code=province_code,
            units=self._tables.units,
            bodies=self._tables.bodies,
            late_causes=self._tables.late_causes,
            key=key,
            actor=actor,
            receipt=Receipt(
                now, key.key_id, unit_code, snapshot=snapshot, one_step=one_step, snapshot_on=snapshot_on
            ),
            rules=CaseRules(
                self._tables.calendar, self._tables.procedures, self._tables.start_rules, today_lane_days
            ),
        )

    def _province(self, unit_code: str, actor: Actor) -> str:
        units = self._tables.units
        if units.get(unit_code).level != "commune":
            raise UnknownUnit(f"{unit_code} is no commune; cases and difficulties come from communes")
        if not units.is_within(unit_code, actor.unit_code):
            raise Forbidden(f"{actor.role} of {actor.unit_code} cannot speak for {unit_code}")
        self.must_keep(unit_code)
        return units.province_of(unit_code)

    def _prepare(self, unit_code: str, body: IssueInput, actor: Actor, now: dt.datetime) -> PreparedReport:
        province_code = self._province(unit_code, actor)
        return prepare_report(
            body,
            refusals_of(body, self._tables, now),
            unit_code=unit_code,
            province_code=province_code,
            actor=actor,
            now=now,
        )


def _granted(answer: IssueReceipt | LienCapError) -> IssueReceipt:
    if isinstance(answer, LienCapError):
        raise answer
    return answer


def _stepped(unit_code: str, result: RowResult) -> RowResult:
    """Return the result of a step that was taken.

    Raises:
        NotFound, Conflict, BadInput: as for `take_step`.
    """
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
