"""Periods and filings for readers, in a language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from events.periods import FiledLine, filing_id, person_id
from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from reporting.dated.periods import Period, period_words
from reporting.dated.sending import Sending
from reporting.dated.units import Unit
from reporting.filings.figures import differences, total_of
from reporting.filings.register import Filing
from reporting.filings.sums import SumFiling
from services.access.actors import Actor
from services.access.policy import Action, require
from services.acting.filing_acts import FilingDesk, Recorded, digest_of
from services.errors import BadInput, Conflict, NotFound
from services.language.labels import Lang
from services.warehouse.filing_table import FilingTable, Known, KnownFigures
from services.web.filings.schemas import (
    MOST_EVENTS,
    CauseView,
    Figures,
    FilingLine,
    FilingList,
    FilingView,
    PeriodList,
    PeriodView,
    RestatementLedger,
    RestatementView,
    SendingView,
    StepView,
    Timeliness,
)
from services.web.shell.parts import Parts, ViewParts


def desk_of(parts: ViewParts) -> FilingDesk:
    """Return the desk that records steps."""
    warehouse = parts.warehouse
    return FilingDesk(parts.store, parts.tables, FilingTable(warehouse), KnownFigures(warehouse), parts.clock)


def commune_of(parts: ViewParts, actor: Actor, action: Action, unit_code: str) -> Unit:
    """Return the commune whose period is asked about.

    Raises:
        UnknownUnit: no such unit.
        BadInput: it is no commune.
        Forbidden: the actor may not do this there.
    """
    unit = parts.tables.units.get(unit_code)
    require(actor, action, unit.code, units=parts.tables.units)
    if unit.level != "commune":
        raise BadInput(
            "communes confirm their figures; a province's are the sum of theirs", field="unit_code"
        )
    return unit


def counted(parts: Parts, done: Recorded) -> bool:
    """Wait until a recorded step has landed, and return whether it has within the time of an answer.

    Raises:
        Conflict: another step came first in the log, so that this one does not count.
    """
    landed = parts.arrivals.wait_for(
        done.event_id, parts.wait_seconds, subject=done.filing_id, family="period"
    )
    if landed is None:
        return False
    table = FilingTable(parts.warehouse)
    filing = table.get(done.filing_id) or table.sum_of(done.filing_id)
    if filing is None or all(step.event_id != done.event_id for step in filing.steps):
        raise Conflict("somebody else was first: look again", reason="not_in_turn")
    return True


@dataclass(frozen=True, slots=True)
class FilingViewer:
    """Builds views of periods and filings on a local day."""

    parts: ViewParts
    lang: Lang
    today: dt.date

    @staticmethod
    def of(parts: ViewParts, lang: Lang) -> FilingViewer:
        """Return a viewer of today."""
        return FilingViewer(parts, lang, local_day(parts.clock()))

    def periods(self, unit: Unit) -> PeriodList:
        """Return the periods that run and those that ended last, with the receivers of the unit's reports."""
        periods = self.parts.tables.periods
        return PeriodList(
            running=[self.period(one, unit) for one in periods.holding(self.today)],
            ended=[self.period(one, unit) for one in periods.latest_ended(self.today)],
        )

    def period(self, period: Period, unit: Unit) -> PeriodView:
        """Return one period with the receiver of the unit's report."""
        sending = self.sending(period, unit)
        return PeriodView(
            key=period.key,
            kind=period.kind,
            name=period_words(period, self.lang),
            first_on=period.first_on,
            last_on=period.last_on,
            sending=None if sending is None else self._sending(sending),
        )

    def sending(self, period: Period, unit: Unit) -> Sending | None:
        """Return to whom the unit sends the figures of the period, and by when."""
        return self.parts.tables.sending.of("procedure_control", unit, period)

    def list(self, period: Period, province: Unit) -> FilingList:
        """Return the filings of a province's communes for a period.

        Raises:
            NotReady: the engine cannot be reached.
        """
        communes = self.parts.tables.units.communes_of(province.code)
        found = FilingTable(self.parts.warehouse).load(filing_id(one.code, period.key) for one in communes)
        changed = self._changed(period, list(found.values()))
        items = [
            self._line(period, one, found.get(filing_id(one.code, period.key)), changed) for one in communes
        ]
        return FilingList(
            period=self.period(period, province),
            unit_count=len(items),
            confirmed_count=sum(one.confirmed_at is not None for one in items),
            on_time_count=sum(one.timeliness == "on_time" for one in items),
            late_count=sum(one.timeliness == "late" for one in items),
            missing_count=sum(one.timeliness == "missing" for one in items),
            accepted_count=sum(one.state == "accepted" for one in items),
            closed_count=sum(one.state in {"closed", "reopen_asked"} for one in items),
            items=items,
        )

    def changed_count(self, province: Unit) -> int:
        """Return how many communes have other figures now than they filed for the last month that ended.

        Raises:
            NotReady: the engine cannot be reached.
        """
        period = self.parts.tables.periods.latest_ended(self.today)[0]
        communes = self.parts.tables.units.communes_of(province.code)
        found = FilingTable(self.parts.warehouse).load(filing_id(one.code, period.key) for one in communes)
        return sum(count > 0 for count in self._changed(period, list(found.values())).values())

    def filing(self, actor: Actor, period: Period, unit: Unit, known_on: dt.date | None) -> FilingView:
        """Return one filing: as filed, as known at the end of a day, as known now.

        Raises:
            NotReady: the engine cannot be reached.
        """
        figures = KnownFigures(self.parts.warehouse)
        filing = FilingTable(self.parts.warehouse).get(filing_id(unit.code, period.key))
        now = desk_of(self.parts).proposed(actor, unit.code, period)
        filed = filing.filed if filing is not None else None
        known = None if known_on is None else figures.lines(unit.code, period, Known.at_the_end_of(known_on))
        return FilingView(
            period=self.period(period, unit),
            unit_code=unit.code,
            unit_name=unit_named(unit, self.lang),
            state="open" if filing is None else filing.state,
            timeliness=self._timeliness(period, unit, filing),
            confirmed_id=None if filing is None else filing.confirmed.id,
            asked_id=None if filing is None or filing.asked is None else filing.asked.event_id,
            is_own_wish=filing is not None
            and filing.asked is not None
            and filing.asked.person == person_id(actor.unit_code, actor.subject),
            digest=digest_of(now),
            nothing_occurred=now.nothing_occurred,
            confirmed=None if filing is None else figures_of(filing.confirmed.figures.lines),
            filed_at=None if filed is None else filed.at,
            filed=None if filed is None else figures_of(filed.figures.lines),
            known_on=known_on,
            known=None if known is None else figures_of(known),
            now=figures_of(now.lines),
            steps=[] if filing is None else steps_of(filing),
        )

    def ledger(self, period: Period, unit: Unit, now: Sequence[FiledLine] | None = None) -> RestatementLedger:
        """Return what differs from the figures that were filed, with the events that brought it about.

        Args:
            now: the figures as they are known now, where they were counted already.

        Raises:
            NotFound: the period was not closed.
            NotReady: the engine cannot be reached.
        """
        filing = FilingTable(self.parts.warehouse).get(filing_id(unit.code, period.key))
        filed = filing.filed if filing is not None else None
        if filed is None:
            raise NotFound(
                "this period has not been closed: there is nothing filed to compare", field="period"
            )
        explained = KnownFigures(self.parts.warehouse).restated(filed.figures, now)
        return RestatementLedger(
            period=self.period(period, unit),
            unit_code=unit.code,
            filed_id=filed.id,
            filed_at=filed.at,
            items=[
                RestatementView(
                    unit_code=unit.code,
                    period=period.key,
                    field_code=one.difference.field_code,
                    channel=one.difference.channel,
                    number=one.difference.number,
                    filed=one.difference.filed,
                    now=one.difference.now,
                    case_count=one.case_count,
                    causes=[CauseView(cause=cause, case_count=count) for cause, count in one.causes],
                    event_count=len(one.event_ids),
                    event_ids=[UUID(event_id) for event_id in one.event_ids[:MOST_EVENTS]],
                )
                for one in explained
            ],
        )

    def _changed(self, period: Period, filings: Sequence[Filing]) -> dict[str, int]:
        """Return unit → how many numbers a recount has otherwise than they were filed."""
        filed = {one.unit_code: one.filed.figures.lines for one in filings if one.filed is not None}
        if not filed:
            return {}
        now = KnownFigures(self.parts.warehouse).lines_of(list(filed), period, Known.now())
        return {code: len(differences(lines, now[code])) for code, lines in filed.items()}

    def _line(self, period: Period, unit: Unit, filing: Filing | None, changed: dict[str, int]) -> FilingLine:
        filed = filing.filed if filing is not None else None
        closed = [] if filing is None else [one.at for one in filing.steps if one.type == "period.closed"]
        return FilingLine(
            unit_code=unit.code,
            unit_name=unit_named(unit, self.lang),
            state="open" if filing is None else filing.state,
            timeliness=self._timeliness(period, unit, filing),
            confirmed_id=None if filing is None else filing.confirmed.id,
            confirmed_at=None if filing is None else filing.confirmed.at,
            nothing_occurred=None if filing is None else filing.confirmed.figures.nothing_occurred,
            closed_at=closed[-1] if filed is not None else None,
            changed_count=changed.get(unit.code),
        )

    def _timeliness(self, period: Period, unit: Unit, filing: Filing | None) -> Timeliness:
        sending = self.sending(period, unit)
        if filing is not None:
            confirmed_on = local_day(filing.first_confirmed_at)
            return "late" if sending is not None and sending.is_late(confirmed_on) else "on_time"
        if not period.is_closed(self.today):
            return "running"
        return "missing" if sending is not None and sending.is_late(self.today) else "awaited"

    def _sending(self, sending: Sending) -> SendingView:
        bodies = self.parts.tables.bodies
        body = bodies.get(sending.receiver) if bodies.knows(sending.receiver) else None
        return SendingView(
            receiver=sending.receiver,
            receiver_name=None if body is None else body.name_vi if self.lang == "vi" else body.name_en,
            due_on=sending.due_on,
            deadline_source=sending.deadline_source,
            source=sending.source,
            confidence=sending.confidence,
        )


def figures_of(lines: Sequence[FiledLine]) -> Figures:
    """Return lines with their sum."""
    return Figures(total=total_of(lines), lines=list(lines))


def steps_of(filing: Filing | SumFiling) -> list[StepView]:
    """Return the steps of a filing, the first one first."""
    return [
        StepView(
            event_id=one.event_id,
            event=one.type,
            at=one.at,
            actor_role=one.role,
            actor_unit=one.unit_code,
            person=one.person,
        )
        for one in filing.steps
    ]
