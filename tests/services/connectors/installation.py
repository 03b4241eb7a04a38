"""The real parts that an import needs, on a folder of a test."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from services.connectors.case_importer import CaseImporter
from services.connectors.issue_importer import IssueImporter
from services.dated_tables import DatedTables, load_tables
from services.intake.intake import Intake
from services.intake.keys import ProvinceKeys
from services.log.sqlite import SqliteLog
from services.store.outbox import Relay
from services.store.store import Store
from services.store.texts import TextStore
from tests.stores import empty_store

NOW = dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC)


@cache
def tables() -> DatedTables:
    return load_tables()


class Installation:
    """Store, intake, log and importers on one folder."""

    def __init__(self, folder: Path, *, chunk_rows: int = 5_000, store_url: str | None = None) -> None:
        self.now = NOW
        self.tables = tables()
        self.store = Store(store_url or empty_store(folder / "store.db"))
        self.texts = TextStore(self.store)
        self.intake = Intake(self.store, self.tables, ProvinceKeys(folder / "keys"))
        self.log = SqliteLog(folder / "log.db")
        self.relay = Relay(self.store, self.log)
        self.cases = CaseImporter(self.intake, self.tables, self.store, self.clock, chunk_rows=chunk_rows)
        self.issues = IssueImporter(self.intake, self.tables, self.clock)

    def clock(self) -> dt.datetime:
        return self.now

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()
        self.log.close()
