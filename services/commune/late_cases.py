"""The cases of a commune that ended past their due day, with the cause that it named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from events.cases import CaseState
from services.access.actors import Actor
from services.errors import BadInput
from services.intake.case_sync import RowResult
from services.intake.intake import Intake
from services.intake.national_rows import TAKEN_BACK
from services.store.store import CASES, Store

MOST_LATE = 1_000
"""So many late cases of a period a page and an answer hold, the latest first."""


@dataclass(frozen=True, slots=True)
class LateCase:
    """One case that ended late."""

    case_key: str
    dossier_code: str | None
    state: CaseState


def late_cases(
    store: Store, unit_code: str, first_on: dt.date, last_on: dt.date, *, unnamed: bool = False
) -> list[LateCase]:
    """Return the cases for which a commune is competent that were resolved past their due day between two days.

    What either rule of form II.06a may count as late is in it. Without `unnamed` those with a cause are in it, too.
    """
    query = (
        select(CASES.c.case_key, CASES.c.dossier_code, CASES.c.state)
        .where(
            CASES.c.unit_code == unit_code,
            CASES.c.closed_on.between(first_on, last_on),
            CASES.c.closed_on > CASES.c.due_on,
        )
        .order_by(CASES.c.closed_on.desc(), CASES.c.case_key)
    )
    found: list[LateCase] = []
    with store.read() as conn:
        for row in conn.execute(query):
            state = CaseState.model_validate_json(row.state)
            if _is_late(state) and not (unnamed and state.late_cause):
                found.append(LateCase(row.case_key, row.dossier_code, state))
            if len(found) == MOST_LATE:
                break
    return found


def _is_late(state: CaseState) -> bool:
    """Return whether a case was resolved past its due day: a cause can be named for it."""
    closed, due = state.closed_on, state.due_on
    return state.close_kind == "finished" and closed is not None and due is not None and closed > due


def name_causes(
    store: Store,
    intake: Intake,
    actor: Actor,
    now: dt.datetime,
    *,
    unit_code: str,
    case_keys: Sequence[str],
    cause: str,
) -> list[RowResult]:
    """Record why cases ended late, each as a row of its own, and return the outcome of each.

    With `TAKEN_BACK` in place of a cause each case is without one again: an event of its own, which moves no figure.

    Raises:
        BadInput: no case is named, or one is none of this commune's, did not end late, has no cause to take back, or
            its dossier code is not known here; nothing is recorded then.
        Forbidden, UnknownUnit, KeptElsewhere: see `Intake.note_cases`.
    """
    if not case_keys:
        raise BadInput("choose at least one case", field="case", error_key="cause_of_none")
    query = select(CASES.c.case_key, CASES.c.dossier_code, CASES.c.state).where(
        CASES.c.unit_code == unit_code, CASES.c.case_key.in_(list(case_keys))
    )
    with store.read() as conn:
        found = {row.case_key: row for row in conn.execute(query)}
    codes = {key: row.dossier_code for key, row in found.items()}
    if any(codes.get(key) is None for key in case_keys):
        raise BadInput("a case is not this commune's, or its code is not known here", field="case")
    states = [CaseState.model_validate_json(row.state) for row in found.values()]
    if not all(map(_is_late, states)):
        raise BadInput("a case did not end past its due day", field="case", error_key="cause_of_not_late")
    if not cause:
        raise BadInput("choose a cause", field="cause", error_key="missing")
    if cause == TAKEN_BACK and not all(state.late_cause for state in states):
        raise BadInput("a case has no cause to take back", field="case", error_key="cause_not_named")
    rows = [{"MaHoSo": codes[key], "NguyenNhanQuaHan": cause} for key in dict.fromkeys(case_keys)]
    return intake.note_cases(unit_code, rows, actor=actor, now=now)
