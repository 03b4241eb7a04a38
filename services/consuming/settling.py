"""Wait until the streams have done all that is in the log, and say which one will not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.errors import NotReady


class LaneHealth(Protocol):
    """What a lane says about itself."""

    @property
    def group(self) -> str:
        """Name the consumer group."""
        ...

    @property
    def topic(self) -> str:
        """Name the topic."""
        ...

    @property
    def state(self) -> str:
        """Say running, retrying or stopped."""
        ...

    @property
    def last_error(self) -> str | None:
        """Say what went wrong last."""
        ...


class Streams(Protocol):
    """The part of the runtime that is asked."""

    def wait_idle(self, timeout: float) -> bool:
        """Wait until nothing is left to do."""
        ...

    def health(self) -> Sequence[LaneHealth]:
        """Return the state of every lane."""
        ...


def settle(streams: Streams, seconds: float) -> bool:
    """Return whether all was done within the time.

    Raises:
        NotReady: a lane has stopped, so that waiting longer is of no use; names it and its fault.
    """
    if streams.wait_idle(seconds):
        return True
    stopped = [lane for lane in streams.health() if lane.state == "stopped"]
    if stopped:
        said = "; ".join(f"{lane.group} on {lane.topic}: {lane.last_error}" for lane in stopped)
        raise NotReady(f"a stream has stopped before everything was done ({said})")
    return False
