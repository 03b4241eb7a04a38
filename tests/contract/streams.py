"""The behaviour that whatever drives the steps must show: inherit `StreamsBehaviour` and give it a home."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol
from uuid import UUID, uuid5

import pytest

from events.codec import encode
from events.log import EventLog, Message
from events.sources import Heartbeat, SourceHeartbeat
from services.consuming.dead_letters import listing
from services.consuming.delivery import Backoff
from services.consuming.runtime import StepRuntime
from services.consuming.step import Delivered, StreamStep
from tests.journeys.installation import eventually

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
SPACE = UUID("6a0f3e1e-7c1b-4a36-9a70-0c5b6d0d3a12")
QUICK = Backoff(first=0.01, most=0.05)
PATIENCE = 60.0
REFUSED_IN_A_ROW = 20


class StreamsHome(Protocol):
    """Where the streams of one test live."""

    @property
    def log(self) -> EventLog:
        """Return the log, empty at first."""
        ...

    def run(self, *steps: StreamStep) -> StepRuntime:
        """Start streams that drive these steps."""
        ...


def heartbeat(n: int, unit: str = "15607") -> Message:
    """Return an event that carries a number."""
    event = SourceHeartbeat(
        id=uuid5(SPACE, f"{unit}/{n}"),
        source=f"/vn/38/{unit}",
        subject=unit,
        time=NOW,
        recorded_at=NOW,
        partition_key=unit,
        data=Heartbeat(unit_code=unit, outbox_count=n, release="0.1.0"),
    )
    return Message(unit, encode(event))


def numbered(*numbers: int) -> list[Message]:
    """Return events that carry their numbers, spread over some keys."""
    return [heartbeat(n, f"{15600 + n % 7}") for n in numbers]


class Notes:
    """A step that notes what it got; `trouble` may raise first."""

    sets_aside = True
    max_records = 50

    def __init__(
        self, topic: str, *, trouble: Callable[[Sequence[Delivered]], None] = lambda _batch: None
    ) -> None:
        self.group = "notes"
        self.topics = (topic,)
        self.trouble = trouble
        self.seen: list[tuple[str, int]] = []
        self.numbers: set[int] = set()

    def handle(self, batch: Sequence[Delivered]) -> None:
        self.trouble(batch)
        self.seen += [(one.event.subject, one.event.data.outbox_count) for one in batch]
        self.numbers |= {one.event.data.outbox_count for one in batch}

    def counts(self) -> Counter[int]:
        return Counter(number for _, number in self.seen)


class StreamsBehaviour:
    """Every fact about driving steps that the rest of the product relies on."""

    @pytest.fixture(params=["sources", "cases"])
    def topic(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def streams(self, home: StreamsHome) -> Iterator[Callable[..., StepRuntime]]:
        started: list[StepRuntime] = []

        def run(*steps: StreamStep) -> StepRuntime:
            started.append(home.run(*steps))
            return started[-1]

        yield run
        for one in started:
            one.stop()

    def test_every_event_reaches_its_step_in_order_and_the_next_streams_go_on_behind_it(
        self, home: StreamsHome, streams: Callable[..., StepRuntime], topic: str
    ) -> None:
        step = Notes(topic)
        home.log.append(topic, numbered(*range(100)))
        first = streams(step)
        home.log.append(topic, numbered(*range(100, 130)))
        assert first.wait_idle(PATIENCE)
        assert step.counts() == Counter(range(130))
        for unit in {unit for unit, _ in step.seen}:
            of_unit = [number for subject, number in step.seen if subject == unit]
            assert of_unit == sorted(of_unit)
        assert [lane.state for lane in first.health()] == ["running"]
        assert first.stop()
        again = Notes(topic)
        home.log.append(topic, numbered(130))
        assert streams(again).wait_idle(PATIENCE)
        assert again.counts() == Counter([130])

    @pytest.mark.slow
    def test_what_fails_in_passing_comes_again_until_it_succeeds_and_nothing_is_lost(
        self, home: StreamsHome, streams: Callable[..., StepRuntime], topic: str
    ) -> None:
        failures = iter(range(7))

        def trouble(_batch: Sequence[Delivered]) -> None:
            if next(failures, None) is not None:
                raise ConnectionError("the engine is away")

        step = Notes(topic, trouble=trouble)
        home.log.append(topic, numbered(*range(120)))
        running = streams(step)
        assert running.wait_idle(PATIENCE)
        assert step.counts() == Counter(range(120))
        [lane] = running.health()
        assert (lane.retry_count, lane.lag) == (7, 0)

    def test_what_cannot_be_read_is_set_aside_and_harms_nobody_else(
        self, home: StreamsHome, streams: Callable[..., StepRuntime], topic: str
    ) -> None:
        good, bad = numbered(*range(60)), [Message("15601", b"no event"), Message("15602", b"")]
        home.log.append(topic, [*good[:30], *bad, *good[30:]])
        step = Notes(topic)
        assert streams(step).wait_idle(PATIENCE)
        assert step.counts() == Counter(range(60))
        letters = listing(home.log, topic)
        assert sorted(letter.value for letter in letters) == [b"", b"no event"]
        assert {letter.reason for letter in letters} == {"malformed-event"}

    def test_too_many_in_a_row_stop_the_lane_loudly_and_what_lies_behind_waits(
        self, home: StreamsHome, streams: Callable[..., StepRuntime], topic: str
    ) -> None:
        bad = [Message("15601", f"bad {n}".encode()) for n in range(REFUSED_IN_A_ROW)]
        home.log.append(topic, [*bad, *numbered(1)])
        running = streams(Notes(topic))
        stopped = eventually(lambda: [lane for lane in running.health() if lane.state == "stopped"], PATIENCE)
        assert f"{REFUSED_IN_A_ROW} records in a row cannot be read" in stopped[0].last_error
        assert not running.wait_idle(0.5)

    def test_it_ends_in_time_while_a_step_keeps_failing_and_the_batch_comes_again(
        self, home: StreamsHome, streams: Callable[..., StepRuntime], topic: str
    ) -> None:
        tried = threading.Event()

        def trouble(_batch: Sequence[Delivered]) -> None:
            tried.set()
            raise ConnectionError("the engine is away")

        home.log.append(topic, numbered(1, 2))
        failing = streams(Notes(topic, trouble=trouble))
        assert tried.wait(PATIENCE)
        assert failing.stop()
        step = Notes(topic)
        assert streams(step).wait_idle(PATIENCE)
        assert step.counts() == Counter([1, 2])
