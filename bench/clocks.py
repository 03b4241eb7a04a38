"""Time the fold of issues, and one look of the watch over many open clocks.

Run: .venv/bin/python bench/clocks.py [--issues 50000]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from uuid import UUID, uuid4

from msgspec.structs import replace

from events.log import Message, Position
from reporting.issues.fold import fold_all
from services.streams.watch import Watch
from services.warehouse.client import Warehouse
from services.warehouse.folded import LatestStates
from services.warehouse.issue_table import IssueTable
from services.warehouse.migrations import migrate
from tests.reporting.stories import LEADER, REVIEWER, Story, document, tables

AT_ONCE = 5_000


class Counting:
    """A log that only counts what it is given."""

    def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
        """Take messages and give them places."""
        return [Position(topic, 0, number) for number in range(len(messages))]


def whole_story(number: int) -> Story:
    """Tell an issue from the report by way of a ministry to the confirmation."""
    story = Story(name=f"bench {number}").taken_on()
    story.petition_ministry()
    story.approve(LEADER, story.petition)
    story.send(LEADER, story.petition)
    story.answer("guidance", REVIEWER, story.petition, on_behalf_of="bo_khcn", document=document())
    story.answer("solved")
    story.confirm()
    return story


def fold_speed() -> float:
    """Return events per second of processor time."""
    logs = [whole_story(number).log for number in range(60)]
    rates = []
    for _ in range(15):
        began = time.process_time()
        for log in logs:
            fold_all(log)
        rates.append(sum(map(len, logs)) / (time.process_time() - began))
    return statistics.median(rates)


def fill(warehouse: Warehouse, count: int) -> None:
    """Write issues that lie with a department: two clocks run in each."""
    state, rows = Story(name="bench").on_its_way().state, IssueTable(warehouse)
    for start in range(0, count, AT_ONCE):
        clocks = [tuple(replace(clock, id=uuid4()) for clock in state.clocks) for _ in range(AT_ONCE)]
        states = [
            replace(state, id=UUID(int=start + number), clocks=own) for number, own in enumerate(clocks)
        ]
        rows.save(
            [LatestStates(one, Position("issues", 0, start + number)) for number, one in enumerate(states)]
        )


def main() -> None:
    """Print the speed of the fold, and how long one look takes in which nothing is to be said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=50_000)
    count = parser.parse_args().issues
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}")
    print(f"fold: {fold_speed():,.0f} events/s of processor time")
    with tempfile.TemporaryDirectory() as folder, closing(Warehouse(f"chdb://{folder}")) as warehouse:
        migrate(warehouse)
        fill(warehouse, count)
        now = Story(name="bench").on_its_way().now + dt.timedelta(minutes=1)
        watch = Watch(warehouse, Counting(), tables())
        watch.tick(now)
        took = []
        for _ in range(7):
            began = time.perf_counter()
            watch.tick(now)
            took.append(time.perf_counter() - began)
    print(f"watch over {2 * count:,} open clocks: median {statistics.median(took) * 1000:,.0f} ms")


if __name__ == "__main__":
    main()
