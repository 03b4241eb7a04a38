"""Keep every partition of a group owned: request a rebalance, report unowned partitions, and at last end the process.

A group without owners does nothing and raises nothing. A member without a partition is healthy where others own them
all, and so is a group during a rebalance; a partition without an owner for longer than a rebalance takes is an error.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from events.errors import LogError

SAY_SESSIONS = 2
"""Sessions without an owner after which it is reported and a rebalance requested, again and again."""
END_SESSIONS = 9
"""Sessions without an owner and with waiting records after which the process ends; a rebalance takes six at most."""

Lane = tuple[str, str]
Owned = Mapping[str, frozenset[int]]


class Groups(Protocol):
    """The part of the log that knows groups and their positions."""

    def owned(self, group: str) -> Owned | None:
        """Return the owned partitions of each topic; None during a rebalance."""
        ...

    def end_positions(self, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset that the next record will get."""
        ...

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset of the group's next unfinished record."""
        ...


@dataclass(frozen=True, slots=True)
class Unowned:
    """Partitions of one topic that no member of the group owns."""

    group: str
    topic: str
    partitions: tuple[int, ...]
    waiting_count: int
    seconds: float = 0.0

    @property
    def sentence(self) -> str:
        """Return the unowned partitions as a sentence for operators."""
        which = f"partition{'s' if len(self.partitions) > 1 else ''} {', '.join(map(str, self.partitions))}"
        since = f" for {self.seconds:.0f} s" if self.seconds else ""
        return f"nobody in group {self.group} has {which} of {self.topic}{since}, where {self.waiting_count} records wait"


def unowned(groups: Groups, group: str, topics: Iterable[str]) -> list[Unowned] | None:
    """Return the partitions of these topics without an owner in the group, with their lag; None during a rebalance.

    Raises:
        LogError: the log does not answer.
    """
    owned = groups.owned(group)
    if owned is None:
        return None
    found = []
    for topic in topics:
        ends = groups.end_positions(topic)
        if lost := tuple(sorted(set(ends) - owned.get(topic, frozenset()))):
            done = groups.committed(group, topic)
            waiting = sum(max(0, ends[partition] - done.get(partition, 0)) for partition in lost)
            found.append(Unowned(group, topic, lost, waiting))
    return found


class OwnershipWatch:
    """Checks repeatedly that the groups of this process own every partition.

    Args:
        groups: read at each check.
        lanes: (group, topic) of every runner of this process.
        session_seconds: how long a group waits for a silent member.
        monotonic: seconds that never go back.
        rejoin: makes this process's member of a group request a rebalance.
        end: called with a sentence when a group has waited too long; it ends the process.
    """

    def __init__(
        self,
        groups: Groups,
        lanes: Sequence[Lane],
        *,
        session_seconds: float,
        monotonic: Callable[[], float],
        rejoin: Callable[[str], None],
        end: Callable[[str], None],
    ) -> None:
        self._groups = groups
        self._topics: dict[str, list[str]] = {}
        for group, topic in lanes:
            self._topics.setdefault(group, []).append(topic)
        self._session = session_seconds
        self._monotonic = monotonic
        self._rejoin = rejoin
        self._end = end
        self._guard = threading.Lock()
        self._since: dict[Lane, float] = {}
        self._asked_at: dict[str, float] = {}
        self._found: dict[Lane, Unowned] = {}

    def look(self) -> None:
        """Check every group once, and request a rebalance or end the process if due; an unreachable log is ignored."""
        for group, topics in self._topics.items():
            try:
                found = unowned(self._groups, group, topics)
            except LogError:
                self._note(group, {})
                continue
            if found is not None:  # during a rebalance partitions are neither owned nor unowned
                self._note(group, {(one.group, one.topic): one for one in found})

    def errors(self) -> dict[Lane, str]:
        """Return the partitions without an owner for longer than a rebalance may take, as sentences."""
        with self._guard:
            now = self._monotonic()
            return {
                lane: self._lasting(lane, now).sentence
                for lane in self._found
                if now - self._since[lane] >= SAY_SESSIONS * self._session
            }

    def _note(self, group: str, found: dict[Lane, Unowned]) -> None:
        now = self._monotonic()
        with self._guard:
            for topic in self._topics[group]:
                lane = (group, topic)
                if lane in found:
                    self._since.setdefault(lane, now)
                    self._found[lane] = found[lane]
                else:
                    self._since.pop(lane, None)
                    self._found.pop(lane, None)
            lasting = [self._lasting(lane, now) for lane in found]
        self._act(group, now, lasting)

    def _act(self, group: str, now: float, lasting: Sequence[Unowned]) -> None:
        longest = max((one.seconds for one in lasting), default=0.0)
        pause = SAY_SESSIONS * self._session
        if longest >= pause and now - self._asked_at.get(group, now - pause) >= pause:
            self._asked_at[group] = now
            self._rejoin(group)
        if over := [
            one for one in lasting if one.waiting_count and one.seconds >= END_SESSIONS * self._session
        ]:
            self._end("; ".join(one.sentence for one in over))

    def _lasting(self, lane: Lane, now: float) -> Unowned:
        one = self._found[lane]
        return Unowned(one.group, one.topic, one.partitions, one.waiting_count, now - self._since[lane])
