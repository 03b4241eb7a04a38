"""The part of intake that the importers need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal, Protocol

from services.access.actors import Actor
from services.connectors.case_rows import Row


class RowOutcome(Protocol):
    """The result of intake for one row."""

    @property
    def outcome(self) -> str:
        """Return created, advanced, unchanged or rejected."""

    @property
    def reason(self) -> str | None:
        """Return why the row was rejected."""

    @property
    def field(self) -> str | None:
        """Return the field that was wrong."""


class CaseIntake(Protocol):
    """The part of intake that takes rows: all rows of a call in one transaction, a result for each."""

    def sync_cases(
        self,
        unit_code: str,
        rows: Sequence[Row],
        *,
        actor: Actor,
        now: dt.datetime,
        source: Literal["api", "import", "snapshot"],
        dry_run: bool,
    ) -> Sequence[RowOutcome]:
        """Take rows of one unit; with `dry_run` only return the results."""
