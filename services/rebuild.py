"""Recompute every derived table from the facts, beside the ones in use, and put the new ones in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from reporting.tables import CASE_EVENTS, CASES_CURRENT, DERIVED, SOURCE_STATES
from services.streams.mark_rows import NEEDED, mark_rows
from services.streams.rows import arrow_schema
from services.streams.tally import Tally

if TYPE_CHECKING:
    import datetime as dt

    from services.adapters.clickhouse import Warehouse

Say = Callable[[str], None]
Refold = Callable[["Warehouse", "Warehouse"], int]
"""Fold the facts of issues and problems of the first warehouse into the rows of the second; return how many issues."""
FOLDED = frozenset({"issues_current", "problems_current"})

_ROWS_AT_ONCE = 100_000
_KEYS_AT_ONCE = 200_000


def rebuild(warehouse: Warehouse, say: Say, *, refold: Refold | None = None) -> None:
    """Make all derived tables anew from the facts, then exchange them; no event is emitted and no notice sent.

    The streams must stand still: rows that land meanwhile go into the tables that are replaced. Until the exchange
    readers see the old tables; a rebuild that dies leaves them as they were.

    Args:
        warehouse: the facts, and the tables to replace.
        say: takes one line of progress.
        refold: makes `issues_current` and `problems_current`; without it these stay as they are.
    """
    with closing(warehouse.beside("rebuild")) as fresh:
        fresh.drop()
        fresh.migrate()
        marks = _rebuild_cases(warehouse, fresh, say)
        ended = _end_residue(warehouse, fresh)
        say(f"case_marks: {marks:,} rows written, {ended:,} left by an older state taken back")
        say(f"roll-ups: {_rebuild_rollups(fresh):,} days of units")
        _rebuild_sources(warehouse, fresh)
        done = {table.name for table in DERIVED}
        if refold is None:
            done -= FOLDED
        else:
            say(f"issues: {refold(warehouse, fresh):,}")
        for name in sorted(done):
            warehouse.command(f"EXCHANGE TABLES `{warehouse.database}`.{name} AND `{fresh.database}`.{name}")
        say(f"replaced: {', '.join(sorted(done))}")
        fresh.drop()


def _rebuild_cases(source: Warehouse, fresh: Warehouse, say: Say) -> int:
    """Write the marks of every event and the latest state of every case; return how many mark rows."""
    import pyarrow as pa  # noqa: PLC0415 -- heavy, and `--help` does not need it

    columns = ", ".join(name for name, _ in CASES_CURRENT.columns)
    shape = pa.schema([arrow_schema(CASE_EVENTS).field(name) for name in NEEDED])
    written = done = 0
    for condition, params, count in _portions(source):
        fresh.command(
            f"INSERT INTO cases_current ({columns})"  # noqa: S608 -- names of declared tables, typed parameters
            f" SELECT {columns} FROM `{source.database}`.case_events WHERE {condition}",
            **params,
        )
        rows = source.rows(
            f"SELECT {', '.join(NEEDED)}"  # noqa: S608 -- as above
            f" FROM case_events FINAL WHERE {condition}",
            **params,
        )
        table, _ = mark_rows(pa.Table.from_pylist(rows, schema=shape))
        fresh.insert("case_marks", table)
        written += table.num_rows
        done += count
        say(f"case events read: {done:,}")
    return written


def _portions(source: Warehouse) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Split the facts into conditions of about _ROWS_AT_ONCE rows: days together, or a large day apart by case."""
    days: list[tuple[dt.date, int]] = [
        (row["recorded_on"], row["n"])
        for row in source.rows(
            "SELECT recorded_on, count() AS n FROM case_events GROUP BY recorded_on ORDER BY recorded_on"
        )
    ]
    span = "recorded_on BETWEEN {first:Date} AND {last:Date}"
    while days:
        first, count = days[0]
        taken = 1
        while taken < len(days) and count + days[taken][1] <= _ROWS_AT_ONCE:
            count += days[taken][1]
            taken += 1
        parts = -(-count // _ROWS_AT_ONCE)
        for part in range(parts):
            share = {"first": first, "last": days[taken - 1][0], "parts": parts, "part": part}
            yield (
                f"{span} AND cityHash64(case_key) % {{parts:UInt32}} = {{part:UInt32}}",
                share,
                count // parts,
            )
        days = days[taken:]


def _end_residue(source: Warehouse, fresh: Warehouse) -> int:
    """Take back the marks that outlived the state that had them (audit_residue.sql says how they come about)."""
    residue = f"""
        FROM (SELECT * FROM case_marks FINAL) AS held
        INNER JOIN (SELECT case_key, max(seq) AS seq FROM `{source.database}`.case_events GROUP BY case_key) AS latest
        USING (case_key) WHERE held.seq < latest.seq
    """  # noqa: S608 -- the name of a database that we opened
    found = fresh.rows(f"SELECT count() AS n {residue}")
    fresh.command(
        "INSERT INTO case_marks (day, unit_code, case_key, mark, field_code, channel, seq, gone)"
        f" SELECT day, unit_code, case_key, mark, field_code, channel, latest.seq, 1 {residue}"
    )
    return int(found[0]["n"])


def _rebuild_rollups(fresh: Warehouse) -> int:
    rows = fresh.rows("SELECT DISTINCT unit_code, day FROM case_marks FINAL ORDER BY day, unit_code")
    keys = [(row["unit_code"], row["day"]) for row in rows]
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        Tally(fresh).recount(keys[start : start + _KEYS_AT_ONCE])
    return len(keys)


def _rebuild_sources(source: Warehouse, fresh: Warehouse) -> None:
    """Write the latest word per unit and aspect (as services/streams/rows.py does event by event)."""
    made = {
        "aspect": "if(event_type = 'source.heartbeat', 'heartbeat', 'silence')",
        "version": "toUInt64(toUnixTimestamp64Micro(recorded_at))",
    }
    names = [name for name, _ in SOURCE_STATES.columns]
    chosen = ", ".join(f"{made[name]} AS {name}" if name in made else name for name in names)
    fresh.command(
        f"INSERT INTO source_states ({', '.join(names)}) SELECT {chosen} FROM `{source.database}`.source_events"  # noqa: S608 -- as above
        " ORDER BY version DESC LIMIT 1 BY unit_code, aspect"
    )
