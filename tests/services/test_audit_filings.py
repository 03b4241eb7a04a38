"""What was filed is borne out by the facts: recounted at its position, and led to today's figures by cases with causes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from events.codec import encode
from events.log import Message
from events.periods import Confirmation, FiledLine, PeriodConfirmed, filing_id, person_id
from events.topics import PERIODS
from reporting.filings.figures import differences
from services.log.sqlite import SqliteLog
from services.maintenance.audit import audit
from services.streams.land import Land, LandCases
from services.warehouse.client import Warehouse
from services.warehouse.filing_table import Known, KnownFigures
from tests.histories import case_event, case_key, state
from tests.services.test_audit import log, pump
from tests.services.test_land import arrived

pytestmark = pytest.mark.warehouse
__all__ = ["log"]

UNIT, PERIOD = "15607", "2026-02"
WINDOW: dict[str, Any] = {"first_on": dt.date(2026, 1, 15), "last_on": dt.date(2026, 2, 14)}
RECEIVED = [
    case_event(state(1, received_on=dt.date(2026, 2, number)), case_key(number)) for number in range(1, 5)
]
AFTER = dt.datetime(2026, 2, 16, 3, tzinfo=dt.UTC)


def confirmation(figures: KnownFigures, lines: tuple[FiledLine, ...] | None = None) -> Confirmation:
    """Return what a chair would confirm now; other lines where they are given."""
    draft = Confirmation(
        unit_code=UNIT,
        period=PERIOD,
        person=person_id(UNIT, "chair"),
        nothing_occurred=True,
        epoch=1,
        positions=(),
        lines=(),
        **WINDOW,
    )
    point = figures.newest()
    held = figures.lines(UNIT, draft, point) if lines is None else lines
    return draft.model_copy(
        update={
            "nothing_occurred": not held,
            "epoch": point.epoch,
            "positions": point.positions,
            "gaps": figures.gaps(point),
            "lines": held,
        }
    )


def confirmed(said: Confirmation) -> PeriodConfirmed:
    subject = filing_id(UNIT, PERIOD)
    return PeriodConfirmed(
        id=person_id(UNIT, said.model_dump_json()),
        source=f"/vn/38/{UNIT}",
        subject=str(subject),
        time=AFTER,
        recorded_at=AFTER,
        partition_key=str(subject),
        actor_role="commune_chair",
        actor_unit=UNIT,
        data=said,
    )


def put(log: SqliteLog, warehouse: Warehouse, said: Confirmation) -> None:
    event = confirmed(said)
    log.append(PERIODS.name, [Message(event.partition_key, encode(event))])
    pump(log, Land(warehouse, epoch=log.epoch), PERIODS.name)


def test_figures_that_the_facts_at_their_position_do_not_say_are_named(
    warehouse: Warehouse, log: SqliteLog
) -> None:
    log.append("cases", [Message(one.partition_key, encode(one)) for one in RECEIVED[:2]])
    pump(log, LandCases(warehouse, epoch=log.epoch))
    figures = KnownFigures(warehouse)
    put(log, warehouse, confirmation(figures))
    report = audit(warehouse, log)
    assert report.ok, list(report.lines())
    assert report.filings.recounted == 1

    [honest] = confirmation(figures).lines
    put(log, warehouse, confirmation(figures, (honest.model_copy(update={"received": 7}),)))
    report = audit(warehouse, log)
    assert not report.ok
    where = f"{UNIT} {PERIOD} {honest.field_code} {honest.channel} received"
    assert report.findings["audit_filings"] == (
        f"{where}: 7 was filed, the facts at its position say 2",
        f"{where}: filed 7, now 2, and the ledger leaves 5 without a cause",
    )


def test_a_record_that_was_set_aside_and_lands_later_is_later_than_what_was_filed(
    warehouse: Warehouse,
) -> None:
    step, figures = LandCases(warehouse, epoch=1), KnownFigures(warehouse)
    delivered = arrived(*RECEIVED)
    step.handle([delivered[0], delivered[3]])  # those between could not be read
    filed = confirmation(figures)
    assert [(one.first, one.last) for one in filed.gaps] == [(1, 2)]
    assert figures.restated(filed) == []

    step.handle(delivered[1:3])
    assert figures.lines(UNIT, filed, Known.of(filed)) == filed.lines
    now = figures.lines(UNIT, filed, Known.now())
    explained = figures.restated(filed)
    assert [one.difference for one in explained] == differences(filed.lines, now)
    assert {one.difference.number: one.causes for one in explained}["received"] == (("landed_later", 2),)
    ids = {event_id for one in explained for event_id in one.event_ids}
    assert ids == {str(one.id) for one in RECEIVED[1:3]}
