"""Events of faults: confirmed and cleared in their own issue's log, applied in those of waiting issues."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from events.envelope import Envelope
from events.fields import Document, Instant, Payload, Slug, TableVersion, TextRef, UnitCode, UuidSubject


class FaultConfirmation(Payload):
    """Where a fault is felt, and since when: communes, or a whole province."""

    unit_codes: Annotated[tuple[UnitCode, ...], Field(min_length=1, max_length=400)]
    began_at: Instant
    note: TextRef | None = None
    document: Document | None = None


class FaultClearance(Payload):
    """The fault is mended; `fault_id` is the id of the event that confirmed it."""

    fault_id: UUID
    note: TextRef | None = None


class Suppressed(Payload):
    """Which fault an issue waits for, and by which chain of dependencies.

    `path` names the kinds from the issue's own to the fault's; `since` is when its clocks stand still.
    """

    fault_id: UUID
    fault_issue_id: UUID
    fault_kind: Slug
    path: Annotated[tuple[Slug, ...], Field(min_length=2, max_length=10)]
    since: Instant
    table_version: TableVersion


class Released(Payload):
    """A fault that an issue waited for is mended; `until` is when its clocks go on."""

    fault_id: UUID
    until: Instant


class FaultEvent(Envelope):
    """An event about a fault; `subject` and partition key are the id of an issue: its own, or one that waits."""

    subject: UuidSubject


class FaultConfirmed(FaultEvent):
    """The body that leads confirms that what was reported is a fault on which others depend."""

    type: Literal["fault.confirmed"] = "fault.confirmed"
    dataschema: Literal["urn:liencap:fault.confirmed:1"] = "urn:liencap:fault.confirmed:1"
    data: FaultConfirmation


class FaultCleared(FaultEvent):
    """The body that leads says that the fault is mended."""

    type: Literal["fault.cleared"] = "fault.cleared"
    dataschema: Literal["urn:liencap:fault.cleared:1"] = "urn:liencap:fault.cleared:1"
    data: FaultClearance


class IssueSuppressed(FaultEvent):
    """An issue waits for a fault elsewhere to be mended; its clocks stand still."""

    type: Literal["issue.suppressed"] = "issue.suppressed"
    dataschema: Literal["urn:liencap:issue.suppressed:1"] = "urn:liencap:issue.suppressed:1"
    data: Suppressed


class IssueReleased(FaultEvent):
    """An issue waits no longer; its clocks go on with what was left."""

    type: Literal["issue.released"] = "issue.released"
    dataschema: Literal["urn:liencap:issue.released:1"] = "urn:liencap:issue.released:1"
    data: Released


FAULT_EVENTS: tuple[type[FaultEvent], ...] = (FaultConfirmed, FaultCleared, IssueSuppressed, IssueReleased)
