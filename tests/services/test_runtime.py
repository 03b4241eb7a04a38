from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from events.errors import LogUnavailable, UnknownEventVersion
from events.log import Consumer, Message, Position, Record
from events.sources import SourceHeartbeat
from services.consuming.dead_letters import listing
from services.consuming.delivery import Backoff
from services.consuming.gauges import StreamGauges
from services.consuming.in_threads import Runtime
from services.consuming.progress import RunnerHealth
from services.consuming.step import Delivered, read_events
from services.errors import NotReady
from services.log.sqlite import SqliteLog
from tests.contract.streams import NOW, QUICK, heartbeat

PATIENCE = 15.0


class Collects:
    """A step that notes the outbox counts it saw; `trouble` may raise first."""

    def __init__(
        self,
        group: str = "collects",
        topics: tuple[str, ...] = ("sources",),
        *,
        sets_aside: bool = True,
        max_records: int = 100,
        trouble: Callable[[Sequence[Delivered]], None] = lambda _batch: None,
    ) -> None:
        self.group = group
        self.topics = topics
        self.sets_aside = sets_aside
        self.max_records = max_records
        self.trouble = trouble
        self.seen: list[int] = []
        self.sizes: list[int] = []
        self.attempts = 0

    def handle(self, batch: Sequence[Delivered]) -> None:
        self.attempts += 1
        self.trouble(batch)
        self.sizes.append(len(batch))
        self.seen += counts(batch)


def counts(batch: Sequence[Delivered]) -> list[int]:
    return [one.event.data.outbox_count for one in batch if isinstance(one.event, SourceHeartbeat)]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(tmp_path / "events.db")
    yield log
    log.close()


@pytest.fixture
def run(log: SqliteLog) -> Iterator[Callable[..., Runtime]]:
    """Start runtimes, and stop them at the end of the test; each must end in time."""
    started: list[Runtime] = []

    def start(*steps: Collects, refused_in_a_row: int = 1000, gauges: StreamGauges | None = None) -> Runtime:
        runtime = Runtime(
            log,
            steps,
            clock=lambda: NOW,
            backoff=QUICK,
            refused_in_a_row=refused_in_a_row,
            gauges=gauges,
        )
        runtime.start()
        started.append(runtime)
        return runtime

    yield start
    ended = [runtime.stop(PATIENCE) for runtime in started]
    assert all(ended)


def until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def only(runtime: Runtime) -> RunnerHealth:
    (health,) = runtime.health()
    return health


def test_events_reach_the_step_in_order_and_are_committed(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    step = Collects()
    runtime = run(step)
    log.append("sources", [heartbeat(n) for n in range(250)])
    assert runtime.wait_idle(PATIENCE)
    assert step.seen == list(range(250))
    assert max(step.sizes) <= 100
    assert log.committed("collects", "sources") == log.end_positions("sources")
    health = only(runtime)
    assert (health.group, health.topic, health.state, health.lag) == ("collects", "sources", "running", 0)
    assert health.last_batch_at == NOW
    assert health.batch_seconds is not None


def test_nothing_to_do_is_idle(run: Callable[..., Runtime]) -> None:
    assert run(Collects()).wait_idle(PATIENCE)


class CutOff:
    """A member of a group that finds the log away: it cannot poll, go back, or take its leave."""

    def __init__(self, member: Consumer) -> None:
        self._member = member

    def poll(self, max_records: int, timeout: float) -> Sequence[Record]:  # noqa: ARG002 -- the port's signature
        raise LogUnavailable("the log is away")

    def holds(self, records: Sequence[Record]) -> bool:
        return self._member.holds(records)

    def commit(self, records: Sequence[Record]) -> None:
        self._member.commit(records)

    def rewind(self) -> None:
        raise LogUnavailable("the log is away")

    def wake(self) -> None:
        self._member.wake()

    def rejoin(self) -> None:
        self._member.rejoin()

    def close(self) -> None:
        self._member.close()
        raise LogUnavailable("the log is away")


def test_a_lane_whose_member_is_cut_off_joins_anew_and_works_on(
    log: SqliteLog, run: Callable[..., Runtime], monkeypatch: pytest.MonkeyPatch
) -> None:
    joins: list[Consumer] = []
    join = log.open_consumer

    def open_consumer(group: str, topics: Sequence[str]) -> Consumer:
        member = join(group, topics)
        joins.append(member)
        return CutOff(member) if len(joins) <= 2 else member

    monkeypatch.setattr(log, "open_consumer", open_consumer)
    log.append("sources", [heartbeat(n) for n in range(10)])
    step = Collects()
    runtime = run(step)
    assert runtime.wait_idle(PATIENCE)
    assert (len(joins), step.seen) == (3, list(range(10)))
    assert only(runtime).state == "running"


def test_a_lane_that_cannot_take_its_leave_has_stopped_all_the_same(
    log: SqliteLog, run: Callable[..., Runtime], monkeypatch: pytest.MonkeyPatch
) -> None:
    join = log.open_consumer
    monkeypatch.setattr(log, "open_consumer", lambda group, topics: CutOff(join(group, topics)))
    runtime = run(Collects())
    assert runtime.stop(PATIENCE)
    assert only(runtime).state == "stopped"


def test_a_passing_fault_repeats_the_same_batch_and_skips_nothing(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    batches: list[list[int]] = []

    def fail_twice(batch: Sequence[Delivered]) -> None:
        batches.append(counts(batch))
        if len(batches) <= 2:
            raise ConnectionError("the warehouse is away")

    log.append("sources", [heartbeat(n) for n in range(10)])
    step = Collects(trouble=fail_twice)
    assert run(step).wait_idle(PATIENCE)
    assert batches == [list(range(10))] * 3
    assert step.seen == list(range(10))
    assert listing(log) == []


@pytest.mark.parametrize(
    ("fault", "member"),
    [
        (NotReady("the rows are not there yet"), "reason"),
        (ZeroDivisionError("nobody foresaw it"), "exc_info"),
    ],
)
def test_only_a_fault_that_nobody_foresaw_is_logged_with_its_traceback(
    log: SqliteLog, run: Callable[..., Runtime], fault: Exception, member: str
) -> None:
    left = [fault]

    def fail_once(_batch: Sequence[Delivered]) -> None:
        if left:
            raise left.pop()

    log.append("sources", [heartbeat(1)])
    with capture_logs() as lines:
        assert run(Collects(trouble=fail_once)).wait_idle(PATIENCE)
    [line] = [one for one in lines if one["event"] == "batch will be repeated"]
    assert {"reason", "exc_info"} & line.keys() == {member}


def test_a_lasting_fault_is_visible_commits_nothing_and_ends_with_the_fault(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    away = threading.Event()
    away.set()

    def fail(_batch: Sequence[Delivered]) -> None:
        if away.is_set():
            raise ConnectionError("the warehouse is away")

    step = Collects(trouble=fail)
    runtime = run(step)
    log.append("sources", [heartbeat(1)])
    assert until(lambda: step.attempts >= 3)
    health = only(runtime)
    assert health.state == "retrying"
    assert health.last_error == "ConnectionError: the warehouse is away"
    assert health.retry_count >= 2
    assert health.lag == 1
    assert not runtime.wait_idle(0.1)
    away.clear()
    assert runtime.wait_idle(PATIENCE)
    assert until(lambda: only(runtime).last_error is None)
    assert only(runtime).state == "running"


def test_stopping_in_a_retry_abandons_the_batch_and_the_next_start_delivers_it(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    def fail(_batch: Sequence[Delivered]) -> None:
        raise ConnectionError("the warehouse is away")

    log.append("sources", [heartbeat(1)])
    stuck = Collects(trouble=fail)
    runtime = run(stuck)
    assert until(lambda: stuck.attempts > 0)
    assert runtime.stop(5)
    assert only(runtime).state == "stopped"
    assert set(log.committed("collects", "sources").values()) == {0}
    well = Collects()
    assert run(well).wait_idle(PATIENCE)
    assert well.seen == [1]


def test_stopping_lets_a_batch_in_hand_finish(log: SqliteLog, run: Callable[..., Runtime]) -> None:
    entered = threading.Event()

    def slow(_batch: Sequence[Delivered]) -> None:
        entered.set()
        time.sleep(0.3)

    log.append("sources", [heartbeat(1)])
    step = Collects(trouble=slow)
    runtime = run(step)
    assert entered.wait(PATIENCE)
    assert runtime.stop(5)
    assert step.seen == [1]
    assert log.committed("collects", "sources") == log.end_positions("sources")


class Reads(Collects):
    """A step that notes how many records were read for it so far."""

    def __init__(self, *, trouble: Callable[[Sequence[Delivered]], None], max_records: int = 10) -> None:
        super().__init__(trouble=trouble, max_records=max_records)
        self.read_count = 0

    def read(self, values: Sequence[bytes]) -> Sequence[Any]:
        self.read_count += len(values)
        return read_events(values)


def test_the_next_two_batches_are_read_while_one_is_in_hand_and_no_further(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    read_ahead: list[bool] = []

    def look(_batch: Sequence[Delivered]) -> None:
        handed_over = len(step.seen) + 10
        read_ahead.append(until(lambda: step.read_count == min(handed_over + 20, 45)))

    step = Reads(trouble=look)
    log.append("sources", [heartbeat(n) for n in range(45)])
    assert run(step).wait_idle(PATIENCE)
    assert read_ahead == [True] * 5
    assert step.sizes == [10, 10, 10, 10, 5]
    assert step.seen == list(range(45))


def test_a_stop_forgets_what_was_read_ahead_and_the_next_start_delivers_it(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    read_ahead = threading.Event()

    def wait_for_the_next(_batch: Sequence[Delivered]) -> None:
        assert until(lambda: step.read_count == 20)
        read_ahead.set()
        time.sleep(0.1)

    step = Reads(trouble=wait_for_the_next)
    log.append("sources", [heartbeat(n) for n in range(20)])
    runtime = run(step)
    assert read_ahead.wait(PATIENCE)
    assert runtime.stop(PATIENCE)
    assert step.seen == list(range(10))
    assert sum(log.committed("collects", "sources").values()) == 10
    again = Collects()
    assert run(again).wait_idle(PATIENCE)
    assert again.seen == list(range(10, 20))


class StumblesOnce(Reads):
    """A step whose fourth reading fails once, in passing."""

    def read(self, values: Sequence[bytes]) -> Sequence[Any]:
        found = super().read(values)
        if self.read_count == 40:
            raise MemoryError("the reader is out of memory")
        return found


def test_what_was_read_ahead_of_a_batch_that_could_not_be_read_comes_again_in_order(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    step = StumblesOnce(trouble=lambda _batch: None)
    log.append("sources", [heartbeat(n) for n in range(60)])
    runtime = run(step)
    assert runtime.wait_idle(PATIENCE)
    assert step.seen == list(range(60))
    assert step.read_count > 60
    assert only(runtime).retry_count == 1


def test_a_stop_that_takes_too_long_says_so(log: SqliteLog, run: Callable[..., Runtime]) -> None:
    entered, release = threading.Event(), threading.Event()

    def hang(_batch: Sequence[Delivered]) -> None:
        entered.set()
        release.wait(PATIENCE)

    log.append("sources", [heartbeat(1)])
    runtime = run(Collects(trouble=hang))
    assert entered.wait(PATIENCE)
    assert not runtime.stop(0.05)
    release.set()


def test_an_unreadable_record_is_set_aside_and_harms_no_other(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    bad = [b"not json", b"{}", b"\xff\xfe", encode_unknown_type()]
    log.append(
        "sources", [heartbeat(0), *(Message("15607", value, {"h": "1"}) for value in bad), heartbeat(1)]
    )
    step = Collects()
    runtime = run(step)
    assert runtime.wait_idle(PATIENCE)
    assert step.seen == [0, 1]
    letters = listing(log, "sources")
    assert [letter.value for letter in letters] == bad
    assert [letter.reason for letter in letters] == [
        "malformed-event",
        "malformed-event",
        "malformed-event",
        "unknown-event-type",
    ]
    assert [letter.position.offset for letter in letters] == [1, 2, 3, 4]
    assert {(x.key, x.group, x.first_seen_at) for x in letters} == {("15607", "collects", NOW)}
    assert letters[0].original_headers == {"h": "1"}
    assert only(runtime).dead_letter_count == 4


def encode_unknown_type() -> bytes:
    return heartbeat(1).value.replace(b"source.heartbeat", b"source.rumour")


def test_a_group_that_does_not_set_aside_skips_what_it_cannot_read(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    log.append("sources", [Message("15607", b"not json"), heartbeat(1)])
    step = Collects(sets_aside=False)
    assert run(step).wait_idle(PATIENCE)
    assert step.seen == [1]
    assert listing(log) == []


def test_a_dead_letter_is_durable_before_its_position_is_committed(
    log: SqliteLog, run: Callable[..., Runtime], monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    append, note = log.append, log._note

    def noted_append(topic: str, messages: Sequence[Message]) -> list[Position]:
        order.append(f"append to {topic}")
        return append(topic, messages)

    def noted_note(group: str, positions: Mapping[tuple[str, int], int]) -> None:
        order.append("commit")
        note(group, positions)

    monkeypatch.setattr(log, "append", noted_append)
    monkeypatch.setattr(log, "_note", noted_note)
    append("sources", [Message("15607", b"not json")])
    assert run(Collects()).wait_idle(PATIENCE)
    assert order == ["append to sources-dlq", "commit"]


def test_a_contract_error_that_a_step_meets_elsewhere_blames_no_record_of_its_batch(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    attempts: list[int] = []

    def reads_a_fact_of_a_newer_release(batch: Sequence[Delivered]) -> None:
        attempts.append(len(batch))
        if len(attempts) <= 3:
            raise UnknownEventVersion("promise.made version 9 is not read here")

    log.append("sources", [heartbeat(n) for n in range(40)])
    step = Collects(trouble=reads_a_fact_of_a_newer_release)
    assert run(step).wait_idle(PATIENCE)
    assert attempts == [40] * 4
    assert step.seen == list(range(40))
    assert listing(log) == []


def test_too_many_unreadable_records_in_a_row_stop_the_lane_and_only_that_one(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    log.append("sources", [heartbeat(0), *(Message("15607", b"junk") for _ in range(40)), heartbeat(1)])
    step, other = Collects(max_records=7), Collects("other", ("issues",))
    runtime = run(step, other, refused_in_a_row=10)
    assert until(lambda: runtime.health()[0].state == "stopped")
    health, healthy = runtime.health()
    assert health.last_error is not None
    assert "10 records in a row cannot be read" in health.last_error
    assert health.lag == 31  # what was looked at is set aside and committed; the rest waits untouched
    assert len(listing(log)) == 10
    assert step.seen == [0]
    assert healthy.state == "running"
    assert not runtime.wait_idle(PATIENCE)


def test_unreadable_records_between_good_ones_do_not_stop_the_lane(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    log.append("sources", [m for n in range(30) for m in (heartbeat(n), Message("15607", b"junk"))])
    step = Collects()
    assert run(step, refused_in_a_row=3).wait_idle(PATIENCE)
    assert len(step.seen) == len(listing(log)) == 30


def test_a_stopped_lane_goes_on_when_the_runtime_starts_again(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    log.append("sources", [*(Message("15607", b"junk") for _ in range(12)), heartbeat(1)])
    step = Collects()
    runtime = run(step, refused_in_a_row=10)
    assert until(lambda: only(runtime).state == "stopped")
    assert runtime.stop(PATIENCE)
    runtime.start()
    assert runtime.wait_idle(PATIENCE)
    assert step.seen == [1]
    assert len(listing(log)) == 12


def test_each_topic_of_a_step_has_its_own_lane(log: SqliteLog, run: Callable[..., Runtime]) -> None:
    together = threading.Barrier(2, timeout=PATIENCE)

    def meet(_batch: Sequence[Delivered]) -> None:
        together.wait()

    step = Collects(topics=("sources", "issues"), trouble=meet)
    runtime = run(step)
    log.append("sources", [heartbeat(1)])
    log.append("issues", [heartbeat(2)])  # a lane carries what its topic holds
    assert runtime.wait_idle(PATIENCE)
    assert sorted(step.seen) == [1, 2]


def test_idle_waits_for_follow_ups_through_other_topics(log: SqliteLog, run: Callable[..., Runtime]) -> None:
    def pass_on(batch: Sequence[Delivered]) -> None:
        for count in counts(batch):
            if count:
                time.sleep(0.02)
                log.append("issues" if count % 2 else "sources", [heartbeat(count - 1)])

    step = Collects(topics=("sources", "issues"), trouble=pass_on)
    runtime = run(step)
    log.append("sources", [heartbeat(12)])
    assert runtime.wait_idle(PATIENCE)
    assert sorted(step.seen) == list(range(13))


def test_an_append_between_two_looks_is_not_taken_for_idleness(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane of sources finishes, with a follow-up in issues, just after issues was looked at."""
    runtime = Runtime(log, [Collects(topics=("issues", "sources"))])
    log.append("sources", [heartbeat(1)])
    consumer = log.open_consumer("collects", ["sources"])
    records = consumer.poll(10, 1)
    committed = log.committed

    def finish_in_between(group: str, topic: str) -> dict[int, int]:
        if topic == "sources":
            log.append("issues", [heartbeat(2)])
            consumer.commit(records)
        return committed(group, topic)

    monkeypatch.setattr(log, "committed", finish_in_between)
    assert not runtime._progress._idle()


def test_a_group_that_another_process_reads_is_shown_and_taken_over_when_free(
    tmp_path: Path, log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    holder = SqliteLog(tmp_path / "events.db")
    holder.open_consumer("collects", ["sources"])
    log.append("sources", [heartbeat(1)])
    step = Collects()
    runtime = run(step)
    assert until(lambda: only(runtime).state == "retrying")
    assert "another process" in str(only(runtime).last_error)
    holder.close()
    assert runtime.wait_idle(PATIENCE)
    assert step.seen == [1]


def test_steps_that_take_duplicates_end_the_same_under_redelivery(tmp_path: Path) -> None:
    seeded = random.Random(3)
    log = SqliteLog(tmp_path / "again.db", redeliver=seeded)
    log.append("sources", [heartbeat(n) for n in range(200)])
    step = Collects(max_records=9)
    runtime = Runtime(log, [step], backoff=QUICK)
    runtime.start()
    assert runtime.wait_idle(PATIENCE)
    assert runtime.stop(PATIENCE)
    assert set(step.seen) == set(range(200))
    assert len(step.seen) > 200
    log.close()


def test_metrics_show_lag_batches_retries_and_dead_letters(
    log: SqliteLog, run: Callable[..., Runtime]
) -> None:
    registry = CollectorRegistry()
    failed = threading.Event()

    def fail_once(_batch: Sequence[Delivered]) -> None:
        if not failed.is_set():
            failed.set()
            raise ConnectionError("away")

    log.append("sources", [heartbeat(0), Message("15607", b"junk")])
    lane = {"group": "collects", "topic": "sources"}
    runtime = run(Collects(trouble=fail_once), gauges=StreamGauges(registry))
    assert runtime.wait_idle(PATIENCE)
    assert registry.get_sample_value("liencap_stream_lag_records", lane) == 0
    assert registry.get_sample_value("liencap_stream_retries_total", lane) == 1
    assert until(lambda: registry.get_sample_value("liencap_stream_records_total", lane) == 2)
    assert registry.get_sample_value("liencap_stream_batch_seconds_count", lane) == 1
    letters = {**lane, "reason": "malformed-event"}
    assert registry.get_sample_value("liencap_stream_dead_letters_total", letters) == 1
    assert runtime.stop(PATIENCE)
    log.append("sources", [heartbeat(1)])
    assert registry.get_sample_value("liencap_stream_lag_records", lane) == 1


def test_pauses_grow_to_a_cap_and_vary() -> None:
    backoff = Backoff(first=1.0, factor=2.0, most=8.0)
    for attempt, whole in enumerate([1, 2, 4, 8, 8, 8]):
        drawn = {backoff.seconds(attempt) for _ in range(20)}
        assert all(whole / 2 <= seconds <= whole for seconds in drawn)
        assert len(drawn) > 1
    assert backoff.seconds(100_000) <= 8


def test_timers_run_at_once_and_again_survive_faults_and_never_overlap(run: Callable[..., Runtime]) -> None:
    runtime = run()
    running, runs, overlaps = threading.Lock(), [0, 0], []

    def job(number: int) -> None:
        overlaps.append(not running.acquire(blocking=False))
        runs[number] += 1
        time.sleep(0.02)
        running.release()
        if number:
            raise ConnectionError("away")

    runtime.timers.every(0.01, lambda: job(0), "well")
    runtime.timers.every(0.01, lambda: job(1), "failing")
    assert until(lambda: min(runs) >= 3)
    assert runtime.stop(PATIENCE)
    assert not any(overlaps)
    states = {timer.name: timer.last_error for timer in runtime.timers.states()}
    assert states == {"well": None, "failing": "ConnectionError: away"}
    ended = list(runs)
    time.sleep(0.05)
    assert runs == ended


def test_a_timer_waits_for_its_interval(run: Callable[..., Runtime]) -> None:
    runtime = run()
    ran: list[float] = []
    runtime.timers.every(3600, lambda: ran.append(time.monotonic()), "hourly")
    assert until(lambda: len(ran) == 1)
    time.sleep(0.05)
    assert len(ran) == 1
