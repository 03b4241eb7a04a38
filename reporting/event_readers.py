"""Which code reads each type of event: the fold of its aggregate, or the table that keeps its latest state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from events.cases import CaseEvent
from events.envelope import Envelope
from reporting.filings import register as filings
from reporting.filings import sums
from reporting.issues import fold as issues
from reporting.lessons import register as lessons
from reporting.problems import fold as problems
from reporting.promises import register

_SOURCES = "the view `sources_current` (`reporting/migrations/0002_derived.sql`)"
_MARKS = "the view `case_states_to_marks` (`reporting/migrations/0010_marks_of_a_nation.sql`)"

LATEST: Mapping[str, str] = {
    "source.heartbeat": _SOURCES,
    "source.silent": _SOURCES,
    "source.recovered": _SOURCES,
    "source.excused": _SOURCES,
}
"""Types that no fold reads: the latest of them is the state of its source, by `source_state_rows`."""

KEPT_ONLY: Mapping[str, str] = {}
"""Types that stand in the log and that nothing reads, each with the reason why the log keeps it all the same."""


def type_of(cls: type[Envelope]) -> str:
    """Return the type that the events of a class have."""
    return str(cls.model_fields["type"].default)


def reader_of(cls: type[Envelope]) -> str | None:
    """Name the reader of a class of events; None where nothing reads them."""
    if issubclass(cls, CaseEvent):
        # The data of every case event are the whole state of the case: the latest counts, whatever its type is.
        return _MARKS
    event_type = type_of(cls)
    steps: tuple[Mapping[str, Callable[..., Any]], ...] = (
        issues.STEPS,
        problems.STEPS,
        register.STEPS,
        lessons.STEPS,
        filings.STEPS,
        sums.STEPS,
    )
    for known in steps:
        if event_type in known:
            return f"`{known[event_type].__module__.replace('.', '/')}.py`"
    return LATEST.get(event_type)
