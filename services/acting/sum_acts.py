"""Confirm and close the sum of a province for a period: each act is one event, recorded once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from uuid import UUID

from events.periods import (
    Confirmation,
    PeriodSumClosed,
    PeriodSummed,
    SumClosure,
    SumConfirmation,
    filing_id,
)
from reporting.dated.periods import Period
from reporting.dated.units import Unit
from reporting.filings.sums import SumFiling, accepted_parts, fold_sum, sum_of_lines
from services.access.actors import Actor
from services.acting.filing_acts import Recorded, ReopenReason, one_of_two, person_of, record_once
from services.dated_tables import DatedTables
from services.errors import Conflict
from services.store.store import Store
from services.warehouse.filing_table import FilingTable, KnownFigures
from services.warehouse.hand_overs import communes_of, split_cases


class SumDesk:
    """Records the steps of a province's own filing; a repeated step is recorded once, and the fold decides what is in turn."""

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

    def proposed(
        self, actor: Actor, province: Unit, period: Period, reason_code: ReopenReason | None = None
    ) -> SumConfirmation:
        """Return the sum as it would be confirmed now: of the accepted communes, naming those that are missing.

        Raises:
            Conflict: no commune's figures are accepted, no rule names the receiver of the province, or a case moved
                between the confirmations of its communes.
        """
        communes = [one.code for one in self._tables.units.communes_of(province.code)]
        filings = self._filings.load(filing_id(code, period.key) for code in communes)
        parts = accepted_parts(filings.values())
        sending = self._tables.sending.of("procedure_control", province, period)
        if not parts or sending is None:
            sentence = "no commune's figures are accepted yet" if sending else "no rule names a receiver"
            raise Conflict(f"{sentence}: there is nothing to send", reason="nothing_accepted")
        inside = {part.unit_code for part, _ in parts}
        self._check_whole(one.confirmed.figures for one in filings.values() if one.unit_code in inside)
        return SumConfirmation(
            province_code=province.code,
            period=period.key,
            person=person_of(actor),
            first_on=period.first_on,
            last_on=period.last_on,
            receiver=sending.receiver,
            due_on=sending.due_on,
            parts=tuple(part for part, _ in parts),
            missing=tuple(code for code in communes if code not in inside),
            lines=sum_of_lines(line for _, lines in parts for line in lines),
            reason_code=reason_code,
        )

    def confirm(
        self,
        actor: Actor,
        province: Unit,
        period: Period,
        *,
        digest: str,
        reason_code: ReopenReason | None,
    ) -> Recorded:
        """Confirm the sum as it stands now, which must be the one that the person saw.

        Args:
            digest: `digest_of_sum` of the sum that was shown.
            reason_code: why it is filed once more; required after it was closed.

        Raises:
            Conflict: the sum has changed since it was shown, nothing is accepted, the step is not in turn, or it was
                closed before and the actor's token names no person; see also `proposed`.
            Forbidden: the actor may not confirm it.
        """
        before = self.landed(province, period)
        # With a reason it was closed before, whether that has landed or not.
        if reason_code is not None or (before is not None and before.closed):
            one_of_two(actor)
        shown = self.proposed(actor, province, period, reason_code)
        if digest != digest_of_sum(shown):
            raise Conflict(
                "the sum has changed since it was shown: look again", field="digest", reason="other_figures"
            )
        if (
            before is not None
            and before.state == "confirmed"
            and digest == digest_of_sum(before.summed.figures)
        ):
            return Recorded(before.id, before.summed.id, created=False)
        place = len(before.steps) if before is not None else 0
        return self._record(actor, (PeriodSummed, shown), f"summed:{place}:{digest}", before)

    def close(self, actor: Actor, province: Unit, period: Period, summed_id: UUID) -> Recorded:
        """Close the period of the province with its sum.

        Raises:
            Conflict, Forbidden: see reporting/filings/sums.py; it was closed before and the actor's token names no person.
        """
        landed = self.landed(province, period)
        person = one_of_two(actor) if landed is not None and landed.closed else person_of(actor)
        said = SumClosure(province_code=province.code, period=period.key, person=person, summed_id=summed_id)
        return self._record(actor, (PeriodSumClosed, said), f"sum_closed:{summed_id}", landed)

    def landed(self, province: Unit, period: Period) -> SumFiling | None:
        """Return the province's filing as far as it has landed."""
        return self._filings.sum_of(filing_id(province.code, period.key))

    def _check_whole(self, confirmed: Iterable[Confirmation]) -> None:
        """Refuse a sum that would count a case twice or not at all.

        Raises:
            Conflict: a case moved between the confirmations; names the communes that confirm anew.
        """
        found = split_cases(self._figures, confirmed)
        if found:
            raise Conflict(
                f"cases moved between communes while these confirmed ({len(found)}), and the sum would count them twice"
                f" or not at all: first {', '.join(communes_of(found))} are closed, opened again and confirm anew",
                reason="handed_over",
            )

    def _record(
        self,
        actor: Actor,
        said: tuple[type[PeriodSummed], SumConfirmation] | tuple[type[PeriodSumClosed], SumClosure],
        what: str,
        landed: SumFiling | None,
    ) -> Recorded:
        kind, data = said
        return record_once(
            self._store,
            actor,
            (kind, data),
            source=f"/vn/{data.province_code}",
            subject=filing_id(data.province_code, data.period),
            what=what,
            now=self._clock(),
            landed=landed,
            check=lambda event: fold_sum(landed, event)[1],
        )


def digest_of_sum(said: SumConfirmation) -> str:
    """Return the digest of a sum: equal for equal communes, confirmations and numbers."""
    parts = "\n".join(f"{one.unit_code} {one.confirmed_id}" for one in said.parts)
    lines = "\n".join(one.model_dump_json() for one in said.lines)
    return hashlib.sha256(f"{said.province_code}\n{said.period}\n{parts}\n{lines}".encode()).hexdigest()
