"""What the engine says of cases for a form is what the rule says, whatever the cases; the honest form is the figures."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import Any

import pytest

from events.cases import CaseEvent, CaseState
from reporting.forms.situations import CaseFacts, Situation, situation_of
from services.streams.land import LandCases
from services.warehouse.client import Warehouse
from services.web.figures.windows import Window
from services.web.prescribed.reading import SituationRow, _written
from tests.histories import FIRST, case_event, case_key, random_dates, seeded, state
from tests.services.test_land import arrived

pytestmark = pytest.mark.warehouse
_BY_END = {None: (2, 4, 5, 6), "finished": (9, 10), "withdrawn": (7, 8), "stopped": (8,)}
WINDOWS = [Window(FIRST + dt.timedelta(days=one), FIRST + dt.timedelta(days=one + 9)) for one in (3, 20)]


def cases(r: random.Random, count: int) -> list[CaseEvent]:
    """Return events of so many cases, some with an older state before, with statuses that fit their ends."""
    found = []
    for number in range(count):
        for seq in range(1, r.randint(2, 3)):
            case = state(seq, **random_dates(r))
            fitting = case.model_copy(
                update={
                    "status_code": r.choice(_BY_END[case.close_kind]),
                    "late_cause": r.choice((None, "other_body", "disaster")),
                }
            )
            found.append(case_event(fitting, case_key(number)))
    return found


def facts_of(case: CaseState) -> CaseFacts | None:
    if case.received_on is None:
        return None
    return CaseFacts(
        is_online=case.channel == "online",
        status_code=case.status_code,
        received_on=case.received_on,
        due_on=case.due_on,
        closed_on=case.closed_on,
        close_kind=case.close_kind or "",
        pauses=tuple((pause.from_on, pause.to_on) for pause in case.pauses),
        late_cause=case.late_cause or "",
    )


def asked(window: Window) -> dict[str, Any]:
    return {"units": ["15607", "14812"], "from": window.first_on, "to": window.last_on}


def by_the_rule(events: list[CaseEvent], window: Window) -> dict[str, tuple[str, Situation]]:
    latest = {event.subject: event.data for event in sorted(events, key=lambda one: one.data.seq)}
    found = {}
    for key, case in latest.items():
        facts = facts_of(case)
        situation = facts and situation_of(facts, window.first_on, window.last_on)
        if situation and case.unit_code in {"15607", "14812"}:
            found[key] = case.field_code, situation
    return found


def test_the_engine_finds_the_situations_of_the_rule_and_the_cases_in_each(warehouse: Warehouse) -> None:
    events = cases(seeded(11), 250)
    LandCases(warehouse, epoch=1).handle(arrived(*events))
    for window in WINDOWS:
        rule = by_the_rule(events, window)
        rows = warehouse.query_of(SituationRow, "form_situations", **asked(window))
        found = {(row.field_code, row.situation): row.case_count for row in rows}
        assert found == Counter(rule.values())
        some = sorted(found, key=str)[::3]
        listed = warehouse.query(
            "form_cases", **asked(window), situations=[_written(*one) for one in some], limit=1_000
        )
        assert {row["case_key"] for row in listed} == {key for key, one in rule.items() if one in some}
    assert {one.ended for _, one in rule.values()} >= {"", "inside"}
    assert {one.late_cause for _, one in rule.values()} >= {"", "other_body", "disaster"}
