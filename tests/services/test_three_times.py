"""Every topic in the log three times more, and replayed three times: every number on every page stays the same."""

from __future__ import annotations

import datetime as dt
import json
import re
from types import SimpleNamespace
from typing import Any, cast

import pytest

from events.log import Message
from events.topics import TRUTH_TOPICS
from services.boot.system import System
from services.intake.heartbeats import Heartbeats
from services.maintenance.audit import audit
from services.maintenance.session import Upkeep
from services.settings import Settings
from services.simulate.run import simulate_province
from services.warehouse.client import Warehouse
from services.warehouse.named_queries import query_names
from tests.chaos.again import append_again
from tests.services.test_queries import PARAMETERS
from tests.services.world import (
    BAT_MOT,
    DEPARTMENT,
    LEADER,
    MINISTRY,
    OFFICER,
    REVIEWER,
    Clock,
    World,
    tables,
)

pytestmark = pytest.mark.warehouse
DAYS = 3
# What upkeep asks about positions and what it counts with: not what anybody sees.
INNER = ("audit_", "tally_", "landed_")
READERS = (OFFICER, REVIEWER, LEADER, DEPARTMENT, MINISTRY)
FIGURES = (
    *(
        f"/api/v1/units/{{unit}}/rollups?from={{first}}&to={{last}}&by={by}"
        for by in ("day", "field", "channel", "field_channel")
    ),
    "/api/v1/units/{unit}/overview?on={last}",
)
LISTS = (
    *(f"/api/v1/issues?limit=50&{state}" for state in ("", "state=received", "state=confirmed")),
    *(f"/api/v1/escalations?limit=50&{state}" for state in ("", "state=sent", "state=answered")),
)
PAGES = {
    OFFICER: ("/xa", "/xa/kho-khan", "/xa/ho-so", "/xa/ho-so?due=overdue"),
    REVIEWER: ("/tinh", "/tinh?tab=near", "/tinh/tong-quan", "/tinh/tong-quan?sort=overdue&ngay=7"),
    MINISTRY: ("/tw",),
}
# Made anew for each page and shown to nobody: the key of a form, the nonce of a script.
MADE_ANEW = re.compile(r'(name="key" value|nonce|data-key)="[^"]*"')


def every_number(world: World) -> dict[str, str]:
    """Return what named queries, the API and the pages say, by query and address."""
    last = world.clock().date()
    window = {"first": last - dt.timedelta(days=DAYS + 2), "last": last}
    found = {name: json.dumps(rows, default=str) for name, rows in asked(world.parts.warehouse, **window)}
    units = [BAT_MOT, communes()[0], "38", "vn"]
    for who in READERS:
        client = world.as_(*who)
        for path in (
            *(path.format(unit=unit, **window) for path in FIGURES for unit in units),
            *LISTS,
            *PAGES.get(who, ()),
        ):
            answer = client.get(path, headers={"accept": "text/html" if who in PAGES else "application/json"})
            found[f"{who} {path}"] = f"{answer.status_code} {MADE_ANEW.sub('', answer.text)}"
    return found


def communes() -> tuple[str, ...]:
    return tuple(unit.code for unit in tables().units.communes_of("38"))


def asked(warehouse: Warehouse, *, first: dt.date, last: dt.date) -> list[tuple[str, Any]]:
    parameters = PARAMETERS | {
        "units": list(communes()),
        "provinces": ["38"] * len(communes()),
        "unit_provinces": ["38"] * len(communes()),
        "groups": list(communes()),
        "from": first,
        "to": last,
        "at": dt.datetime.combine(last, dt.time(), dt.UTC),
        "limit": 5_000,
    }
    names = [name for name in query_names() if not name.startswith(INNER)]
    # The order of rows that a query leaves open is nobody's promise.
    return [(name, sorted(warehouse.query(name, **parameters), key=str)) for name in names]


@pytest.mark.slow
def test_every_number_stays_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = dt.datetime.now(dt.UTC)
    monkeypatch.setattr(Clock, "__call__", lambda _self: now)
    parts = world.parts
    system = SimpleNamespace(intake_side=parts_of_intake(world), parts=parts, runtime=world.runtime)
    start = now.date() - dt.timedelta(days=DAYS)
    province = simulate_province(
        cast("System", system), "38", start, DAYS, "three times", echo=lambda _line: None
    )
    world.report(kind="power_unstable")
    world.settle()
    world.log.append("cases", [Message("15607", b"not an event")])
    world.settle()
    assert province.case_count > 500
    assert province.issue_count > 3
    before = every_number(world)
    assert sum(number.startswith("200") for number in before.values()) > 30
    held = sum(sum(world.log.end_positions(topic.name).values()) for topic in TRUTH_TOPICS)
    assert append_again(world.log) == held
    assert append_again(world.log) == 2 * held
    world.settle(120)
    assert sum(sum(world.log.end_positions(t.name).values()) for t in TRUTH_TOPICS) == 4 * held
    assert differing(every_number(world), before) == {}
    for _ in range(3):
        assert Upkeep(parts.warehouse, world.log, alone=True).replay(TRUTH_TOPICS, lambda _line: None)
    assert differing(every_number(world), before) == {}
    assert audit(parts.warehouse, world.log).ok


def parts_of_intake(world: World) -> Any:
    parts = world.parts
    heartbeats = Heartbeats(parts.store, parts.tables.units, world.clock, waiting=parts.relay.waiting)
    return SimpleNamespace(
        settings=Settings(),
        tables=world.parts.tables,
        clock=world.clock,
        intake=world.parts.intake,
        store=world.parts.store,
        log=world.log,
        heartbeats=heartbeats,
    )


def differing(now: dict[str, str], before: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {name: (before[name], now[name]) for name in before if now[name] != before[name]}
