"""The rows of `issues_current`: one row per issue, written and read as a whole."""

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
    """The place in a list from which the next page goes on: after the issue with this report time and id."""

    reported_at: dt.datetime
    issue_id: UUID


class IssueTable(FoldedTable[IssueState]):
    """Reads and writes issues without a cache, so that the next owner of a partition reads the latest ones.

    Args:
        warehouse: holds the table.
        epoch: the log of the positions (`EventLog.epoch`).
    """

    def __init__(self, warehouse: Warehouse, *, epoch: int = 1) -> None:
        super().__init__(warehouse, ISSUES_CURRENT, "issue_id", IssueState.from_json, columns_of, epoch)

    def holding(self, escalation_id: UUID) -> IssueState | None:
        """Return the issue of an escalation, or None."""
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
            open_only: without closed issues.
            after: the last issue of the previous page.
            limit: highest number of issues.
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
        # The conditions are fixed texts; the caller's values are typed parameters.
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
            kinds: the kinds of difficulty.
            reported: first and last instant of the report.
            units: as for `list`.
            bodies: as for `list`.
            limit: highest number of issues.
        """
        conditions, params = _conditions(units=units, bodies=bodies, escalation_state=None)
        conditions += [
            "kind IN {kinds:Array(String)}",
            "reported_at BETWEEN {since:DateTime64(6, 'UTC')} AND {until:DateTime64(6, 'UTC')}",
            "state NOT IN ('confirmed', 'withdrawn', 'closed') AND lane != 'outside'",
            "problem_id = {nobody:UUID}",
        ]
        params |= {"kinds": list(kinds), "since": reported[0], "until": reported[1], "nobody": NOBODY}
        # The column `body` is wide: read it only for the matching issues.
        found = self._warehouse.rows(
            "SELECT issue_id FROM issues_current FINAL"
            f" WHERE {' AND '.join(conditions)} ORDER BY reported_at DESC, issue_id DESC LIMIT {{limit:UInt32}}",
            limit=limit,
            **params,
        )
        loaded = self.load(row["issue_id"] for row in found)
        return [loaded[row["issue_id"]].state for row in found if row["issue_id"] in loaded]

    def every(self, page_size: int = 1_000) -> Iterable[IssueState]:
        """Yield every issue, page by page."""
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
    """Return the columns of a state's row, as the engine returns them."""
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
        # A lead body lists the escalations sent to it, not its sender's unsent proposals.
        "escalation_bodies": [one.lead_body if one.was_sent else "" for one in state.escalations],
        "escalation_from_bodies": [one.from_body for one in state.escalations],
        "escalation_units": [territory_of(one.lead_body) for one in state.escalations],
        "clock_ids": [clock.id for clock in state.clocks],
        "clock_due_at": [clock.due_at for clock in state.clocks],
        "clock_states": [_column_state(clock) for clock in state.clocks],
        "clock_sources": [clock.deadline_source for clock in state.clocks],
        "problem_id": (NOBODY if state.joined is None else state.joined.problem_id),
        "problem_mark": _problem_mark(state),
        "clock_remind_at": [_notify_at(clock, clock.remind_at) for clock in state.clocks],
        "clock_warn_at": [_notify_at(clock, clock.warn_at, after="warning") for clock in state.clocks],
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
    """Return how far the answer of the issue's problem has come at this issue."""
    one = state.joined
    if one is None:
        return ""
    if one.answer is None:
        return "joined"
    return one.decision or ("claimed" if one.answer.kind in CONFIRMABLE else "answered")


def _column_state(clock: IssueClock) -> str:
    """Return the column's state of a clock: a lasting breach is overdue, a step taken late is not."""
    return "late" if clock.state == "breached" and clock.stopped_at is not None else clock.state


def _notify_at(clock: IssueClock, at: dt.datetime | None, *, after: str | None = None) -> dt.datetime:
    """Return when a holder is to be notified; the due instant where it was notified or nothing is to be notified."""
    notified = clock.said is not None if after is None else clock.said == after
    return clock.due_at if at is None or notified else at


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
