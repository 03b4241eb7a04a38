"""The national status codes of a case and which may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from functools import cache

from reporting.errors import IllegalTransition


class Status(IntEnum):
    """`TrangThai` of the national synchronisation (vietnam.md 3.1)."""

    SUBMITTED = 1
    RECEIVED = 2
    REFUSED = 3
    PROCESSING = 4
    SUPPLEMENT = 5
    FEE = 6
    WITHDRAWN = 7
    STOPPED = 8
    FINISHED = 9
    RETURNED = 10


ALLOWED: Mapping[int, tuple[int, ...]] = {
    1: (2, 3, 5, 7),
    2: (4, 5, 6, 7, 8, 9),
    3: (),
    4: (5, 6, 7, 8, 9),
    5: (2, 4, 7, 8),
    6: (4, 8, 9),
    7: (8, 4),
    8: (),
    9: (10,),
    10: (),
}
"""The statuses that may follow a status in one step; 3, 8 and 10 are never reopened (vietnam.md 3.1)."""

NOT_RECEIVED = frozenset({Status.SUBMITTED, Status.REFUSED})
"""The counter has not taken the case in."""

MAYBE_RECEIVED = frozenset({Status.SUPPLEMENT, Status.WITHDRAWN, Status.STOPPED})
"""Reached from 1 without a reception as well as after one."""


@cache
def reachable(status_code: int) -> frozenset[int]:
    """Return every status to which a path of allowed steps leads."""
    found: set[int] = set()
    waiting = list(ALLOWED[status_code])
    while waiting:
        step = waiting.pop()
        if step not in found:
            found.add(step)
            waiting.extend(ALLOWED[step])
    return frozenset(found)


def check_step(current: int, wanted: int, *, one_step: bool) -> None:
    """Raise an error if a change of status is not allowed.

    Args:
        one_step: allow a single step only; otherwise a path of steps is allowed too, because a snapshot skips
            steps.

    Raises:
        IllegalTransition: names the current status and those that may follow it.
    """
    if wanted in (ALLOWED[current] if one_step else reachable(current)):
        return
    allowed = ALLOWED[current]
    follow = ", ".join(map(str, allowed)) if allowed else "nothing: it has ended"
    raise IllegalTransition(
        f"a case in status {current} cannot go to {wanted}; what may follow is {follow}",
        current=str(current),
        allowed=tuple(map(str, allowed)),
        field="TrangThai",
    )
