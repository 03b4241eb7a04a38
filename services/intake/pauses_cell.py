"""Read and write the cell that holds every pause of a case, each with its cause and its days.

`supplement 2026-10-02/2026-10-12; fee 2026-10-15/` are a pause that ended and one that still runs; `0` states that
there was none. An empty cell leaves the pauses that ended unknown.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import NamedTuple, cast, get_args

from pydantic import ValidationError

from events.cases import Pause, PauseReason
from services.errors import BadInput

FIELD = "TamDung"
NONE = "0"
MOST = 40
"""Pauses of one case: as many as an event holds."""
_PAUSE = re.compile(rf"({'|'.join(get_args(PauseReason))}) (\d{{4}}-\d\d-\d\d)/(\d{{4}}-\d\d-\d\d)?")


class Span(NamedTuple):
    """A pause as an event log shows it; it still runs while `to_on` is missing."""

    reason: PauseReason
    from_on: dt.date
    to_on: dt.date | None = None


def pauses_cell(pauses: Iterable[Span]) -> str:
    """Return the cell of some pauses."""
    said = [f"{one.reason} {one.from_on}/{one.to_on or ''}" for one in pauses]
    return "; ".join(said) or NONE


def read_pauses(text: str) -> tuple[Pause, ...] | None:
    """Read the cell; None where it is empty.

    Raises:
        BadInput: the cell is not of this form, or holds too many pauses.
    """
    if not text:
        return None
    if text == NONE:
        return ()
    parts = [part.strip() for part in text.split(";")]
    if len(parts) > MOST:
        raise BadInput(f"{FIELD} holds {len(parts)} pauses; a case has {MOST} at most", field=FIELD)
    return tuple(_pause(part) for part in parts)


def _pause(part: str) -> Pause:
    found = _PAUSE.fullmatch(part)
    try:
        if found is not None:
            reason = cast("PauseReason", found[1])
            to_on = dt.date.fromisoformat(found[3]) if found[3] else None
            return Pause(reason=reason, from_on=dt.date.fromisoformat(found[2]), to_on=to_on)
    except (ValueError, ValidationError):
        pass
    raise BadInput(
        f"{FIELD} is {part[:40]!r}: write each pause as supplement 2026-10-02/2026-10-12, and 0 where there was none",
        field=FIELD,
    )
