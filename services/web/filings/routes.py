"""JSON API of periods that close: periods, filings, their steps, and the ledger of what changed after them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path, Query

from events.fields import CommuneCode, ProvinceCode
from reporting.dated.periods import Period
from services.access.policy import Action, require
from services.acting.filing_acts import FilingDesk, Recorded
from services.errors import BadInput
from services.language.labels import Lang
from services.web.filings.schemas import (
    ConfirmationSent,
    ConfirmedSent,
    FilingList,
    FilingView,
    PeriodList,
    ReopeningSent,
    ReopeningWishSent,
    RestatementLedger,
    StepRecorded,
    SumClosingSent,
    SumSent,
    SumView,
)
from services.web.filings.sums import SumViewer, province_of, sum_desk_of
from services.web.filings.views import FilingViewer, commune_of, counted, desk_of
from services.web.shell.error_schemas import ACTED, READ
from services.web.shell.identity import Here, Who
from services.web.shell.parts import Parts

router = APIRouter(prefix="/api/v1", tags=["filings"])

UnitInPath = Annotated[CommuneCode, Path(description="The commune.")]
PeriodInPath = Annotated[str, Path(max_length=10, description="2026-11, 2026-q4, 2026-h2, 2026-m9 or 2026.")]
ProvinceInPath = Annotated[ProvinceCode, Path(description="The province.")]
_FILING = "/filings/{unit_code}/{period}"
_SUM = "/sums/{province_code}/{period}"


@router.get("/periods", responses=READ)
def read_periods(parts: Here, actor: Who, lang: Lang = "vi") -> PeriodList:
    """List the periods of today and the last that ended, with the receiver and the day of the actor's unit."""
    require(actor, "tables.read", actor.unit_code, units=parts.tables.units)
    return FilingViewer.of(parts, lang).periods(parts.tables.units.get(actor.unit_code))


@router.get("/filings", responses=READ)
def read_filings(
    parts: Here,
    actor: Who,
    period: Annotated[str, Query(max_length=10)],
    province: Annotated[str | None, Query(pattern=r"^[0-9]{2}$")] = None,
    lang: Lang = "vi",
) -> FilingList:
    """List who of a province's communes has confirmed a period, and when."""
    unit = parts.tables.units.get(province or parts.tables.units.province_of(actor.unit_code))
    require(actor, "filings.read", unit.code, units=parts.tables.units)
    if unit.level != "province":
        raise BadInput("name the province whose communes are listed", field="province")
    return FilingViewer.of(parts, lang).list(parts.tables.periods.named(period), unit)


@router.get(_FILING, responses=READ)
def read_filing(
    unit_code: UnitInPath,
    period: PeriodInPath,
    parts: Here,
    actor: Who,
    known_on: Annotated[dt.date | None, Query(description="Also count what was known at its end.")] = None,
    lang: Lang = "vi",
) -> FilingView:
    """Show a period of a commune: as filed, as known on a day, as known now."""
    unit = commune_of(parts, actor, "filings.read", unit_code)
    return FilingViewer.of(parts, lang).filing(actor, parts.tables.periods.named(period), unit, known_on)


@router.get(_FILING + "/restatements", responses=READ)
def read_restatements(
    unit_code: UnitInPath, period: PeriodInPath, parts: Here, actor: Who, lang: Lang = "vi"
) -> RestatementLedger:
    """List each number that a recount has otherwise than it was filed, and the events that brought it about."""
    unit = commune_of(parts, actor, "filings.read", unit_code)
    return FilingViewer.of(parts, lang).ledger(parts.tables.periods.named(period), unit)


@router.post(_FILING + "/confirmation", status_code=202, responses=ACTED)
def confirm(
    unit_code: UnitInPath, period: PeriodInPath, sent: ConfirmationSent, parts: Here, actor: Who
) -> StepRecorded:
    """Confirm the figures that were shown; a period without any is confirmed as a zero report."""
    desk, named = _at(parts, actor, "filings.confirm", unit_code, period)
    return _answer(
        parts,
        desk.confirm(actor, unit_code, named, digest=sent.digest, nothing_occurred=sent.nothing_occurred),
    )


@router.post(_FILING + "/acceptance", status_code=202, responses=ACTED)
def accept(
    unit_code: UnitInPath, period: PeriodInPath, sent: ConfirmedSent, parts: Here, actor: Who
) -> StepRecorded:
    """Accept what the commune confirmed."""
    desk, named = _at(parts, actor, "filings.accept", unit_code, period)
    return _answer(parts, desk.accept(actor, unit_code, named, sent.confirmed_id))


@router.post(_FILING + "/closure", status_code=202, responses=ACTED)
def close(
    unit_code: UnitInPath, period: PeriodInPath, sent: ConfirmedSent, parts: Here, actor: Who
) -> StepRecorded:
    """Close the period: its figures are filed, and later events change the running view alone."""
    desk, named = _at(parts, actor, "filings.close", unit_code, period)
    return _answer(parts, desk.close(actor, unit_code, named, sent.confirmed_id))


@router.post(_FILING + "/reopening-request", status_code=202, responses=ACTED)
def ask_to_reopen(
    unit_code: UnitInPath, period: PeriodInPath, sent: ReopeningWishSent, parts: Here, actor: Who
) -> StepRecorded:
    """Ask to open a closed period again; somebody else opens it."""
    desk, named = _at(parts, actor, "filings.ask_to_reopen", unit_code, period)
    return _answer(parts, desk.ask_to_reopen(actor, unit_code, named, sent.reason_code))


@router.post(_FILING + "/reopening-withdrawal", status_code=202, responses=ACTED)
def withdraw_wish(
    unit_code: UnitInPath, period: PeriodInPath, sent: ReopeningSent, parts: Here, actor: Who
) -> StepRecorded:
    """Take back one's own wish to open a closed period again."""
    desk, named = _at(parts, actor, "filings.ask_to_reopen", unit_code, period)
    return _answer(parts, desk.withdraw_wish(actor, unit_code, named, sent.asked_id))


@router.post(_FILING + "/reopening", status_code=202, responses=ACTED)
def reopen(
    unit_code: UnitInPath, period: PeriodInPath, sent: ReopeningSent, parts: Here, actor: Who
) -> StepRecorded:
    """Open a closed period again, as a second person; what was filed stays."""
    desk, named = _at(parts, actor, "filings.reopen", unit_code, period)
    return _answer(parts, desk.reopen(actor, unit_code, named, sent.asked_id))


@router.get(_SUM, responses=READ)
def read_sum(
    province_code: ProvinceInPath, period: PeriodInPath, parts: Here, actor: Who, lang: Lang = "vi"
) -> SumView:
    """Show a province's own filing: its sum, which communes are in it, which are missing, and what moved since."""
    unit = province_of(parts, actor, "filings.read", province_code)
    return SumViewer(FilingViewer.of(parts, lang)).view(actor, parts.tables.periods.named(period), unit)


@router.post(_SUM + "/confirmation", status_code=202, responses=ACTED)
def confirm_sum(
    province_code: ProvinceInPath, period: PeriodInPath, sent: SumSent, parts: Here, actor: Who
) -> StepRecorded:
    """Confirm the sum of the accepted communes to the receiver above; once closed, only with a reason."""
    unit, named = province_of(parts, actor, "filings.sum", province_code), parts.tables.periods.named(period)
    desk = sum_desk_of(parts)
    return _answer(parts, desk.confirm(actor, unit, named, digest=sent.digest, reason_code=sent.reason_code))


@router.post(_SUM + "/closure", status_code=202, responses=ACTED)
def close_sum(
    province_code: ProvinceInPath, period: PeriodInPath, sent: SumClosingSent, parts: Here, actor: Who
) -> StepRecorded:
    """Close the province's period with its sum."""
    unit, named = (
        province_of(parts, actor, "filings.close", province_code),
        parts.tables.periods.named(period),
    )
    return _answer(parts, sum_desk_of(parts).close(actor, unit, named, sent.summed_id))


def _at(parts: Parts, actor: Who, action: Action, unit_code: str, period: str) -> tuple[FilingDesk, Period]:
    commune_of(parts, actor, action, unit_code)
    return desk_of(parts), parts.tables.periods.named(period)


def _answer(parts: Parts, done: Recorded) -> StepRecorded:
    """Wait until the step counts, and return it.

    Raises:
        Conflict: another step came first in the log, so that this one does not count.
    """
    queued = not counted(parts, done)
    return StepRecorded(filing_id=done.filing_id, event_id=done.event_id, created=done.created, queued=queued)
