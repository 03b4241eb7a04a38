"""Decide on the embedded log and the engine, with a log that goes back now and then as after a crash."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from events.codec import decode, encode
from events.log import Message
from events.topics import ISSUES
from services.arrivals import AnnouncedArrivals
from services.consuming.step import Delivered
from services.log.sqlite import SqliteLog
from services.streams.decide import Decide
from services.warehouse.client import Warehouse
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable
from tests.histories import seeded
from tests.reporting.stories import Story, tables

pytestmark = pytest.mark.warehouse


def drain(log: SqliteLog, step: Decide) -> None:
    """Hand over polls until nothing is left; what was polled and not kept comes again."""
    with closing(log.open_consumer(step.group, step.topics)) as consumer:
        idle = 0
        while idle < 5:
            records = consumer.poll(7, 0.02)
            idle = 0 if records else idle + 1
            if records:
                step.handle([Delivered(record, decode(record.value)) for record in records])
                consumer.commit(records)


def test_people_act_while_the_log_goes_back_and_the_rows_are_those_of_their_stories(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    stories = [Story(name=f"on a log {number}").taken_on() for number in range(6)]
    for story in stories[:3]:
        story.petition_ministry()
    arrivals, rng = AnnouncedArrivals(), seeded(11)
    with closing(SqliteLog(tmp_path / "log.db", redeliver=rng)) as log:
        step = Decide(
            IssueTable(warehouse, epoch=log.epoch),
            log,
            tables(),
            arrivals,
            problem_table=ProblemTable(warehouse, epoch=log.epoch),
        )
        acts = [[event for event in story.log if event.actor_role != "system"] for story in stories]
        for turn in range(max(map(len, acts))):
            for queue in acts:
                if turn < len(queue):
                    event = queue[turn]
                    message = Message(event.partition_key, encode(event))
                    log.append(ISSUES.name, [message] * (1 + (rng.random() < 0.3)))
            drain(log, step)
    rows = {state.id: state for state in IssueTable(warehouse).every()}
    assert rows == {story.id: story.state for story in stories}
    for story in stories:
        for event in story.log:
            outcome = arrivals.wait_for(event.id, 0, subject=UUID(event.subject))
            assert outcome is not None
            assert outcome.accepted
