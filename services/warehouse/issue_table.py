"""The rows of `issues_current`: one issue, one row, written whole and read back whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from reporting.dated.bodies import territory_of
from reporting.issues.clock import IssueClock
from reporting.issues.state import IssueState
from reporting.issues.turns import CONFIRMABLE
from reporting.tables import ISSUES_CURRENT
from services.warehouse.folded import Columns
from services.warehouse.folded_table import FoldedTable

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

PAGE_SIZE = 50
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a list goes on: after the issue that was reported then."""

    reported_at: dt.datetime
    issue_id: UUID


class IssueTable(FoldedTable[IssueState]):
    """Read and write issues; keeps nothing, so that whoever owns a partition next reads what is true.

    Args:
        warehouse: where the table is.
        epoch: which log the positions are of (`EventLog.epoch`).
    """

    def __init__(self, warehouse: Warehouse, *, epoch: int = 1) -> None:
        super().__init__(warehouse, ISSUES_CURRENT, "issue_id", IssueState.from_json, columns_of, epoch)

    def holding(self, escalation_id: UUID) -> IssueState | None:
        """Return the issue that an escalation belongs to."""
        rows = self._warehouse.rows(
            "SELECT body FROM issues_current FINAL WHERE has(escalation_ids, {id:UUID}) LIMIT 1",
            id=escalation_id,
        )
        return IssueState.from_json(rows[0]["body"]) if rows else None

    def list(
        self,
        *,
        units: Sequence[str] | None = None,
        bodies: Sequence[str] | None = None,
        state: str | None = None,
        escalation_state: str | None = None,
        kind: str | None = None,
        open_only: bool = False,
        after: Cursor | None = None,
        limit: int = PAGE_SIZE,
    ) -> list[IssueState]:
        """Return issues, the latest report first.

        Args:
            units: communes and provinces; None stands for all.
            bodies: only issues whose escalations one of these leads or sent.
            state: only issues in this state.
            escalation_state: only issues with an escalation in this state (of one of `bodies`, if given).
            kind: only issues of this kind.
            open_only: without those that ended.
            after: the last issue of the page before.
            limit: how many at most.
        """
        conditions, params = _conditions(units=units, bodies=bodies, escalation_state=escalation_state)
        for name, value in (("state", state), ("kind", kind)):
            if value is not None:
                conditions.append(f"{name} = {{{name}:String}}")
                params[name] = value
        if open_only:
            conditions.append("state NOT IN ('confirmed', 'withdrawn', 'closed')")
        if after is not None:
            conditions.append("(reported_at, issue_id) < ({after_at:DateTime64(6, 'UTC')}, {after_id:UUID})")
            params |= {"after_at": after.reported_at, "after_id": after.issue_id}
        # What a condition names is fixed here; what a caller gives travels as a typed parameter.
        sql = (
            "SELECT body FROM issues_current FINAL"
            f" WHERE {' AND '.join(conditions) or '1'} ORDER BY reported_at DESC, issue_id DESC LIMIT {{limit:UInt32}}"
        )
        return [IssueState.from_json(row["body"]) for row in self._warehouse.rows(sql, limit=limit, **params)]

    def mark(
        self, *, units: Sequence[str] | None = None, bodies: Sequence[str] | None = None
    ) -> tuple[object, ...]:
        """Return a value that is another one once an issue of these came or moved on; arguments as for `list`."""
        conditions, params = _conditions(units=units, bodies=bodies, escalation_state=None)
        [row] = self._warehouse.rows(
            "SELECT count() AS issues, sum(version) AS versions, max(updated_at) AS latest FROM issues_current FINAL"
            f" WHERE {' AND '.join(conditions) or '1'}",
            **params,
        )
        return row["issues"], row["versions"], row["latest"]

    def joinable(
        self,
        *,
        kinds: Sequence[str],
        reported: tuple[dt.datetime, dt.datetime],
        units: Sequence[str] | None = None,
        bodies: Sequence[str] | None = None,
        limit: int,
    ) -> Sequence[IssueState]:
        """Return open issues of some kinds that belong to no problem, the latest report first.

        Args:
            kinds: which kinds.
            reported: from when to when they were reported.
            units: as for `list`.
            bodies: as for `list`.
            limit: how many at most.
        """
        conditions, params = _conditions(units=units, bodies=bodies, escalation_state=None)
        conditions += [
            "kind IN {kinds:Array(String)}",
            "reported_at BETWEEN {since:DateTime64(6, 'UTC')} AND {until:DateTime64(6, 'UTC')}",
            "state NOT IN ('confirmed', 'withdrawn', 'closed') AND lane != 'outside'",
            "problem_id = {nobody:UUID}",
        ]
        params |= {"kinds": list(kinds), "since": reported[0], "until": reported[1], "nobody": NOBODY}
        # The whole of an issue is wide: it is read only of those that fit.
        found = self._warehouse.rows(
            "SELECT issue_id FROM issues_current FINAL"
            f" WHERE {' AND '.join(conditions)} ORDER BY reported_at DESC, issue_id DESC LIMIT {{limit:UInt32}}",
            limit=limit,
            **params,
        )
        loaded = self.load(row["issue_id"] for row in found)
        return [loaded[row["issue_id"]].state for row in found if row["issue_id"] in loaded]

    def every(self, page_size: int = 1_000) -> Iterable[IssueState]:
        """Yield every issue there is, page by page."""
        after: UUID = NOBODY
        while rows := self._warehouse.rows(
            "SELECT issue_id, body FROM issues_current FINAL WHERE issue_id > {after:UUID}"
            " ORDER BY issue_id LIMIT {limit:UInt32}",
            after=after,
            limit=page_size,
        ):
            yield from (IssueState.from_json(row["body"]) for row in rows)
            after = rows[-1]["issue_id"]


def columns_of(state: IssueState) -> Columns:
    """Return what the columns of a row show of a state, as the engine gives it back."""
    return {
        "issue_id": state.id,
        "unit_code": state.unit_code,
        "province_code": state.province_code,
        "kind": state.report.kind,
        "lane": state.lane or "",
        "level": state.level or "",
        "severity": state.report.severity,
        "state": state.shown_state,
        "holder_body": state.holder_body or "",
        "reported_at": state.reported_at,
        "updated_at": state.updated_at,
        "version": state.version,
        "escalation_ids": [one.id for one in state.escalations],
        "escalation_states": [one.state for one in state.escalations],
        # A lead body finds what was sent to it, not what its sender still thinks about.
        "escalation_bodies": [one.lead_body if one.was_sent else "" for one in state.escalations],
        "escalation_from_bodies": [one.from_body for one in state.escalations],
        "escalation_units": [territory_of(one.lead_body) for one in state.escalations],
        "clock_ids": [clock.id for clock in state.clocks],
        "clock_due_at": [clock.due_at for clock in state.clocks],
        "clock_states": [_column_state(clock) for clock in state.clocks],
        "clock_sources": [clock.deadline_source for clock in state.clocks],
        "problem_id": (NOBODY if state.joined is None else state.joined.problem_id),
        "problem_mark": _problem_mark(state),
        "clock_remind_at": [_still_to_say(clock, clock.remind_at) for clock in state.clocks],
        "clock_warn_at": [_still_to_say(clock, clock.warn_at, after="warning") for clock in state.clocks],
        "fault_ids": [one.id for one in state.faults],
        "fault_units": [list(one.unit_codes) for one in state.faults],
        "fault_began_at": [one.began_at for one in state.faults],
        "fault_confirmed_at": [one.confirmed_at for one in state.faults],
        "fault_cleared_at": [one.cleared_at for one in state.faults],
        "suppressed_by": [one.fault_id for one in state.suppressions],
        "signals": [one.said.trigger for one in state.signals],
        "body": state.to_json().decode(),
    }


def _problem_mark(state: IssueState) -> str:
    """Tell how far the answer of the issue's problem has come at its place."""
    one = state.joined
    if one is None:
        return ""
    if one.answer is None:
        return "joined"
    return one.decision or ("claimed" if one.answer.kind in CONFIRMABLE else "answered")


def _column_state(clock: IssueClock) -> str:
    """Tell a breach that lasts from a step that was taken late: only the first is counted as overdue."""
    return "late" if clock.state == "breached" and clock.stopped_at is not None else clock.state


def _still_to_say(clock: IssueClock, at: dt.datetime | None, *, after: str | None = None) -> dt.datetime:
    """Return when a holder is to be told; the due instant where it was told, or where there is nothing to tell."""
    told = clock.said is not None if after is None else clock.said == after
    return clock.due_at if at is None or told else at


def _conditions(
    *, units: Sequence[str] | None, bodies: Sequence[str] | None, escalation_state: str | None
) -> tuple[list[str], Columns]:
    conditions: list[str] = []
    params: Columns = {}
    if units is not None:
        conditions.append("(unit_code IN {units:Array(String)} OR province_code IN {units:Array(String)})")
        params["units"] = list(units)
    if bodies is not None:
        params["bodies"] = list(bodies)
    if escalation_state is not None:
        params["escalation_state"] = escalation_state
    wanted = []
    if bodies is not None:
        wanted.append("(has({bodies:Array(String)}, lead) OR has({bodies:Array(String)}, sender))")
    if escalation_state is not None:
        wanted.append("step = {escalation_state:String}")
    if wanted:
        conditions.append(
            f"arrayExists((lead, sender, step) -> {' AND '.join(wanted)},"
            " escalation_bodies, escalation_from_bodies, escalation_states)"
        )
    return conditions, params
