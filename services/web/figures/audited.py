"""The lists behind an auditor's numbers: acts on behalf, answers without a document, pauses without a basis. Pure.

A number is the length of its list, here and on the page that it opens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args
from uuid import UUID

from reporting.dated.pause_reasons import UPSTREAM_FAULT
from reporting.issues.clock import Pause
from reporting.issues.state import Act, Escalation, IssueState
from reporting.keyset import Key, instant_key

AuditView = Literal["recorded_on_behalf", "missing_document_numbers", "pauses_without_basis"]
AUDIT_VIEWS: tuple[AuditView, ...] = get_args(AuditView)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is counted: when it was, on which issue, and what it is."""

    issue: IssueState
    at: dt.datetime
    id: UUID
    what: Act | Escalation | Pause
    escalation_id: UUID | None

    @property
    def place(self) -> Key:
        """Return its place in the list, the latest first."""
        return -instant_key(self.at), str(self.id)


@dataclass(frozen=True)
class Audited:
    """The issues that an auditor may read, and what is counted in them."""

    issues: Sequence[IssueState]

    @cached_property
    def views(self) -> Mapping[AuditView, Sequence[Finding]]:
        """Return what each number counts, the latest first."""
        found: dict[AuditView, Iterable[Finding]] = {
            "recorded_on_behalf": self._on_behalf(),
            "missing_document_numbers": self._without_document(),
            "pauses_without_basis": self._pauses(),
        }
        return {view: sorted(found[view], key=lambda one: one.place) for view in AUDIT_VIEWS}

    def _on_behalf(self) -> Iterable[Finding]:
        for issue in self.issues:
            for act in issue.acts:
                if act.refused is None and act.on_behalf_of is not None:
                    yield Finding(issue, act.recorded_at, act.id, act, act.escalation_id)

    def _without_document(self) -> Iterable[Finding]:
        for issue in self.issues:
            for one in issue.escalations:
                if one.formal and one.state in {"answered", "closed"} and one.document is None:
                    yield Finding(issue, one.sent_at or one.proposed_at, one.id, one, one.id)

    def _pauses(self) -> Iterable[Finding]:
        """Yield the pauses that somebody gave without words and without a document, each once."""
        seen: set[UUID] = set()
        for issue in self.issues:
            for clock in issue.clocks:
                for pause in clock.pauses:
                    bare = pause.note is None and pause.document is None
                    if bare and pause.reason != UPSTREAM_FAULT and pause.id not in seen:
                        seen.add(pause.id)
                        yield Finding(issue, pause.from_at, pause.id, pause, clock.escalation_id)
