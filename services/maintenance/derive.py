"""Derive rows from a part of the facts: marks, latest states, states of sources, and their roll-ups.

Each function selects the facts by a condition and writes into the tables of a target, which may be the same warehouse
or one beside it. Every function is idempotent, and safe beside writers that land the same facts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reporting.tables import CASE_STATES, CASES_CURRENT, SOURCE_STATES
from services.boot.system import Echo
from services.streams.tally import Tally

if TYPE_CHECKING:
    from services.warehouse.client import Raw, Warehouse
    from services.warehouse.folded import Columns


_ROWS_AT_ONCE = 500_000
_CASES_AT_ONCE = 1_000_000
_KEYS_AT_ONCE = 20_000
_JOIN_BYTES = 100_000_000
_LATEST = "case_key FixedString(32), seq UInt64"
"""The latest states of cases, by the key of `case_marks`."""
_KEYS = "day Date, unit_code LowCardinality(String)"


@dataclass(frozen=True, slots=True)
class Facts:
    """A part of the facts: a condition on the columns that all tables of facts have, and its typed parameters."""

    condition: str = "1"
    params: Columns = field(default_factory=dict)


ALL = Facts()


def landed_since(instant: int) -> Facts:
    """Return the facts that landed since an instant of the engine's clock, in nanoseconds since 1970."""
    return Facts("landed_at >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')", {"since": instant})


def derive_cases(source: Warehouse, target: Warehouse, facts: Facts, echo: Echo) -> int:
    """Write the latest states and the marks of a part of `case_events`; return how many facts were read.

    The states of a portion are written before its marks: a later statement sees no fewer facts. So after the portion
    the marks of every state in `cases_current` exist, which `end_residue` needs.
    """
    current = ", ".join(name for name, _ in CASES_CURRENT.columns)
    states = ", ".join(name for name, _ in CASE_STATES.columns)
    events = f"`{source.database}`.case_events"
    done = 0
    for portion, count in _portions(source, facts):
        about = portion.condition
        target.command(
            f"INSERT INTO cases_current ({current}) SELECT {current} FROM {events} WHERE {about}"
            f" AND (case_key, seq) IN (SELECT case_key, max(seq) FROM {events} WHERE {about} GROUP BY case_key)",
            **portion.params,
        )
        target.command(
            f"INSERT INTO case_states ({states}) SELECT {states} FROM `{source.database}`.case_fact_states WHERE {about}",
            **portion.params,
        )
        done += count
        echo(f"case events read: {done:,}")
    return done


def _portions(source: Warehouse, facts: Facts) -> Iterator[tuple[Facts, int]]:
    """Split facts into parts of about _ROWS_AT_ONCE rows: several days together, or a large day split by case."""
    days: list[tuple[dt.date, int]] = [
        (row["recorded_on"], row["n"])
        for row in source.rows(
            f"SELECT recorded_on, count() AS n FROM case_events WHERE {facts.condition}"
            " GROUP BY recorded_on ORDER BY recorded_on",
            **facts.params,
        )
    ]
    span = f"{facts.condition} AND recorded_on BETWEEN {{first:Date}} AND {{last:Date}}"
    while days:
        first, count = days[0]
        taken = 1
        while taken < len(days) and count + days[taken][1] <= _ROWS_AT_ONCE:
            count += days[taken][1]
            taken += 1
        parts = -(-count // _ROWS_AT_ONCE)
        for part in range(parts):
            share: Columns = {"first": first, "last": days[taken - 1][0], "parts": parts, "part": part}
            yield (
                Facts(
                    f"{span} AND cityHash64(case_key) % {{parts:UInt32}} = {{part:UInt32}}",
                    facts.params | share,
                ),
                count // parts,
            )
        days = days[taken:]


def derive_sources(source: Warehouse, target: Warehouse, facts: Facts) -> None:
    """Write the latest state per unit and aspect (as services/warehouse/arrow.py does event by event)."""
    made = {
        "aspect": "if(event_type = 'source.heartbeat', 'heartbeat', 'silence')",
        "version": "toUInt64(toUnixTimestamp64Micro(recorded_at))",
    }
    names = [name for name, _ in SOURCE_STATES.columns]
    chosen = ", ".join(f"{made[name]} AS {name}" if name in made else name for name in names)
    target.command(
        f"INSERT INTO source_states ({', '.join(names)}) SELECT {chosen} FROM `{source.database}`.source_events"
        f" WHERE {facts.condition} ORDER BY version DESC LIMIT 1 BY unit_code, aspect",
        **facts.params,
    )


def settle_all(target: Warehouse, scratch: Warehouse) -> int:
    """End the marks that outlived the latest state of any case, and recount every day with marks; return how many.

    All cases at once: a join without enough memory spills to disk, so the cost of a mark does not grow.
    """
    with _scratch(scratch, _LATEST) as latest:
        scratch.command(
            f"INSERT INTO {latest} SELECT unhex(case_key), seq FROM `{target.database}`.cases_current FINAL"
        )
        end_residue(target, latest)
    return _recount(target, scratch, "1")


def settle_cases(source: Warehouse, target: Warehouse, facts: Facts, scratch: Warehouse) -> int:
    """Do the same for the cases of some facts, and recount every day on which these cases have or had marks."""
    counted = 0
    among = f"case_key IN (SELECT case_key FROM `{source.database}`.case_events WHERE {facts.condition})"
    for latest in _latest_states(target, scratch, facts, among):
        these = f"case_key IN (SELECT case_key FROM {latest})"
        end_residue(target, latest, these)
        counted += _recount(target, scratch, these)
    return counted


def _latest_states(target: Warehouse, scratch: Warehouse, facts: Facts, among: str) -> Iterator[str]:
    """Yield a table of (case_key, seq) for a share of the cases that satisfy `among`, share by share."""
    about = f"FROM `{target.database}`.cases_current WHERE {among}"
    cases = target.rows(f"SELECT count() AS n {about}", **facts.params)[0]["n"]
    parts = max(1, -(-cases // _CASES_AT_ONCE))
    for part in range(parts):
        with _scratch(scratch, _LATEST) as table:
            scratch.command(
                f"INSERT INTO {table} SELECT unhex(case_key), max(seq) {about}"
                " AND cityHash64(case_key) % {parts:UInt32} = {part:UInt32} GROUP BY case_key",
                **facts.params,
                parts=parts,
                part=part,
            )
            yield table


@contextmanager
def _scratch(scratch: Warehouse, columns: str) -> Iterator[str]:
    """Create a temporary table, sorted by its first column and named after it."""
    key = columns.split(" ", 1)[0]
    table = f"`{scratch.database}`.scratch_by_{key}"
    scratch.command(f"DROP TABLE IF EXISTS {table} SYNC")
    scratch.command(f"CREATE TABLE {table} ({columns}) ENGINE = MergeTree ORDER BY {key}")
    yield table
    scratch.command(f"DROP TABLE IF EXISTS {table} SYNC")


def end_residue(target: Warehouse, latest: str, among: str = "1") -> None:
    """Cancel the marks that outlived their state (audit_residue.sql explains how they arise).

    `latest` is the name of a table of (case_key, seq), read from `cases_current` in an earlier statement. The marks of
    a state are written before its row, so each state in `latest` has its marks by now: a mark with an older seq is
    residue, also while writers are at work. `among` is a condition that preselects the marks of few cases.
    """
    target.command(
        "INSERT INTO case_marks (day, unit_code, case_key, marks, field_code, channel, version, gone)"
        " SELECT day, unit_code, case_key, 0, field_code, channel, 2 * latest.seq, 1"
        f" FROM (SELECT day, unit_code, case_key, field_code, channel, version FROM case_marks FINAL WHERE {among}) AS held"
        f" INNER JOIN {latest} AS latest USING (case_key) WHERE intDiv(held.version, 2) < latest.seq"
        f" SETTINGS join_algorithm = 'grace_hash', max_bytes_in_join = {_JOIN_BYTES}"
    )


def _recount(target: Warehouse, scratch: Warehouse, among: str) -> int:
    """Recount the days on which some cases have or had marks, and their months; return how many keys (unit, day).

    The keys stay in the engine; days are recounted in groups of about _KEYS_AT_ONCE keys.
    """
    tally = Tally(target)
    with _scratch(scratch, _KEYS) as keys:
        scratch.command(
            f"INSERT INTO {keys} SELECT DISTINCT day, unit_code FROM `{target.database}`.case_marks WHERE {among}"
        )
        days = target.rows(f"SELECT day, count() AS n FROM {keys} GROUP BY day ORDER BY day")
        for first, last in _spans(days):
            selected = f"SELECT day, unit_code FROM {keys} WHERE day BETWEEN {{first:Date}} AND {{last:Date}}"
            tally.recount_days(selected, first=first, last=last)
        for month in sorted({row["day"].replace(day=1) for row in days}):
            selected = (
                f"SELECT DISTINCT toStartOfMonth(day) AS month, unit_code FROM {keys}"
                " WHERE toStartOfMonth(day) = {one:Date}"
            )
            tally.recount_months(selected, one=month)
    return sum(int(row["n"]) for row in days)


def _spans(days: list[Raw]) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield first and last days of spans with about _KEYS_AT_ONCE keys."""
    held = 0
    first: dt.date | None = None
    for at, row in enumerate(days):
        first, held = first or row["day"], held + row["n"]
        if held >= _KEYS_AT_ONCE or at == len(days) - 1:
            yield first, row["day"]
            first, held = None, 0
