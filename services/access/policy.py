"""Who may do what: one policy table, and one pure function over it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from reporting.dated.bodies import territory_of
from reporting.dated.units import UnitTable
from services.access.actors import Actor
from services.access.tokens import unit_level
from services.errors import Forbidden

Relation = Literal["own", "within", "body", "anywhere"]
"""Relation of the actor's unit and body to those of the request's subject.

own       the unit is the actor's own
within    the unit is the actor's own or lies inside it
body      the body is the actor's own (a role without a body acts for every body of its unit)
anywhere  no relation is needed: the product's own tables, aggregates without personal data
"""

Action = Literal[
    "cases.sync",
    "cases.read",
    "issue.report",
    "issue.read",
    "problem.read",
    "rollups.read",
    "tables.read",
    "text.erase",
    "operations.read",
    "deliveries.read",
    "subscriptions.change",
    "sessions.end",
    "tokens.revoke",
    "annex.read",
    "annex.correct",
    "promises.read",
    "promises.change",
    "promises.measure",
    "lessons.read",
    "lessons.record",
    "filings.read",
    "filings.confirm",
    "filings.accept",
    "filings.close",
    "filings.sum",
    "filings.ask_to_reopen",
    "filings.reopen",
]
"""Actions of requests. The steps on an issue are rules of the fold: reporting/issues/permissions.py."""

_COMMUNE: dict[str, Relation] = {"commune_officer": "own", "commune_chair": "own", "commune_clerk": "own"}
_PROVINCE: dict[str, Relation] = {"province_reviewer": "within", "province_leader": "within"}
_DEPARTMENT: dict[str, Relation] = {"department_officer": "body", "department_leader": "body"}
_MINISTRY: dict[str, Relation] = {"ministry_viewer": "body", "ministry_officer": "body"}
WATCHING: dict[str, Relation] = {"auditor": "within", "administrator": "within"}

MAY: dict[Action, dict[str, Relation]] = {
    "cases.sync": {"commune_officer": "own", "commune_chair": "own", "administrator": "within"},
    "cases.read": {**_COMMUNE, **_PROVINCE, **WATCHING},
    "issue.report": {**_COMMUNE, "province_reviewer": "within"},
    "issue.read": {**_COMMUNE, **_PROVINCE, **_DEPARTMENT, **_MINISTRY, **WATCHING},
    "problem.read": {**_PROVINCE, **dict.fromkeys(_DEPARTMENT, "within"), **_MINISTRY, **WATCHING},
    "rollups.read": {
        **_COMMUNE,
        **_PROVINCE,
        **dict.fromkeys(_DEPARTMENT, "within"),
        **dict.fromkeys(_MINISTRY, "anywhere"),
        **WATCHING,
    },
    "tables.read": dict.fromkeys((*_COMMUNE, *_PROVINCE, *_DEPARTMENT, *_MINISTRY, *WATCHING), "anywhere"),
    "text.erase": WATCHING,
    "operations.read": WATCHING,
    "deliveries.read": WATCHING,
    "promises.read": {**_COMMUNE, **_PROVINCE, **_DEPARTMENT, **WATCHING},
    "promises.change": {**_PROVINCE, **_DEPARTMENT},
    "promises.measure": {**_COMMUNE, **_DEPARTMENT},
    "lessons.read": {**_COMMUNE, **_PROVINCE, **WATCHING},
    "lessons.record": _COMMUNE,
    "filings.read": {**_COMMUNE, **_PROVINCE, **WATCHING},
    "filings.confirm": {"commune_chair": "own"},
    "filings.accept": _PROVINCE,
    "filings.close": {"province_leader": "within"},
    "filings.sum": _PROVINCE,
    "filings.ask_to_reopen": {"commune_chair": "own", **_PROVINCE},
    "filings.reopen": {"province_leader": "within"},
    "subscriptions.change": {
        "commune_chair": "own",
        "province_leader": "own",
        "department_leader": "body",
        "administrator": "within",
    },
    "sessions.end": {"administrator": "within"},
    "tokens.revoke": {"administrator": "within"},
    "annex.read": {**_COMMUNE, "province_reviewer": "own", "province_leader": "own", **WATCHING},
    "annex.correct": {**_COMMUNE, "province_reviewer": "own", "province_leader": "own"},
}


def may(actor: Actor, action: Action, unit_code: str, body: str | None = None, *, units: UnitTable) -> bool:
    """Return whether the actor may take an action on data of that unit (and that body)."""
    relation = MAY[action].get(actor.role)
    if relation is None:
        return False
    if relation == "own":
        return unit_code == actor.unit_code
    if relation == "within":
        return units.is_within(unit_code, actor.unit_code)
    if relation == "body":
        return body is not None and stands_for(actor, body) and _reaches(actor, unit_code, units)
    return True


def stands_for(actor: Actor, body: str) -> bool:
    """Return whether the actor belongs to a body itself."""
    if actor.body is not None:
        return actor.body == body
    return territory_of(body) == actor.unit_code


def may_see_issue(actor: Actor, unit_code: str, bodies: Iterable[str], *, units: UnitTable) -> bool:
    """Return whether the actor may read an issue of that commune which those bodies hold or held."""
    if MAY["issue.read"].get(actor.role) in {"own", "within"}:
        return may(actor, "issue.read", unit_code, units=units)
    return any(may(actor, "issue.read", unit_code, body, units=units) for body in bodies)


def require(
    actor: Actor, action: Action, unit_code: str, body: str | None = None, *, units: UnitTable
) -> None:
    """Check an action against the policy.

    Raises:
        Forbidden: the actor's role or unit does not allow the action; the error names which.
    """
    if not may(actor, action, unit_code, body, units=units):
        whose = f" for {body}" if body else ""
        raise Forbidden(f"{actor.role} of {actor.unit_code} may not do {action} in unit {unit_code}{whose}")


def _reaches(actor: Actor, unit_code: str, units: UnitTable) -> bool:
    """Return whether a unit lies in the actor's reach: a ministry's is the nation, a department's its province."""
    return unit_level(actor.unit_code) == "nation" or units.is_within(unit_code, actor.unit_code)
