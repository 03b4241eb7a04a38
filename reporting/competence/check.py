"""Find defects of the competence table, now or soon: gaps, overlaps, dead rows, lapsing law, contacts."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from events.issues import ConsideredFacts
from reporting.competence.conditions import Conditions, cells_of
from reporting.competence.rows import CompetenceRow, Seat, first_that_decides
from reporting.competence.table import OFFICE_KEY, CompetenceTable
from reporting.dated.contacts import ContactTable
from reporting.dated.decrees import DecreeTable
from reporting.dated.units import Unit
from reporting.errors import RuleError

_INDENT = " " * 4
Weight = Literal["error", "warning"]
"""An error sends an issue to nobody or to the wrong body; a warning needs a person, and the table works."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect: its kind, its place, and a sentence that describes it."""

    slug: str
    weight: Weight
    where: str
    told: str


def summary(found: Iterable[Defect]) -> list[str]:
    """Return the lines of a readable list; a sentence that holds for several places is one entry."""
    places: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one in found:
        places[one.weight, one.slug, one.told].append(one.where)
    return [
        f"{weight} {slug}: {told}\n"
        + textwrap.fill(", ".join(where), 110, initial_indent=_INDENT, subsequent_indent=_INDENT)
        for (weight, slug, told), where in places.items()
    ]


@dataclass(frozen=True, slots=True)
class CheckTables:
    """The tables to check, and the tables to check them against."""

    competence: CompetenceTable
    decrees: DecreeTable
    contacts: ContactTable


def check(tables: CheckTables, on: dt.date, *, within_days: int = 180) -> list[Defect]:
    """Return all defects from a day on, errors first.

    Each kind is checked on every day on which one of its rows begins or ends, for every combination of facts
    that its conditions distinguish (`cells_of`). So no case between two samples can differ.

    Args:
        tables: the tables to check.
        on: the local day; a row that ended before it is history and no defect.
        within_days: an end within this many days is `expires_soon`, a later one `expires`.
    """
    found: list[Defect] = []
    by_kind: dict[str, list[CompetenceRow]] = defaultdict(list)
    for row in tables.competence.rows():
        by_kind[row.kind.key].append(row)
    for kind, rows in by_kind.items():
        found += _coverage(tables.competence, kind, rows, on)
        found += _ends(tables.competence, kind, rows, on, within_days)
        found += _explanation(tables.competence, kind, on)
        for row in rows:
            if row.validity.valid_to is None or row.validity.valid_to > on:
                found += _row_defects(tables, row, on)
    found += _contacts(tables, on)
    return sorted(found, key=lambda one: (one.weight, one.slug, one.where))


def _days(rows: Iterable[CompetenceRow], on: dt.date) -> list[dt.date]:
    """Return the day itself and every later day on which a row begins or ends: between them nothing changes."""
    edges = {edge for row in rows for edge in (row.validity.valid_from, row.validity.valid_to) if edge}
    return [on, *sorted(edge for edge in edges if edge > on)]


def _coverage(
    table: CompetenceTable, kind: str, rows: Sequence[CompetenceRow], on: dt.date
) -> Iterator[Defect]:
    reached: set[str] = set()
    said: set[tuple[str, str]] = set()
    for day in _days(rows, on):
        valid = table.rows_on(kind, day)
        if not valid:
            continue  # a day without any row is an end; `_ends` reports it
        for cell in cells_of(row.conditions for row in valid):
            facts = ConsideredFacts.model_validate({"kind": kind, "assessed_on": day, **cell})
            matching = [row for row in valid if row.conditions.hold(facts)]
            if matching:
                reached.add(matching[0].id)
            for defect in _cell_defects(kind, day, cell, matching):
                if (defect.slug, defect.where) not in said:
                    said.add((defect.slug, defect.where))
                    yield defect
    for row in rows:
        if (row.validity.valid_to is None or row.validity.valid_to > on) and row.id not in reached:
            yield Defect("row_never_reached", "error", row.id, "rows asked before it take every case of it")


def _cell_defects(
    kind: str, day: dt.date, cell: dict[str, Any], matching: Sequence[CompetenceRow]
) -> Iterator[Defect]:
    if not matching:
        stated = ", ".join(f"{name} {'unknown' if value is None else value}" for name, value in cell.items())
        yield Defect("gap", "error", kind, f"no row on {day} for {stated}")
    for first, second in product(matching[:1], matching[1:]):
        if _is_exception(first.conditions, second.conditions):
            continue
        same = first.outcome == second.outcome
        yield Defect(
            "overlap_same" if same else "overlap",
            "warning" if same else "error",
            f"{first.id} and {second.id}",
            f"both match the same facts on {day}; {first.id} is asked first"
            + (", and both send the issue the same way" if same else ""),
        )


def _is_exception(particular: Conditions, general: Conditions) -> bool:
    """Return whether one row is a deliberate exception from another: narrower, and asked first."""
    return general.cover(particular) and general != particular


def _ends(
    table: CompetenceTable, kind: str, rows: Sequence[CompetenceRow], on: dt.date, within_days: int
) -> Iterator[Defect]:
    if not table.rows_on(kind, on):
        begun = [row for row in rows if row.validity.valid_from <= on]
        ended = max((row.validity.valid_to for row in begun if row.validity.valid_to), default=None)
        told = f"expired on {ended}, and no row has taken its place" if ended else "no row holds yet"
        yield Defect("expired" if ended else "gap", "error", kind, told)
    for day in _days(rows, on)[1:]:
        if table.rows_on(kind, day) or not table.rows_on(kind, day - dt.timedelta(days=1)):
            continue
        soon = (day - on).days <= within_days
        told = f"its last row ends on {day} ({(day - on).days} days from {on}); issues then go to the provincial office"
        yield Defect("expires_soon" if soon else "expires", "warning", kind, told)


def _explanation(table: CompetenceTable, kind: str, on: dt.date) -> Iterator[Defect]:
    """Yield a defect for each row that cannot be explained at one of its two levels."""
    unit = _sample(table)
    for row in table.rows_on(kind, on):
        facts = _facts_of_row(row, on)
        try:
            verdict, petition = table.assess(facts, unit), table.petition(facts, unit)
        except RuleError as error:
            yield Defect("no_explanation", "error", row.id, error.message)
            continue
        if not all((verdict.lane, verdict.explanation_vi, verdict.explanation_en, *petition)):
            yield Defect("no_explanation", "error", row.id, "a sentence of it is empty")


def _row_defects(tables: CheckTables, row: CompetenceRow, on: dt.date) -> Iterator[Defect]:
    if row.approved_by is None:
        yield Defect("not_approved", "warning", row.id, "names no document that approved it")
    if first_that_decides(row.ministry) is None and row.kind.lane != "outside":
        told = "names no ministry: the provincial office finds the competent one case by case"
        yield Defect("no_ministry", "warning", row.id, told)
    for decree in tables.decrees.cited(row.basis or ""):
        ends = decree.validity.valid_to
        if ends is not None and (row.validity.valid_to is None or row.validity.valid_to > ends):
            told = f"rests on decree {decree.number}, which lapses on {ends}, and does not end with it"
            yield Defect("outlives_its_basis", "error", row.id, told)
    yield from _unknown_bodies(tables.competence, row, on)


def _unknown_bodies(table: CompetenceTable, row: CompetenceRow, on: dt.date) -> Iterator[Defect]:
    start = max(on, row.validity.valid_from)
    changes = table.bodies.changing_days()
    days = [start, *sorted(day for day in changes if day > start and row.validity.holds_on(day))]
    for seat in (*row.commune, *row.province, *row.ministry):
        for commune, province in table.bodies.samples:
            body_id = seat.placed(commune, province)
            missing = next((day for day in days if not table.bodies.knows(body_id, day)), None)
            if missing is not None:
                yield Defect("unknown_body", "error", row.id, f"bodies.csv has no {body_id} on {missing}")
                break


def _contacts(tables: CheckTables, on: dt.date) -> Iterator[Defect]:
    """Yield a defect for each named body of the province or above without a confirmed contact."""
    table = tables.competence
    seats = {
        seat.key
        for row in table.rows()
        if row.validity.holds_on(on)
        for seat in (*row.province, *row.ministry)
    }
    seats.add(f"{{province}}.{OFFICE_KEY}")
    provinces = table.bodies.units.provinces(on)
    for key in sorted(seats):
        ids = {Seat(key, "decide").placed(province, province) for province in provinces}
        unsure = [body_id for body_id in ids if not tables.contacts.confirmed(body_id, on)]
        if unsure:
            where = f"in {len(unsure)} of {len(ids)} provinces" if len(ids) > 1 else "at all"
            yield Defect("no_confirmed_contact", "warning", key, f"no confirmed contact {where}")


def _facts_of_row(row: CompetenceRow, on: dt.date) -> ConsideredFacts:
    """Return facts that meet the conditions of a row."""
    stated: dict[str, Any] = {name: one.low for name, one in row.conditions.ranges}
    stated |= {name: min(taken) for name, taken in row.conditions.words}
    severity = row.conditions.severity_from
    return ConsideredFacts.model_validate(
        {"kind": row.kind.key, "severity": severity, "assessed_on": on, **stated}
    )


def _sample(table: CompetenceTable) -> Unit:
    units = table.bodies.units
    return units.communes_of(units.provinces()[0].code)[0]
