"""Confirm and close the sum of a province for a period: each act is one event, recorded once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from uuid import UUID

from events.periods import PeriodSumClosed, PeriodSummed, SumClosure, SumConfirmation, filing_id
from reporting.dated.periods import Period
from reporting.dated.units import Unit
from reporting.filings.sums import SumFiling, accepted_parts, fold_sum, sum_of_lines
from services.access.actors import Actor
from services.acting.filing_acts import Recorded, ReopenReason, person_of, record_once
from services.dated_tables import DatedTables
from services.errors import Conflict
from services.store.store import Store
from services.warehouse.filing_table import FilingTable


class SumDesk:
    """Records the steps of a province's own filing; a repeated step is recorded once, and the fold decides what is in turn."""

    def __init__(
        self, store: Store, tables: DatedTables, filings: FilingTable, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store = store
        self._tables = tables
        self._filings = filings
        self._clock = clock

    def proposed(
        self, actor: Actor, province: Unit, period: Period, reason_code: ReopenReason | None = None
    ) -> SumConfirmation:
        """Return the sum as it would be confirmed now: of the accepted communes, naming those that are missing.

        Raises:
            Conflict: no commune's figures are accepted, or no rule names the receiver of the province.
        """
        communes = [one.code for one in self._tables.units.communes_of(province.code)]
        parts = accepted_parts(self._filings.load(filing_id(code, period.key) for code in communes).values())
        sending = self._tables.sending.of("procedure_control", province, period)
        if not parts or sending is None:
            sentence = "no commune's figures are accepted yet" if sending else "no rule names a receiver"
            raise Conflict(f"{sentence}: there is nothing to send", reason="nothing_accepted")
        inside = {part.unit_code for part, _ in parts}
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
            Conflict: the sum has changed since it was shown, nothing is accepted, or the step is not in turn.
            Forbidden: the actor may not confirm it.
        """
        shown = self.proposed(actor, province, period, reason_code)
        if digest != digest_of_sum(shown):
            raise Conflict(
                "the sum has changed since it was shown: look again", field="digest", reason="other_figures"
            )
        before = self.landed(province, period)
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
            Conflict, Forbidden: see reporting/filings/sums.py.
        """
        said = SumClosure(
            province_code=province.code, period=period.key, person=person_of(actor), summed_id=summed_id
        )
        landed = self.landed(province, period)
        return self._record(actor, (PeriodSumClosed, said), f"sum_closed:{summed_id}", landed)

    def landed(self, province: Unit, period: Period) -> SumFiling | None:
        """Return the province's filing as far as it has landed."""
        return self._filings.sum_of(filing_id(province.code, period.key))

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
