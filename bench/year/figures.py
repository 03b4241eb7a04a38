"""The outcomes of the issues of a simulated year, and the invariants that must hold."""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reporting.issues.ledger import hours_by_holder
from reporting.issues.state import LIVE, IssueState
from reporting.issues.turns import CONFIRMABLE

if TYPE_CHECKING:
    from year.course import Year

    from services.warehouse.client import Warehouse

SAMPLE = 2_000
_HOUR = dt.timedelta(hours=1)


def figures(year: Year) -> Iterator[str]:
    """Yield one line per figure."""
    states = list(year.engine.issues.states())
    count = Counter[str]()
    for one in states:
        count.update(_traits(one))
    yield _line("issues", count["issues"])
    yield _line("  still open at the end of the year", count["open"])
    for name in sorted(name for name in count if name.startswith("  closed")):
        yield _line(name, count[name])
    for name in (
        *("joined to a problem", "unjoined again", "suppressed by a fault elsewhere", "paused by a person"),
        *("breached a binding deadline", "passed a reminder mark only", "bounced", "returned", "arbitrated"),
        *("disputed", "petitioned a ministry", "answered", "solution claimed", "confirmed", "with a signal"),
    ):
        yield _line(name, count[name])
    types, done = year.engine.log.types, year.done
    yield _line("deadlines: started", types["clock.started"])
    for name in ("clock.reached", "clock.breached", "clock.rescheduled", "signal.raised"):
        yield _line(f"  {name}", types[name])
    yield _line("problems", len(year.problem_ids))
    shared = year.engine.problem_table.counts(year.problem_ids).values()
    for name in ("member_count", "answered_count", "claimed_count", "confirmed_count", "disputed_count"):
        yield _line(f"  {name}", sum(getattr(one, name) for one in shared))
    yield _line("faults confirmed", done["confirm_fault"])
    yield _line("reports sent twice", done["sent twice"])
    yield _line("second person on one item", done["second on one item"])
    yield _line("  refused as too late", done["second, refused"])
    for name in sorted(name for name in done if name.startswith(("refused", "not sent"))):
        yield _line(name, done[name])
    yield "median office hours that a body held an issue, over the issues that it held:"
    for name, hours in _hours(year, states):
        yield f"  {name:<32}{statistics.median(hours):>8.1f} h   ({len(hours):,} issues)"
    yield _line("events", year.engine.log.count)


def _line(name: str, value: int) -> str:
    return f"{name:<34}{value:>9,}"


def _traits(one: IssueState) -> Iterator[str]:
    """Name everything that an issue counts as."""
    yield "issues"
    # The product closes what was confirmed with the next event; between the two it counts as open.
    yield (
        "open" if one.state not in {"closed", "withdrawn"} else f"  closed: {one.closed_reason or one.state}"
    )
    answers = [each.answer for each in one.escalations if each.answer is not None and each.parent_id is None]
    met = [each.answer for each in (one.joined, *one.joined_before) if each is not None and each.answer]
    kinds = {each.kind for each in (*answers, *met) if each is not None}
    late = [clock for clock in one.clocks if clock.state == "breached"]
    traits = {
        "joined to a problem": one.joined is not None,
        "unjoined again": bool(one.joined_before),
        "suppressed by a fault elsewhere": any(act.type == "issue.suppressed" for act in one.acts),
        "paused by a person": any(act.type == "clock.paused" and not act.refused for act in one.acts),
        "breached a binding deadline": any(clock.deadline_source != "default" for clock in late),
        "passed a reminder mark only": bool(late) and all(c.deadline_source == "default" for c in late),
        "bounced": one.bounce_count > 0,
        "returned": any(each.return_reason is not None for each in one.escalations),
        "arbitrated": any(each.trigger == "arbitration" for each in one.escalations),
        "disputed": any(act.type == "issue.disputed" and not act.refused for act in one.acts),
        "petitioned a ministry": any(each.parent_id is not None for each in one.escalations),
        "answered": bool(kinds),
        "solution claimed": bool(kinds & CONFIRMABLE),
        "confirmed": one.closed_reason == "confirmed",
        "with a signal": bool(one.signals),
    }
    yield from (name for name, holds in traits.items() if holds)


def _hours(year: Year, states: Sequence[IssueState]) -> list[tuple[str, list[float]]]:
    found: dict[str, list[float]] = defaultdict(list)
    for one in states:
        for held in hours_by_holder(one, year.ends_at, year.engine.tables.working_time):
            found[_sort_of(held.body)].append((held.running + held.paused) / _HOUR)
    return sorted(found.items(), key=lambda one: -len(one[1]))


def _sort_of(body: str) -> str:
    unit, _, name = body.rpartition(".")
    if len(unit) == 5:
        return "commune"
    if not unit:
        return "ministry or central body"
    return {"vp_ubnd": "provincial office", "ubnd": "provincial committee"}.get(
        name, "department, enterprise"
    )


def checks(year: Year, warehouse: Warehouse) -> Iterator[tuple[str, str | None]]:
    """Yield each invariant, with what broke it or None."""
    engine = year.engine
    states = list(engine.issues.states())
    reported = year.done["reported"]
    closed = sum(not one.is_open for one in states)
    open_ = sum(one.is_open for one in states)
    yield "received = closed + open", _differ(reported, closed + open_)
    engine.write()
    rows = warehouse.rows(
        "SELECT countIf(state NOT IN ('confirmed', 'withdrawn', 'closed')) AS open, count() AS n"
        " FROM issues_current FINAL"
    )[0]
    yield "the engine's rows count the same", _differ((open_, reported), (rows["open"], rows["n"]))
    began = time.perf_counter()
    issues, problems = engine.replay()
    took = time.perf_counter() - began
    same = {one: held.state for one, held in issues.items()} == {one.id: one for one in states}
    shared = {one: held.state for one, held in problems.items()} == {
        one.id: one for one in engine.problems.states()
    }
    what = f"replay of {engine.log.count:,} events in {took:,.0f} s gives the same states"
    yield what, None if same and shared else "states differ"
    sample = random.Random(1).sample(states, min(SAMPLE, len(states)))
    yield (
        f"ledger hours = elapsed office hours, {len(sample):,} issues",
        _first(one for one in sample if not _adds_up(one, year)),
    )
    yield (
        "one holder while open, none after",
        _first(one for one in states if one.is_open != (one.holder_body is not None)),
    )
    yield (
        "closed means confirmed, or a stated reason",
        _first(one for one in states if one.state == "closed" and not _has_its_end(one)),
    )
    yield (
        "nothing reaches a ministry without its province",
        _first(one for one in states if not _through_the_province(one)),
    )
    lasting = {one.active_fault.id for one in states if one.active_fault is not None}
    yield (
        "nothing waits for a fault that is over",
        _first(one for one in states if any(each.fault_id not in lasting for each in one.suppressions)),
    )


def _differ(expected: object, found: object) -> str | None:
    return None if expected == found else f"{expected} against {found}"


def _first(broken: Iterator[IssueState]) -> str | None:
    one = next(broken, None)
    return None if one is None else f"issue {one.id}, {one.report.kind}, {one.state}"


def _adds_up(one: IssueState, year: Year) -> bool:
    working_time = year.engine.tables.working_time
    held = hours_by_holder(one, year.ends_at, working_time)
    whole = working_time.between(one.reported_at, one.ended_at or year.ends_at)
    return sum((each.running + each.paused for each in held), dt.timedelta()) == whole


def _has_its_end(one: IssueState) -> bool:
    if one.closed_reason != "confirmed":
        return one.closed_reason is not None
    return any(act.type == "issue.confirmed" and not act.refused for act in one.acts)


def _through_the_province(one: IssueState) -> bool:
    asked = [each for each in one.escalations if each.level == "ministry"]
    return all(
        each.parent_id is not None
        and (each.approved_at is not None or each.state not in LIVE or not each.was_sent)
        for each in asked
    )
