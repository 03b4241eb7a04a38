"""The report of a difficulty as a commune sends it, checked field by field."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from events.fields import FIRST_DAY, LAST_DAY, Dong, PlaceType, Severity, Slug, TriedStep
from events.issues import IntakeChannel
from reporting.dated.calendar import LOCAL
from services.errors import BadInput
from services.input_errors import naming_the_field

LONGEST_TEXT = 2_000
LONGEST_SAYING = 500
"""Characters of `content` and of `request`: a few sentences each, which a list, a letter and a row can hold."""
_ADDED_LATER = ("content", "request", "cases_overdue", "amount_dong", "place_type", "tried_step")
# A list that was kept elsewhere may have no such columns.
_MAY_LACK_THEM = frozenset({"import"})


def in_one_form(text: str) -> str:
    """Return a text in NFC, its lines ended by LF, without NUL, which PostgreSQL cannot store in a text."""
    plain = unicodedata.normalize("NFC", text).replace("\x00", "")
    return plain.replace("\r\n", "\n").replace("\r", "\n")


def _written(text: str | None) -> str | None:
    return in_one_form(text or "").strip() or None


def _utc(instant: dt.datetime | None) -> dt.datetime | None:
    if instant is None:
        return None
    if not FIRST_DAY.year < instant.year < LAST_DAY.year:
        raise ValueError(f"must lie between {FIRST_DAY.year} and {LAST_DAY.year}")
    # Fields of a form have no time zone; their authors are in Viet Nam.
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=LOCAL)
    return aware.astimezone(dt.UTC)


_Words = Annotated[str | None, Field(max_length=LONGEST_TEXT), AfterValidator(_written)]
_Saying = Annotated[str | None, Field(max_length=LONGEST_SAYING), AfterValidator(_written)]
_When = Annotated[dt.datetime | None, AfterValidator(_utc)]
_HowMany = Annotated[int | None, Field(ge=0, le=10_000_000)]


class IssueInput(BaseModel):
    """A report as its author sends it; `id` is made by the client and is the idempotency key.

    `occurred_at` is when the difficulty showed, `written_at` the device's clock when the report was written (it may
    have waited for a signal); without a zone both are local. `content` is the difficulty and `request` the help that
    is asked for: both are needed, but for a kind that takes no text, for a list that is imported, and for a letter
    that the form of an earlier release wrote (channel `web`, neither member sent).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    kind: Slug
    severity: Severity
    place: _Words = None
    content: _Saying = None
    request: _Saying = None
    tried: _Words = None
    people_affected: _HowMany = None
    cases_blocked: _HowMany = None
    cases_overdue: _HowMany = None
    amount_dong: Dong | None = None
    place_type: PlaceType | None = None
    tried_step: TriedStep | None = None
    occurred_at: _When = None
    written_at: _When = None
    intake_channel: IntakeChannel = "api"

    def unsaid(self) -> Literal["content", "request"] | None:
        """Name the first of the two texts that this report needs and lacks."""
        if self.intake_channel in _MAY_LACK_THEM:
            return None
        # A letter of an earlier form lay on a device until there was a signal. Its author can no longer be asked
        # before it goes, and it may be urgent: it is taken in as it is, and pages show what is missing.
        if self.intake_channel == "web" and not {"content", "request"} & self.model_fields_set:
            return None
        if self.content is None:
            return "content"
        return "request" if self.request is None else None

    def fingerprint(self, unit_code: str) -> str:
        """Return a hash that differs between two reports under one id."""
        # Earlier releases lacked these fields; without them, a report sent again is the same report.
        unset = {name for name in _ADDED_LATER if getattr(self, name) is None}
        canonical = {"unit_code": unit_code, **self.model_dump(mode="json", exclude=unset)}
        return hashlib.sha256(orjson.dumps(canonical, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read_issue(raw: object) -> IssueInput:
    """Read a report from parsed JSON or a form.

    Raises:
        BadInput: a field is wrong; the error names the first one and does not repeat its content.
    """
    if not isinstance(raw, Mapping):
        raise BadInput("a report is an object of named fields", field="body")
    with naming_the_field():
        return IssueInput.model_validate(dict(raw))
