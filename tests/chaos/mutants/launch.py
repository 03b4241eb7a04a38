"""Run one command of liencap with one fault on purpose: `python -m tests.chaos.mutants.launch FAULT worker`.

The fault is patched into this process alone; nothing of the product knows of it.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from unittest import mock

from services.__main__ import main
from services.consuming.agents import AgentRunner
from services.consuming.runner import ThreadRunner
from services.log.kafka_reader import record_of
from services.streams.land import LandCases
from services.streams.tally import Tally
from services.warehouse import migrations as clickhouse_migrations
from services.warehouse import named_queries
from services.warehouse.client import Warehouse

if TYPE_CHECKING:
    import datetime as dt

    from events.log import Consumer
    from services.consuming.delivery import Batch
    from services.consuming.step import Delivered
    from services.streams.case_rows import Lines

Patch = tuple[Any, str, Any]

_INCREMENT = """
INSERT INTO rollups_daily
SELECT
    unit_code, day, {version:UInt64}, {marks: sum(of_$mark)}, groupArray(field_code), groupArray(channel),
    {marks: groupArray(of_$mark)}
FROM
(
    SELECT unit_code, day, field_code, channel, {marks: sum(sign * n_$mark) AS of_$mark}
    FROM
    (
        SELECT 1 AS sign, * FROM (COUNTED)
        UNION ALL
        SELECT -1 AS sign, * FROM rollups_before
        UNION ALL
        SELECT 1 AS sign, * FROM rollups_daily FINAL WHERE (unit_code, day) IN (SELECT unit_code, day FROM rollups_before)
    )
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS n_$mark}
    GROUP BY unit_code, day, field_code, channel
)
GROUP BY unit_code, day
"""
"""What was stored, and the change that a batch makes to its days."""


def committed_before_the_insert() -> list[Patch]:
    """Note the position of a batch as finished when it is polled."""
    polled = ThreadRunner._next_batch

    def next_batch(lane: ThreadRunner, consumer: Consumer) -> Batch:
        batch = polled(lane, consumer)
        if batch.records:
            consumer.commit(batch.records)
        return batch

    return [(ThreadRunner, "_next_batch", next_batch)]


def taken_several_at_once() -> list[Patch]:
    """Write the agent as Faust's own documentation does: `take`, and let a fault rise."""

    async def consume(agent: AgentRunner, stream: Any) -> None:
        delivery = agent._delivery
        async for events in stream.take_events(agent._max_records, within=0.1):
            batch = delivery.read([record_of(agent.topic, event.message) for event in events])
            await asyncio.to_thread(delivery._step.handle, batch.read.delivered(batch.records))

    return [(AgentRunner, "_consume", consume)]


def a_deduplication_token() -> list[Patch]:
    """Let the engine drop an insert whose token it knows; the token names where the batch began."""
    began: contextvars.ContextVar[str | None] = contextvars.ContextVar("began", default=None)
    handle = LandCases.handle
    keeps_tokens: list[str] = []

    def handled(step: LandCases, batch: Sequence[Delivered]) -> None:
        first = batch[0].record.position
        began.set(f"{first.topic}-{first.partition}-{first.offset}")
        handle(step, batch)

    def insert(warehouse: Warehouse, table: str, rows: Any) -> None:
        token = began.get()
        once = {"insert_deduplication_token": token} if token and table == "case_events" else None
        if once and not keeps_tokens:
            keeps_tokens.append(table)
            warehouse.command(
                "ALTER TABLE case_events MODIFY SETTING non_replicated_deduplication_window = 1000"
            )
        if rows.num_rows:
            with clickhouse_faults(warehouse.dsn), warehouse.lent("writer") as client:
                client.insert_arrow(table, rows, settings=once)

    from services.warehouse.connection import translated_errors as clickhouse_faults  # noqa: PLC0415 -- only here

    return [
        (LandCases, "handle", handled),
        (Warehouse, "insert", insert),
    ]


def no_version_column() -> list[Patch]:
    """Let whichever row of a case came last stand for it."""
    files = named_queries.migration_files
    versioned, bare = (
        f"ENGINE = ReplacingMergeTree{version}\nORDER BY case_key" for version in ("(seq)", "")
    )

    def without_version() -> tuple[tuple[int, str, str], ...]:
        found = tuple(files())
        assert any(versioned in sql for _, _, sql in found), "cases_current is made in other words by now"
        return tuple((number, name, sql.replace(versioned, bare)) for number, name, sql in found)

    return [(clickhouse_migrations, "migration_files", without_version)]


def an_increment() -> list[Patch]:
    """Add to each stored count what a batch changed, instead of counting anew."""
    land, replace = LandCases._land_cases, Tally._replace
    before = "rollups_before"

    def land_cases(step: LandCases, lines: Lines) -> None:
        from services.streams.case_rows import state_rows, touched_keys  # noqa: PLC0415 -- likewise
        from services.warehouse.named_queries import named_query  # noqa: PLC0415 -- only here

        days = sorted((day, unit) for unit, day in touched_keys(state_rows(lines.rows)))
        warehouse = step._warehouse
        warehouse.command(f"DROP TABLE IF EXISTS {before} SYNC")
        warehouse.command(
            f"CREATE TABLE {before} ENGINE = MergeTree ORDER BY (unit_code, day) AS {named_query('tally_days')}",
            version=0,
            units=[unit for _, unit in days],
            days=[day for day, _ in days],
        )
        land(step, lines)

    def replaced(tally: Tally, table: Any, query: str, dates: str, keys: list[tuple[dt.date, str]]) -> None:
        if query != "tally_days":
            return replace(tally, table, query, dates, keys)
        from services.warehouse.named_queries import named_query, written_out  # noqa: PLC0415 -- only here

        tally._warehouse.command(
            written_out(_INCREMENT).replace("COUNTED", named_query(query)),
            version=tally._warehouse.clock(),
            units=[unit for _, unit in keys],
            days=[day for day, _ in keys],
        )
        return None

    return [(LandCases, "_land_cases", land_cases), (Tally, "_replace", replaced)]


FAULTS: dict[str, Callable[[], Collection[Patch]]] = {
    "commit-first": committed_before_the_insert,
    "take": taken_several_at_once,
    "token": a_deduplication_token,
    "no-version": no_version_column,
    "increment": an_increment,
}


def run(fault: str) -> None:
    """Patch the fault into this process and run the command."""
    with ExitStack() as patched:
        for owner, name, replacement in FAULTS[fault]():
            patched.enter_context(mock.patch.object(owner, name, replacement))
        main()


if __name__ == "__main__":
    run(sys.argv.pop(1))
