from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from services.consuming.progress import RunnerHealth, settle
from services.errors import NotReady


def lane(
    group: str = "land-cases", topic: str = "cases", state: str = "running", last_error: str | None = None
) -> RunnerHealth:
    return RunnerHealth(group, topic, state, last_error, 0, None, None, 0, 0)


@dataclass
class Streams:
    """Streams that never come to an end within the time."""

    done: bool = False
    lanes: list[RunnerHealth] = field(default_factory=lambda: [lane()])

    def wait_idle(self, timeout: float) -> bool:
        return self.done and timeout > 0

    def health(self) -> list[RunnerHealth]:
        return self.lanes


def test_what_is_done_is_done() -> None:
    assert settle(Streams(done=True), 1.0)


def test_streams_that_are_only_slow_are_no_fault() -> None:
    assert not settle(Streams(), 1.0)


def test_a_stream_that_stopped_is_named_with_its_fault() -> None:
    lanes = [lane(), lane("decide", "issues", "stopped", "the disk is full")]
    with pytest.raises(NotReady, match="decide on issues: the disk is full"):
        settle(Streams(lanes=lanes), 1.0)
