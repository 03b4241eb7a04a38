"""A province's own filing for readers: the sum, the communes that are in it, and how they stand since."""

from __future__ import annotations

from dataclasses import dataclass

from events.periods import SumConfirmation, filing_id
from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from reporting.dated.periods import Period
from reporting.dated.units import Unit
from reporting.filings.sums import SumFiling, accepted_parts, moved_since, sum_of_lines
from services.access.actors import Actor
from services.access.policy import Action, require
from services.acting.sum_acts import SumDesk, digest_of_sum
from services.errors import BadInput, Conflict
from services.warehouse.filing_table import FilingTable, KnownFigures
from services.warehouse.hand_overs import communes_of, split_cases
from services.web.filings.schemas import SumPartView, SumView, Timeliness
from services.web.filings.views import FilingViewer, figures_of, steps_of
from services.web.shell.parts import ViewParts


def sum_desk_of(parts: ViewParts) -> SumDesk:
    """Return the desk that records the steps of provinces."""
    warehouse = parts.warehouse
    return SumDesk(parts.store, parts.tables, FilingTable(warehouse), KnownFigures(warehouse), parts.clock)


def province_of(parts: ViewParts, actor: Actor, action: Action, province_code: str) -> Unit:
    """Return the province whose period is asked about.

    Raises:
        UnknownUnit: no such unit.
        BadInput: it is no province.
        Forbidden: the actor may not do this there.
    """
    unit = parts.tables.units.get(province_code)
    require(actor, action, unit.code, units=parts.tables.units)
    if unit.level != "province":
        raise BadInput("a province files the sum of its communes; name one", field="province_code")
    return unit


@dataclass(frozen=True, slots=True)
class SumViewer:
    """Builds the view of a province's filing."""

    viewer: FilingViewer

    def view(self, actor: Actor, period: Period, province: Unit) -> SumView:
        """Return a province's filing for a period.

        Raises:
            NotReady: the engine cannot be reached.
        """
        parts = self.viewer.parts
        table = FilingTable(parts.warehouse)
        communes = parts.tables.units.communes_of(province.code)
        filings = table.load(filing_id(one.code, period.key) for one in communes)
        states = {one.unit_code: one.state for one in filings.values()}
        accepted = accepted_parts(filings.values())
        filing = table.sum_of(filing_id(province.code, period.key))
        filed = filing.filed if filing is not None else None
        moved = {} if filed is None else dict(moved_since(filed.figures, [part for part, _ in accepted]))
        summed = filing.summed.figures if filing is not None else None
        inside = set() if summed is None else {one.unit_code for one in summed.parts}
        now = {part.unit_code for part, _ in accepted}
        confirmed = (one.confirmed.figures for one in filings.values() if one.unit_code in now)
        torn = communes_of(split_cases(KnownFigures(parts.warehouse), confirmed))
        return SumView(
            period=self.viewer.period(period, province),
            province_code=province.code,
            province_name=unit_named(province, self.viewer.lang),
            state="open" if filing is None else filing.state,
            timeliness=self._timeliness(period, province, filing),
            summed_id=None if filing is None else filing.summed.id,
            summed_at=None if filing is None else filing.summed.at,
            receiver=None if summed is None else summed.receiver,
            reason_code=None if summed is None else summed.reason_code,
            digest=None if torn else self._digest(actor, period, province),
            confirm_anew=torn,
            accepted_count=len(accepted),
            missing_count=len(communes) - len(accepted),
            moved_count=None if filed is None else len(moved),
            summed=None if summed is None else figures_of(summed.lines),
            filed_at=None if filed is None else filed.at,
            filed=None if filed is None else figures_of(filed.figures.lines),
            now=figures_of(sum_of_lines(line for _, lines in accepted for line in lines)),
            parts=[
                SumPartView(
                    unit_code=one.code,
                    unit_name=unit_named(one, self.viewer.lang),
                    state=states.get(one.code, "open"),
                    in_sum=one.code in inside,
                    in_now=one.code in now,
                    moved=moved.get(one.code),
                )
                for one in communes
            ],
            steps=[] if filing is None else steps_of(filing),
        )

    def _digest(self, actor: Actor, period: Period, province: Unit) -> str | None:
        try:
            shown: SumConfirmation = sum_desk_of(self.viewer.parts).proposed(actor, province, period)
        except Conflict:
            return None
        return digest_of_sum(shown)

    def _timeliness(self, period: Period, province: Unit, filing: SumFiling | None) -> Timeliness:
        sending = self.viewer.sending(period, province)
        if filing is not None:
            late = sending is not None and sending.is_late(local_day(filing.steps[0].at))
            return "late" if late else "on_time"
        if not period.is_closed(self.viewer.today):
            return "running"
        return "missing" if sending is not None and sending.is_late(self.viewer.today) else "awaited"
