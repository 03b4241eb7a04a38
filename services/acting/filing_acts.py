"""Confirm, accept, close and reopen the figures of a commune's period: each act is one event, recorded once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid5

from events.envelope import Envelope
from events.fields import Payload
from events.periods import (
    Acceptance,
    Closure,
    Confirmation,
    PeriodAccepted,
    PeriodClosed,
    PeriodConfirmed,
    PeriodReopenAsked,
    PeriodReopened,
    PeriodWishWithdrawn,
    Reopening,
    ReopeningWish,
    WishWithdrawal,
    filing_id,
    person_id,
)
from reporting.dated.periods import Period
from reporting.filings.register import Filing, Refusal, fold
from reporting.filings.sums import SumFiling
from services.access.actors import Actor
from services.acting.recording import event_by, event_recorded
from services.dated_tables import DatedTables
from services.errors import BadInput, Conflict, Forbidden
from services.store.outbox import enqueue
from services.store.store import Store
from services.warehouse.filing_table import FilingTable, Known, KnownFigures

ReopenReason = Literal["late_data", "wrong_figures", "wrong_unit"]

_WHY: dict[Refusal, str] = {
    "actor_not_entitled": "the chair of the commune confirms its own figures, its province accepts, its leader closes",
    "not_over": "the period is not over: its figures can be confirmed from the day after its last",
    "not_in_turn": "the period is not in the state for this step: look again",
    "other_figures": "the commune has confirmed other figures meanwhile: look again",
    "same_person": "this step takes a second person: not the one who took the step before it",
    "other_person": "whoever asked to open a period again takes that back, and nobody else",
    "no_reason": "this was closed before: say why it is filed once more",
    "other_subject": "this step belongs to another period",
}
_FORBIDDEN: frozenset[Refusal] = frozenset({"actor_not_entitled", "same_person", "other_person"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """The event of an act; `created` is false where it was recorded before."""

    filing_id: UUID
    event_id: UUID
    created: bool


class FilingDesk:
    """Records steps of filings; a repeated step is recorded once.

    The fold decides what is in turn. It is asked about what has landed before anything is recorded, and once more when
    the event has landed: of two steps at the same time the first in the log counts.
    """

    def __init__(
        self,
        store: Store,
        tables: DatedTables,
        filings: FilingTable,
        figures: KnownFigures,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._tables = tables
        self._filings = filings
        self._figures = figures
        self._clock = clock

    def confirm(
        self, actor: Actor, unit_code: str, period: Period, *, digest: str, nothing_occurred: bool
    ) -> Recorded:
        """Confirm the figures of a period as they stand now, which must be those that the person saw.

        Args:
            digest: `digest_of` the figures that were shown.
            nothing_occurred: that there is nothing to report: required of such a period, and refused of any other.

        Raises:
            BadInput: `nothing_occurred` does not agree with the figures.
            Conflict: the figures have changed since they were shown, or the step is not in turn.
            Forbidden: the actor may not confirm them.
        """
        shown = self.proposed(actor, unit_code, period, with_gaps=True)
        if nothing_occurred != shown.nothing_occurred:
            sentence = (
                "there is nothing to report: say so, a period is not confirmed in silence"
                if shown.nothing_occurred
                else "there are figures in this period: it is no zero report"
            )
            raise BadInput(sentence, field="nothing_occurred", error_key="zero_report")
        if digest != digest_of(shown):
            raise Conflict(
                "the figures have changed since they were shown: look again",
                field="digest",
                reason="other_figures",
            )
        before = self._landed(unit_code, period)
        if (
            before is not None
            and before.state == "confirmed"
            and digest == digest_of(before.confirmed.figures)
        ):
            return Recorded(before.id, before.confirmed.id, created=False)
        place = len(before.steps) if before is not None else 0
        return self._record(actor, PeriodConfirmed, shown, f"confirmed:{place}:{digest}", before)

    def proposed(
        self, actor: Actor, unit_code: str, period: Period, *, with_gaps: bool = False
    ) -> Confirmation:
        """Return the figures of a period as they would be confirmed now.

        Args:
            with_gaps: name what has not landed below the positions too, as an event does; a page does not need it.
        """
        point = self._figures.newest()
        # Gaps before lines: what lands in one meanwhile is in neither, and not in the recount either.
        gaps = self._figures.gaps(point) if with_gaps else ()
        lines = self._figures.lines(unit_code, period, Known.at(point.epoch, point.positions, gaps))
        return Confirmation(
            unit_code=unit_code,
            period=period.key,
            person=person_of(actor),
            first_on=period.first_on,
            last_on=period.last_on,
            nothing_occurred=not lines,
            epoch=point.epoch,
            positions=point.positions,
            gaps=gaps,
            lines=lines,
        )

    def accept(self, actor: Actor, unit_code: str, period: Period, confirmed_id: UUID) -> Recorded:
        """Accept what the commune confirmed.

        Raises:
            Conflict, Forbidden: see reporting/filings/register.py.
        """
        said = Acceptance(
            unit_code=unit_code, period=period.key, person=person_of(actor), confirmed_id=confirmed_id
        )
        landed = self._landed(unit_code, period)
        return self._record(actor, PeriodAccepted, said, f"accepted:{confirmed_id}", landed)

    def close(self, actor: Actor, unit_code: str, period: Period, confirmed_id: UUID) -> Recorded:
        """Close the period with the accepted figures.

        Raises:
            Conflict, Forbidden: see reporting/filings/register.py.
        """
        said = Closure(
            unit_code=unit_code, period=period.key, person=person_of(actor), confirmed_id=confirmed_id
        )
        landed = self._landed(unit_code, period)
        return self._record(actor, PeriodClosed, said, f"closed:{confirmed_id}", landed)

    def ask_to_reopen(
        self, actor: Actor, unit_code: str, period: Period, reason_code: ReopenReason
    ) -> Recorded:
        """Ask to open a closed period again.

        Raises:
            Conflict, Forbidden: see reporting/filings/register.py; the actor's token names no person; the same wish was
                taken back, and that has not landed yet.
        """
        said = ReopeningWish(
            unit_code=unit_code, period=period.key, person=one_of_two(actor), reason_code=reason_code
        )
        landed = self._landed(unit_code, period)
        place, taken_back = len(landed.closed) if landed is not None else 0, _withdrawals(landed)
        what = f"reopen_asked:{place}:{said.person}" + (f":{taken_back}" if taken_back else "")
        subject = filing_id(unit_code, period.key)
        self._check_not_taken_back(subject, uuid5(subject, what))
        return self._record(actor, PeriodReopenAsked, said, what, landed)

    def withdraw_wish(self, actor: Actor, unit_code: str, period: Period, asked_id: UUID) -> Recorded:
        """Take back one's own wish to open a period again: it stays closed.

        Raises:
            Conflict, Forbidden: see reporting/filings/register.py; the actor's token names no person.
        """
        said = WishWithdrawal(
            unit_code=unit_code, period=period.key, person=one_of_two(actor), asked_id=asked_id
        )
        landed = self._landed(unit_code, period)
        return self._record(actor, PeriodWishWithdrawn, said, _withdrawal_of(asked_id), landed)

    def reopen(self, actor: Actor, unit_code: str, period: Period, asked_id: UUID) -> Recorded:
        """Open a closed period again, as a second person.

        Raises:
            Conflict, Forbidden: see reporting/filings/register.py; the actor's token names no person.
        """
        said = Reopening(unit_code=unit_code, period=period.key, person=one_of_two(actor), asked_id=asked_id)
        landed = self._landed(unit_code, period)
        return self._record(actor, PeriodReopened, said, f"reopened:{asked_id}", landed)

    def _check_not_taken_back(self, subject: UUID, asked_id: UUID) -> None:
        """Refuse to repeat a wish whose withdrawal is recorded and has not landed: the wish would be gone with it.

        Raises:
            Conflict: the wish was taken back.
        """
        with self._store.read() as conn:
            if event_recorded(conn, uuid5(subject, _withdrawal_of(asked_id))) is not None:
                raise Conflict(
                    "you have just taken this wish back, and that does not count yet: try again in a moment",
                    reason="not_in_turn",
                )

    def _landed(self, unit_code: str, period: Period) -> Filing | None:
        return self._filings.get(filing_id(unit_code, period.key))

    def _record(
        self, actor: Actor, kind: type[Envelope], data: _Said, what: str, landed: Filing | None
    ) -> Recorded:
        return record_once(
            self._store,
            actor,
            (kind, data),
            source=f"/vn/{self._tables.units.province_of(data.unit_code)}/{data.unit_code}",
            subject=filing_id(data.unit_code, data.period),
            what=what,
            now=self._clock(),
            landed=landed,
            check=lambda event: fold(landed, event)[1],
        )


def record_once(
    store: Store,
    actor: Actor,
    said: tuple[type[Envelope], Payload],
    *,
    source: str,
    subject: UUID,
    what: str,
    now: dt.datetime,
    landed: Filing | SumFiling | None,
    check: Callable[[Envelope], Refusal | None],
) -> Recorded:
    """Record a step of a filing, unless it is recorded already.

    Args:
        what: names the step within the filing; the id of its event follows from it.
        landed: the filing as far as it has landed.
        check: returns why the fold would refuse the event.

    Raises:
        Conflict, Forbidden: the fold would refuse it.
    """
    event_id = uuid5(subject, what)
    with store.begin() as conn:
        before = event_recorded(conn, event_id)
        if before is not None or (landed and any(step.event_id == event_id for step in landed.steps)):
            return Recorded(subject, event_id, created=False)
        event = event_by(
            actor,
            said,
            source=source,
            event_id=event_id,
            subject=subject,
            now=now,
            expected_version=None,
            on_behalf_of=None,
        )
        refused = check(event)
        if refused in _FORBIDDEN:
            raise Forbidden(_WHY[refused])
        if refused is not None:
            raise Conflict(
                _WHY[refused], reason=refused, state=landed.state if landed is not None else "open"
            )
        enqueue(conn, event)
    return Recorded(subject, event_id, created=True)


_Said = Confirmation | Acceptance | Closure | ReopeningWish | Reopening | WishWithdrawal


def digest_of(figures: Confirmation) -> str:
    """Return the digest of figures: equal for equal numbers, whoever looks and whatever else the log holds."""
    said = "\n".join(line.model_dump_json() for line in figures.lines)
    return hashlib.sha256(f"{figures.unit_code}\n{figures.period}\n{said}".encode()).hexdigest()


def _withdrawal_of(asked_id: UUID) -> str:
    return f"wish_withdrawn:{asked_id}"


def _withdrawals(filing: Filing | None) -> int:
    """Return how many wishes were taken back, so that a wish after one is another wish."""
    return 0 if filing is None else sum(step.type == "period.wish_withdrawn" for step in filing.steps)


def one_of_two(actor: Actor) -> UUID:
    """Return the person of a step that takes two persons: a token that names none is another person when it is renewed.

    Raises:
        Conflict: the actor's token names no person.
    """
    if not actor.is_named:
        raise Conflict(
            "this step tells two persons apart, and your token names none: ask for one that was made with --person",
            reason="unnamed_person",
        )
    return person_of(actor)


def person_of(actor: Actor) -> UUID:
    """Return the pseudonym of an actor in events."""
    return person_id(actor.unit_code, actor.subject)
