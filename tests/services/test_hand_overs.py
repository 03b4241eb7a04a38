"""A sum of communes that confirmed at positions of their own counts each case once, whatever moved between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest

from events.cases import CaseTransferred
from events.codec import encode
from events.envelope import Envelope
from events.log import Message
from events.periods import (
    Acceptance,
    Closure,
    Confirmation,
    LogPosition,
    PeriodAccepted,
    PeriodClosed,
    PeriodConfirmed,
    PeriodReopenAsked,
    PeriodReopened,
    PeriodSumClosed,
    PeriodSummed,
    Reopening,
    ReopeningWish,
    SumClosure,
    SumConfirmation,
    SummedPart,
    filing_id,
    person_id,
)
from events.topics import PERIODS
from reporting.dated.periods import Period
from reporting.filings.sums import sum_of_lines
from services.access.actors import Actor
from services.acting.filing_acts import FilingDesk
from services.acting.sum_acts import SumDesk
from services.errors import Conflict
from services.log.sqlite import SqliteLog
from services.maintenance.audit import audit
from services.store.store import Store
from services.streams.land import Land, LandCases
from services.warehouse.client import Warehouse
from services.warehouse.filing_table import FilingTable, Known, KnownFigures
from tests.histories import case_event, case_key, dates_of, state
from tests.services.test_audit import log, pump
from tests.services.test_land import arrived
from tests.services.world import BAT_MOT, VAN_XUAN, tables
from tests.stores import empty_store

pytestmark = pytest.mark.warehouse
__all__ = ["log"]

KEY = "2026-10"
AFTER = dt.datetime(2026, 10, 16, 3, tzinfo=dt.UTC)
BEFORE = state(1, received_on=dt.date(2026, 9, 20), unit_code=BAT_MOT)
MOVED = state(2, dates_of(BEFORE), received_on=dt.date(2026, 9, 20), unit_code=VAN_XUAN)
RECEIVED = case_event(BEFORE, case_key(1))
TRANSFERRED = case_event(MOVED, case_key(1), cls=CaseTransferred)
OTHERS = [
    case_event(state(1, received_on=dt.date(2026, 9, 21), unit_code=unit), case_key(number))
    for number, unit in ((2, BAT_MOT), (3, VAN_XUAN))
]


def period() -> Period:
    return tables().periods.named(KEY)


def said(kind: Any, data: Any, unit: str, role: str) -> Any:
    of_province = len(unit) == 2
    subject = filing_id(unit, data.period)
    return kind(
        id=uuid5(subject, f"{kind.__name__} {data.model_dump_json()}"),
        source="/vn/38" if of_province else f"/vn/38/{unit}",
        subject=str(subject),
        time=AFTER,
        recorded_at=AFTER,
        partition_key=str(subject),
        actor_role=role,
        actor_unit=unit if role == "commune_chair" else "38",
        data=data,
    )


def filed_at(unit: str, key: str, position: LogPosition, epoch: int) -> list[Envelope]:
    """Return the steps of a period that was closed without figures, at a position of an epoch."""
    window = tables().periods.named(key)
    figures = Confirmation(
        unit_code=unit,
        period=key,
        person=person_id(unit, "chair"),
        first_on=window.first_on,
        last_on=window.last_on,
        nothing_occurred=True,
        epoch=epoch,
        positions=(position,),
        lines=(),
    )
    first = said(PeriodConfirmed, figures, unit, "commune_chair")
    whose = {"unit_code": unit, "period": key, "person": person_id("38", "lan"), "confirmed_id": first.id}
    accepted = said(PeriodAccepted, Acceptance(**whose), unit, "province_reviewer")
    return [first, accepted, said(PeriodClosed, Closure(**whose), unit, "province_leader")]


class Filer:
    """Confirms and accepts communes, and closes their sum, through the log."""

    def __init__(self, warehouse: Warehouse, log: SqliteLog, store: Store) -> None:
        self.warehouse, self.log = warehouse, log
        self.figures, self.filings = KnownFigures(warehouse), FilingTable(warehouse)
        self.desk = FilingDesk(store, tables(), self.filings, self.figures, lambda: AFTER)
        self.sums = SumDesk(store, tables(), self.filings, self.figures, lambda: AFTER)

    def cases(self, *events: Envelope) -> None:
        self.log.append("cases", [Message(one.partition_key, encode(one)) for one in events])
        pump(self.log, LandCases(self.warehouse, epoch=self.log.epoch))

    def periods(self, *events: Envelope) -> None:
        self.log.append(PERIODS.name, [Message(one.partition_key, encode(one)) for one in events])
        pump(self.log, Land(self.warehouse, epoch=self.log.epoch), PERIODS.name)

    def accepted(self, unit: str) -> PeriodConfirmed:
        chair = Actor("commune_chair", unit, subject="chair")
        first: PeriodConfirmed = said(
            PeriodConfirmed,
            self.desk.proposed(chair, unit, period(), with_gaps=True),
            unit,
            "commune_chair",
        )
        yes = Acceptance(unit_code=unit, period=KEY, person=person_id("38", "hoa"), confirmed_id=first.id)
        self.periods(first, said(PeriodAccepted, yes, unit, "province_reviewer"))
        return first

    def opened_again(self, one: PeriodConfirmed) -> None:
        unit = one.data.unit_code
        of: dict[str, Any] = {"unit_code": unit, "period": KEY}
        lan, hoa = ({**of, "person": person_id("38", who)} for who in ("lan", "hoa"))
        leader = (unit, "province_leader")
        wish = said(PeriodReopenAsked, ReopeningWish(**lan, reason_code="wrong_unit"), *leader)
        self.periods(
            said(PeriodClosed, Closure(**lan, confirmed_id=one.id), *leader),
            wish,
            said(PeriodReopened, Reopening(**hoa, asked_id=wish.id), *leader),
        )

    def proposed(self) -> SumConfirmation:
        reviewer = Actor("province_reviewer", "38", subject="hoa")
        return self.sums.proposed(reviewer, tables().units.get("38"), period())

    def closed_sum(self, parts: Sequence[PeriodConfirmed], reason: Any = None) -> None:
        """Close the sum of some confirmations, as a release did that did not look for cases that moved."""
        summed = said(
            PeriodSummed,
            SumConfirmation(
                province_code="38",
                period=KEY,
                person=person_id("38", "hoa"),
                first_on=period().first_on,
                last_on=period().last_on,
                receiver="bo_tu_phap",
                due_on=AFTER.date(),
                parts=tuple(SummedPart(unit_code=one.data.unit_code, confirmed_id=one.id) for one in parts),
                missing=(),
                lines=sum_of_lines(line for one in parts for line in one.data.lines),
                reason_code=reason,
            ),
            "38",
            "province_reviewer",
        )
        done = SumClosure(province_code="38", period=KEY, person=person_id("38", "lan"), summed_id=summed.id)
        self.periods(summed, said(PeriodSumClosed, done, "38", "province_leader"))

    def findings(self) -> tuple[str, ...]:
        return audit(self.warehouse, self.log).findings["audit_filings"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(empty_store(tmp_path / "store.db"))) as opened:
        yield opened


@pytest.fixture
def filer(warehouse: Warehouse, log: SqliteLog, store: Store) -> Filer:
    return Filer(warehouse, log, store)


@pytest.mark.parametrize(
    ("first", "split"), [((BAT_MOT, VAN_XUAN), "in each of"), ((VAN_XUAN, BAT_MOT), "nowhere")]
)
def test_a_case_that_moved_between_two_confirmations_is_refused_in_the_sum_and_found_in_a_closed_one(
    filer: Filer, first: tuple[str, str], split: str
) -> None:
    filer.cases(*OTHERS, RECEIVED)
    one = filer.accepted(first[0])
    filer.cases(TRANSFERRED)
    other = filer.accepted(first[1])
    received = sum(line.received for each in (one, other) for line in each.data.lines)
    assert received == (4 if split == "in each of" else 2)  # of three cases
    with pytest.raises(Conflict, match=f"first {BAT_MOT}, {VAN_XUAN} are closed, opened again"):
        filer.proposed()
    filer.closed_sum([one, other])
    [finding] = filer.findings()
    assert split in finding
    assert finding.startswith(f"38 {KEY} case {case_key(1)}")
    assert finding.endswith(f"{BAT_MOT}, {VAN_XUAN}")

    # Who confirms anew knows the move too, and the sum is whole.
    filer.opened_again(one)
    filer.accepted(first[0])
    assert sum(line.received for line in filer.proposed().lines) == 3


def test_a_case_that_moved_after_both_confirmed_counts_once_and_hinders_no_sum(filer: Filer) -> None:
    filer.cases(*OTHERS, RECEIVED)
    parts = [filer.accepted(unit) for unit in (BAT_MOT, VAN_XUAN)]
    filer.cases(TRANSFERRED)
    assert sum(line.received for line in filer.proposed().lines) == 3
    filer.closed_sum(parts)
    assert filer.findings() == ()


def test_a_commune_that_left_a_sum_stays_in_the_one_that_was_closed_with_it(filer: Filer) -> None:
    filer.cases(*OTHERS)
    one, other = (filer.accepted(unit) for unit in (BAT_MOT, VAN_XUAN))
    filer.closed_sum([one, other])
    filer.closed_sum([one], "wrong_unit")
    assert filer.findings() == ()


class LandsBetween(KnownFigures):
    """Counts, while a record that had been set aside lands after the count or after the look for gaps."""

    def __init__(self, warehouse: Warehouse, after: str) -> None:
        super().__init__(warehouse)
        self._step, self._after = LandCases(warehouse, epoch=1), after

    def lines(self, unit_code: str, period: Any, known: Known) -> Any:
        found = super().lines(unit_code, period, known)
        if self._after == "lines":
            self._step.handle(DELIVERED[1:2])
        return found

    def gaps(self, known: Known) -> Any:
        found = super().gaps(known)
        if self._after == "gaps":
            self._step.handle(DELIVERED[1:2])
        return found


DELIVERED = arrived(OTHERS[0], RECEIVED, OTHERS[1])


@pytest.mark.parametrize("after", ["lines", "gaps"])
def test_what_lands_while_figures_are_counted_is_not_in_their_recount_unless_it_is_in_them(
    warehouse: Warehouse, store: Store, after: str
) -> None:
    LandCases(warehouse, epoch=1).handle([DELIVERED[0], DELIVERED[2]])
    desk = FilingDesk(store, tables(), FilingTable(warehouse), LandsBetween(warehouse, after), lambda: AFTER)
    filed = desk.proposed(Actor("commune_chair", BAT_MOT), BAT_MOT, period(), with_gaps=True)
    assert KnownFigures(warehouse).lines(BAT_MOT, filed, Known.of(filed)) == filed.lines
