"""Gather an annex: a unit's issues as of the end of the period, their texts, the officer's corrections."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING
from uuid import UUID

from events.codec import decode
from reporting.dated.calendar import LOCAL, local_day
from reporting.dated.kind_words import topics_of
from reporting.dated.periods import Period
from reporting.dated.units import Unit
from reporting.documents.annex import AnnexRow, Names, annex_rows, belongs, reached_province, texts_of
from reporting.documents.edits import corrected
from reporting.issues.fold import fold
from reporting.issues.state import IssueState
from services.documents.drafts import Draft, Drafts

if TYPE_CHECKING:
    from services.dated_tables import DatedTables
    from services.store.texts import TextStore
    from services.warehouse.client import Warehouse
    from services.warehouse.issue_table import IssueTable

MOST_ISSUES = 5_000
_AT_ONCE = 500
_HISTORIES = """
    SELECT issue_id, body
    FROM issue_events FINAL
    WHERE issue_id IN {ids:Array(UUID)} AND recorded_at <= {until:DateTime64(6, 'UTC')}
    ORDER BY issue_id, epoch, offset
"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """An annex before it is drawn.

    Attributes:
        proposed: the rows as drafted from the log, with those left out.
        rows: the rows as they will be drawn.
        as_of: the instant up to which the log was read.
        is_cut: there were more issues than one call reads.
    """

    unit: Unit
    period: Period
    states: Sequence[IssueState]
    proposed: Sequence[AnnexRow]
    rows: Sequence[AnnexRow]
    draft: Draft
    as_of: dt.datetime
    is_cut: bool


class AnnexSource:
    """Gather annexes from the rows of issues, their history, the texts and the drafts."""

    def __init__(
        self,
        warehouse: Warehouse,
        issue_table: IssueTable,
        texts: TextStore,
        drafts: Drafts,
        tables: DatedTables,
    ) -> None:
        self._warehouse = warehouse
        self._issue_rows = issue_table
        self._texts = texts
        self._drafts = drafts
        self._tables = tables

    def names(self, day: dt.date) -> Names:
        """Return the Vietnamese names of codes, for documents of a day."""
        tables = self._tables
        kinds = {row.kind.key: row.kind.name_vi for row in tables.competence.rows()}
        return Names(tables.units, tables.bodies, kinds, topics_of(tables.kind_words, day))

    def gather(self, unit: Unit, period: Period, now: dt.datetime) -> Gathered:
        """Return the annex of a commune or a province; for a running period, as of now."""
        as_of = min(now, end_of(period.last_on))
        found = self._issue_rows.list(units=[unit.code], limit=MOST_ISSUES)
        states = [state for state in self._as_they_stood(found, as_of) if belongs(state, period)]
        if unit.level == "province":
            states = [state for state in states if reached_province(state)]
        draft = self._drafts.draft(unit.code, period.key)
        wanted = {ref.id for state in states for ref in texts_of(state)}
        wanted |= {ref for edit in draft.edits.values() for ref in (edit.text_id, *edit.rests_on)}
        texts = self._texts.fetch(wanted)
        proposed = annex_rows(states, period, self.names(local_day(now)), texts)
        rows = corrected(proposed, draft.edits, draft.left_out, texts)
        return Gathered(unit, period, states, proposed, rows, draft, as_of, len(found) == MOST_ISSUES)

    def _as_they_stood(self, found: Sequence[IssueState], as_of: dt.datetime) -> Iterable[IssueState]:
        """Yield the states at an instant: an issue changed later is folded again from its history."""
        yield from (state for state in found if state.updated_at <= as_of)
        later = [state.id for state in found if state.updated_at > as_of >= state.reported_at]
        for start in range(0, len(later), _AT_ONCE):
            yield from self._refolded(later[start : start + _AT_ONCE], as_of)

    def _refolded(self, ids: Sequence[UUID], until: dt.datetime) -> Iterable[IssueState]:
        facts = self._warehouse.rows(_HISTORIES, ids=ids, until=until)
        for _, history in itertools.groupby(facts, key=itemgetter("issue_id")):
            state: IssueState | None = None
            for fact in history:
                state = fold(state, decode(fact["body"].encode())).state
            if state is not None:
                yield state


def end_of(day: dt.date) -> dt.datetime:
    """Return the last instant of a local day."""
    return dt.datetime.combine(day, dt.time.max, LOCAL).astimezone(dt.UTC)
