"""Check that role, unit and body of a token or session still are those of this installation. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from reporting.dated.bodies import BodyTable
from reporting.dated.units import UnitTable
from reporting.errors import RuleError
from services.access.actors import Actor
from services.access.tokens import checked_actor
from services.errors import BadInput, Unauthenticated, UnitEnded


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a unit.

    Attributes:
        ended_on: the first day on which it no longer was.
        successor_code: the unit that took it over, the main one of several; None where the tables name none.
    """

    unit_code: str
    ended_on: dt.date
    successor_code: str | None


def check_known(actor: Actor, units: UnitTable, bodies: BodyTable) -> None:
    """Check that this release knows role, unit and body.

    Raises:
        Unauthenticated: it does not know one of them.
    """
    try:
        checked_actor(actor)
        units.get(actor.unit_code)
        if actor.body is not None:
            bodies.get(actor.body)
    except (BadInput, RuleError) as error:
        raise Unauthenticated(f"role, unit or body are not known here: {error.message}") from None


def ending_of(unit_code: str, units: UnitTable, today: dt.date) -> Ending | None:
    """Return how a unit ended, or None while it stands."""
    latest = units.get(unit_code)
    if latest.valid_to is None or today < latest.valid_to:
        return None
    later = [
        each.new_code
        for each in units.successors(unit_code)
        if each.effective_on >= latest.valid_to and each.new_code != unit_code
    ]
    return Ending(unit_code, latest.valid_to, later[0] if later else None)


def check_writes(ending: Ending | None, units: UnitTable) -> None:
    """Check that a unit may write.

    Raises:
        UnitEnded: it has ended; the error names its successor.
    """
    if ending is None:
        return
    named = (
        "" if ending.successor_code is None else f": {units.get(ending.successor_code).full_name} took over"
    )
    raise UnitEnded(
        f"unit {ending.unit_code} ended on {ending.ended_on.isoformat()} and can only be read{named}",
        field="unit",
    )
