"""Decide: fold the events of issues into their rows, and say what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

import structlog

from events.envelope import Envelope
from events.log import Position
from events.topics import ISSUES
from reporting.errors import RuleError
from reporting.follow_ups import FollowUpTables, owed
from reporting.issue_state import IssueState, Outcome
from reporting.issues import fold
from services.adapters.issue_rows import Folded
from services.streams.notices import Arrivals
from services.streams.saying import Appends, say
from services.streams.step import Delivered
from services.tables import DatedTables

SWEEP_SIZE = 500

_log = structlog.get_logger("streams")


class Rows(Protocol):
    """What the step asks of the rows of issues."""

    def load(self, ids: Iterable[UUID]) -> dict[UUID, Folded]:
        """Return what the rows hold of those issues that have one."""
        ...

    def save(self, folded: Sequence[Folded]) -> None:
        """Write the rows in one insert."""
        ...


class Decide:
    """Fold issues and emit what they owe: follow-ups are in the log before the row is, and the row before the word.

    What an issue owes is asked after each event, so that it does not matter how the log was cut into batches. A batch
    that comes again finds its events known; follow-ups that were said twice have the same ids, and count once.

    Args:
        rows: the rows of issues.
        log: where follow-ups go.
        tables: the dated tables that verdicts and deadlines rest on.
        arrivals: who waits for an event hears its outcome here.
        emit_from: partition → offset below which nothing is said (a catch-up or a rebuilt table). `sweep` then says
            what the issues still lack.
    """

    group = "decide"
    topics: tuple[str, ...] = (ISSUES.name,)
    sets_aside = False
    max_records = 500

    def __init__(
        self,
        rows: Rows,
        log: Appends,
        tables: DatedTables,
        arrivals: Arrivals,
        *,
        emit_from: Mapping[int, int] | None = None,
    ) -> None:
        self._rows = rows
        self._log = log
        self._tables = FollowUpTables(tables.competence, tables.calendar)
        self._arrivals = arrivals
        self._emit_from = dict(emit_from or {})

    def handle(self, batch: Sequence[Delivered]) -> None:
        """Fold a batch; when this returns, follow-ups and rows are durable.

        Raises:
            LogUnavailable: the log takes no follow-ups now; the same batch may be given again.
            NotReady: the engine cannot be reached; likewise.
        """
        # `land` sets aside what names no issue; here it is passed over, so that it is set aside once.
        about = [(issue_id, one) for one in batch if (issue_id := _issue_id(one)) is not None]
        held = self._rows.load(dict.fromkeys(one for one, _ in about))
        states: dict[UUID, IssueState] = {issue_id: one.state for issue_id, one in held.items()}
        changed: dict[UUID, Position] = {}
        outcomes: list[tuple[UUID, Outcome]] = []
        follow_ups: dict[UUID, Envelope] = {}
        for issue_id, delivered in about:
            state, outcome = fold(states.get(issue_id), delivered.event)
            outcomes.append((delivered.event.id, outcome))
            if state is None or outcome.known:
                continue
            states[issue_id] = state
            position = delivered.record.position
            changed[issue_id] = position
            if outcome.accepted and position.offset >= self._emit_from.get(position.partition, 0):
                follow_ups |= {event.id: event for event in owed_of(state, self._tables)}
        say(self._log, ISSUES.name, follow_ups.values())
        self._rows.save(
            [
                Folded(states[one], at, generation=held[one].generation if one in held else 0)
                for one, at in changed.items()
            ]
        )
        self._arrivals.announce(outcomes)


def owed_of(state: IssueState, tables: FollowUpTables) -> list[Envelope]:
    """Return what an issue lacks; where a table cannot tell, say so in the log of the process and go on.

    One issue that a table does not cover must not stop the others of its partition; `sweep` asks again.
    """
    try:
        return owed(state, tables)
    except RuleError as fault:
        _log.error("no follow-up for an issue", issue=str(state.id), reason=fault.slug, message=fault.message)
        return []


def sweep(states: Iterable[IssueState], log: Appends, tables: DatedTables) -> int:
    """Say what issues still lack, after a catch-up that said nothing; return how many events that were.

    What is in the log already has the same id and counts once.
    """
    rest_on = FollowUpTables(tables.competence, tables.calendar)
    said, waiting = 0, list[Envelope]()
    for state in states:
        waiting += owed_of(state, rest_on)
        if len(waiting) >= SWEEP_SIZE:
            said += say(log, ISSUES.name, waiting)
            waiting = []
    return said + say(log, ISSUES.name, waiting)


def _issue_id(delivered: Delivered) -> UUID | None:
    try:
        return UUID(delivered.event.subject)
    except ValueError:
        return None
