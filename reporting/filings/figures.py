"""Figures of a period as they are filed, compared number by number with a later count. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from events.periods import FiledLine
from reporting.cases.metrics import METRICS
from reporting.cases.taking_back import IMPORT_UNDONE

FILED: tuple[str, ...] = tuple(metric.key for metric in METRICS if metric.kind != "ahead")
"""The numbers that are filed; what comes due tomorrow is no figure of a period."""

Cause = Literal["hand_over", "retraction", "correction", "late_data", "landed_later", "unexplained"]
"""What changed a number after it was filed: the competent unit changed, an import was taken back, a statement was wrong,
or it came late; a record
that had been set aside could be read at last; or no event and no case says why."""

Counts = Mapping[str, int]
Place = tuple[str, str]
"""A field and a channel."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that a later count has otherwise, of one field and channel."""

    field_code: str
    channel: str
    number: str
    filed: int
    now: int


@dataclass(frozen=True, slots=True)
class CaseCount:
    """What one case counts in the figures of a period, and where."""

    case_key: str
    field_code: str
    channel: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class LaterEvent:
    """An event of a case that the figures as filed did not know.

    Attributes:
        was_set_aside: its record stood in the log when the figures were filed, and could not be read then.
    """

    event_id: str
    case_key: str
    event_type: str
    reason_code: str
    was_set_aside: bool = False


@dataclass(frozen=True, slots=True)
class Explained:
    """A difference with the events that brought it about; `case_count` is how many cases count otherwise.

    `causes` says of each cause how many cases it moved; of `unexplained`, also by how much the cases fall short of the
    difference.
    """

    difference: Difference
    case_count: int
    causes: tuple[tuple[Cause, int], ...]
    event_ids: tuple[str, ...]


def line_of(field_code: str, channel: str, counts: Counts) -> FiledLine | None:
    """Return the line to file; None where every number is 0."""
    filed = {key: counts[key] for key in FILED if counts.get(key)}
    if not filed:
        return None
    return FiledLine.model_validate({"field_code": field_code, "channel": channel, **filed})


def total_of(lines: Iterable[FiledLine]) -> dict[str, int]:
    """Return the sum of lines, number by number."""
    held = tuple(lines)
    return {key: sum(getattr(line, key) for line in held) for key in FILED}


def differences(filed: Sequence[FiledLine], now: Sequence[FiledLine]) -> list[Difference]:
    """Return every number of every field and channel that differs, in the order of fields, channels and metrics."""
    before, after = _by_place(filed), _by_place(now)
    return [
        Difference(*place, key, old, new)
        for place in sorted({*before, *after})
        for key in FILED
        if (old := _count(before, place, key)) != (new := _count(after, place, key))
    ]


def explain(
    found: Sequence[Difference],
    before: Iterable[CaseCount],
    after: Iterable[CaseCount],
    later: Iterable[LaterEvent],
) -> list[Explained]:
    """Name for each difference the cases that count otherwise and the later events of these cases.

    Args:
        before: what each case counted when the figures were filed.
        after: what each case counts now.
        later: the events of these cases that were recorded after the figures were filed.
    """
    old = {(one.case_key, one.field_code, one.channel): one.counts for one in before}
    new = {(one.case_key, one.field_code, one.channel): one.counts for one in after}
    events: dict[str, list[LaterEvent]] = {}
    for event in later:
        events.setdefault(event.case_key, []).append(event)
    return [_explained(one, old, new, events) for one in found]


def moved_cases(before: Iterable[CaseCount], after: Iterable[CaseCount]) -> list[str]:
    """Return the cases that count otherwise after than before, whether other numbers or in another place."""
    old, new = (
        {(one.case_key, one.field_code, one.channel): one.counts for one in some} for some in (before, after)
    )
    return sorted({key[0] for key in {*old, *new} if old.get(key) != new.get(key)})


def cause_of(events: Sequence[LaterEvent]) -> Cause:
    """Return what the later events of one case are: a hand-over, a retraction, a correction, or data that came late.

    The first of these that occurs counts. A correction by which an import was taken back is a retraction.
    """
    if not events:
        return "unexplained"
    if all(event.was_set_aside for event in events):
        return "landed_later"
    types = {event.event_type for event in events}
    if "case.transferred" in types:
        return "hand_over"
    if "case.retracted" in types or IMPORT_UNDONE in {event.reason_code for event in events}:
        return "retraction"
    return "correction" if "case.corrected" in types else "late_data"


def _explained(
    one: Difference,
    old: Mapping[tuple[str, str, str], Counts],
    new: Mapping[tuple[str, str, str], Counts],
    events: Mapping[str, Sequence[LaterEvent]],
) -> Explained:
    cases = sorted(
        {
            key
            for key, field_code, channel in (*old, *new)
            if (field_code, channel) == (one.field_code, one.channel)
            and old.get((key, field_code, channel), {}).get(one.number, 0)
            != new.get((key, field_code, channel), {}).get(one.number, 0)
        }
    )
    causes: dict[Cause, int] = {}
    for key in cases:
        cause = cause_of(events.get(key, ()))
        causes[cause] = causes.get(cause, 0) + 1
    if left := abs(one.now - one.filed - _moved(one, new) + _moved(one, old)):
        causes["unexplained"] = causes.get("unexplained", 0) + left
    ids = tuple(event.event_id for key in cases for event in events.get(key, ()))
    return Explained(one, len(cases), tuple(sorted(causes.items())), ids)


def _moved(one: Difference, held: Mapping[tuple[str, str, str], Counts]) -> int:
    """Return what the cases of the difference's place count of its number."""
    place = (one.field_code, one.channel)
    return sum(counts.get(one.number, 0) for (_, *where), counts in held.items() if tuple(where) == place)


def _by_place(lines: Sequence[FiledLine]) -> dict[Place, FiledLine]:
    return {(line.field_code, line.channel): line for line in lines}


def _count(lines: Mapping[Place, FiledLine], place: Place, key: str) -> int:
    line = lines.get(place)
    count: int = 0 if line is None else getattr(line, key)
    return count
