"""A group keeps its partitions: whatever metadata the brokers lack, and whatever fails at joining."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance, GroupCoordinator
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import Consumer

from events.topics import topic_named
from services.consuming.in_faust import WorkerRuntime
from services.consuming.step import StreamStep
from services.errors import SetupError
from services.log.kafka import KafkaLog
from services.log.kafka_assigning import KnownTopics
from services.maintenance import doctor
from services.settings import load_settings
from tests.contract.kafka_homes import fresh_cluster
from tests.contract.streams import NOW, PATIENCE, QUICK, Notes, numbered
from tests.journeys.installation import eventually
from tests.kafka_broker import Broker

pytestmark = pytest.mark.process

BY_AGENT, BY_LANE = "sources", "cases"
FIRST_ANSWERS = 4


class Home:
    """Workers over topics of their own."""

    def __init__(self, servers: str) -> None:
        self.cluster = fresh_cluster(servers)
        self.log = KafkaLog(self.cluster)
        self.ended: list[str] = []
        self._started: list[WorkerRuntime] = []

    def run(self, *steps: StreamStep) -> WorkerRuntime:
        runtime = WorkerRuntime(
            self.cluster, self.log, steps, clock=lambda: NOW, backoff=QUICK, end=self.ended.append
        )
        self._started.append(runtime)
        runtime.start()
        return runtime

    def close(self) -> None:
        for runtime in self._started:
            runtime.stop()
        self.log.close()


@pytest.fixture
def home(kafka: Broker) -> Iterator[Home]:
    with closing(Home(kafka.servers)) as home:
        yield home


@pytest.mark.parametrize("topic", [BY_AGENT, BY_LANE])
@pytest.mark.slow
def test_a_leader_whose_metadata_lack_a_topic_leaves_it_out_of_no_assignment(
    home: Home, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a failed update: the brokers know the topic, the client that shares out the partitions does not."""
    shared_out: list[Any] = []
    share_out = GroupCoordinator._perform_assignment
    settle_metadata = AIOKafkaClient._maybe_wait_metadata

    async def first_without_topics(self: Any, response: Any) -> Any:
        async def forgetful(client: Any) -> None:
            await settle_metadata(client)
            if not shared_out:
                client.cluster._partitions = {}
            shared_out.append(client)

        with monkeypatch.context() as patched:
            patched.setattr(AIOKafkaClient, "_maybe_wait_metadata", forgetful)
            return await share_out(self, response)

    monkeypatch.setattr(GroupCoordinator, "_perform_assignment", first_without_topics)
    _carries_everything(home, topic)
    assert shared_out


@pytest.mark.slow
def test_a_group_of_agents_is_joined_when_the_brokers_have_told_its_topics(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a broker that takes connections and is not yet itself among those that it names."""
    update: Callable[..., Any] = AIOKafkaClient._metadata_update
    refused: Counter[int] = Counter()

    async def refuses_at_first(self: Any, cluster: Any, topics: Any) -> Any:
        if topics and refused[id(self)] < FIRST_ANSWERS:
            refused[id(self)] += 1
            return False
        return await update(self, cluster, topics)

    monkeypatch.setattr(AIOKafkaClient, "_metadata_update", refuses_at_first)
    _carries_everything(home, BY_AGENT)
    assert refused


@pytest.mark.parametrize("topic", [BY_AGENT, BY_LANE])
@pytest.mark.slow
def test_a_join_that_a_broker_answers_with_a_fault_is_tried_again(
    home: Home, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    join: Callable[..., Any] = CoordinatorGroupRebalance.perform_group_join
    faults: list[KafkaError] = []

    async def fails_once(self: Any) -> Any:
        if not faults:
            faults.append(KafkaError("UnknownError: the server experienced an unexpected error"))
            raise faults[0]
        return await join(self)

    monkeypatch.setattr(CoordinatorGroupRebalance, "perform_group_join", fails_once)
    _carries_everything(home, topic)
    assert faults


@pytest.mark.parametrize(("topic", "partitions"), [(BY_AGENT, 2), (BY_LANE, 8)])
def test_the_log_tells_which_partitions_of_a_group_have_an_owner(
    home: Home, topic: str, partitions: int
) -> None:
    assert home.log.owned("notes") == {}
    running = home.run(Notes(topic))
    eventually(lambda: home.log.owned("notes") == {topic: frozenset(range(partitions))}, PATIENCE)
    assert running.stop()
    eventually(lambda: home.log.owned("notes") == {}, PATIENCE)


@pytest.mark.slow
def test_the_doctor_names_the_partitions_where_records_wait_and_nobody_reads(
    home: Home, tmp_path: Path
) -> None:
    settings = load_settings(
        data=tmp_path, kafka_servers=home.cluster.servers, kafka_prefix=home.cluster.prefix
    )
    assert "nobody reads decide" in doctor._groups(settings)
    home.log.append("issues", numbered(*range(40)))
    with pytest.raises(
        SetupError, match=r"nobody in group decide has partitions 0, .* where 40 records wait"
    ):
        doctor._groups(settings)
    step = Notes("issues")
    step.group = "decide"
    assert home.run(step).wait_idle(PATIENCE)
    with pytest.raises(SetupError) as found:
        doctor._groups(settings)
    assert "group land " in str(found.value)
    assert "group decide" not in str(found.value)


@pytest.mark.parametrize("topic", [BY_AGENT, BY_LANE])
@pytest.mark.slow
def test_an_assignment_that_left_a_topic_out_is_asked_for_again(
    home: Home, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a leader of an earlier release, which does not know the table."""
    monkeypatch.setattr("services.consuming.in_faust.SESSION_SECONDS", 1.0)
    shared_out: list[str] = []

    known = KnownTopics.partitions_for_topic

    def knows_nothing_at_first(self: KnownTopics, name: str) -> set[int] | None:
        shared_out.append(name)
        return known(self, name) if len(shared_out) > 1 else None

    monkeypatch.setattr(KnownTopics, "partitions_for_topic", knows_nothing_at_first)
    running = home.run(Notes(topic))
    every = frozenset(range(topic_named(topic).partitions))
    eventually(lambda: home.log.owned("notes") == {topic: every}, PATIENCE)
    eventually(lambda: [lane.state for lane in running.health()] == ["running"], PATIENCE)
    assert len(shared_out) > 1
    assert home.ended == []


@pytest.mark.slow
def test_records_that_a_stopped_flow_dropped_before_the_first_commit_are_fetched_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a second rebalance comes while the records of the first assignment are on their way."""
    fetch = Consumer._getmany
    dropped: list[Any] = []

    async def fetched_in_a_rebalance(self: Any, *arguments: Any) -> Any:
        records = await fetch(self, *arguments)
        if records and not dropped:
            dropped.append(records)
            self.stop_flow()
            self.loop.call_later(0.5, self.resume_flow)
        return records

    monkeypatch.setattr(Consumer, "_getmany", fetched_in_a_rebalance)
    _carries_everything(home, BY_AGENT)
    assert dropped


@pytest.mark.parametrize("earlier", [0, 60], ids=["before the first commit", "after a commit"])
@pytest.mark.slow
def test_a_record_that_reached_no_agent_is_not_committed_but_fetched_again(
    home: Home, earlier: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the flow is suspended while a record waits for its place in the buffer of a stream."""
    deliver = Consumer.getmany
    dropped: dict[int, str] = {}

    async def without_one(self: Any, timeout: float) -> AsyncIterator[Any]:  # noqa: ASYNC109 -- Faust's signature
        async for partition, message in deliver(self, timeout):
            if dropped or step.counts().total() < earlier:
                yield partition, message
            else:
                dropped[message.offset] = partition.topic
                self._read_offset[partition] = message.offset

    monkeypatch.setattr(Consumer, "getmany", without_one)
    step = Notes(BY_AGENT)
    running = home.run(step)
    if earlier:
        home.log.append(BY_AGENT, numbered(*range(earlier)))
        eventually(lambda: sum(home.log.committed("notes", BY_AGENT).values()) == earlier, PATIENCE)
    home.log.append(BY_AGENT, numbered(*range(earlier, earlier + 60)))
    eventually(lambda: step.counts().keys() == set(range(earlier + 60)), PATIENCE)
    assert running.wait_idle(PATIENCE), running.health()
    assert dropped


def test_a_member_whose_coordination_dies_ends_the_process(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(_self: Any) -> Any:
        raise AssertionError("what aiokafka takes for impossible")

    monkeypatch.setattr(CoordinatorGroupRebalance, "perform_group_join", dies)
    home.run(Notes(BY_AGENT))
    eventually(lambda: home.ended, PATIENCE)
    assert "the member of group notes has died of" in home.ended[0]
    assert "impossible" in home.ended[0]


def _carries_everything(home: Home, topic: str) -> None:
    step = Notes(topic)
    home.log.append(topic, numbered(*range(60)))
    running = home.run(step)
    assert running.wait_idle(PATIENCE), running.health()
    assert step.counts() == Counter(range(60))
