"""JSON answers of a prescribed form."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from reporting.dated.calendar import StartRule
from reporting.dated.start_rules import Reception
from reporting.forms.bridge import Reason
from reporting.forms.checks import CheckKey
from reporting.forms.placing import Arrival, Outcome
from reporting.forms.rules import RuleSetKey
from services.web.shell.schemas import Answer


class FormNumbers(Answer):
    """Columns 3 to 13, and what stands in the sums of a form without a column of its own."""

    received_all: int
    received_online: int
    received_direct: int
    carried_over: int
    resolved_all: int
    resolved_early: int
    resolved_on_time: int
    resolved_late: int
    pending_all: int
    pending_within: int
    pending_overdue: int
    resolved_undated: int
    resolved_withdrawn: int
    resolved_stopped: int
    pending_undated: int
    pending_waiting: int

    def number(self, key: str) -> int:
        """Return the number of a key."""
        found: int = getattr(self, key)
        return found


class FormFieldLine(FormNumbers):
    """One field."""

    field_code: str
    field_name: str


class FormColumn(Answer):
    """One column of the layout; `sums` are the columns whose sum it is."""

    number: int
    key: str
    label: str
    sums: tuple[int, ...]
    source: str
    confidence: str


class FormRule(Answer):
    """The answer of one way of counting to one question, in words, with its source."""

    aspect: str
    value: str
    words: str
    source: str
    confidence: str


class FormStart(Answer):
    """The start rule of receptions outside office hours for one procedure; an empty code stands for all procedures.

    `other_case_count` counts the cases received in the window whose due day the other reading would move, as far as the
    day shows it: of a reception after hours only the day is kept, so it is missing there.
    """

    code: str | None
    procedure_name: str | None
    reception: Reception
    rule: StartRule
    other_case_count: int | None
    words: str
    source: str
    confidence: str


class FormCheck(Answer):
    """One cross-check: the numbers of two ways of counting; `differing` names the fields in which they differ."""

    key: CheckKey
    subject: str
    words: str
    left: int
    right: int
    holds: bool
    differing: tuple[str, ...]


class FormLateCause(Answer):
    """How many of the cases in column 10 have one cause, by each rule; without a key, nobody named one."""

    cause: str | None
    name: str
    used: int
    honest: int


class FormSide(Answer):
    """The form by one rule."""

    rule_set: RuleSetKey
    total: FormNumbers
    items: list[FormFieldLine]
    rules: list[FormRule]
    checks: list[FormCheck]


class FormBridgeLine(Answer):
    """Cases that the two rules count in different places; a missing place is none."""

    key: str
    reason: Reason
    words: str
    used_arrival: Arrival | None
    used_outcome: Outcome | None
    honest_arrival: Arrival | None
    honest_outcome: Outcome | None
    case_count: int


class FormAnswer(Answer):
    """A prescribed form of a unit and a window, by both rules, with the bridge between them."""

    form: str
    number: str
    title: str
    unit_code: str
    unit_name: str
    unit_count: int
    period: str | None
    first_on: Annotated[dt.date, Field(serialization_alias="from")]
    last_on: Annotated[dt.date, Field(serialization_alias="to")]
    as_of: dt.datetime | None
    filed_at: dt.datetime | None = Field(
        description="When the figures were confirmed that are filed; null as known now."
    )
    missing_count: int | None = Field(
        description="How many communes are not in a province's sum as filed; null as known now."
    )
    correction: int | None = Field(description="How often the period was filed before; null as known now.")
    correction_reason: str | None = Field(description="Why it was opened again; null where it was not.")
    version: str
    columns: list[FormColumn]
    in_use: FormSide
    honest: FormSide
    bridge: list[FormBridgeLine]
    late_causes: list[FormLateCause] = Field(
        description="Column 10 by cause; the prescribed layout has no columns for it."
    )
    starts: list[FormStart]


class FormCaseLine(Answer):
    """One case behind a line of the bridge; its dossier code only for readers of its own commune."""

    case_key: str
    dossier_code: str | None
    unit_code: str
    unit_name: str
    field_name: str
    procedure_name: str | None
    status_code: int
    received_on: dt.date
    due_on: dt.date | None
    closed_on: dt.date | None


class FormCasesAnswer(Answer):
    """The cases of one line of the bridge, the oldest first; `case_count` is how many there are in all."""

    line: FormBridgeLine
    case_count: int
    items: list[FormCaseLine]
