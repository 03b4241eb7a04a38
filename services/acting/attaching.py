"""Attach a content to an issue, and erase it for good: one event and one row in a transaction, the file before it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID, uuid5

from events.attachments import (
    Attachment,
    AttachmentErasure,
    IssueAttachmentAdded,
    IssueAttachmentErased,
)
from events.envelope import Envelope
from reporting.issues.fold import fold
from reporting.issues.state import IssueState
from reporting.privacy import check
from services.access.actors import Actor, label_of
from services.access.policy import require
from services.acting.context import Content
from services.acting.parts import ActParts
from services.acting.recording import event_by, event_recorded, source_of
from services.acting.visible import visible_issue
from services.documents.attachment_limits import Checked
from services.errors import Conflict, Forbidden, NotFound
from services.store.attachments import AttachmentStore, Kept, Upload
from services.store.outbox import enqueue


@dataclass(frozen=True, slots=True)
class Attaching:
    """Attaches to issues and erases, for one actor."""

    parts: ActParts
    attachments: AttachmentStore
    actor: Actor

    def may_attach(self, upload: Upload) -> IssueState:
        """Return the issue if the actor may read it and add this to it.

        Raises:
            NotFound: no such issue.
            Forbidden: the actor may not read it, or adds nothing to this part of it.
            Conflict: the issue does not take it.
        """
        state = visible_issue(self.parts, self.actor, upload.issue_id, to_act=True)
        self._try(state, self._added(upload, _trial(upload, state.unit_code), self.parts.clock()))
        return state

    def attach(self, upload: Upload, checked: Checked) -> Kept:
        """Keep the content of an upload and record its event; a repetition finds what was kept."""
        state = self.may_attach(upload)
        said = _trial(upload, state.unit_code).model_copy(
            update={
                "kind": checked.kind,
                "size": len(checked.content),
                "sha256": self.attachments.files.keep(checked.content),
            }
        )
        at = self.parts.clock()
        event = self._added(upload, said, at)
        self._try(state, event)
        with self.parts.store.begin() as conn:
            if event_recorded(conn, event.id) is None:
                self.attachments.keep(conn, upload, said, checked.content, by=label_of(self.actor), at=at)
                enqueue(conn, event)
        self.attachments.files.drop(upload.id)
        return self._kept(upload.id)

    def erase(self, attachment_id: UUID, reason: str) -> Kept:
        """Erase a content for good; its hash, the eraser and the reason are kept. A repetition changes nothing.

        Raises:
            NotFound: this store never had such an attachment.
            Forbidden: the actor erases nothing of this unit.
            PersonalData: the reason names a person.
        """
        kept = self._kept(attachment_id)
        require(self.actor, "text.erase", kept.unit_code, units=self.parts.tables.units)
        if kept.erased_at is not None:
            return kept
        check(reason, "reason")
        at, event_id = self.parts.clock(), uuid5(attachment_id, "erased")
        with self.parts.store.begin() as conn:
            if event_recorded(conn, event_id) is None:
                ref = self.parts.texts.put(
                    conn,
                    reason,
                    unit_code=kept.unit_code,
                    purpose="reason",
                    text_id=uuid5(event_id, "reason"),
                )
                said = AttachmentErasure(attachment_id=attachment_id, reason=ref)
                enqueue(conn, self._event((IssueAttachmentErased, said), kept.issue_id, event_id, at, None))
            self.attachments.erase(conn, attachment_id, by=label_of(self.actor), at=at)
        return self._kept(attachment_id)

    def _kept(self, attachment_id: UUID) -> Kept:
        found = self.attachments.find(attachment_id)
        if found is None:
            raise NotFound(f"there is no attachment {attachment_id}", field="attachment_id")
        return found

    def _try(self, state: IssueState, event: Envelope) -> None:
        outcome = fold(state, event).outcome
        if outcome.reason_code == "actor_not_entitled":
            whose = self.actor.body or self.actor.unit_code
            raise Forbidden(f"{self.actor.role} of {whose} may not attach to this part of the issue")
        if not outcome.accepted and not outcome.known:
            raise Conflict("the issue takes no attachment there", reason=outcome.reason_code)

    def _added(self, upload: Upload, said: Attachment, at: dt.datetime) -> Envelope:
        event_id = uuid5(upload.id, "attached")
        return self._event((IssueAttachmentAdded, said), upload.issue_id, event_id, at, upload.on_behalf_of)

    def _event(
        self, content: Content, issue_id: UUID, event_id: UUID, at: dt.datetime, on_behalf_of: str | None
    ) -> Envelope:
        return event_by(
            self.actor,
            content,
            source=source_of(self.actor, self.parts.tables.units),
            event_id=event_id,
            subject=issue_id,
            now=at,
            expected_version=None,
            on_behalf_of=on_behalf_of,
        )


def _trial(upload: Upload, unit_code: str) -> Attachment:
    """Return an upload as the attachment that it would be, of the kind that is kept most often."""
    return Attachment(
        attachment_id=upload.id,
        unit_code=unit_code,
        purpose=upload.purpose,
        kind="jpeg",
        sha256=upload.sha256,
        size=upload.size,
        escalation_id=upload.escalation_id,
    )
