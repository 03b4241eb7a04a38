"""Containers for the wired objects of one process: the intake side, one service, a worker, or everything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from events.log import EventLog

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from reporting.dated.territory import Territory
    from services.consuming.runtime import StepRuntime
    from services.dated_tables import DatedTables
    from services.intake.heartbeats import Heartbeats
    from services.intake.intake import Intake
    from services.settings import Settings
    from services.store.outbox import Relay
    from services.store.store import Store
    from services.store.texts import TextStore
    from services.warehouse.client import Warehouse
    from services.web.shell.parts import Parts, Readiness

Echo = Callable[[str], None]
Role = Literal["commune", "province", "ministry"]

PAGES: dict[Role, str] = {
    "commune": "  xã     {address}/xa    the counter of a commune: today, report a difficulty, where mine are",
    "province": "  tỉnh   {address}/tinh  the province: queue of escalations, overview of its communes",
    "ministry": "  bộ     {address}/tw    the ministry: aggregates, escalations addressed to it",
}

OPERATIONS = "  {address}/openapi.json   {address}/metrics   {address}/readyz"


class Log(EventLog, Protocol):
    """The event log, with the operations that the alignment with the engine needs."""

    @property
    def quiet_before(self) -> Mapping[int, int]:
        """Return partition → offset of `issues` below which nothing is emitted again after a loss of the engine."""
        ...

    def keep_quiet_before(self, quiet_before: Mapping[int, int]) -> None:
        """Note it for every worker and every start; nothing means that the catch-up has come to its end."""
        ...

    def raise_epoch(self, at_least: int) -> int:
        """Raise the number of a restored or replaced log above those in rows of an earlier log."""
        ...

    def forget_positions(self, group: str, topic: str) -> None:
        """Delete a group's positions on a topic, so that it reads from the beginning; it must have no member."""
        ...


@dataclass(frozen=True, slots=True)
class IntakeSide:
    """The intake of cases and difficulties: needs neither engine nor streams, and works beside a running server."""

    settings: Settings
    tables: DatedTables
    store: Store
    log: Log
    intake: Intake
    heartbeats: Heartbeats
    relay: Relay
    texts: TextStore
    territory: Territory
    clock: Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class IntakeToLook:
    """The intake for a dry run: nothing is published, and a data folder without a store stays as it is."""

    tables: DatedTables
    store: Store
    intake: Intake
    clock: Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class Worker:
    """The streams alone, with the operators' routes."""

    warehouse: Warehouse
    runtime: StepRuntime
    readiness: Mapping[str, Readiness]
    registry: CollectorRegistry


@dataclass(frozen=True, slots=True)
class Service:
    """One service alone, ready to answer requests."""

    parts: Parts
    role: Role

    def where_to_look(self, address: str) -> list[str]:
        """Return the addresses of its pages, one line each."""
        return [PAGES[self.role].format(address=address), OPERATIONS.format(address=address)]


@dataclass(frozen=True, slots=True)
class System:
    """Everything in one process: intake, streams, engine, and the collaborators of the web."""

    settings: Settings
    intake_side: IntakeSide
    warehouse: Warehouse
    runtime: StepRuntime
    parts: Parts

    def where_to_look(self, address: str) -> list[str]:
        """Return the addresses of the three services, one line each."""
        return [
            *(page.format(address=address) for page in PAGES.values()),
            OPERATIONS.format(address=address),
        ]
