"""Rows and tabs of a list of issues or escalations on a page."""

from __future__ import annotations

from dataclasses import dataclass

from services.web.issues.clock_schemas import ClockView
from services.web.issues.schemas import IssueLine


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row; `state` is that of the issue or of its escalation, whichever is more precise."""

    href: str
    issue: IssueLine
    state: str
    state_label: str
    holder_name: str | None
    due: ClockView | None


@dataclass(frozen=True, slots=True)
class ListTab:
    """One tab of a list, with its count of rows."""

    key: str
    count: int
    url: str = ""
