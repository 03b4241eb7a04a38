"""What a list of issues or hand-offs on a page shows of each: the line, its address, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass

from services.web.issues.clock_schemas import ClockView
from services.web.issues.schemas import IssueLine


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row; `state` may be that of the issue or of its hand-off, whichever says more."""

    href: str
    issue: IssueLine
    state: str
    state_label: str
    holder_name: str | None
    due: ClockView | None


@dataclass(frozen=True, slots=True)
class ListTab:
    """One tab of a list, and how many rows stand under it."""

    key: str
    count: int
    url: str = ""
