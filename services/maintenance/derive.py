"""Derive rows from a part of the facts: marks, latest states, states of sources, and their roll-ups.

Each function selects the facts by a condition and writes into the tables of a target, which may be the same warehouse
or one beside it. Every function is idempotent, and safe beside writers that land the same facts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

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
_WHOLE = "min_insert_block_size_rows = 4000000, min_insert_block_size_bytes = 0"
"""A piece is sorted as one block, so that its rows have replaced each other before they are written."""
_LATEST = "case_key FixedString(32), seq UInt64"
"""The latest states of cases, by the key of `case_marks`."""
_KEYS = "day Date, unit_code LowCardinality(String)"


@dataclass(frozen=True, slots=True)
class Facts:
    """A part of the facts: a condition on the columns that all tables of facts have, and its typed parameters."""

    condition: str = "1"
    params: Columns = field(default_factory=dict)


ALL = Facts()


def landed_before(instant: int) -> Facts:
    """Return the facts that landed before an instant of the engine's clock, in nanoseconds since 1970."""
    return Facts("landed_at < fromUnixTimestamp64Nano({before:Int64}, 'UTC')", {"before": instant})


def landed_since(instant: int) -> Facts:
    """Return the facts that landed since an instant of the engine's clock, in nanoseconds since 1970."""
    return Facts("landed_at >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')", {"since": instant})


@dataclass(frozen=True, slots=True)
class Piece:
    """Facts that are derived at once.

    Attributes:
        name: what the piece consists of; two pieces of one part of the facts with the same name are the same.
        count: about how many facts.
    """

    name: str
    facts: Facts
    count: int


class Noted(Protocol):
    """Which pieces were derived whole, by their names."""

    def __contains__(self, piece: str, /) -> bool:
        """Return whether this piece was."""

    def note(self, piece: str) -> None:
        """Note a piece; its rows are durable."""


def derive_cases(
    source: Warehouse, target: Warehouse, facts: Facts, echo: Echo, noted: Noted | None = None
) -> int:
    """Write the latest states and the marks of a part of `case_events`; return how many facts it has.

    The states of a piece are written before its marks: a later statement sees no fewer facts. So after the piece
    the marks of every state in `cases_current` exist, which `end_residue` needs.

    Args:
        noted: the pieces that an earlier run derived, which are left out; the others are added to it.
    """
    current = ", ".join(name for name, _ in CASES_CURRENT.columns)
    states = ", ".join(name for name, _ in CASE_STATES.columns)
    done = 0
    for piece in _pieces(source, facts):
        about = piece.facts.condition
        done += piece.count
        if noted is not None and piece.name in noted:
            echo(f"case events read before: {done:,}")
            continue
        target.command(
            f"INSERT INTO cases_current ({current}) SELECT {current} FROM `{source.database}`.case_events"
            f" WHERE {about} ORDER BY seq DESC LIMIT 1 BY case_key",
            **piece.facts.params,
        )
        target.command(
            f"INSERT INTO case_states ({states}) SELECT {states} FROM `{source.database}`.case_fact_states"
            f" WHERE {about} SETTINGS {_WHOLE}",
            **piece.facts.params,
        )
        # Of the facts, not of a rule: a row that is not needed harms nothing, so the table in use is added to.
        target.command(
            f"INSERT INTO `{source.database}`.case_units SELECT DISTINCT reinterpretAsUInt64(unhex("
            f"substring(case_key, 1, 16))), unit_code FROM `{source.database}`.case_events WHERE {about}",
            **piece.facts.params,
        )
        if noted is not None:
            noted.note(piece.name)
        echo(f"case events read: {done:,}")
    return done


def _pieces(source: Warehouse, facts: Facts) -> Iterator[Piece]:
    """Split facts into pieces of about _ROWS_AT_ONCE: months together, or a large month split by units.

    Most events of a case are in one month and one unit, so the rows that replace each other are seldom in two pieces.
    A unit that has many times as many facts in a month is split by case.
    """
    months = source.rows(
        "SELECT toStartOfMonth(recorded_on) AS month, toLastDayOfMonth(month) AS last, count() AS n FROM case_events"
        f" WHERE {facts.condition} GROUP BY month ORDER BY month",
        **facts.params,
    )
    for first, last, count in _together(months):
        span = Facts(
            f"{facts.condition} AND recorded_on BETWEEN {{first:Date}} AND {{last:Date}}",
            facts.params | {"first": first, "last": last},
        )
        if count <= _ROWS_AT_ONCE:
            yield Piece(f"{first} to {last}", span, count)
        else:
            yield from _by_units(source, span, f"{first} to {last}")


def _together(months: list[Raw]) -> Iterator[tuple[dt.date, dt.date, int]]:
    """Yield first and last day of months that have about _ROWS_AT_ONCE facts together, and how many."""
    while months:
        taken, count = 1, months[0]["n"]
        while taken < len(months) and count + months[taken]["n"] <= _ROWS_AT_ONCE:
            count += months[taken]["n"]
            taken += 1
        yield months[0]["month"], months[taken - 1]["last"], count
        months = months[taken:]


def _by_units(source: Warehouse, span: Facts, name: str) -> Iterator[Piece]:
    ranges = source.rows(
        "SELECT toString(min(unit_code)) AS first_unit, toString(max(unit_code)) AS last_unit, sum(n) AS total FROM"
        " (SELECT unit_code, n, intDiv(sum(n) OVER (ORDER BY unit_code) - n, {at_once:UInt64}) AS share FROM"
        f" (SELECT toString(unit_code) AS unit_code, count() AS n FROM case_events WHERE {span.condition}"
        " GROUP BY unit_code)) GROUP BY share ORDER BY first_unit",
        **span.params,
        at_once=_ROWS_AT_ONCE,
    )
    for units in ranges:
        first, last, count = units["first_unit"], units["last_unit"], units["total"]
        parts = max(1, round(count / _ROWS_AT_ONCE))
        for part in range(parts):
            share: Columns = {"first_unit": first, "last_unit": last, "parts": parts, "part": part}
            yield Piece(
                f"{name}, {first} to {last}, {part} of {parts}",
                Facts(
                    f"{span.condition} AND unit_code BETWEEN {{first_unit:String}} AND {{last_unit:String}}"
                    + (" AND cityHash64(case_key) % {parts:UInt32} = {part:UInt32}" if parts > 1 else ""),
                    span.params | share,
                ),
                count // parts,
            )


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
