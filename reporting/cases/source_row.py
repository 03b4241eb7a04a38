"""One row of a source: the state of one case at one moment, in the project's words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from events.cases import AgeBand, ApplicantKind, Assisted, LinkedData, Pause
from events.fields import Channel


@dataclass(frozen=True, slots=True)
class Moment:
    """A local day and, where the source gives it, the instant."""

    day: dt.date
    at: dt.datetime | None = None


Later = Literal[
    "personal_id_sent",
    "personal_id_issued",
    "waiting_for",
    "assisted",
    "mismatch",
    "entered_twice",
    "late_cause",
]
"""What a row without a status may add to a known case, and take back."""
AGREES: Literal["agrees"] = "agrees"
"""In place of the data that do not agree: they agree again."""
AS_KNOWN = 0
"""In place of a status, in a row that adds a step to a known case and says nothing of its status."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row of a synchronisation; a value that the source leaves out is None and changes nothing known.

    `dossier_code` never leaves the operational store. `taken_back` are statements of earlier rows that were wrong.
    """

    dossier_code: str
    status_code: int
    procedure_code: str | None = None
    field_code: str | None = None
    channel: Channel | None = None
    applicant_kind: ApplicantKind | None = None
    submitted: Moment | None = None
    received: Moment | None = None
    due: Moment | None = None
    finished: Moment | None = None
    returned: Moment | None = None
    status: Moment | None = None
    received_unit_code: str | None = None
    unit_code: str | None = None
    helped_unit_code: str | None = None
    online_payment: bool | None = None
    personal_id_issued: Moment | None = None
    personal_id_sent: Moment | None = None
    source_overdue: bool | None = None
    reason_code: str | None = None
    assisted: Assisted | None = None
    age_band: AgeBand | None = None
    waiting_for: str | None = None
    late_cause: str | None = None
    mismatch: LinkedData | Literal["agrees"] | None = None
    mismatch_body: str | None = None
    mismatch_from: Moment | None = None
    mismatch_to: Moment | None = None
    entered_twice: LinkedData | None = None
    pauses: tuple[Pause, ...] | None = None
    """Every pause of the case, where the source shows them all; None where it does not."""
    taken_back: frozenset[Later] = frozenset()
    adds_only: bool = False
    """The row stated no status of its own: it was sent to add something to a known case."""
