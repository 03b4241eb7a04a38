"""A case that was imported and taken back leaves no trace in what any named query shows."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from events.cases import CaseCorrected, CaseEvent, CaseExtended, CaseReceived, CaseState, Pause
from events.log import Position, Record
from reporting.cases.taking_back import take_back
from services.consuming.step import Delivered
from services.streams.land import Land
from services.warehouse.client import Warehouse
from services.warehouse.named_queries import named_query, query_names
from tests.histories import case_event, case_key, dates_of, state
from tests.services.test_queries import PARAMETERS

pytestmark = pytest.mark.warehouse

ABOUT_THE_LOG = {
    "figures_as_of": "shows when the newest event was recorded, and taking back is one",
    "freshness": "shows when the newest event was recorded, and taking back is one",
    "landed_case_positions": "shows the positions of the log that have landed",
    "landed_case_gaps": "shows the positions of the log that have not landed",
    "landed_positions": "shows the positions of the log that have landed",
    "later_case_events": "names the later events of a case to explain why a filed figure changed",
    "cases_handed_over": "names the cases whose later facts are looked for, and shows no figure",
}
"""Queries that may show that something was taken back, with the reason."""

READS_CASES = re.compile(r"\b(?:cases_current|case_events|case_facts|case_marks)\b")
ASKED = sorted(
    name
    for name in query_names()
    if READS_CASES.search(named_query(name)) and not name.startswith("audit_") and name not in ABOUT_THE_LOG
)
LISTS = ("form_cases", "form_cases_as_known")
DAY = dt.date(2026, 2, 4)
WINDOW: dict[str, Any] = {"units": PARAMETERS["units"], "from": DAY, "to": dt.date(2026, 3, 5)}


def case(seq: int, **further: Any) -> CaseState:
    """A case that every query which reads cases has something to show of."""
    dates: dict[str, Any] = {
        "received_on": DAY,
        "due_on": DAY + dt.timedelta(days=2),
        "closed_on": DAY + dt.timedelta(days=9),
        "close_kind": "finished",
        "channel": "online",
        "pauses": (
            Pause(reason="supplement", from_on=DAY + dt.timedelta(days=1), to_on=DAY + dt.timedelta(days=3)),
        ),
    }
    stated: dict[str, Any] = {
        "procedure_code": "2.000528",
        "calendar_version": "2026",
        "source_overdue": False,
        "assisted": "home",
        "late_cause": "other_body",
        "mismatch": "land",
        "mismatch_from_on": DAY,
        "mismatch_to_on": DAY + dt.timedelta(days=5),
        "entered_twice": "land",
        "personal_id_issued_on": DAY + dt.timedelta(days=4),
    }
    return state(seq, **dates).model_copy(update=stated | further)


def land(warehouse: Warehouse, events: list[CaseEvent], first: int) -> None:
    step = Land(warehouse)
    step.handle(
        [
            Delivered(
                Record(Position("cases", 0, first + n), one.partition_key, b"", {}, one.recorded_at), one
            )
            for n, one in enumerate(events)
        ]
    )


def shown(warehouse: Warehouse) -> dict[str, list[str]]:
    asked = PARAMETERS | {
        "from": DAY - dt.timedelta(days=3),
        "to": dt.date(2026, 3, 5),
        "days": [DAY] * 3,
        "days_off": [DAY],
        "working_days": list(range(20_000)),
        "until": dt.datetime(2027, 1, 1, tzinfo=dt.UTC),
        "epoch": 9,
    }
    asked["situations"] = [
        row["case_situation"] for name in LISTS for row in warehouse.rows(all_of(name), **asked)
    ]
    return {name: sorted(map(str, warehouse.query(name, **asked))) for name in ASKED}


def all_of(name: str) -> str:
    """The text of a list of cases without its choice of situations."""
    return named_query(name).replace("WHERE case_situation IN {situations:Array(String)}", "")


def test_the_exceptions_are_queries() -> None:
    assert ABOUT_THE_LOG.keys() <= set(query_names())


@pytest.mark.parametrize("standing", [0, 2], ids=["in an empty store", "beside cases that stand"])
def test_a_case_that_was_imported_and_taken_back_is_in_no_figure(warehouse: Warehouse, standing: int) -> None:
    stays = [case_event(case(1), case_key(number), cls=CaseReceived) for number in range(standing)]
    land(warehouse, stays, 0)
    before = shown(warehouse)
    made = case(10)
    open_until_now = dict.fromkeys(("closed_on", "close_kind", "personal_id_issued_on", "mismatch_to_on"))
    waits = case(10, waiting_for="cong_an", **open_until_now)
    moved = case(20, due_on=DAY + dt.timedelta(days=3), previous=dates_of(made))
    wrong = [
        case_event(made, case_key(91), cls=CaseReceived),
        case_event(moved, case_key(91), cls=CaseExtended),
        case_event(waits, case_key(92), cls=CaseReceived),
    ]
    land(warehouse, wrong, 10)
    between = shown(warehouse)
    assert " ".join(name for name in ASKED if between[name] == before[name]) == ""
    retractions = []
    for key, latest in ((91, moved), (92, waits)):
        gone = take_back(latest, None, dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
        retractions.append(case_event(gone.state, case_key(key), cls=gone.event_cls))
    land(warehouse, retractions, 20)
    after = shown(warehouse)
    assert " ".join(name for name in ASKED if after[name] != before[name]) == ""
    # The same file again: what it states counts once, the first time not.
    again = [
        case_event(
            made.model_copy(update={"seq": retractions[0].data.seq + 1}), case_key(91), cls=CaseReceived
        ),
        case_event(
            waits.model_copy(update={"seq": retractions[1].data.seq + 1}), case_key(92), cls=CaseReceived
        ),
    ]
    land(warehouse, again, 30)
    counted = warehouse.query("corrections_by_unit", **WINDOW)
    assert sum(row["event_count"] for row in counted) == standing + len(again)


def test_what_an_import_corrected_is_no_correction_once_it_is_taken_back(warehouse: Warehouse) -> None:
    known = case(1)
    wrong = case(5, due_on=DAY + dt.timedelta(days=5), reason_code="later_step", previous=dates_of(known))
    land(warehouse, [case_event(known, case_key(1), cls=CaseReceived)], 0)
    land(warehouse, [case_event(wrong, case_key(1), cls=CaseCorrected)], 1)
    before = warehouse.query("corrections_by_unit", **WINDOW)
    restored = take_back(wrong, known, dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    land(warehouse, [case_event(restored.state, case_key(1), cls=restored.event_cls)], 2)
    assert warehouse.query("corrections_by_unit", **WINDOW) == before
