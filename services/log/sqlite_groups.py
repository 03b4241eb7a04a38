"""The consumer groups of one open embedded log, and their partitions.

Members live in one process. A file lock per group keeps a second process (or a second log object on the same file)
from reading as the same group; it may append, read by position, or consume as another group.
"""

from __future__ import annotations

import fcntl
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from events.errors import LogUnavailable
from events.topics import topic_named

_GROUP = re.compile(r"^[a-z0-9][a-z0-9_-]{0,59}$")


@dataclass(slots=True, eq=False)
class Member:
    """One member of a group; `arrived` wakes its poll, `left` may be set by any thread."""

    group: str
    topics: tuple[str, ...]
    arrived: threading.Event = field(default_factory=threading.Event)
    left: bool = False


class Groups:
    """Assigns the partitions of each topic to the live members of a group, in the order in which they joined."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._members: dict[str, list[Member]] = {}
        self._held: dict[str, IO[str]] = {}

    def join(self, group: str, topics: tuple[str, ...]) -> Member:
        """Add a member; the others release a part of their partitions at their next poll.

        Raises:
            LogUnavailable: another process, or another log object of this one, holds the group.
        """
        if not _GROUP.match(group):
            raise ValueError(f"a group is named in lower case letters, digits, _ and -, not {group!r}")
        member = Member(group, topics)
        with self._lock:
            if group not in self._held:
                self._held[group] = self._hold(group)
            self._members.setdefault(group, []).append(member)
        self._wake(member)
        return member

    def leave(self, member: Member) -> None:
        """Remove a member; the others take over its partitions."""
        member.left = True
        self._wake(member)

    def owned(self, member: Member) -> frozenset[tuple[str, int]]:
        """Return the (topic, partition) pairs that this member owns now."""
        with self._lock:
            live = [m for m in self._members.get(member.group, ()) if not m.left]
            self._members[member.group] = live
        mine: set[tuple[str, int]] = set()
        for name in member.topics:
            sharers = [m for m in live if name in m.topics]
            mine.update(
                (name, partition)
                for partition in range(topic_named(name).partitions)
                if sharers and sharers[partition % len(sharers)] is member
            )
        return frozenset(mine)

    def announce(self, topic: str) -> None:
        """Wake every member that reads this topic."""
        with self._lock:
            listening = [m for members in self._members.values() for m in members if topic in m.topics]
        for member in listening:
            member.arrived.set()

    def close(self) -> None:
        """Release every group."""
        with self._lock:
            for lock in self._held.values():
                lock.close()
            self._held.clear()
            self._members.clear()

    def _wake(self, member: Member) -> None:
        with self._lock:
            peers = list(self._members.get(member.group, ()))
        for peer in peers:
            peer.arrived.set()

    def _hold(self, group: str) -> IO[str]:
        lock = self._path.with_name(f"{self._path.name}-group-{group}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise LogUnavailable(
                f"group {group!r} of {self._path.name} is being read by another process; stop that one first"
            ) from None
        return lock
